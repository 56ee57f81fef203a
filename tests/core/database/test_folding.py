"""Search folds accents and case: in Python and in the database to the same letters."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from core.database.folding import fold, folded, holds, patterns
from core.database.sessions import tenant_session
from tests.platform import Platform

LETTERS = [
    chr(place) for place in (*range(0x20, 0x250), *range(0x1E00, 0x1F00)) if unicodedata.category(chr(place))[0] == "L"
]
"""Every letter of the Latin alphabets."""


async def test_the_database_folds_every_latin_letter_as_python_does(platform: Platform) -> None:
    letter = func.unnest(bindparam("letters", LETTERS, type_=ARRAY(Text())), type_=Text()).column_valued("letter")
    async with tenant_session(platform.ctx(platform.operator), read_only=True) as session:
        rows = (await session.execute(select(letter, folded(letter)))).all()
    assert len(rows) == len(LETTERS)
    assert [row for row in rows if row[1] != fold(row[0])] == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("émérence", True),
        ("EMERENCE yer", True),
        ("yergeau em", True),
        ("E\N{COMBINING ACUTE ACCENT}me", True),
        ("", True),
        (None, True),
        ("  ", True),
        ("yergeau zoé", False),
        ("%", False),
        ("_", False),
        ("\\", False),
        ("emerencex", False),
    ],
)
async def test_each_word_is_looked_for_in_all_columns_together(platform: Platform, q: str | None, found: bool) -> None:
    async with tenant_session(platform.ctx(platform.operator), read_only=True) as session:
        assert await session.scalar(select(holds(q, literal("Émérence"), None, literal("Yergeau")))) is found


def test_signs_of_patterns_are_looked_for_as_they_stand() -> None:
    assert patterns(r"50%_\x É") == [r"%50\%\_\\x%", "%e%"]
