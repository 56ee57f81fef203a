"""What a plugin says about itself, checked when it is loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from core.hooks.consent import CAPABILITIES, Asks, asks_of
from core.hooks.data import Data, Words
from core.hooks.http import host_of
from core.hooks.settings_schema import unsupported

API = "1.0"
"""The version of the contract: major.minor. A plugin's ``requires`` is checked against it."""

STORE_FIELDS = 8
"""Fields of stored documents that one plugin may search by."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_VERSION = re.compile(r"\d+(\.\d+){1,2}([a-z0-9.+-]*)")
_BOUND = re.compile(r"(>=|<=|==|>|<)\s*(\d{1,9}(?:\.\d{1,9})*)")


class Manifest(Data, frozen=True):
    """A plugin's name, version, needs and claims."""

    name: str
    """Lower case, the plugin's folder, settings key and store namespace: ``hr_file``."""
    version: str
    """The plugin's own: ``1.4`` or ``1.4.2``."""
    title: Words
    requires: str
    """The contract it was written for: ``contingent>=1.0,<2``."""
    summary: Words | None = None
    """One sentence: what it does for the agency."""
    settings: type[msgspec.Struct] | None = None
    """What the agency can set; a struct whose fields all have defaults."""
    capabilities: frozenset[str] = frozenset()
    """What it asks for beyond settings, store and clock: keys of ``CAPABILITIES``."""
    hosts: tuple[str, ...] = ()
    """Names of the machines it reaches over the network: ``api.example.org``. Asks for ``http`` or ``sockets``."""
    hosts_from: tuple[str, ...] = ()
    """Settings that hold the address of a machine it reaches. Asks for ``http:settings`` or
    ``sockets:settings``."""
    data_classes: frozenset[Literal["public", "shared", "agency", "health"]] = frozenset({"public"})
    """The classes of data it receives."""
    tier: Literal[0, 1, 2] = 1
    """0: settings only, it implements no hook · 1: in the process, reviewed · 2: sandboxed."""
    quality: Literal["silver", "gold"] | None = None
    """Claimed; the test kit verifies it."""
    store_fields: Mapping[str, Literal["text", "int", "date"]] = {}
    """Fields of stored documents that ``ctx.store.find`` can search by."""

    @property
    def asks(self) -> Asks:
        """What a service consents to before it runs there."""
        return asks_of(self)

    @property
    def sandboxed(self) -> bool:
        """Whether it runs in a host of the tenant's: where it says so, and always where it receives health data."""
        return self.tier == 2 or self.receives_health

    @property
    def receives_health(self) -> bool:
        """Whether it receives health data: then it keeps nothing and reaches nobody."""
        return "health" in self.data_classes

    def problem(self) -> str | None:
        """Return the first thing wrong with the manifest, saying what was expected."""
        if not _NAME.fullmatch(self.name):
            return f"name {self.name!r}: expected 2 to 40 of a-z, 0-9 and _, a letter first"
        if not _VERSION.fullmatch(self.version):
            return f"version {self.version!r}: expected a number such as 1.0"
        unknown = sorted(self.capabilities - CAPABILITIES.keys())
        if unknown:
            return f"capability {unknown[0]!r} is unknown: expected {', '.join(CAPABILITIES)}"
        if len(self.store_fields) > STORE_FIELDS:
            return f"store_fields has {len(self.store_fields)} fields, at most {STORE_FIELDS}"
        if self.receives_health and (self.hosts or self.capabilities or self.store_fields):
            return "data_classes names health: such a plugin has no hosts, no capabilities and no store_fields"
        fault = unsupported(self.settings) if self.settings is not None else None
        return f"settings {fault}" if fault else self._unreachable()

    def _unreachable(self) -> str | None:
        """Say what is wrong with the machines it names: each is one, by its full name, and how it reaches them."""
        if self.sandboxed and not self.capabilities.isdisjoint(("sockets", "sockets:settings")):
            return "capability 'sockets' is for the process only: no sandbox has a network"
        for host in self.hosts:
            if not _HOST.fullmatch(host):
                return f"host {host!r}: expected the full name of one machine, such as api.example.org"
        for kind, names in (("", self.hosts), (":settings", self.hosts_from)):
            ways = (f"http{kind}", f"sockets{kind}")
            if names and self.capabilities.isdisjoint(ways):
                return f"it names machines: add {' or '.join(map(repr, ways))} to its capabilities"
        return next(self._unentered(), None)

    def _unentered(self) -> Iterator[str]:
        """Yield what is wrong with the settings in which it names machines."""
        fields = {one.name: one for one in msgspec.structs.fields(self.settings)} if self.settings else {}
        for name in self.hosts_from:
            if name not in fields:
                yield f"hosts_from names {name!r}: expected a field of the settings"
            elif fields[name].encode_name != name:
                yield f"hosts_from names {name!r}: leave out its rename, for it is consented to by this name"
            elif fields[name].default not in (None, ""):
                yield f"hosts_from names {name!r}: leave it empty by default, for who enters a machine consents to it"

    def reaches(self, value: Callable[[str], object]) -> frozenset[str]:
        """Return the machines it may reach; ``value`` returns a setting by its name."""
        entered = (host_of(given) for given in map(value, self.hosts_from) if isinstance(given, str) and given)
        return frozenset(self.hosts) | {host for host in entered if host}


def unmet(requires: str) -> str | None:
    """Say why this contract is not what ``requires`` asks for, or return ``None``."""
    project, _, rest = requires.replace(" ", "").partition("contingent")
    bounds = [_BOUND.fullmatch(part) for part in rest.split(",")]
    if project or not rest or not all(bounds):
        return f"requires {requires!r}: expected a range such as contingent>=1.0,<2"
    for bound in bounds:
        assert bound is not None
        if not _holds(bound[1], version_numbers(API), version_numbers(bound[2])):
            return f"it requires {requires}, this is contingent {API}: install a version of the plugin for it"
    return None


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version of the contract, three of them, so that two can be compared."""
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def _holds(operator: str, ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    return {
        ">=": ours >= theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        "<": ours < theirs,
        "==": ours == theirs,
    }[operator]
