from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import Misconfigured
from core.text import t
from core.web.i18n import Sentences, read_sentences, say, sentences, translator

NBSP = "\N{NO-BREAK SPACE}"


def catalogue(folder: Path, name: str, body: str) -> Path:
    file = folder / f"{name}.po"
    lines = ["Content-Type: text/plain; charset=utf-8", "Plural-Forms: nplurals=2; plural=(n > 1);"]
    head = 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"
    file.write_text(head + body, encoding="utf-8")
    return file


def test_files_are_merged_and_equal_duplicates_are_fine(tmp_path: Path) -> None:
    one = catalogue(tmp_path, "one", 'msgid "Name"\nmsgstr "Nom"\n')
    two = catalogue(tmp_path, "two", 'msgid "Name"\nmsgstr "Nom"\n\nmsgid "Rank"\nmsgstr "Grade"\n')
    assert read_sentences([one, two]).single == {"Name": "Nom", "Rank": "Grade"}


def test_two_files_that_disagree_stop_the_start(tmp_path: Path) -> None:
    one = catalogue(tmp_path, "one", 'msgid "Name"\nmsgstr "Nom"\n')
    two = catalogue(tmp_path, "two", 'msgid "Name"\nmsgstr "Appellation"\n')
    with pytest.raises(Misconfigured, match="differently"):
        read_sentences([one, two])


def test_fuzzy_and_empty_translations_are_not_used(tmp_path: Path) -> None:
    file = catalogue(tmp_path, "one", '#, fuzzy\nmsgid "Name"\nmsgstr "Non"\n\nmsgid "Rank"\nmsgstr ""\n')
    found = read_sentences([file])
    assert found.translate("Name") == "Name"
    assert found.translate("Rank") == "Rank"


def test_french_takes_the_singular_for_nought_and_english_the_plural() -> None:
    found = Sentences({}, {("%(num)s officer", "%(num)s officers"): ("%(num)s membre", "%(num)s membres")})
    assert [found.translate_number("%(num)s officer", "%(num)s officers", n) for n in (0, 1, 2)] == [
        "%(num)s membre",
        "%(num)s membre",
        "%(num)s membres",
    ]
    assert Sentences().translate_number("one", "many", 0) == "many"


def test_values_are_written_by_the_readers_habits() -> None:
    text = t("Opens on %(day)s for %(places)s, %(count)s", day=date(2029, 3, 1), places=["Goma", "Juba"], count=12345)
    assert say(text, "fr") == f"Opens on 1ᵉʳ{NBSP}mars{NBSP}2029 for Goma, Juba, 12{NBSP}345"
    assert say(text, "en") == f"Opens on Mar{NBSP}1, 2029 for Goma, Juba, 12,345"


def test_a_number_that_may_be_a_year_is_not_grouped() -> None:
    assert say(t("Report of %(year)s", year=2026), "fr") == "Report of 2026"


def test_texts_within_texts_are_translated_too() -> None:
    french = translator("fr")
    assert say(t("%(title)s, of", title=t("Total")), "fr").startswith(french("Total"))


def test_data_is_never_translated() -> None:
    assert say("Total", "fr") == "Total"
    assert say(None, "fr") == ""


def test_english_needs_no_catalogue() -> None:
    assert sentences("en").single == {}
