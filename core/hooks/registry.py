"""Which plugins there are: found, imported one by one, checked, registered with pluggy.

A plugin that cannot be loaded is a line on the operator's page and stops nothing else. The
registry knows nothing of tenants; ``plans`` says what runs for whom.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from types import MappingProxyType, ModuleType
from typing import Any, Literal

import msgspec
import pluggy

from core.context import Language
from core.hooks import specs as contract
from core.hooks.deprecations import CATALOGUE, Deprecation, Manager, heard
from core.hooks.inspection import Unfit, implementations, verify, verify_tier
from core.hooks.manifest import Manifest, unmet
from core.hooks.marking import Hook, describe, is_hook
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.sandbox.code import Code
from core.hooks.saying import Place
from core.hooks.titles import title_of_plugin

GROUP = "contingent.plugins"
PRODUCT = "contingent"
"""The distribution whose own plugins were reviewed with it."""

log = logging.getLogger("contingent.plugins")

AT_IMPORT: dict[str, Sequence[str]] = {}
"""By module, what its plugin was warned of when this process imported it, which it does once."""

Stage = Literal["import", "manifest", "requires", "hooks", "bundle", "older"]
Source = Literal["installed", "folder", "own"]


class BrokenPlugin(msgspec.Struct, frozen=True):
    """A plugin that was found and cannot be used: where it failed, and why, in one line.

    Stage ``older``: nothing failed, a newer version is there and used.
    """

    name: str
    stage: Stage
    error: str

    @property
    def superseded(self) -> bool:
        """A newer version is used in its place: nobody has to do anything."""
        return self.stage == "older"

    def __str__(self) -> str:
        if self.superseded:
            return f"plugin {self.name} is not offered: {self.error}"
        return f"plugin {self.name} is broken ({self.stage}): {self.error}"


class Plugin(msgspec.Struct, frozen=True, weakref=True):
    """A plugin that can be used."""

    manifest: Manifest
    module: object
    """``None``: it came as a bundle, and none of its code is in this process."""
    hooks: frozenset[str]
    """The names of the hooks it implements."""
    beside: bool = False
    """It was installed beside the product, and did not come with it (``offering``)."""
    code: Code | None = None
    """What a host runs of a bundle."""
    places: Mapping[str, Place] = {}
    """At which hooks a bundle asks to be called first, or last."""
    source: Source = "installed"
    """Installed here, from the operator's folder, or a service's own."""
    warned: Sequence[str] = ()
    """Where it uses what goes of the contract, and what to do there: a line each."""
    publisher: str = ""
    """Whose key signed the bundle, in the words of who trusts it."""

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.manifest.name


class Held(msgspec.Struct, frozen=True):
    """Bundles from one place: those that can be used, and those that cannot."""

    plugins: Sequence[Plugin] = ()
    broken: Sequence[BrokenPlugin] = ()
    offer: Offer = EVERYTHING
    """Of a scope's own: which of the others are there for the scope. Those that are not take no name from it."""


NOTHING_HELD = Held()


