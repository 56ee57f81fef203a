"""What one tenant's plugins are called with: contexts, settings, stores; nothing of the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from core.context import Actor, Ctx
from core.hooks.answers import Cause, Failure, Fell, Origin, refusal
from core.hooks.checking import Check
from core.hooks.consent import EFFECTS
from core.hooks.data import Words
from core.hooks.granting import Grant, Withheld, open_effect, refusing
from core.hooks.health import Key
from core.hooks.marking import Call, Hook
from core.hooks.measuring import Counted, Tally
from core.hooks.plans import Implementation, TenantPlugins, alone, host_of

if TYPE_CHECKING:
    from core.hooks.host import PluginHost

KEEPS_NOTHING = "it receives health data, of which it keeps nothing"

TAKES_NONE: frozenset[Cause] = frozenset({"raised", "late", "ended"})
"""What becomes of a plugin in a host that does not take its settings: it says so, or they are too much for it."""

WITHHELD: Mapping[str, Any] = {"hooks": None, "database": None, "agencies": None, "people": None}
"""What of the host's context no plugin gets."""


class Part(NamedTuple):
    """One implementation, ready to be called for one tenant."""

    key: Key
    hook: Hook
    origin: Origin
    call: Callable[..., Any]
    """Takes the hook's arguments in order; the plugin's context is in it."""
    host_ctx: Ctx
    check: Check
    waits: bool
    """Calling it gives something to await: so does every call into a host."""
    tally: Tally
    """Where it is counted, with the time it took."""
    title: Words
    """What the plugin is called."""

    @property
    def plugin(self) -> str:
        """The plugin's name."""
        return self.origin.plugin

    @property
    def where(self) -> str:
        """Where its code runs: in which hook."""
        return self.hook.name

    def failure(self, cause: Cause, error: str = "") -> Failure:
        """Return that it did not answer."""
        return Failure(self.key[0], self.origin.plugin, self.hook.name, cause, error)


class Asked(NamedTuple):
    """What the dispatcher's inner loop works with; it looks up nothing else."""

    hook: Hook
    order: tuple[str, ...]
    calls: tuple[tuple[Part, Callable[..., Any], Tally], ...]
    """The parts; beside each what is called of it, and where that is counted."""
    whole: frozenset[Any]
    """Types whose values are sound as they are."""
    waits: bool
    """What is called gives something to await."""
    absent: tuple[Failure, ...]
    """Who of those that the tenant counts on cannot be called at all."""
    refuses: Words | None
    """Why nothing is allowed, where one of those decides on it."""
    turns: Iterator[int]
    """Counts the calls of ``all``."""


class Bound(NamedTuple):
    """A hook with all who implement it for the tenant."""

    hook: Hook
    parts: tuple[Part, ...]
    asked: Asked


