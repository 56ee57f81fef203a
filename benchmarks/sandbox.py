"""What the sandbox costs: a call against the same call in the process, a host that comes back, many hosts' memory.

Calls take turns with a bare exchange of as many bytes between two processes that do nothing else: what that takes is
the machine's doing, and how late it comes now and then is the machine's too.
And what it keeps from others: 26 tenants call their plugins while another's blocks, then computes, then takes all the
memory it gets, at every call, against the same 26 alone, in turn within one run.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop

from contingent import Actor, Ctx, Scope, Subject
from core.clock import SystemClock
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.hooks.running import GRACE
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote
from core.hooks.specs import approval_chain

CALLS = 9_000
"""Calls in one measurement of a call's time."""
STRETCH = 1_000
"""Calls of which a 99th percentile is taken; the median of the stretches' counts: the aim is an idle machine's, and
what it does besides for a moment falls into one stretch or two."""
WARM = 100
"""Calls before them that do not count."""
ASKED = bytes(300)
"""As much as a call sends."""
MANY = (27, 100)
"""Tenants of which each has a host: as many as there are services, and more than there will be."""
NEIGHBOURS = 26
ROUNDS = 5
"""Measurements of the neighbours alone and beside the bad one, in turn; the median of their ratios counts."""
EACH = 100
"""Calls of each neighbour in one such measurement: some two seconds, in which a bad one begins and is dealt with."""
PAUSE = 0.02
"""Seconds between two calls of a neighbour."""
SMALLEST = {"CALLS": 4, "STRETCH": 2, "WARM": 1, "MANY": (2,), "NEIGHBOURS": 2, "ROUNDS": 1, "EACH": 2}

PLUGIN = """
import time
from contingent import Ctx, Manifest, NoApproval, Step, Subject, hookimpl

manifest = Manifest(
    name="benchmarked", version="1.0", title={"en": "Invented", "fr": "Inventé"}, requires="contingent>=1.0,<2"
)


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    if ctx.scope.slug == "blocks":
        time.sleep(3600)
    while ctx.scope.slug == "computes":
        pass
    hoard = []
    while ctx.scope.slug == "takes all memory":
        hoard.append(bytearray(16 * 2**20))
    return NoApproval(reason={"en": "Nobody need.", "fr": "Personne."})
"""
ECHO = """
import socket, sys

way = socket.socket(fileno=int(sys.argv[1]))
while said := way.recv(4096):
    way.send(said)
"""
SUBJECT = Subject(kind="agreement", id=UUID(int=3))


class Place:
    """The plugin, in this process or in a sandbox, and tenants that run it."""

    def __init__(self, registry: Registry, hosts: Hosts | None) -> None:
        self.records = MemoryRecords()
        given: dict[str, Any] = {} if hosts is None else {"hosts": hosts, "sandboxed": True}
        self.host = PluginHost(registry, self.records, **given)

    def tenant(self, number: int, slug: str = "invented") -> Ctx:
        scope = Scope(UUID(int=number), "agency", slug, slug, slug)
        self.records.put(scope.id, "benchmarked")
        return self.host.bind(Ctx(scope, Actor(UUID(int=2), "Alix Tremblay"), SystemClock()))


async def ask(ctx: Ctx) -> bool:
    """Return whether the plugin answered."""
    return bool((await ctx.hooks.one("benchmarked", approval_chain, subject=SUBJECT)).results)


def figures() -> list[dict[str, Any]]:
    """Return the figures: microseconds a call, milliseconds, megabytes, ratios."""
    return uvloop.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    rows = []
    async with placed() as (here, there):
        own, far, bare = await timed(here.tenant(1), there.tenant(1))
        rows += [
            figure("a call into a sandbox, median", percentile(far, 50) * 1e6, "µs", peer=percentile(own, 50) * 1e6),
            figure("a call into a sandbox, 99th percentile", usual(far, 99) * 1e6, "µs", limit=150),
            figure("a bare exchange between two processes, median", percentile(bare, 50) * 1e6, "µs"),
            figure("a bare exchange between two processes, 99th percentile", usual(bare, 99) * 1e6, "µs"),
            figure("a call into a sandbox, against in the process", percentile(far, 50) / percentile(own, 50), "×"),
            figure("a host that was ended is back", await respawn(there) * 1e3, "ms"),
        ]
    for many in MANY:
        async with placed() as (_, there):
            for number in range(many):
                await ask(there.tenant(100 + number))
            if (memory := hosts_memory()) is not None:
                rows.append(figure(f"memory of {many} hosts", memory / 2**20, "MB"))
    for slug in ("blocks", "computes", "takes all memory"):
        rows += await beside(slug)
    return rows


