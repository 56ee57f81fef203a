"""Which implementations run for a set of plugins: an allow list, frozen and shared.

A tenant's plan holds what it enabled and nothing else, so a plugin that is installed later
is off for everybody. Tenants with the same plugins share one plan; their settings do not
stand in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakValueDictionary

import msgspec

from core.hooks.answers import Cause, Origin
from core.hooks.consent import Asks
from core.hooks.marking import Hook
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.registry import Plugin, Registry, Source
from core.hooks.sandbox.code import Code, gather
from core.hooks.settings_values import read_struct
from core.secret import Secret


@dataclass(frozen=True, slots=True)
class Implementation:
    """One function of one plugin, and how it is called."""

    plugin: Plugin
    origin: Origin
    hook: Hook
    call: Callable[..., Any]
    """Takes ``ctx`` and every argument of the hook in the hook's order, whatever the function itself names."""
    code: Code | None
    """What a host of the tenant's runs instead of ``call``, where the plugin runs in none of core's processes."""
    place: str
    """Names that host among the tenant's, by digest of what runs in it: another set runs in another host."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Plan:
    """What runs for one set of plugins, by the hook's function, in the order of calling."""

    plugins: frozenset[str]
    implementations: Mapping[Callable[..., Any], tuple[Implementation, ...]]

    @property
    def places(self) -> frozenset[str]:
        """The hosts in which what runs in a sandbox runs."""
        return frozenset(one.place for parts in self.implementations.values() for one in parts if one.code)


Version: TypeAlias = tuple[str, Source, str, bytes | None]
"""A plugin by name and source; of a bundle also its code, by digest, and what it says of itself, as two may of one."""


class Plans:
    """The plans of all sets of plugins in use.

    ``sandboxed``: every plugin runs in a host, or none does, whatever its manifest says; else as that says.
    """

    def __init__(self, registry: Registry, *, sandboxed: bool | None = None) -> None:
        self.registry = registry
        self._sandboxed = sandboxed
        self.hooks: Mapping[Callable[..., Any], Hook] = {hook.function: hook for hook in registry.hooks.values()}
        self._plans: WeakValueDictionary[frozenset[Version], Plan] = WeakValueDictionary()
        """What is in no tenant's use is let go, and with it the bytes of bundles."""
        self._codes: dict[str, Code] = {}

    def plan(self, names: Iterable[str], registry: Registry | None = None) -> Plan:
        """Return the plan for the plugins of these names; unknown names have no part in it.

        ``registry``: what there is for the tenant, where that is more than what is installed.
        """
        registry = registry or self.registry
        chosen = {name: one for name in names if (one := registry.plugins.get(name)) is not None}
        key = frozenset(_version(one) for one in chosen.values())
        return self._plans.get(key) or self._build(key, chosen, registry)

    def _build(self, key: frozenset[Version], chosen: Mapping[str, Plugin], registry: Registry) -> Plan:
        places = self._places(chosen)
        implementations = {
            hook.function: tuple(
                Implementation(
                    plugin,
                    Origin(plugin.name, plugin.manifest.version),
                    hook,
                    _complete(function, arguments, hook),
                    self._code_of(plugin),
                    places.get(plugin.name, ""),
                )
                for plugin, function, arguments in registry.ordered(hook.name)
                if plugin.name in chosen
            )
            for hook in self.registry.hooks.values()
        }
        made = self._plans[key] = Plan(frozenset(chosen), MappingProxyType(implementations))
        return made

    def _places(self, chosen: Mapping[str, Plugin]) -> dict[str, str]:
        """Return the host of each plugin that runs in one.

        What the operator answers for shares one. A service's own plugins, which nobody reviewed, have one each: of two
        that share a process, either can do what was consented to for the other.
        """
        codes = {name: code.digest for name in sorted(chosen) if (code := self._code_of(chosen[name]))}
        own = {name for name in codes if chosen[name].source == "own"}
        shared = "".join(digest for name, digest in codes.items() if name not in own)
        return {
            name: hashlib.sha256((f"{name} {digest}" if name in own else shared).encode()).hexdigest()[:16]
            for name, digest in codes.items()
        }

    def _code_of(self, plugin: Plugin) -> Code | None:
        if plugin.code is not None:
            return plugin.code
        if not (plugin.manifest.sandboxed if self._sandboxed is None else self._sandboxed):
            return None
        if plugin.name not in self._codes:
            assert isinstance(plugin.module, ModuleType)
            self._codes[plugin.name] = gather(plugin.module)
        return self._codes[plugin.name]


