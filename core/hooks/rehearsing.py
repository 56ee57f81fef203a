"""A rehearsal: one call of a plugin, tried again at an invented tenant that has nothing and reaches nobody.

Core says what is to be called. Who rehearses is handed to it (``PluginHost``): core has no invented tenants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from core.hooks.answers import Cause
from core.hooks.data import Words
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import Calling

LONGEST = 20.0
"""Seconds that a rehearsal takes at most, however long the hook may."""
MOST_SHOWN = 50
"""Of what it tried to reach, to keep and to write, each."""
LARGEST_SHOWN = 64 * 1024
"""Bytes of JSON of an answer, or of a document, that are shown."""
DEEPEST_SHOWN = 50
"""Objects and lists within each other; what lies deeper is as good as too large."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be tried again.

    ``settings`` hold the service's own; where a secret is set, something else. ``arguments``: by name, as JSON has
    them; none: ordinary ones of an invented tenant. ``now``: where the clock stands. ``zone``: of the civil days.
    """

    plugin: str
    version: str
    address: str
    """The module with the manifest; empty: a bundle's, which no process but a host imports."""
    sandboxed: bool
    """It is tried in a host; else in a process like core's own."""
    hook: str
    arguments: Mapping[str, Any] | None
    settings: Mapping[str, Any]
    now: datetime
    zone: str


class Reached(msgspec.Struct, frozen=True):
    """A machine that it asked for: by which method and under which address, and whether it may ask it at all."""

    method: str
    address: str
    allowed: bool


class Kept(msgspec.Struct, frozen=True):
    """A document that it put into its store; ``document`` is none where it is too large to be shown."""

    key: str
    document: Any


class Said(msgspec.Struct, frozen=True):
    """A line for its log, with what may be kept of it."""

    level: str
    message: str
    fields: Mapping[str, Any]


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: an ``answer`` as JSON has it (none is one too), a ``refusal``, or the ``cause`` of a failure.

    ``error`` is one line for developers: kinds and places, never content. ``seconds`` is how long the call took.
    ``tried``: how many calls were made: until one failed, of which this tells, or all, and this tells of the first.
    ``digests``: how often it asked for the digests of a day to be put into the outbox.
    """

    answer: Any = None
    too_large: bool = False
    refusal: Words | None = None
    cause: Cause | None = None
    error: str = ""
    seconds: float = 0.0
    tried: int = 1
    digests: int = 0
    reached: Sequence[Reached] = ()
    kept: Sequence[Kept] = ()
    said: Sequence[Said] = ()


class Rehearsing(Protocol):
    """Who rehearses."""

    async def __call__(self, asked: Rehearsal, whose: UUID, registry: Registry, hosts: Calling) -> Rehearsed | None:
        """Try it for the scope ``whose``, in the tier in which it runs; never raise for what the plugin does.

        Returns ``None`` where others' are under way for so long that it had no turn.
        """
        ...


def too_deep(value: Any) -> bool:
    """Say whether more objects and lists lie within each other than are shown."""
    level = [value]
    for _ in range(DEEPEST_SHOWN):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()
