"""Search that folds accents and case: the same for words in Python and for columns in the database.

It needs no extension of PostgreSQL, which an operator's DBA would have to allow.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, all_, bindparam, func, literal_column, true

_FORM: ColumnElement[str] = literal_column("NFKD")
_MARKS: ColumnElement[str] = literal_column(r"'[\u0300-\u036f]'")
_NOTHING: ColumnElement[str] = literal_column("''")
_EVERYWHERE: ColumnElement[str] = literal_column("'g'")
_SHARP: ColumnElement[str] = literal_column("'ß'")
_SHARP_FOLDED: ColumnElement[str] = literal_column("'ss'")
_SPACE: ColumnElement[str] = literal_column("' '")


def fold(*words: str | None) -> str:
    """Return words in lower case without accents."""
    text = " ".join(word for word in words if word)
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def patterns(q: str | None) -> list[str]:
    """Return what ``folded(…) LIKE ALL`` takes so that every word of ``q`` is found; none without words."""
    escaped = fold(q).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return [f"%{word}%" for word in escaped.split()]


def folded(*columns: Any) -> ColumnElement[str]:
    """Return the columns, one after the other, as ``fold`` would write them."""
    plain = func.normalize(func.concat_ws(_SPACE, *columns), _FORM)
    lower = func.lower(func.regexp_replace(plain, _MARKS, _NOTHING, _EVERYWHERE))
    found: ColumnElement[str] = func.replace(lower, _SHARP, _SHARP_FOLDED, type_=Text())
    return found


def holds(q: str | None, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that each word of ``q`` stands in one of the columns; without words it is always met."""
    wanted = patterns(q)
    if not wanted:
        return true()
    return folded(*columns).like(all_(bindparam(None, wanted, type_=ARRAY(Text()), unique=True)))
