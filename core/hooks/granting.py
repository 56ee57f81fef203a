"""How an effect comes into a plugin's ``ctx``, and what stands there where nobody consented to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, NoReturn

from core.context import Ctx
from core.hooks.answers import Cause, Origin
from core.hooks.consent import CAPABILITIES


class NotConsented(PermissionError):
    """A plugin used what its service has not consented to. The message says who, where, what, and what to do."""


class Overreach(NamedTuple):
    """A plugin used what its service has not consented to: what it was, in one line."""

    origin: Origin
    hook: str
    used: str


async def _on() -> Cause | None:
    return None


class Grant(NamedTuple):
    """For whom an effect is made: given to what makes it.

    ``refuse`` takes what the plugin used beyond consent and what its author is to do; it notes that, for the
    plugin's page and the log, and returns what to raise. ``off`` returns why the plugin is not to go on, if by now
    it is not: a call that began before may last for minutes.
    """

    ctx: Ctx
    """The host's own, not the plugin's."""
    origin: Origin
    hosts: frozenset[str]
    """Machines that it may reach."""
    refuse: Callable[[str, str], NotConsented]
    off: Callable[[], Awaitable[Cause | None]] = _on

    async def require_on(self) -> None:
        """Raise ``PermissionError`` if the plugin is not to go on."""
        cause = await self.off()
        if cause is not None:
            raise PermissionError(
                f"plugin {self.origin.plugin} does not run any more at {self.ctx.scope.slug}: {cause}"
            )


Effect = Callable[[Grant], Any]
"""Makes what a plugin finds under one name of ``ctx``."""

Noting = Callable[[Ctx, Overreach], None]


class Withheld:
    """Stands in ``ctx`` where an effect would be: whoever reaches for it is refused."""

    def __init__(self, refuse: Callable[[], Exception]) -> None:
        self.__refuse = refuse

    def __getattr__(self, name: str) -> NoReturn:
        refused = self.__refuse()
        raise refused


def open_effect(effect: str, capabilities: frozenset[str], make: Effect | None, grant: Grant) -> Any:
    """Return what stands under ``effect`` for a plugin that was granted these capabilities."""
    keys = [key for key, one in CAPABILITIES.items() if one.effect == effect]
    if capabilities.isdisjoint(keys):
        remedy = f"add {' or '.join(map(repr, keys))} to the capabilities of its manifest"
        return Withheld(lambda: grant.refuse(f"ctx.{effect}", remedy))
    if make is None:
        return Withheld(lambda: PermissionError(f"ctx.{effect}: this process has none"))
    return make(grant)


def refusing(note: Noting, ctx: Ctx, origin: Origin, hook: str) -> Callable[[str, str], NotConsented]:
    """Return the ``refuse`` of a grant. It may be called in any thread that the plugin has started."""
    loop = asyncio.get_running_loop()

    def refuse(used: str, remedy: str) -> NotConsented:
        overreach, where = Overreach(origin, hook, used), ctx.scope.slug
        if _runs(loop):
            note(ctx, overreach)
        else:
            loop.call_soon_threadsafe(note, ctx, overreach)
        return NotConsented(
            f"plugin {origin.plugin} used {used} at {where}, which nobody there consented to: {remedy}; "
            f"an administrator of {where} then consents on the plugin's page"
        )

    return refuse


def _runs(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