class Registry:
    """The hooks there are and the plugins that implement them."""

    def __init__(
        self, hooks: Iterable[ModuleType | type] | None = None, *, goes: Iterable[Deprecation] = CATALOGUE
    ) -> None:
        """Take the hooks of the contract, or of the given modules or classes; ``goes``: what of them goes."""
        self._pluggy = Manager(goes)
        self._hooks: dict[str, Hook] = {}
        self._plugins: dict[str, Plugin] = {}
        self._broken: dict[str, BrokenPlugin] = {}
        for holder in [contract] if hooks is None else hooks:
            self._pluggy.add_hookspecs(holder)
            found = {name: describe(value) for name, value in vars(holder).items() if is_hook(value)}
            self._hooks |= found

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """Every hook by name, in the order of the contract."""
        return MappingProxyType(self._hooks)

    @property
    def plugins(self) -> Mapping[str, Plugin]:
        """Every usable plugin by name."""
        return MappingProxyType(self._plugins)

    def title(self, name: str, language: Language) -> str:
        """Return what a plugin is called; one that is not installed, or not any more, by its key."""
        return title_of_plugin(name, self._plugins.get(name))[language]

    @property
    def broken(self) -> Mapping[str, BrokenPlugin]:
        """Every plugin that was found and cannot be used, by name."""
        return MappingProxyType(self._broken)

    def load(self) -> Registry:
        """Load every installed entry point of ``contingent.plugins``; return the registry."""
        points = importlib.metadata.entry_points(group=GROUP)
        for point in sorted(points, key=lambda one: one.name):
            self.load_module(point.name, point.value, beside=point.dist is None or point.dist.name != PRODUCT)
        return self

    def load_module(self, name: str, address: str, *, beside: bool = False) -> BrokenPlugin | None:
        """Import ``address`` (``package.module``) as the plugin ``name`` and register it."""
        try:
            with heard() as warned:
                module = importlib.import_module(address)
        except (Exception, SystemExit) as error:
            log.exception("plugin %s cannot be imported", name)
            return self._break(name, "import", f"{type(error).__name__}: {error}")
        AT_IMPORT.setdefault(address, tuple(warned))
        return self.register(module, name, beside=beside, warned=AT_IMPORT[address])

    def register(
        self, module: object, name: str | None = None, *, beside: bool = False, warned: Sequence[str] = ()
    ) -> BrokenPlugin | None:
        """Register a module (or object) with a ``manifest``; return what is wrong with it, if anything.

        ``name`` is what the entry point calls it; the manifest must agree. ``beside``: it did not come with the
        product. ``warned``: of what, when it was imported.
        """
        manifest = getattr(module, "manifest", None)
        called: str = name or getattr(manifest, "name", None) or getattr(module, "__name__", None) or repr(module)
        if not isinstance(manifest, Manifest):
            return self._break(called, "manifest", "expected a module-level manifest = Manifest(…)")
        if manifest.name != called:
            return self._break(called, "manifest", f"its manifest says {manifest.name!r}: the two names must agree")
        if called in self._plugins:
            return self._break(called, "manifest", "another plugin of this name is loaded: rename one")
        reason = unmet(manifest.requires)
        if reason:
            return self._break(called, "requires", reason)
        try:
            found = implementations(module)
            for hook, function in found.items():
                verify(self._hooks, hook, function, health=manifest.receives_health)
            verify_tier(manifest.tier, found)
            with heard() as at_hooks:
                self._pluggy.register(module, called)
        except (Unfit, pluggy.PluginValidationError, ValueError) as error:
            return self._break(called, "hooks", str(error))
        self._broken.pop(called, None)
        said = (*warned, *at_hooks)
        for line in said:
            log.warning("plugin %s, %s", called, line)
        self._plugins[called] = Plugin(manifest, module, frozenset(found), beside, warned=said)
        return None

    def with_bundles(self, held: Held, *, own: bool = False) -> Registry:
        """Return the same with these bundles, where there are some; nothing of them is run.

        A bundle with the name of another plugin is broken, and so is that plugin: nobody decided which is meant.
        ``own``: they are a scope's own. Then one that is broken keeps its name, so that no other plugin takes up what
        was consented to, and kept, for it. Of plugins that are not there for the scope, or broken, it does not know:
        its own may have their names.
        """
        if not held.plugins and not held.broken:
            return self
        plugins, unusable = dict(self._plugins), dict(self._broken)
        for broken in held.broken:
            unusable.setdefault(broken.name, broken)
            if own:
                plugins.pop(broken.name, None)
        for one in held.plugins if own else ():
            unusable.pop(one.name, None)
            if one.name in plugins and not held.offer.holds(plugins[one.name]):
                del plugins[one.name]
        for one in held.plugins:
            if one.name in plugins or one.name in unusable:
                plugins.pop(one.name, None)
                said = "another plugin has this name: rename one of the two"
                unusable.setdefault(one.name, BrokenPlugin(one.name, "bundle", said))
            else:
                plugins[one.name] = one
        made = copy(self)
        vars(made).update(_plugins=plugins, _broken=unusable)
        return made

    def ordered(self, hook: str) -> Iterator[tuple[Plugin, Callable[..., Any], tuple[str, ...]]]:
        """Yield who implements ``hook``, with which function and arguments, in the order of calling.

        By name, but plugins that asked to be first or last are.
        """
        caller: pluggy.HookCaller = getattr(self._pluggy.hook, hook)
        found: list[tuple[bool, bool, Plugin, Callable[..., Any], tuple[str, ...]]] = [
            (one.tryfirst, one.trylast, plugin, one.function, one.argnames)
            for one in caller.get_hookimpls()
            if (plugin := self._plugins.get(one.plugin_name)) is not None and plugin.code is None
        ]
        arguments = ("ctx", *self._hooks[hook].arguments)
        for plugin in self._plugins.values():
            if plugin.code is not None and hook in plugin.hooks:
                place = plugin.places.get(hook, "")
                found.append((place == "first", place == "last", plugin, _elsewhere, arguments))
        for _, _, plugin, function, names in sorted(found, key=lambda row: (not row[0], row[1], row[2].name)):
            yield plugin, function, names

    def _break(self, name: str, stage: Stage, error: str) -> BrokenPlugin:
        broken = BrokenPlugin(name, stage, error)
        self._broken.setdefault(name, broken)
        log.error("%s", broken)
        return broken


def _elsewhere(*_: object) -> None:
    """Stand where the function of a bundle would: that one is in a host alone."""
    raise AssertionError("a bundle's code is in no process of core's")
