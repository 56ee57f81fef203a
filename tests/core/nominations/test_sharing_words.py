"""What the page “What IPOB sees” says of a look is words, never the name of a field."""

from __future__ import annotations

from core.journal.words import FIELDS, SUBJECTS
from core.nominations.looks import SHOWN


def test_every_field_that_a_look_tells_of_has_a_word() -> None:
    assert set(SHOWN.values()) <= set(FIELDS)


def test_everything_that_is_looked_at_has_a_word() -> None:
    assert {"nomination", "tour"} <= set(SUBJECTS)
