"""Where it is written down which plugins a tenant runs and how they fared.

The dispatcher knows this protocol only. ``database_records`` keeps it in PostgreSQL,
``memory`` in the process, for tests and benchmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from core.context import Ctx
from core.hooks.answers import Failure
from core.hooks.manifest import Manifest
from core.hooks.plans import Enablement
from core.hooks.store import Store

SuspensionCause = Literal["blocked", "failing"]


class State(NamedTuple):
    """What a tenant enabled, at one generation of its settings."""

    generation: int
    enablements: Sequence[Enablement]


class Suspension(NamedTuple):
    """A plugin that was switched off for one tenant because of what it did."""

    plugin: str
    hook: str
    cause: SuspensionCause


class Records(Protocol):
    """What the dispatcher reads and writes. ``ctx`` is always the host's own, never a plugin's."""

    async def state(self, ctx: Ctx, known: int | None) -> State | None:
        """Return what the tenant enabled, or ``None`` if its generation is still ``known``."""
        ...

    async def failed(self, ctx: Ctx, failures: Sequence[tuple[Failure, int]]) -> None:
        """Add failures, each with how often it happened, to the tenant's page."""
        ...

    async def suspend(self, ctx: Ctx, suspension: Suspension) -> None:
        """Suspend the plugin for the tenant, for all processes, and tell its administrator."""
        ...

    def suspend_now(self, ctx: Ctx, suspension: Suspension) -> None:
        """Do the same from a thread while the event loop is held."""
        ...

    def store(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> Store:
        """Return the plugin's documents in this tenant."""
        ...
