"""What a call of a hook costs, against plain pluggy doing the same in the same run.

Plain pluggy calls three plugins and gives a list. Ours does that for one tenant's plugins,
with its context, checks each answer, keeps the origin of each, shows the watchdog whose code
runs, and for an ``async`` hook has a deadline ready for each implementation.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from types import ModuleType
from typing import Any
from uuid import UUID

import pluggy

from contingent import Actor, Ctx, Manifest, Scope, hookimpl
from core.clock import SystemClock
from core.hooks.host import PluginHost
from core.hooks.marking import PROJECT, hook
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry

CALLS = 1_000
"""Calls in one measurement."""
ROUNDS = 60
"""Measurements of each, taken in turn; the median counts, of ratios that within a round."""
SMALLEST = {"CALLS": 4, "ROUNDS": 1}
PLUGINS = 3


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def score(ctx: Ctx, number: int) -> int | None:
    """Answer at once."""


@hook(call="all", deadline=2, on_failure="open", since="1.0")
async def score_later(ctx: Ctx, number: int) -> int | None:
    """Answer without waiting, though it might."""


@hook(call="all", deadline=2, on_failure="open", since="1.0")
async def score_after_waiting(ctx: Ctx, number: int) -> int | None:
    """Wait once, then answer."""


def _plugin(name: str, step: int) -> ModuleType:
    def score(ctx: Ctx, number: int) -> int:
        return number + step

    async def score_later(ctx: Ctx, number: int) -> int:
        return number + step

    async def score_after_waiting(ctx: Ctx, number: int) -> int:
        await asyncio.sleep(0)
        return number + step

    module = ModuleType(name)
    title: Any = {"en": name, "fr": name}
    module.manifest = Manifest(name=name, version="1.0", title=title, requires="contingent>=1.0,<2")  # type: ignore[attr-defined]
    for function in (score, score_later, score_after_waiting):
        setattr(module, function.__name__, hookimpl(function))
    return module


def _set_up() -> tuple[Ctx, Any]:
    """Return a context whose tenant runs the plugins, and plain pluggy's hooks over the same plugins."""
    contract = ModuleType("benchmark_contract")
    for declared in (score, score_later, score_after_waiting):
        setattr(contract, declared.__name__, declared)
    registry, records, plain = Registry([contract]), MemoryRecords(), pluggy.PluginManager(PROJECT)
    plain.add_hookspecs(contract)
    scope = Scope(UUID(int=1), "agency", "invented", "Invented", "Inventé")
    for number in range(PLUGINS):
        module = _plugin(f"plugin_{number}", number)
        registry.register(module)
        plain.register(module)
        records.put(scope.id, f"plugin_{number}")
    host = PluginHost(registry, records)
    return host.bind(Ctx(scope, Actor(UUID(int=2), "Alix Tremblay"), SystemClock())), plain.hook


async def figures() -> list[dict[str, Any]]:
    """Return the figures, in microseconds a call and as ratios."""
    ctx, plain = _set_up()
    ask = ctx.hooks.all

    async def ours() -> None:
        await ask(score, number=3)

    async def ours_later() -> None:
        await ask(score_later, number=3)

    async def ours_waiting() -> None:
        await ask(score_after_waiting, number=3)

    async def theirs() -> None:
        plain.score(ctx=ctx, number=3)

    async def theirs_later() -> None:
        [await one for one in plain.score_later(ctx=ctx, number=3)]

    async def theirs_waiting() -> None:
        [await one for one in plain.score_after_waiting(ctx=ctx, number=3)]

    async def theirs_timed() -> None:
        for one in plain.score_later(ctx=ctx, number=3):
            async with asyncio.timeout(2):
                await one

    taken = await _in_turn(ours, theirs, ours_later, theirs_later, theirs_timed, ours_waiting, theirs_waiting)
    own, peer, own_later, peer_later, peer_timed, own_waiting, peer_waiting = taken
    three = f"{PLUGINS} plugins"
    later = f"async hook with deadlines, {three}"
    return [
        _ratio(f"def hook, {three}, against plain pluggy", own, peer, limit=1.0),
        _microseconds(f"def hook, {three}", own, peer),
        _ratio(f"async hook with deadlines, {three}, against plain pluggy and await", own_later, peer_later, limit=1.0),
        _microseconds(later, own_later, peer_later),
        _ratio("a timer for every implementation, against plain pluggy and await", peer_timed, peer_later),
        _ratio(f"async hook whose {three} wait, against plain pluggy and await", own_waiting, peer_waiting),
        _microseconds(f"async hook whose {three} wait", own_waiting, peer_waiting),
    ]


async def _in_turn(*works: Callable[[], Awaitable[None]]) -> list[list[float]]:
    """Return the seconds a call of each, by round; they take turns, so that a busy moment hits all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            began = time.perf_counter()
            for _ in range(CALLS):
                await work()
            taken[place].append((time.perf_counter() - began) / CALLS)
    return taken


def _ratio(name: str, own: Sequence[float], peer: Sequence[float], limit: float | None = None) -> dict[str, Any]:
    """Return the median of the rounds' ratios: within a round both had the same machine."""
    value = statistics.median(ours / theirs for ours, theirs in zip(own, peer, strict=True))
    return {"name": name, "value": round(value, 2), "unit": "×"} | ({} if limit is None else {"limit": limit})


def _microseconds(name: str, own: Sequence[float], peer: Sequence[float]) -> dict[str, Any]:
    ours, theirs = (statistics.median(one) * 1e6 for one in (own, peer))
    return {"name": name, "value": round(ours, 2), "unit": "µs", "peer": round(theirs, 2)}
