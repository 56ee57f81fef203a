from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from core.text import t
from core.web.environment import blocks_of, compile_all, environment, render
from core.web.shell import Alert
from core.web.styleguide import sample, sample_page
from core.web.tables import Badge, Column, Table

PAGE = sample_page("en")


def rendered(source: str, language: Any = "en", **values: Any) -> str:
    page = sample_page(language)
    head = '{% import "ui.html" as ui with context %}'
    return environment(language).from_string(head + source).render(page=page, url=page.url, **values).strip()


def test_every_template_compiles_in_both_languages() -> None:
    assert compile_all() >= 30


def test_a_text_speaks_the_readers_language_wherever_it_stands() -> None:
    assert rendered("{{ words }}", "fr", words=t("Total")) == "Total"
    assert rendered("{{ words }}", "fr", words=t("Late")) == "En retard"
    assert rendered('{{ _("%(label)s, of", label=words) }}', "fr", words=t("Late")) == "En retard, sur"


def test_values_are_escaped_and_nothing_is_shown_for_none() -> None:
    assert rendered("{{ a }}{{ b }}", a="<b>", b=None) == "&lt;b&gt;"
    assert rendered('{{ _("Select %(what)s", what=a) }}', a="<b>") == "Select &lt;b&gt;"
    assert rendered('{{ _("Select %(what)s", what=a) }}', a=Markup("<b>")) == "Select <b>"


def test_a_name_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendered("{{ nothing }}")


def test_a_fragment_is_one_block_with_the_pages_title() -> None:
    part = render("styleguide.html", PAGE, sample("en"), fragment="main")
    assert part.lstrip().startswith("<title>Style guide – Contingent</title>")
    assert "<html" not in part
    assert 'class="kpis"' in part


def test_an_unknown_fragment_gives_the_whole_page() -> None:
    assert "<html" in render("styleguide.html", PAGE, sample("en"), fragment="__class__")


def test_blocks_of_a_template_include_those_it_inherits() -> None:
    assert {"title", "main", "page", "heading"} <= blocks_of("styleguide.html")


def test_the_page_says_its_language_and_leads_to_the_other() -> None:
    html = render("styleguide.html", sample_page("fr"), sample("fr"))
    assert '<html lang="fr-CA">' in html
    assert 'href="/en/qc-spl/styleguide?sort=-deployed"' in html
    assert "Données de démonstration – personnes fictives" in html


def test_outside_the_demonstration_no_page_speaks_of_it() -> None:
    html = render("styleguide.html", replace(PAGE, demonstration=False), sample("en"))
    assert "invented" not in html


def test_an_urgent_alert_takes_the_focus_and_a_notice_does_not() -> None:
    urgent = render("styleguide.html", replace(PAGE, alerts=[Alert(t("Not found"), "bad")]), sample("en") | {})
    assert 'class="alert bad" role="alert" tabindex="-1" autofocus' in urgent
    quiet = render("error.html", replace(PAGE, alerts=[Alert("Saved.", "ok")]), ERROR)
    assert 'class="alert ok" role="status">' in quiet


ERROR: dict[str, Any] = {"inside": True, "title": t("Not found"), "text": t("Nothing was saved.")}


@pytest.mark.parametrize("inside", [True, False])
def test_an_error_page_needs_only_a_title_and_a_text(inside: bool) -> None:
    html = render("error.html", PAGE, ERROR | {"inside": inside})
    assert ('id="nav"' in html) is inside
    assert "Nothing was saved." in html
    assert "request number" not in html


def test_each_form_has_its_own_one_time_token() -> None:
    tokens = iter(["first", "second"])
    page = replace(PAGE, token=lambda: next(tokens))
    source = '{% import "ui.html" as ui with context %}{{ ui.act("/a", "A") }}{{ ui.act("/b", "B", version=3) }}'
    html = environment("en").from_string(source).render(page=page, url=page.url)
    assert 'value="first"' in html
    assert 'value="second"' in html
    assert 'name="_version" value="3"' in html


def test_an_act_with_a_reason_asks_for_it_without_a_script() -> None:
    html = rendered('{{ ui.act("/a", "Refuse", reason=True, fields={"step": "refuse"}) }}')
    assert "<details" in html
    assert 'name="reason" rows="2" required' in html
    assert 'name="step" value="refuse"' in html


def test_a_status_is_never_told_by_colour_alone() -> None:
    for tone in ("ok", "info", "warn", "bad"):
        assert "<svg" in rendered(f'{{{{ ui.badge("State", "{tone}") }}}}')


def test_a_column_without_a_heading_labels_no_cell_and_nothing_is_no_empty_label() -> None:
    columns = [Column("a", "Name"), Column("b", "Open", hidden_label=True), Column("c", "Missing")]
    table = Table(name="a", caption="A", columns=columns, rows=[{"a": "x", "b": "y", "c": []}])
    html = rendered("{{ ui.table(table) }}", table=table)
    assert 'data-label="Open"' not in html
    assert 'data-label="Missing"></td>' in html


def test_several_words_in_a_cell_stand_apart_and_statuses_need_no_comma() -> None:
    assert rendered("{{ ui.cell(value) }}", value=["Name", "Rank"]) == (
        '<span class="many"><span>Name,</span><span>Rank</span></span>'
    )
    assert "," not in rendered("{{ ui.cell(value) }}", value=[Badge("Met", "idle"), Badge("Late", "idle")])


def test_a_column_that_says_nothing_here_is_left_out() -> None:
    table = Table(
        name="a", caption="A", columns=[Column("a", "Name"), Column("b", "State")], rows=[{"a": "x", "b": "y"}]
    )
    assert [column.key for column in table.without("b").columns] == ["a"]
    assert "State" not in rendered("{{ ui.table(table) }}", table=table.without("b"))
