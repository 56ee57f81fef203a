"""Invented hooks, plugins and tenants for the tests of the mechanism."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid5

from contingent import Actor, Ctx, Data, Manifest, Scope, hookimpl
from core.clock import ManualClock
from core.hooks.host import PluginHost
from core.hooks.marking import hook
from core.hooks.memory import MemoryRecords
from core.hooks.registry import BrokenPlugin, Registry

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NAMES = UUID("5a0c1c6e-6c3a-4d3e-9d0b-2f1f4a6f0001")


class Panel(Data, frozen=True):
    key: str
    number: int = 0


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def panels(ctx: Ctx, number: int) -> list[Panel] | None:
    """Show something."""


@hook(call="all", deadline=0.05, on_failure="open", since="1.0")
async def findings(ctx: Ctx, number: int, word: str) -> int | None:
    """Find something."""


@hook(call="all", deadline=0.05, on_failure="stopped", since="1.0")
async def duties(ctx: Ctx, number: int) -> list[Panel] | None:
    """Compose a duty."""


@hook(call="all", deadline=0.05, on_failure="closed", since="1.0", may_reject=True)
async def authorize_it(ctx: Ctx, number: int) -> bool | None:
    """Refuse something."""


@hook(call="first", deadline=0.05, on_failure="open", since="1.0")
async def best_guess(ctx: Ctx, number: int) -> int | None:
    """Guess."""


@hook(call="pipe", deadline=0.05, on_failure="open", since="1.0")
async def refined(ctx: Ctx, number: int, by: int) -> int | None:
    """Refine a number."""


@hook(call="one", deadline=0.05, on_failure="stopped", since="1.0")
async def chain(ctx: Ctx, number: int) -> list[Panel] | None:
    """Answer alone."""


@hook(call="one", deadline=0.05, on_failure="shown", since="1.0", writes=True)
async def tried(ctx: Ctx, number: int) -> list[Panel] | None:
    """Try something and show it."""


@hook(call="one", deadline=30.0, on_failure="shown", since="1.0", writes=True)
async def unhurried(ctx: Ctx, number: int) -> int | None:
    """Take one's time: the deadline is far beyond any pause of a busy machine."""


@hook(call="stream", deadline=0.05, whole=10, on_failure="stopped", since="1.0", may_reject=True)
async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
    """Give pages."""
    yield Panel(key="never")


CONTRACT = ModuleType("invented_contract")
for _hook in (panels, findings, duties, authorize_it, best_guess, refined, chain, tried, unhurried, pages):
    setattr(CONTRACT, _hook.__name__, _hook)


def manifest(name: str, **more: Any) -> Manifest:
    title = {"en": name, "fr": name}
    return Manifest(**{"name": name, "version": "1.0", "title": title, "requires": "contingent>=1.0,<2", **more})


def plugin(name: str, *functions: Callable[..., Any], **more: Any) -> ModuleType:
    """Make a plugin out of functions named like hooks; ``more`` goes into the manifest."""
    module = ModuleType(name)
    module.manifest = manifest(name, **more)  # type: ignore[attr-defined]
    for function in functions:
        setattr(module, function.__name__, hookimpl(function))
    return module


class Workshop:
    """A host over the invented contract, with tenants that run what a test says."""

    def __init__(self, *plugins: ModuleType) -> None:
        self.clock = ManualClock(NOW)
        self.registry = Registry([CONTRACT])
        self.records = MemoryRecords()
        self.host = PluginHost(self.registry, self.records, holds_after=0.1)
        for module in plugins:
            broken = self.add(module)
            assert broken is None, broken

    def add(self, module: ModuleType) -> BrokenPlugin | None:
        return self.registry.register(module)

    def tenant(self, slug: str, *plugins: str, settings: dict[str, Any] | None = None) -> Ctx:
        """Return a context, bound, of a tenant that runs ``plugins`` (all there are, if none is named)."""
        scope = Scope(uuid5(NAMES, slug), "agency", slug, f"Service {slug}", f"Service {slug}")
        for name in plugins or self.registry.plugins:
            self.records.put(
                scope.id,
                name,
                settings=settings,
                consented=self.registry.plugins[name].manifest.asks if name in self.registry.plugins else None,
            )
        return self.again(scope)

    def again(self, scope: Scope) -> Ctx:
        """Return a new context of the tenant, as its next request would have."""
        return self.host.bind(Ctx(scope, Actor(uuid5(NAMES, "actor"), "Alix Tremblay"), self.clock))
