from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
import pytest

from core.errors import Fault, Invalid
from core.text import t
from core.use_cases.fields import field
from core.use_cases.intake import read
from core.web.forms import build_form

SIDES = {"un": t("UN"), "eu": t("EU")}


class Sample(msgspec.Struct, kw_only=True):
    id: Annotated[str, field(t("Mission"), widget="hidden")]
    name: Annotated[str, field(t("Name"), help=t("As in the passport."), longest=40)]
    starts_on: date
    seats: Annotated[int | None, field(t("Seats"), least=1, most=9)] = None
    side: Annotated[Literal["un", "eu"], field(t("Organization"), choices=SIDES)] = "eu"
    level: Literal["a", "b"] | None = None
    languages: Annotated[list[Literal["en", "fr"]], field(t("Languages"), widget="choices")] = []
    armed: bool = False
    email: Annotated[str | None, field(t("E-mail"), widget="email", longest=200)] = None


def test_labels_help_and_bounds_come_from_the_declaration() -> None:
    form = build_form(Sample)
    name, seats = form["name"], form["seats"]
    assert (str(name.label), str(name.help), name.longest, name.required) == ("Name", "As in the passport.", 40, True)
    assert (seats.widget, seats.least, seats.most, seats.required) == ("number", 1, 9, False)


def test_a_field_that_is_open_in_the_struct_can_be_asked_for_where_it_is_needed() -> None:
    level = build_form(Sample).requiring("level")["level"]
    assert level.required
    assert level.picks_one
    assert [choice.value for choice in level.choices] == ["a", "b"]
    assert not build_form(Sample)["level"].required


def test_a_plain_annotation_gives_the_widget_of_its_type() -> None:
    form = build_form(Sample)
    assert [form[name].widget for name in ("starts_on", "armed", "level")] == ["date", "checkbox", "choice"]


def test_defaults_are_shown_until_something_was_typed() -> None:
    assert build_form(Sample)["side"].value == "eu"
    assert build_form(Sample, {"side": ""})["side"].value == ""


def test_what_was_typed_comes_back_as_it_was() -> None:
    form = build_form(Sample, {"name": " <b>", "seats": "many", "armed": "on", "languages": ["fr"]})
    assert form["name"].value == " <b>"
    assert form["seats"].value == "many"
    assert form["armed"].checked
    assert [choice.value for choice in form["languages"].choices if choice.chosen] == ["fr"]


def test_a_row_fills_the_form_too() -> None:
    form = build_form(Sample, {"starts_on": date(2027, 1, 19), "seats": 3, "armed": True, "languages": ["en"]})
    assert (form["starts_on"].value, form["seats"].value, form["armed"].checked) == ("2027-01-19", "3", True)


def test_every_fault_stands_at_its_field_and_the_rest_on_top() -> None:
    with pytest.raises(Invalid) as caught:
        read(Sample, {"id": "7", "starts_on": "2026-02-30", "seats": "12", "surprise": "x"})
    form = build_form(Sample, {"id": "7"}, caught.value.faults)
    assert [one.name for one in form.faulty] == ["name", "starts_on", "seats"]
    assert len(form.loose) == 1


def test_faults_inside_a_list_belong_to_the_list() -> None:
    form = build_form(Sample, {}, [Fault("/languages/0", t("Choose one of: %(choices)s.", choices="en"))])
    assert [one.name for one in form.faulty] == ["languages"]


def test_a_fault_of_a_hidden_field_is_not_lost() -> None:
    form = build_form(Sample, {}, [Fault("/id", t("This is not an identifier."))])
    assert form.faulty == []
    assert len(form.loose) == 1


def test_choices_known_only_now_are_offered() -> None:
    form = build_form(Sample, {"name": "b"}).offering("name", {"a": "Alpha", "b": "Beta"})
    assert [(one.value, one.chosen) for one in form["name"].choices] == [("a", False), ("b", True)]
    optional = build_form(Sample).offering("email", {"a@b": "A"})
    assert optional["email"].choices[0].value == ""


def test_fields_can_be_left_out_or_chosen() -> None:
    form = build_form(Sample)
    assert "id" not in form.without("id")
    assert [one.name for one in form.only("seats", "name").fields] == ["seats", "name"]
    with pytest.raises(KeyError):
        form["nothing"]


def test_prefixes_keep_two_forms_of_a_page_apart() -> None:
    assert build_form(Sample, prefix="one-")["name"].id != build_form(Sample, prefix="two-")["name"].id


def test_help_and_errors_are_both_announced() -> None:
    form = build_form(Sample, {}, [Fault("/name", t("Fill this in."))])
    assert form["name"].described_by == "f-name-help f-name-error"
    assert form["seats"].described_by is None
