from __future__ import annotations

from pathlib import Path

import pytest

from core.web import i18n_upkeep as upkeep
from core.web.i18n import read_catalogue
from core.web.i18n_upkeep import Room, sentence_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "core" / "sample"
    folder.mkdir(parents=True)
    monkeypatch.setattr(upkeep, "rooms", lambda: [folder])
    return folder


def say(folder: Path, *sentences: str) -> None:
    (folder / "x.py").write_text("\n".join(f"t({one!r})" for one in sentences), encoding="utf-8")


def translate(folder: Path, english: str, french: str) -> None:
    file = folder / "locale" / "fr.po"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{french}"'), "utf-8")


def known(folder: Path) -> dict[object, object]:
    return {sentence_of(one): one.string for one in read_catalogue(folder / "locale" / "fr.po") if one.id}


def test_a_new_sentence_is_added_and_then_asked_for(folder: Path) -> None:
    say(folder, "Name", "Since %(day)s")
    assert upkeep.update() == [f"{folder / 'locale' / 'fr.po'}: 2 added"]
    assert known(folder) == {"Name": "", "Since %(day)s": ""}
    assert len(upkeep.check()) == 2
    translate(folder, "Name", "Nom")
    translate(folder, "Since %(day)s", "Depuis le %(day)s")
    assert upkeep.check() == []


def test_a_second_update_changes_nothing(folder: Path) -> None:
    say(folder, "Name")
    upkeep.update()
    before = (folder / "locale" / "fr.po").read_bytes()
    assert upkeep.update() == []
    assert (folder / "locale" / "fr.po").read_bytes() == before


def test_what_nobody_says_any_more_is_found_and_pruned(folder: Path) -> None:
    say(folder, "Name", "Rank")
    upkeep.update()
    translate(folder, "Name", "Nom")
    translate(folder, "Rank", "Grade")
    say(folder, "Name")
    assert "obsolete" in upkeep.check()[0]
    upkeep.prune()
    assert known(folder) == {"Name": "Nom"}


def test_a_sentence_that_moves_to_another_room_takes_its_french_along(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder.parent / "other"
    other.mkdir()
    monkeypatch.setattr(upkeep, "rooms", lambda: [folder, other])
    say(folder, "Name")
    upkeep.update()
    translate(folder, "Name", "Nom")
    say(folder)
    say(other, "Name")
    upkeep.update()
    assert known(other) == {"Name": "Nom"}


def test_only_the_named_room_is_touched(folder: Path) -> None:
    say(folder, "Name")
    assert upkeep.update(["core/another"]) == []
    assert upkeep.check(["core/another"]) == []
    assert Room(folder).name == "core/sample"


def test_typography_is_set_in_place(folder: Path) -> None:
    say(folder, "Choose:")
    upkeep.update()
    translate(folder, "Choose:", "Choisissez l'un :")
    assert len(upkeep.check()) == 2
    upkeep.typeset_all()
    assert upkeep.check() == []
