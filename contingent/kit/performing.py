"""One rehearsal, performed in this process or in a host: what the plugin answered, and what it tried besides."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from contingent import HttpAnswer
from contingent.kit.network import TrialNetwork
from contingent.kit.samples import arguments, marked_id
from contingent.kit.trial import Outcome, Trial
from core.clock import ManualClock, SystemClock
from core.hooks.answers import Failure
from core.hooks.granting import Grant
from core.hooks.http import Method, check_request, host_of
from core.hooks.marking import Hook
from core.hooks.registry import Registry
from core.hooks.rehearsing import (
    LARGEST_SHOWN,
    LONGEST,
    MOST_SHOWN,
    Kept,
    Reached,
    Rehearsal,
    Rehearsed,
    Said,
    too_deep,
)
from core.hooks.sandbox.calling import Calling

MOST_TRIED = 6
"""Ordinary calls of a hook that are tried until one fails."""


class Watching:
    """What the plugin asks of the world: written down, and never given."""

    def __init__(self) -> None:
        self.reached: list[Reached] = []
        self.digests = 0

    def note(self, method: str, address: str, *, allowed: bool) -> None:
        """Write down what it asked for."""
        if len(self.reached) < MOST_SHOWN:
            self.reached.append(Reached(method, address[:500], allowed))

    def http(self, grant: Grant) -> WatchedHttp:
        """Return ``ctx.http``, by which no machine is reached."""
        return WatchedHttp(self, grant)

    def sockets(self, grant: Grant) -> WatchedSockets:
        """Return ``ctx.sockets``, by which none is reached either."""
        return WatchedSockets(self, grant)

    def notifications(self, grant: Grant) -> WatchedNotifications:
        """Return ``ctx.notifications``, which tells nobody."""
        return WatchedNotifications(self)


class WatchedHttp:
    """``ctx.http`` where no machine answers."""

    def __init__(self, watching: Watching, grant: Grant) -> None:
        network = TrialNetwork(grant.ctx.clock)
        network.down = True
        self._http, self._watching, self._granted = network(grant), watching, grant.hosts

    async def send(
        self,
        method: Method,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        deadline: float = 8.0,
        attempts: int = 1,
    ) -> HttpAnswer:
        check_request(method, address, headers=headers, content=content, deadline=deadline, attempts=attempts)
        self._watching.note(method, address, allowed=host_of(address) in self._granted)
        return await self._http.send(
            method, address, headers=headers, content=content, deadline=deadline, attempts=attempts
        )


class WatchedSockets:
    """``ctx.sockets`` where no machine answers."""

    def __init__(self, watching: Watching, grant: Grant) -> None:
        self._watching, self._grant = watching, grant

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> socket.socket:
        allowed = host in self._grant.hosts
        self._watching.note("CONNECT", f"{host}:{port}", allowed=allowed)
        if not allowed:
            raise self._grant.refuse(f"the machine {host}", "it is not among those that it may ask")
        raise ConnectionError(f"{host}: ConnectionRefusedError")


class WatchedNotifications:
    """``ctx.notifications`` of somebody whom nobody reads."""

    def __init__(self, watching: Watching) -> None:
        self._watching = watching

    async def put_digests(self) -> int:
        self._watching.digests += 1
        return 0


def scope_of(slug: str) -> UUID:
    """Return the id of the invented tenant."""
    return marked_id(slug, "scope")


class Call(NamedTuple):
    """One call to be performed: of which hook, at which invented tenant, with what."""

    hook: Hook
    slug: str
    arguments: Mapping[str, Any]


async def perform(asked: Rehearsal, registry: Registry, slug: str, hosts: Calling | None = None) -> Rehearsed:
    """Call the plugin's hook at the invented tenant ``slug``; without arguments, with ordinary ones until one fails.

    With ``hosts`` it runs in a host, else in this process, where whatever holds the loop is noticed as on the platform.
    """
    hook = registry.hooks[asked.hook]
    if asked.arguments is None:
        calls = arguments(hook, slug)[:MOST_TRIED]
    else:
        calls = [{name: msgspec.convert(asked.arguments[name], hook.types[name]) for name in hook.arguments}]
    first: Rehearsed | None = None
    for tried, call in enumerate(calls, start=1):
        made = await _perform(asked, registry, Call(hook, slug, call), hosts)
        if made.cause is not None:
            return msgspec.structs.replace(made, tried=tried)
        first = first or made
    assert first is not None, "every hook has samples"
    return msgspec.structs.replace(first, tried=len(calls))


async def _perform(asked: Rehearsal, registry: Registry, call: Call, hosts: Calling | None) -> Rehearsed:
    watching, clock = Watching(), SystemClock()
    effects = {"http": watching.http, "sockets": watching.sockets, "notifications": watching.notifications}
    trial = Trial(registry, asked.plugin, asked.settings, hosts=hosts, clock=ManualClock(asked.now), effects=effects)
    ctx = trial.tenant(call.slug, zone=asked.zone)
    if hosts is None:
        trial.host.start()
    began = clock.monotonic()
    try:
        async with asyncio.timeout(LONGEST):
            outcome = await trial.call(ctx, call.hook, call.arguments)
    except TimeoutError:
        outcome = Outcome([], Failure(ctx.scope.id, asked.plugin, asked.hook, "late", f"no answer in {LONGEST:g} s"))
    seconds = clock.monotonic() - began
    await trial.host.close()
    return _told(call.hook, outcome, trial, watching, seconds)


def _told(hook: Hook, outcome: Outcome, trial: Trial, watching: Watching, seconds: float) -> Rehearsed:
    (documents,) = trial.records.documents.values() or ({},)
    lines = [line for _, notes in trial.records.notes for line in notes.lines if line.cause is None]
    shown, too_large = _shown(outcome.answers if hook.call == "stream" else next(iter(outcome.answers), None))
    failure = outcome.failure
    return Rehearsed(
        answer=shown,
        too_large=too_large,
        refusal=outcome.refusal.reason if outcome.refusal else None,
        cause=failure.cause if failure else None,
        error=failure.error if failure else "",
        seconds=seconds,
        digests=watching.digests,
        reached=watching.reached,
        kept=[Kept(key, _shown(msgspec.Raw(one))[0]) for key, one in list(documents.items())[:MOST_SHOWN]],
        said=[Said(line.level, line.message, line.fields) for line in lines[:MOST_SHOWN]],
    )


def _shown(value: Any) -> tuple[Any, bool]:
    """Return a value as JSON has it, or nothing where that is too large or too deep to be shown; and whether it is."""
    try:
        encoded = msgspec.json.encode(value)
        found = msgspec.json.decode(encoded) if len(encoded) <= LARGEST_SHOWN else None
    except RecursionError:
        return None, True
    return (None, True) if len(encoded) > LARGEST_SHOWN or too_deep(found) else (found, False)
