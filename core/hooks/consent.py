"""What a plugin asks a service to consent to, and what that binds.

One table: what a manifest may ask for, in the words that people consent to, and what of ``ctx`` it opens. Settings,
store and clock are every plugin's; whatever else of ``ctx`` changes something or reaches outside stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from core.hooks.data import Words

UNASKED = frozenset({"public"})
"""Classes of data that need no consent: the names and dates of missions are everybody's."""


class Capability(NamedTuple):
    """One thing that a manifest may ask for."""

    effect: str
    """What of ``ctx`` it opens; several may open one."""
    words: Words
    """What an administrator consents to."""


CAPABILITIES: Mapping[str, Capability] = {
    "files": Capability(
        "files", {"en": "Opens the files that are given to it.", "fr": "Ouvre les fichiers qui lui sont remis."}
    ),
    "http": Capability(
        "http",
        {
            "en": "Sends to and asks the machines that its maker names.",
            "fr": "Communique avec les machines que nomme l’équipe qui l’a conçu.",
        },
    ),
    "http:settings": Capability(
        "http",
        {
            "en": "Sends to and asks the machines whose addresses your service enters in its settings.",
            "fr": "Communique avec les machines dont votre service saisit l’adresse dans ses paramètres.",
        },
    ),
    "notifications": Capability(
        "notifications",
        {
            "en": "Has the day’s messages written for those who want one a day.",
            "fr": "Fait rédiger le message quotidien de qui en souhaite un.",
        },
    ),
    "sockets": Capability(
        "sockets",
        {
            "en": "Opens connections of its own to these machines, without https; reviewed by the operator.",
            "fr": "Ouvre ses propres connexions à ces machines, "
            "sans https\N{NO-BREAK SPACE}; vérifié par l’exploitation.",
        },
    ),
    "sockets:settings": Capability(
        "sockets",
        {
            "en": "Opens connections of its own to the machines whose addresses your service enters in its settings, "
            "without https; reviewed by the operator.",
            "fr": "Ouvre ses propres connexions aux machines dont votre service saisit l’adresse dans ses paramètres, "
            "sans https\N{NO-BREAK SPACE}; vérifié par l’exploitation.",
        },
    ),
}
"""By the key that a manifest names."""

EFFECTS = tuple(dict.fromkeys(one.effect for one in CAPABILITIES.values()))
"""What of ``ctx`` only a plugin has that asked for it."""


class Asks(msgspec.Struct, frozen=True):
    """What a plugin asks for, or a service consented to."""

    capabilities: frozenset[str] = frozenset()
    """Keys of ``CAPABILITIES``."""
    hosts: frozenset[str] = frozenset()
    """Names of machines."""
    data_classes: frozenset[str] = frozenset()
    hosts_from: frozenset[str] = frozenset()
    """Names of settings whose value is the address of a machine."""

    def __bool__(self) -> bool:
        """Say whether it is anything at all."""
        return any(msgspec.structs.astuple(self))

    def beyond(self, consented: Asks) -> Asks:
        """Return what of it was not consented to."""
        return Asks(**{name: getattr(self, name) - getattr(consented, name) for name in self.__struct_fields__})

    def within(self, consented: Asks) -> bool:
        """Say whether all of it was consented to."""
        return not self.beyond(consented)

    def stored(self) -> dict[str, list[str]]:
        """Return it as it is kept: lists in the order of the alphabet."""
        return {name: sorted(getattr(self, name)) for name in self.__struct_fields__}


class Asking(Protocol):
    """What names what it asks for: a manifest, or what a bundle says of itself."""

    @property
    def capabilities(self) -> Iterable[str]: ...
    @property
    def hosts(self) -> Iterable[str]: ...
    @property
    def hosts_from(self) -> Iterable[str]: ...
    @property
    def data_classes(self) -> Iterable[str]: ...


def asks_of(asking: Asking) -> Asks:
    """Return what a service consents to before it runs there."""
    named = {name: frozenset(getattr(asking, name)) for name in Asks.__struct_fields__}
    return Asks(**named | {"data_classes": named["data_classes"] - UNASKED})


def read_asks(stored: Mapping[str, Any] | None) -> Asks:
    """Return what was kept; nothing kept is nothing."""
    return msgspec.convert(stored or {}, Asks)
