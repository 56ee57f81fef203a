"""The words of the handbook: a label that it quotes is on the pages, and its French is set like that of the pages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from core.web.i18n_upkeep import read_rooms
from tests.contracts.blocks import FENCE, pages
from tests.contracts.sources import place, text

QUOTED = {"en": re.compile(r"“([^”]+)”"), "fr": re.compile(r"«\s([^»]+)\s»")}
SOURCES = re.compile(r"\bSources?(?: \(Microsoft Learn\))?\s?:")
"""From there on a paragraph names titles of others."""
CODE = re.compile(r"`[^`]*`|^ {7,}\S.*$|^    contingent .*$|\]\([^)]*\)", re.MULTILINE)
FOLLOWED = ("identity-team", "operators/directory", "operators/signing-in", "users/sign-in")
"""Pages that are followed step by step. Labels of other products are in italics there."""
LOOSE = re.compile(r".*(?:«[ \n]|[ \n][»:](?=\s|$)|\w'\w).*")
"""A space that may break, or none, at a mark that stands apart in French, and a straight apostrophe."""
FRENCH = [path for path in pages() if path.name.endswith(".fr.md")]


def language_of(path: Path) -> str:
    return "fr" if path.name.endswith(".fr.md") else "en"


@cache
def labels(language: str) -> frozenset[str]:
    """Return every sentence of the pages in a language, without regard to capitals and to how wide a space is."""
    found: set[str] = set()
    for room in read_rooms():
        for message in room.entries.values():
            said = message.id if language == "en" else message.string
            found.update([said] if isinstance(said, str) else said or ())
    return frozenset(" ".join(one.split()).casefold() for one in found)


@pytest.mark.parametrize(
    "path", [pytest.param(one, id=place(one)) for one in pages() if any(name in one.as_posix() for name in FOLLOWED)]
)
def test_a_label_that_the_handbook_quotes_is_on_the_pages(path: Path) -> None:
    prose = FENCE.sub("", text(path))
    own = "\n\n".join(SOURCES.split(part)[0] for part in prose.split("\n\n"))
    quoted = [" ".join(one.split()) for one in QUOTED[language_of(path)].findall(own)]
    parts = [part.rstrip(".") for one in quoted for part in re.split(r" [→›] ", one)]
    assert [part for part in parts if part.casefold() not in labels(language_of(path))] == []


@pytest.mark.parametrize("path", [pytest.param(one, id=place(one)) for one in FRENCH])
def test_in_french_no_line_ends_at_a_mark_that_belongs_to_the_word_beside_it(path: Path) -> None:
    prose = CODE.sub("", FENCE.sub("", text(path)))
    assert LOOSE.findall(prose) == []
