"""A plugin that is off does nothing anywhere: of every plugin and every hook, whatever is declared later too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from contingent import Ctx
from contingent.kit.samples import arguments
from contingent.kit.trial import Trial
from core.hooks.marking import Hook
from core.hooks.offering import Offer
from core.hooks.plans import Stops
from core.hooks.registry import Plugin, Registry
from core.hooks.sandbox.calling import Nowhere
from core.hooks.sandbox.code import Code

SLUG = "alpha"


class Watched(Registry):
    """The plugins that are installed, each of whose functions notes that it was called and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: set[tuple[str, str]] = set()

    def ordered(self, hook: str) -> Iterator[tuple[Plugin, Callable[..., Any], tuple[str, ...]]]:
        for plugin, _, names in super().ordered(hook):
            yield plugin, noting(self.calls, plugin.name, self.hooks[hook]), names


class Hosts(Nowhere):
    """Sandboxes in which every call is noted and answers nothing."""

    def __init__(self, calls: set[tuple[str, str]]) -> None:
        self.calls = calls

    def calling(self, key: str, plugin: str, code: Code, hook: Hook, ctx: Ctx) -> Callable[..., Any]:
        return noting(self.calls, plugin, hook, waits=True)


def noting(calls: set[tuple[str, str]], plugin: str, hook: Hook, *, waits: bool = False) -> Callable[..., Any]:
    def answer(*_: Any) -> None:
        calls.add((plugin, hook.name))

    async def awaited(*_: Any) -> None:
        calls.add((plugin, hook.name))

    async def pages(*_: Any) -> AsyncIterator[Any]:
        calls.add((plugin, hook.name))
        for page in list[None]():
            yield page

    if hook.call == "stream":
        return pages
    return awaited if waits or hook.colour == "async def" else answer


def never(trial: Trial) -> Ctx:
    return trial.context(SLUG)


def in_state(state: str) -> Callable[[Trial], Ctx]:
    return lambda trial: trial.tenant(SLUG, state)


def stopped(stops: Stops) -> Callable[[Trial], Ctx]:
    def tenant(trial: Trial) -> Ctx:
        ctx = trial.tenant(SLUG)
        named = stops if stops.safe else Stops(plugins=frozenset({trial.plugin}))
        trial.records.stop(ctx.scope.id, named)
        return ctx

    return tenant


def unallowed(trial: Trial) -> Ctx:
    ctx = trial.tenant(SLUG)
    trial.records.offer(ctx.scope.id, Offer({trial.plugin: False}))
    return ctx


def waiting(trial: Trial) -> Ctx:
    """Have it on where whatever is new is for nobody, and it is new."""
    ctx = trial.tenant(SLUG)
    trial.host.registry = New(trial.registry, trial.plugin)
    trial.records.offer(ctx.scope.id, Offer(new_plugins="nobody"))
    return ctx


class New(Registry):
    """A registry in which one plugin was installed beside the product."""

    def __init__(self, known: Registry, name: str) -> None:
        super().__init__()
        self.known = known
        self._plugins = {**known.plugins, name: msgspec.structs.replace(known.plugins[name], beside=True)}

    def ordered(self, hook: str) -> Iterator[tuple[Plugin, Callable[..., Any], tuple[str, ...]]]:
        return self.known.ordered(hook)


FORBIDDEN = {
    "stopped by the operator": stopped(Stops()),
    "in safe mode": stopped(Stops(safe=True)),
    "not allowed by the operator": unallowed,
    "new, and not allowed yet": waiting,
}
"""Here not even settings are tried that are not in force."""

OFF: dict[str, Callable[[Trial], Ctx]] = {
    "never switched on": never,
    "switched off": in_state("disabled"),
    "suspended": in_state("suspended"),
    "removed": in_state("removed"),
    **FORBIDDEN,
}
"""The ways in which a plugin may be off, and a tenant that has it so."""


async def ask_everything(trial: Trial, ctx: Ctx, *, trying: bool = True) -> None:
    """Make every call that the dispatcher knows, of every hook of the contract, in each way to come by a dispatcher."""
    ways = [ctx.hooks, ctx.hooks.bound_to(ctx)]
    for way in [*ways, ctx.hooks.trying(trial.plugin, None)] if trying else ways:
        asking = replace(ctx, hooks=way)
        for hook in trial.registry.hooks.values():
            for given in arguments(hook, SLUG):
                await trial.call(asking, hook, given)


@pytest.fixture(scope="module")
def watched() -> Watched:
    made = Watched()
    made.load()
    assert made.plugins, "no plugin is installed: there is nothing to be tried"
    return made


def on_trial(watched: Watched, plugin: str, *, sandboxed: bool) -> Trial:
    watched.calls.clear()
    trial = Trial(watched, plugin, hosts=Hosts(watched.calls) if sandboxed else None)
    if not sandboxed:
        trial.host.hosts = Hosts(watched.calls)  # where plugins run that may run in a sandbox only
    return trial


@pytest.mark.parametrize("sandboxed", [False, True], ids=["in the process", "in a sandbox"])
async def test_each_function_of_a_plugin_that_is_on_is_called(watched: Watched, sandboxed: bool) -> None:
    for name, plugin in watched.plugins.items():
        trial = on_trial(watched, name, sandboxed=sandboxed)
        await ask_everything(trial, trial.tenant(SLUG))
        assert watched.calls == {(name, hook) for hook in plugin.hooks}


@pytest.mark.parametrize("sandboxed", [False, True], ids=["in the process", "in a sandbox"])
@pytest.mark.parametrize("off", OFF)
async def test_no_function_of_a_plugin_that_is_off_is_ever_called(watched: Watched, off: str, sandboxed: bool) -> None:
    for name in watched.plugins:
        trial = on_trial(watched, name, sandboxed=sandboxed)
        await ask_everything(trial, OFF[off](trial), trying=off in FORBIDDEN)
        assert watched.calls == set(), f"{name} is {off}"
