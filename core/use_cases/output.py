"""Filling output structs from rows."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

S = TypeVar("S")


def shown(struct: type[S], row: Any, **more: Any) -> S:
    """Return ``struct`` filled from ``row``'s attributes of the same names; ``more`` comes first."""
    if not more:
        return msgspec.convert(row, struct, from_attributes=True)
    assert issubclass(struct, msgspec.Struct)
    values = {name: getattr(row, name) for name in _names(struct) if name not in more and hasattr(row, name)}
    return struct(**(values | more))


@cache
def _names(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    # msgspec evaluates the annotations anew each time, which in a list would cost more than reading it.
    return tuple(field.name for field in msgspec.structs.fields(struct))
