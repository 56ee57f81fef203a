"""Where it is written down which plugins a tenant runs and how they fared.

The dispatcher knows this protocol only. ``database_records`` keeps it in PostgreSQL,
``memory`` in the process, for tests and benchmarks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from core.context import Ctx
from core.hooks.answers import Cause, Failure
from core.hooks.consent import Asks
from core.hooks.granting import Overreach
from core.hooks.log import Field, Level
from core.hooks.manifest import Manifest
from core.hooks.measuring import Measured
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.plans import NOTHING_STOPPED, Enablement, Stops
from core.hooks.registry import NOTHING_HELD, Held
from core.hooks.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

SuspensionCause = Literal["blocked", "failing"]


class State(NamedTuple):
    """What a tenant enabled, at one generation of its settings."""

    generation: int
    enablements: Sequence[Enablement]
    stops: Stops = NOTHING_STOPPED
    offer: Offer = EVERYTHING
    own: Held = NOTHING_HELD
    """Bundles that are the tenant's own."""


class Suspension(NamedTuple):
    """A plugin that was switched off for one tenant because of what it did."""

    plugin: str
    hook: str
    cause: SuspensionCause


class Awaiting(NamedTuple):
    """A plugin that one tenant has switched on, and that asks for more than was consented to there."""

    plugin: str
    version: str
    asks: Asks
    """All that it asks for."""


class Opening(NamedTuple):
    """That the breaker of a plugin opened, at which hook and cause; ``suspended``: for the last time."""

    plugin: str
    hook: str
    cause: Cause
    suspended: bool
    at: datetime


class Line(NamedTuple):
    """A line of a plugin's log: its own, or a failure with its cause."""

    plugin: str
    plugin_version: str
    hook: str
    level: Literal[Level, "failure"]
    cause: Cause | None
    message: str
    fields: Mapping[str, Field]
    request_id: str
    at: datetime


class Notes(NamedTuple):
    """What is written down of one tenant's plugins in one batch."""

    measured: Sequence[Measured] = ()
    openings: Sequence[Opening] = ()
    lines: Sequence[Line] = ()


class Records(Protocol):
    """What the dispatcher reads and writes. ``ctx`` is always the host's own, never a plugin's."""

    async def state(self, ctx: Ctx, known: int | None) -> State | None:
        """Return what the tenant enabled, or ``None`` if its generation is still ``known``."""
        ...

    async def own(self, ctx: Ctx, session: AsyncSession) -> Held:
        """Return the bundles that are the tenant's own; ``session`` is the tenant's."""
        ...

    async def failed(self, ctx: Ctx, failures: Sequence[tuple[Failure, int]]) -> None:
        """Add failures, each with how often it happened, to the tenant's page."""
        ...

    async def noted(self, ctx: Ctx, notes: Notes) -> None:
        """Add how often plugins were called and how it went."""
        ...

    async def suspend(self, ctx: Ctx, suspension: Suspension) -> None:
        """Suspend the plugin for the tenant, for all processes, and tell its administrator."""
        ...

    def suspend_now(self, ctx: Ctx, suspension: Suspension) -> None:
        """Do the same from a thread while the event loop is held."""
        ...

    async def overreached(self, ctx: Ctx, overreach: Overreach) -> None:
        """Write into the tenant's log that a plugin used what nobody consented to, and was refused."""
        ...

    async def await_consent(self, ctx: Ctx, awaiting: Awaiting) -> None:
        """Tell the tenant's administrators that the plugin waits for them: once for what it asks for."""
        ...

    def store(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> Store:
        """Return the plugin's documents in this tenant."""
        ...
