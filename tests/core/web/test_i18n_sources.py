from __future__ import annotations

from pathlib import Path

from core.web.i18n_sources import Silent, Spoken, spoken_in_python, spoken_in_template
from core.web.i18n_upkeep import Room, missing_in


def sentences(found: list[Spoken | Silent]) -> list[object]:
    return [one.sentence for one in found if isinstance(one, Spoken)]


def test_every_call_of_t_is_found_even_over_two_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('a = t("One")\nb = t("Two " "parts", x=1)\nc = t("Three" if x else "Four")\nd = other("No")\n')
    assert sentences(list(spoken_in_python(file))) == ["One", "Two parts", "Three", "Four"]


def test_a_computed_sentence_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text('a = t(name)\nb = t(f"{name} is late")\n')
    assert [one.line for one in spoken_in_python(file) if isinstance(one, Silent)] == [1, 2]


def test_a_file_that_defines_its_own_t_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text("def t(sentence):\n    return t(sentence)\n")
    assert list(spoken_in_python(file)) == []


def test_templates_speak_with_underscore_ngettext_and_trans(tmp_path: Path) -> None:
    file = tmp_path / "x.html"
    file.write_text(
        '{{ _("One") }}{% if x %}{{ ui.card(_("Two %(a)s", a=1)) }}{% endif %}'
        '{{ ngettext("%(num)s day", "%(num)s days", n) }}{% trans %}Three{% endtrans %}'
    )
    assert sentences(list(spoken_in_template(file))) == ["One", "Two %(a)s", ("%(num)s day", "%(num)s days"), "Three"]


def test_a_sentence_of_two_rooms_is_missing_once_in_the_lower_one(tmp_path: Path) -> None:
    low, high = Room(tmp_path / "low"), Room(tmp_path / "high")
    for room in (low, high):
        room.says["Name"] = Spoken("Name", tmp_path, 1)
    high.says["Rank"] = Spoken("Rank", tmp_path, 2)
    assert missing_in([low, high]) == {low.folder: ["Name"], high.folder: ["Rank"]}