def arrange(hook: Hook, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values in the hook's order; raise ``TypeError`` unless each is given once, by name."""
    if args or kwargs.keys() != set(hook.arguments):
        given = ", ".join([*(f"(without a name: {type(one).__name__})" for one in args), *kwargs]) or "nothing"
        raise TypeError(f"hook {hook.name} takes {', '.join(hook.arguments)} by name, got {given}")
    return tuple(kwargs[name] for name in hook.arguments)


def shown(actor: Actor) -> Actor:
    """Return of the actor what a plugin sees: neither a name nor rights."""
    return Actor(actor.id, "", actor.kind, actor.roles, unit=actor.unit)


def _awaited(call: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(*values: Any) -> Any:
        return call(*values)

    return answer


def _refused(tenant: TenantPlugins, failure: Failure) -> Words:
    registry, name = tenant.registry, failure.plugin
    return refusal(failure, {"en": registry.title(name, "en"), "fr": registry.title(name, "fr")})


class Binding:
    """Binds hooks to one tenant, whose enabled plugins are read once, at the first call.

    With ``tried``, a plugin and settings that are not in force, it binds that one alone.
    """

    __slots__ = ("_bound", "_contexts", "_ctx", "_host", "_tenant", "_tried")

    def __init__(self, host: PluginHost, ctx: Ctx, tried: tuple[str, Any] | None = None) -> None:
        self._host = host
        self._ctx = ctx
        self._tried = tried
        self._tenant: TenantPlugins | None = None
        self._bound: dict[Callable[..., Any], Bound] = {}
        self._contexts: dict[tuple[str, str], Ctx] = {}

    async def bind(self, spec: Callable[..., Any], call: Call | None) -> Bound:
        """Return the hook bound to the tenant; raise ``TypeError`` if it is none, or called otherwise.

        Without ``call`` it is one whose calls wait in the outbox.
        """
        bound = self._bound.get(spec)
        if bound is None:
            hook = self._host.plans.hooks.get(spec)
            if hook is None:
                raise TypeError(f"{spec.__name__} is not a hook of the contract: declare it in core/hooks/specs.py")
            if self._tenant is None:
                self._tenant = await self._read()
            check = self._host.checks[spec]
            parts = tuple(self._part(self._tenant, one, check) for one in self._tenant.plan.implementations[spec])
            waits = any(part.waits for part in parts)
            calls = tuple(
                (part, part.call if part.waits or not waits else _awaited(part.call), part.tally) for part in parts
            )
            absent = self._absent(self._tenant, hook)
            refuses = _refused(self._tenant, absent[0]) if absent and hook.on_failure == "closed" else None
            asked = Asked(hook, hook.arguments, calls, check.whole, waits, absent, refuses, count())
            bound = self._bound[spec] = Bound(hook, parts, asked)
        if call is None and bound.hook.on_failure != "retried":
            raise TypeError(f"hook {bound.hook.name} is not delivered: call it with hooks.{bound.hook.call}")
        if call is not None and bound.hook.on_failure == "retried":
            raise TypeError(f"hook {bound.hook.name} is called with hooks.deliver, not hooks.{call}")
        if call is not None and bound.hook.call != call:
            raise TypeError(f"hook {bound.hook.name} is called with hooks.{bound.hook.call}, not hooks.{call}")
        return bound

    async def takes(self) -> bool:
        """Say whether the plugin that is tried takes its settings in its host; where it has none, nobody is asked."""
        tenant = await self._read()
        first = next((one for parts in tenant.plan.implementations.values() for one in parts), None)
        if first is None or first.code is None:
            return True
        plugin = first.origin.plugin
        try:
            await self._host.hosts.read(
                host_of(self._ctx.scope.id, first.place), plugin, first.code, tenant.settings[plugin]
            )
        except Fell as fell:
            return fell.cause not in TAKES_NONE
        return True

    async def stopped(self, part: Part) -> Failure | None:
        """Return why the plugin is not to go on with what it does, if by now it is not."""
        cause = await self._off(part.origin.plugin)
        return None if cause is None else part.failure(cause)

    async def _off(self, plugin: str) -> Cause | None:
        tenant = await self._read()
        return None if plugin in tenant.plan.plugins else tenant.off.get(plugin, "disabled")

    async def _read(self) -> TenantPlugins:
        tenant = await self._host.plugins_of(self._ctx)
        return tenant if self._tried is None else alone(self._host.plans, tenant, *self._tried)

    def named(self, plugin: str, bound: Bound) -> Part | Failure:
        """Return the part of the plugin, or why it has none."""
        for part in bound.parts:
            if part.origin.plugin == plugin:
                return part
        assert self._tenant is not None
        installed = self._tenant.registry.plugins.get(plugin)
        cause: Cause = "missing"
        if installed is None:
            cause = self._tenant.unable(bound.hook.name).get(plugin, "missing")
        elif bound.hook.name in installed.hooks:
            cause = self._tenant.off.get(plugin, "disabled")
        return Failure(self._ctx.scope.id, plugin, bound.hook.name, cause)

    def _absent(self, tenant: TenantPlugins, hook: Hook) -> tuple[Failure, ...]:
        unable = tenant.unable(hook.name)
        return tuple(Failure(self._ctx.scope.id, plugin, hook.name, cause) for plugin, cause in unable.items())

    def _part(self, tenant: TenantPlugins, one: Implementation, check: Check) -> Part:
        key = (self._ctx.scope.id, one.origin.plugin)
        ctx, code = self._context(tenant, one), one.code
        if code is None:
            call: Callable[..., Any] = partial(one.call, ctx)
        else:
            place = host_of(self._ctx.scope.id, one.place)
            call = self._host.hosts.calling(place, one.origin.plugin, code, one.hook, ctx)
        waits = one.hook.colour == "async def" or (code is not None and one.hook.call != "stream")
        tally = self._host.notebook.tally(self._ctx, Counted(*key, one.origin.version, one.hook.name))
        return Part(key, one.hook, one.origin, call, self._ctx, check, waits, tally, one.plugin.manifest.title)

    def _context(self, tenant: TenantPlugins, one: Implementation) -> Ctx:
        """Return the context that the plugin sees."""
        manifest, name = one.plugin.manifest, one.origin.plugin
        known = self._contexts.get((name, one.hook.name))
        if known is not None:
            return known
        refuse = refusing(self._host.note_overreach, self._ctx, one.origin, one.hook.name)
        settings = tenant.settings[name]
        hosts = manifest.reaches(lambda setting: getattr(settings, setting, None))
        grant = Grant(self._ctx, one.origin, hosts, refuse, partial(self._off, name))
        effects = {
            effect: open_effect(effect, manifest.capabilities, self._host.effects.get(effect), grant)
            for effect in EFFECTS
        }
        store: Any = Withheld(lambda: PermissionError(f"plugin {name} used ctx.store, though {KEEPS_NOTHING}"))
        if not manifest.receives_health:
            store = self._host.records.store(self._ctx, manifest, writable=one.hook.writes)
        made = replace(
            self._ctx,
            actor=shown(self._ctx.actor),
            plugin=name,
            settings=settings,
            store=store,
            log=self._host.log_of(self._ctx, one),
            **effects,
            **WITHHELD,
        )
        self._contexts[name, one.hook.name] = made
        return made
