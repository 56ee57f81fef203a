"""What a look says: which of a person's shared fields the answer really showed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

SHOWN = {
    "name": "name",
    "rank_en": "rank",
    "band": "band",
    "gender": "gender",
    "language": "language",
    "affiliation": "affiliation",
    "telephone": "telephone",
    "qualifications": "qualifications",
    "assessments": "assessments",
    "movements": "movements",
}
"""The fields of an answer that tell of a person, and what the journal calls each."""


def fields_of(*answers: msgspec.Struct) -> list[str]:
    """Return the names of the personal fields that have a value in any of ``answers``, for ``record_look``."""
    return sorted({SHOWN[name] for one in answers for name in _told(one)})


def _told(answer: msgspec.Struct) -> Iterable[str]:
    return (name for name in answer.__struct_fields__ if name in SHOWN and getattr(answer, name) not in (None, []))
