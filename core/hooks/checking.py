"""Whether an answer is what the hook's declaration says."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any, NamedTuple, Union

import msgspec

from core.hooks.data import Data, Words, wrong_text
from core.hooks.marking import Rejected

_PLAIN = (str, int, float, bool, type(None))


class Check(NamedTuple):
    """How the answers to one hook are checked."""

    whole: frozenset[Any]
    """Types whose values are sound as they are."""
    items: frozenset[Any]
    """Types of which a list is sound as it is."""
    decode: Callable[[bytes], Any]

    def __call__(self, value: Any) -> Any:
        """Return a sound value or raise.

        What a plugin made from the contract's own structs has checked itself when it was
        made and is passed on as it is. Anything else is encoded and decoded as if it had
        come from another process; what does not survive that raises
        ``msgspec.ValidationError`` or what the encoder raises.
        """
        kind = type(value)
        if kind in self.whole:
            return value
        if kind is list and all(type(item) in self.items for item in value):
            return value
        return self.decode(_encode(value))


_encode = msgspec.msgpack.Encoder().encode


def checker(annotation: Any) -> Check:
    """Return the check for a hook that answers ``annotation``."""
    members = (
        typing.get_args(annotation) if typing.get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    )
    items = [typing.get_args(member)[0] for member in members if typing.get_origin(member) is list]
    return Check(
        frozenset(member for member in members if _self_evident(member)),
        frozenset(item for item in items if _self_evident(item)),
        msgspec.msgpack.Decoder(annotation).decode,
    )


def _self_evident(kind: Any) -> bool:
    """Say whether the exact type of a value is all there is to check."""
    return kind in _PLAIN or (isinstance(kind, type) and issubclass(kind, Data))


def reason_of(refusal: Rejected) -> Words | None:
    """Return why a plugin refuses; ``None`` unless it says so in both languages, in what can be shown.

    An exception is not checked when it is made: its reason may be anything, or not be there.
    """
    try:
        reason = msgspec.convert(getattr(refusal, "reason", None), Words)
    except msgspec.ValidationError:
        return None
    return None if wrong_text(reason) else reason
