"""What a plugin asks for, in words, and whether somebody consents to just that. No plugin's code is run for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from core.context import Ctx, Language
from core.errors import Conflict, Fault, Invalid, Refused
from core.extensions.known import installed
from core.extensions.schemas import Asked, EnablePlugin
from core.extensions.settings_words import label_of
from core.extensions.words import CLASSES
from core.hooks.consent import CAPABILITIES, Asks, read_asks
from core.hooks.models import PluginEnablement
from core.hooks.registry import Plugin
from core.text import Text, t
from core.use_cases.declaration import BY_PERSON
from core.use_cases.work import Work

ON_ITS_PAGE = t("Do it on the plugin’s page.")

BEFORE_CONSENT: list[Callable[[Work, Plugin], Awaitable[None]]] = []
"""What rooms ask before somebody consents to a plugin, or switches it on: raises ``Refused`` where they may not."""


async def require_consenter(work: Work, plugin: Plugin) -> None:
    """Raise ``Refused`` where whoever acts may not consent to this plugin."""
    for ask in BEFORE_CONSENT:
        await ask(work, plugin)


def asked(asks: Asks) -> Asked:
    """Return what is asked for in the form of the API."""
    return Asked(**asks.stored())


def with_consent(ctx: Ctx, name: str) -> EnablePlugin:
    """Return the input that switches the plugin on and consents to all that it asks for, which the caller knows."""
    return EnablePlugin(name, asked(installed(ctx, name).manifest.asks))


def waits(plugin: Plugin, row: PluginEnablement) -> bool:
    """Say whether the plugin asks for more than was consented to."""
    return not plugin.manifest.asks.within(read_asks(row.consented))


def require_consent(plugin: Plugin, consent: Asked | None) -> Asks:
    """Return what is consented to: all that the plugin asks for, by name.

    Raises ``Invalid`` where nothing is said, and ``Conflict`` where it is not what the plugin asks for now.
    """
    asks = plugin.manifest.asks
    if consent is None and not asks:
        return asks
    if consent is None:
        raise Invalid([Fault("/consent", t("Look at what the plugin asks for, and consent to it for your service."))])
    if read_asks(msgspec.to_builtins(consent)) != asks:
        raise Conflict(t("This is not what the plugin asks for now."))
    return asks


def require_person(ctx: Ctx, plugin: Plugin, row: PluginEnablement | None) -> None:
    """Refuse a program what no person has decided.

    That is switching on what was never on here, what was suspended, or what asks for more now.
    """
    decided = row is not None and row.state in ("enabled", "disabled") and not waits(plugin, row)
    if ctx.actor.kind != "person" and not decided:
        raise Refused(BY_PERSON, ON_ITS_PAGE)


def require_known_machines(ctx: Ctx, plugin: Plugin, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Refuse a program settings by which the plugin would reach a machine that it does not reach now.

    Whoever enters an address consents to it; and what the plugin knows, its secrets too, goes there.
    """
    reaches = plugin.manifest.reaches
    if ctx.actor.kind != "person" and (beyond := reaches(after.get) - reaches(before.get)):
        raise Refused(
            t("A person enters an address that is new: %(machines)s.", machines=", ".join(sorted(beyond))), ON_ITS_PAGE
        )


def in_words(asks: Asked, language: Language, settings: type[msgspec.Struct] | None = None) -> list[Text | str]:
    """Return what is asked for, a sentence each. ``settings``: the plugin's, by which its settings are called."""
    lines: list[Text | str] = [capability_in_words(one, language) for one in asks.capabilities]
    if asks.hosts:
        lines.append(t("Reaches these machines: %(machines)s.", machines=", ".join(asks.hosts)))
    lines += [
        t("Reaches the address that stands in the setting “%(setting)s”.", setting=label_of(settings, name))
        for name in asks.hosts_from
    ]
    if asks.data_classes:
        classes = Text("%(all)s", {"all": [CLASSES.get(one, Text(one)) for one in asks.data_classes]})
        lines.append(t("Sees: %(classes)s.", classes=classes))
    return lines


def capability_in_words(key: str, language: Language) -> str:
    """Return what the capability lets a plugin do; one that this version does not know, by its key."""
    return CAPABILITIES[key].words[language] if key in CAPABILITIES else key
