"""Writing an agency's file, laid out as people write it: short tables, one line an entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from tenants.files import AgencyFile

INLINE = frozenset({"acts", "fields", "ranks", "steps", "milestones"})
"""Lists of tables that are written as an array with one line an entry."""


def write_agency(agency: AgencyFile) -> str:
    """Return the TOML of ``agency``; reading it gives an equal struct."""
    values: dict[str, Any] = msgspec.to_builtins(agency, builtin_types=(date,))
    name = agency.name.fr if agency.languages[0] == "fr" else agency.name.en
    first = "".join(one for one in name if one.isprintable())
    return f"# {first}\n\n" + "\n".join(_table("", values)) + "\n"


def _table(path: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a table: what stands on one line first, then tables, then lists of tables."""
    later: list[tuple[str, Any]] = []
    for key, value in values.items():
        if value is None:
            continue
        if _is_inline(key, value):
            yield f"{_key(key)} = {_value(value, spread=key in INLINE)}"
        else:
            later.append((key, value))
    for key, value in later:
        inner = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            yield from ("", f"[{inner}]", *_table(inner, value))
        else:
            for entry in value:
                yield from ("", f"[[{inner}]]", *_table(inner, entry))


def _is_inline(key: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"en", "fr"}
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        return key in INLINE
    return True


def _value(value: Any, *, spread: bool = False) -> str:
    if isinstance(value, (bool, int, float, date)):
        return str(value).lower()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items() if one is not None)
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if spread and value:
            return "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _text(text: str) -> str:
    # JSON's escapes are TOML's; only DEL may stand in JSON unescaped and not in TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    bare = key.replace("-", "").replace("_", "")
    return key if bare.isascii() and bare.isalnum() else _text(key)