def _version(plugin: Plugin) -> Version:
    return (
        plugin.name,
        plugin.source,
        plugin.code.digest if plugin.code else "",
        plugin.code.says if plugin.code else None,
    )


def _complete(function: Callable[..., Any], arguments: tuple[str, ...], hook: Hook) -> Callable[..., Any]:
    """Return ``function`` itself if it takes every argument in order, else one that gives it those it names."""
    order = ("ctx", *hook.arguments)
    if arguments == order:
        return function
    places = [order.index(name) for name in arguments]
    return lambda *given: function(*[given[place] for place in places])


class Stops(msgspec.Struct, frozen=True):
    """What does not run for a tenant, whatever it enabled: ``safe`` (safe mode) is every plugin."""

    safe: bool = False
    plugins: frozenset[str] = frozenset()

    def bars(self, plugin: str) -> Cause | None:
        """Return why the plugin may not run, if it may not."""
        if self.safe:
            return "safe"
        return "stopped" if plugin in self.plugins else None


NOTHING_STOPPED = Stops()


@dataclass(frozen=True, slots=True)
class TenantPlugins:
    """What one tenant runs at one generation of its settings."""

    generation: int
    registry: Registry
    """The plugins that there are for it: what it runs is among them."""
    plan: Plan
    settings: Mapping[str, Any]
    """By plugin: its settings struct, or ``None`` for a plugin that has none."""
    off: Mapping[str, Cause]
    """Why a plugin that the tenant knows is not in the plan."""
    versions: tuple[int, ...]
    """Of what the tenant decided about each plugin, in the order of ``settings``, then ``off``: it is small."""
    stops: Stops = NOTHING_STOPPED
    offer: Offer = EVERYTHING

    def touched_by(self, registry: Registry) -> frozenset[str]:
        """Return which of the plugins that the tenant knows are others in ``registry``, or are only here or there."""
        now = self.registry
        return frozenset(
            name
            for name in (*self.settings, *self.off)
            if now.plugins.get(name) is not registry.plugins.get(name)
            or now.broken.get(name) != registry.broken.get(name)
        )

    def begun_anew(
        self, registry: Registry, enablements: Iterable[Enablement], stops: Stops, offer: Offer
    ) -> frozenset[str]:
        """Return which plugins begin anew when the tenant has this.

        On these it has decided something, they are others, or what barred them is another thing, or nothing, by now.
        """
        before = dict(zip((*self.settings, *self.off), self.versions, strict=True))
        now = {one.plugin: one.version for one in enablements}
        decided = {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
        freed = {
            name
            for name in now
            if (plugin := registry.plugins.get(name))
            and bars(plugin, stops, offer) != bars(plugin, self.stops, self.offer)
        }
        return self.touched_by(registry) | decided | freed

    def unable(self, hook: str) -> dict[str, Cause]:
        """Return who of those that the tenant counts on cannot answer ``hook``, and why.

        What it switched off itself it does not count on. What is not loaded may have answered
        every hook: nobody can say, and a guard that is gone must not leave its door open.
        """
        plugins = self.registry.plugins
        return {
            name: cause
            for name, cause in sorted(self.off.items())
            if cause != "disabled" and (name not in plugins or hook in plugins[name].hooks)
        }


def host_of(scope: UUID, place: str) -> str:
    """Return the name of the scope's host of that place."""
    return f"{scope}/{place}"


class Enablement(msgspec.Struct, frozen=True):
    """One plugin as a tenant has it."""

    plugin: str
    state: str
    """``enabled``, ``disabled``, ``suspended`` or ``removed``."""
    settings: Mapping[str, Any] = {}
    secrets: Mapping[str, Secret] = {}
    """By path; ``settings`` hold none."""
    consented: Asks = Asks()
    """What the tenant's administrator consented to."""
    version: int = 0
    """Grows with each decision of the tenant about it: settings, secrets, consent, on or off."""


def assemble(
    plans: Plans,
    generation: int,
    enablements: Iterable[Enablement],
    stops: Stops = NOTHING_STOPPED,
    offer: Offer = EVERYTHING,
    *,
    registry: Registry | None = None,
    watched: Callable[[Plugin], AbstractContextManager[None]] = lambda _: nullcontext(),
) -> TenantPlugins:
    """Return what a tenant runs. While a plugin's settings are made, ``watched`` is told whose code that is.

    That is enabled, installed, allowed, not stopped, asks no more than was consented to, and has settings that fit.
    No code of a plugin that does not run is run for it.
    """
    registry = registry or plans.registry
    settings: dict[str, Any] = {}
    off: dict[str, Cause] = {}
    versions: dict[str, int] = {}
    for one in enablements:
        versions[one.plugin] = one.version
        if cause := why_off(one, registry, stops, offer):
            off[one.plugin] = cause
            continue
        plugin = registry.plugins[one.plugin]
        try:
            with watched(plugin):
                settings[one.plugin] = read_settings(plugin, one.settings, one.secrets)
        except Exception:  # noqa: BLE001 - a default or a check of the plugin's own may raise anything
            off[one.plugin] = "unset"
    plan = plans.plan(settings, registry)
    ordered = tuple(versions[name] for name in (*settings, *off))
    kept = MappingProxyType(settings), MappingProxyType(off)
    return TenantPlugins(generation, registry, plan, *kept, ordered, stops, offer)


def why_off(one: Enablement, registry: Registry, stops: Stops, offer: Offer) -> Cause | None:
    """Return why a plugin that a tenant has does not run, if so, whatever its settings are: they are not looked at."""
    plugin = registry.plugins.get(one.plugin)
    if one.state in ("disabled", "removed"):
        return "disabled"
    if plugin is None:
        return "broken" if one.plugin in registry.broken else "missing"
    if one.state != "enabled":
        return "suspended"
    unconsented: Cause | None = None if plugin.manifest.asks.within(one.consented) else "unconsented"
    return bars(plugin, stops, offer) or unconsented


def bars(plugin: Plugin, stops: Stops, offer: Offer) -> Cause | None:
    """Return why the plugin does not run for a tenant, whatever that decided, if so."""
    return stops.bars(plugin.name) or (None if offer.holds(plugin) else "unallowed")


def alone(plans: Plans, tenant: TenantPlugins, plugin: str, settings: Any) -> TenantPlugins:
    """Return what the tenant would run with this one plugin, and these settings, in force: nothing if it is barred."""
    installed = tenant.registry.plugins.get(plugin)
    barred = bars(installed, tenant.stops, tenant.offer) if installed else tenant.stops.bars(plugin)
    tried = {} if barred else {plugin: settings}
    off: dict[str, Cause] = {plugin: barred} if barred else {}
    return TenantPlugins(
        tenant.generation,
        tenant.registry,
        plans.plan(tried, tenant.registry),
        MappingProxyType(tried),
        MappingProxyType(off),
        (),
        tenant.stops,
        tenant.offer,
    )


def read_settings(plugin: Plugin, stored: Mapping[str, Any], secrets: Mapping[str, Secret] | None = None) -> Any:
    """Return the stored settings as the plugin's struct; raise ``msgspec.ValidationError`` if they do not fit."""
    return None if plugin.manifest.settings is None else read_struct(plugin.manifest.settings, stored, secrets)
