"""A host for tests that knows nothing of databases: invented tenants who switch plugins on and ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, overload
from uuid import UUID

import msgspec

from contingent import Ctx, Secret
from contingent.kit.samples import marked_id
from contingent.kit.trial import Trial
from core.clock import ManualClock
from core.hooks.answers import PluginFailed
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import Calling
from core.hooks.settings_values import read_struct

P = ParamSpec("P")
R = TypeVar("R")


class Platform:
    """The host with all the plugins of ``registry``; ``clock`` is its clock, ``hosts`` its sandboxes if it has any."""

    def __init__(self, registry: Registry, clock: ManualClock | None = None, *, hosts: Calling | None = None) -> None:
        self.registry = registry
        self.trial = Trial(registry, "", clock=clock, hosts=hosts)
        self.clock = self.trial.clock

    def context(self, slug: str) -> Ctx:
        """Return a context of the tenant ``slug``, as a request of one of its people has it."""
        return self.trial.context(slug)


class Tenant:
    """An invented tenant of a platform: it switches plugins on and off, and asks them."""

    def __init__(self, platform: Platform, slug: str) -> None:
        self.platform = platform
        self.slug = slug

    @property
    def id(self) -> UUID:
        """The tenant's id."""
        return marked_id(self.slug, "scope")

    def enable(self, plugin: str, settings: Mapping[str, Any] | msgspec.Struct | None = None) -> None:
        """Switch the plugin on, and consent to what it asks. Settings are as stored, or the plugin's own struct."""
        found = self.platform.registry.plugins.get(plugin)
        broken = self.platform.registry.broken.get(plugin)
        assert found is not None, str(broken or f"there is no plugin {plugin!r}: is its package installed?")
        # Nothing here is kept: a secret is given as the text that it is, as in settings written by hand.
        given: dict[str, Any] = msgspec.to_builtins(settings or {}, enc_hook=Secret.reveal)
        if found.manifest.settings is not None:
            read_struct(found.manifest.settings, given)
        self.platform.trial.records.put(self.id, plugin, "enabled", given, consented=found.manifest.asks)

    def disable(self, plugin: str) -> None:
        """Switch the plugin off; what it stored stays."""
        self.platform.trial.records.put(self.id, plugin, "disabled")

    @overload
    def ask(
        self, spec: Callable[Concatenate[Ctx, P], Awaitable[R | None]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[R]: ...

    @overload
    def ask(
        self, spec: Callable[Concatenate[Ctx, P], AsyncIterator[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[R]: ...

    @overload
    def ask(
        self, spec: Callable[Concatenate[Ctx, P], list[R] | None], /, *args: P.args, **kwargs: P.kwargs
    ) -> list[list[R]]: ...

    def ask(self, spec: Callable[..., Any], /, *args: Any, **kwargs: Any) -> list[Any]:
        """Ask every plugin that is on and implements ``spec``; return the answers, of a stream its pages.

        Raises ``Rejected`` for a refusal and ``PluginFailed`` for a failure. No answer (``None``) is none.
        With the fixture ``http``, what a plugin sent that the test does not expect is an ``AssertionError``.
        """
        assert not args, "give a hook's arguments by name"
        hook = self.platform.registry.hooks[spec.__name__]
        trial = self.platform.trial
        chosen = trial.records.enablements.get(self.id, {}).values()
        enabled = {one.plugin for one in chosen if one.state == "enabled"}
        names = [one.name for one, _, _ in self.platform.registry.ordered(hook.name) if one.name in enabled]
        together = hook.call not in {"one", "stream"}
        ctx = self.platform.context(self.slug)

        async def work() -> list[Any]:
            found: list[Any] = []
            for name in names[:1] if together else names:
                outcome = await trial.asking(name).call(ctx, hook, kwargs)
                if outcome.refusal is not None:
                    raise outcome.refusal
                if outcome.failure is not None and outcome.failure.cause != "nothing":
                    raise PluginFailed(outcome.failure)
                found += outcome.answers
            return found

        try:
            return trial.run(work)
        finally:
            trial.network.check()


class Tenants(NamedTuple):
    """Two tenants who share nothing."""

    alpha: Tenant
    beta: Tenant