@contextmanager
def loaded() -> Iterator[Registry]:
    """Give a registry with the plugin, which is a file for as long as that takes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "benchmarked.py").write_text(PLUGIN, encoding="utf-8")
        sys.path.insert(0, folder)
        registry = Registry()
        broken = registry.load_module("benchmarked", "benchmarked")
        assert broken is None, broken
        try:
            yield registry
        finally:
            sys.path.remove(folder)
            sys.modules.pop("benchmarked")


@asynccontextmanager
async def placed() -> AsyncIterator[tuple[Place, Place]]:
    """Give the plugin in this process and in a sandbox."""
    with loaded() as registry, own_zygote() as way:
        hosts = Hosts(way, needs=())
        try:
            yield Place(registry, None), Place(registry, hosts)
        finally:
            await hosts.close()


async def timed(here: Ctx, there: Ctx) -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of each call in the process, into the sandbox, and of each bare exchange, in turn."""
    own: list[float] = []
    far: list[float] = []
    bare: list[float] = []
    # As the application does once it stands: what is loaded by then is out of the collector's sight.
    gc.collect()
    gc.freeze()
    with echo() as way:
        for _ in range(WARM + CALLS):
            for found, ctx in ((own, here), (far, there)):
                began = time.perf_counter()
                await ask(ctx)
                found.append(time.perf_counter() - began)
            began = time.perf_counter()
            way.send(ASKED)
            way.recv(len(ASKED))
            bare.append(time.perf_counter() - began)
    gc.unfreeze()
    return own[WARM:], far[WARM:], bare[WARM:]


@contextmanager
def echo() -> Iterator[socket.socket]:
    """Give the way to a process that sends back what it is sent."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own program
            [sys.executable, "-ISc", ECHO, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
        theirs.close()
        try:
            yield ours
        finally:
            ours.close()
            process.wait()


async def respawn(place: Place) -> float:
    """Return the seconds from the call that finds its host ended to the first answer; the median of ten."""
    found = []
    for _ in range(10):
        ctx = place.tenant(7)
        await ask(ctx)
        os.kill(newest_host(), 9)
        began = time.perf_counter()
        while not await ask(ctx):
            pass
        found.append(time.perf_counter() - began)
    return statistics.median(found)


async def beside(slug: str) -> list[dict[str, Any]]:
    """Return the neighbours' 95th and 99th percentiles beside a bad one, each over theirs alone."""
    alone, together = [], []
    async with placed() as (_, there):
        neighbours = [there.tenant(200 + number) for number in range(NEIGHBOURS)]
        for ctx in neighbours:
            await ask(ctx)
        for _ in range(ROUNDS):
            alone.append(await work(neighbours))
            bad = asyncio.create_task(misbehave(there.tenant(199, slug)))
            together.append(await work(neighbours))
            bad.cancel()
            await asyncio.gather(bad, return_exceptions=True)
            await asyncio.sleep(
                2 * GRACE
            )  # A call that is stopped may go on for that long: it is not the next round's.
    return [
        figure(
            f"{NEIGHBOURS} tenants’ {which}th percentile while another’s plugin {slug} at every call, against alone",
            over(together, alone, which),
            "×",
            limit=limit,
        )
        for which, limit in ((95, 1.1 if slug == "blocks" else None), (99, 2.0))
    ]


def over(together: Sequence[Sequence[float]], alone: Sequence[Sequence[float]], which: int) -> float:
    """Return the median of what a round's percentile beside the bad one is over that of the round before, without."""
    pairs = zip(together, alone, strict=True)
    return statistics.median(percentile(beside, which) / percentile(before, which) for beside, before in pairs)


async def work(neighbours: Sequence[Ctx]) -> list[float]:
    found: list[float] = []

    async def one(ctx: Ctx) -> None:
        for _ in range(EACH):
            await asyncio.sleep(PAUSE)
            began = time.perf_counter()
            await ask(ctx)
            found.append(time.perf_counter() - began)

    await asyncio.gather(*(one(ctx) for ctx in neighbours))
    return found


async def misbehave(ctx: Ctx) -> None:
    """Ask as often as a neighbour does: a loop without a pause would hold up this process, whatever the plugin does."""
    while True:
        await ask(ctx)
        await asyncio.sleep(PAUSE)


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def newest_host() -> int:
    return max(children(max(children(os.getpid()))))


def hosts_memory() -> float | None:
    """Return what all hosts take, in bytes, shared pages shared out; ``None`` where that may not be read."""
    whole = 0
    for process in children(max(children(os.getpid()))):
        try:
            said = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            return None
        whole += int(re.search(r"^Pss:\s+(\d+)", said, re.MULTILINE)[1]) * 1024  # type: ignore[index]
    return float(whole)


def percentile(found: Sequence[float], which: int) -> float:
    return sorted(found)[min(len(found) - 1, len(found) * which // 100)]


def usual(found: Sequence[float], which: int) -> float:
    """Return the median of the percentiles of each stretch."""
    stretches = [found[begin : begin + STRETCH] for begin in range(0, len(found), STRETCH)]
    return statistics.median(percentile(one, which) for one in stretches)


def figure(
    name: str, value: float, unit: str, *, limit: float | None = None, peer: float | None = None
) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "value": round(value, 2), "unit": unit}
    return row | ({"limit": limit} if limit else {}) | ({"peer": round(peer, 2)} if peer else {})
