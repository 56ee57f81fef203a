"""Hosts that are real, and a plugin whose text each test writes."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import UUID, uuid5

import pytest

from contingent import Actor, Ctx, Scope, Subject
from contingent.kit.projects import import_path
from core.clock import SystemClock
from core.hooks.answers import Answers
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import make_controls, own_zygote, start_zygote
from core.hooks.specs import approval_chain

NAMES = UUID("5a0c1c6e-6c3a-4d3e-9d0b-2f1f4a6f0002")
PROJECT = Path(__file__).parents[4] / "pyproject.toml"
COUNTED = itertools.count()
SUBJECT = Subject(kind="agreement", id=uuid5(NAMES, "subject"))
QUIET = Subject(kind="agreement", id=uuid5(NAMES, "subject"), concerns=uuid5(NAMES, "officer"))
"""A subject at which the attacker does nothing."""


async def until(true: Callable[[], object]) -> None:
    """Let the loop go on until it is so."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody of itself
            await asyncio.sleep(0)


@pytest.fixture(scope="session")
async def hosts() -> AsyncIterator[Hosts]:
    with own_zygote() as way:
        found = Hosts(way)
        yield found
        await found.close()


class Cell:
    """One plugin, sandboxed, on a host of its own making, and the tenants that run it."""

    def __init__(self, hosts: Hosts, folder: Path, name: str, text: str) -> None:
        place = folder / f"{name}.py"
        place.write_text(text, encoding="utf-8")
        self.name = name
        self.registry = Registry()
        broken = self.registry.load_module(name, import_path(place))
        assert broken is None, broken
        self.records = MemoryRecords()
        self.host = PluginHost(self.registry, self.records, hosts=hosts)

    def start_zygote(self) -> Popen[bytes]:
        """Give the plugin a zygote of its own from here on, and return it."""
        ((ours, theirs),) = make_controls(1)
        with theirs:
            zygote = start_zygote([theirs])
        self.host = PluginHost(self.registry, self.records, hosts=Hosts(ours))
        return zygote

    def tenant(self, slug: str) -> Ctx:
        """Return a context of the tenant; the slug's tenant is another one in each test."""
        scope = Scope(uuid5(NAMES, f"{slug}{next(COUNTED)}"), "agency", slug, slug, slug)
        self.records.put(scope.id, self.name, consented=self.registry.plugins[self.name].manifest.asks)
        return self.again(scope)

    def again(self, scope: Scope) -> Ctx:
        actor = Actor(uuid5(NAMES, "actor"), "Alix Tremblay", permissions=frozenset({"all"}))
        return self.host.bind(Ctx(scope, actor, SystemClock()))

    async def ask(self, ctx: Ctx, subject: Subject = SUBJECT) -> Answers[Any]:
        """Return what the plugin says of a subject."""
        answers: Answers[Any] = await ctx.hooks.one(self.name, approval_chain, subject=subject)
        return answers


@pytest.fixture
def make_cell(hosts: Hosts, tmp_path: Path) -> Iterator[Callable[[str, str], Cell]]:
    made: list[str] = []

    def make(name: str, text: str) -> Cell:
        made.append(name)
        return Cell(hosts, tmp_path, name, text)

    yield make
    for name in made:
        sys.modules.pop(name, None)
