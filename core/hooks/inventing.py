"""A subject without what is personal: ids, states, days and codes stay, all other text is invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from core.hooks.data import Data, Words

CODES = frozenset(
    {
        "Event.name",
        "HrRecord.mission",
        "Nomination.country",
        "Nomination.mission",
        "Nomination.state",
        "Officer.qualifications",
        "Officer.rank",
        "Return.state",
        "Tour.country",
        "Tour.mission",
        "Tour.state",
    }
)
"""Fields with text in them that is a code: of the platform, or of an agency's ladder."""
OWN_CODES = frozenset({"Run.key"})
"""Fields with a code of the plugin's own, which stays where it stands in its code: any other may be made of a name."""

LANGUAGES = Words.__annotations__.keys()


def invented(value: Any, own: frozenset[str] = frozenset()) -> Any:
    """Return ``value`` with every text in it invented that is no code and none of a few fixed words.

    ``own``: the texts in the code of the plugin that is told of it. What is not there stays away, so that whatever
    hangs on that comes out the same.
    """
    if isinstance(value, Data):
        kinds = {one.name: one.type for one in msgspec.structs.fields(value)}
        return msgspec.structs.replace(
            value,
            **{
                name: one
                for name, kind in kinds.items()
                if not _stays(f"{type(value).__name__}.{name}", getattr(value, name), own)
                and not _fixed(kind)
                and (one := _invented(getattr(value, name), name)) is not getattr(value, name)
            },
        )
    return _invented(value, "text")


def _stays(place: str, value: Any, own: frozenset[str]) -> bool:
    return place in CODES or (place in OWN_CODES and value in own)


def _invented(value: Any, name: str) -> Any:
    if isinstance(value, Data):
        return invented(value)
    if isinstance(value, str):
        return f"invented {name}" if value else value
    if isinstance(value, Mapping):
        keys = list(value) if value.keys() == LANGUAGES else [f"{name}-{place}" for place in range(len(value))]
        return dict(zip(keys, (_invented(one, name) for one in value.values()), strict=True))
    if isinstance(value, list | tuple):
        return type(value)(_invented(one, name) for one in value)
    return value


def _fixed(kind: Any) -> bool:
    """Say whether a field takes nothing but a few words that the contract names."""
    found = [one for one in get_args(kind) if one is not type(None)] if get_origin(kind) is not Literal else [kind]
    return bool(found) and all(get_origin(one) is Literal for one in found)
