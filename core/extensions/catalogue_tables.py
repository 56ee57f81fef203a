"""What plugins there are for a service, and which ones services have of their own, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from core.context import Language
from core.extensions.consenting import in_words
from core.extensions.installed_schemas import OwnBundleOut
from core.extensions.known import settings_of
from core.extensions.schemas import PluginSummary
from core.extensions.tables import made_of, sentences
from core.extensions.words import BUNDLE_STATES, SOURCES, place_of
from core.text import Text, t
from core.web.tables import Badge, Column, Link, Noted, Table
from core.web.view import View


def catalogue_table(plugins: Sequence[PluginSummary], view: View) -> Table:
    """Return what a service may switch on and never has: from where, from whom, and what it asks for."""
    language = view.language
    return Table(
        name="catalogue",
        caption=t("Catalogue"),
        columns=[
            Column("plugin", t("Plugin"), "link"),
            Column("origin", t("Where it comes from"), "prose"),
            Column("tier", t("Where it runs"), "prose"),
            Column("asks", t("Asks for"), "prose"),
        ],
        rows=[
            {
                "id": one.name,
                "plugin": Link(
                    one.title[language],
                    f"/plugins/{one.name}",
                    one.summary[language] if one.summary else None,
                    below=True,
                ),
                "origin": Noted(origin_of(one) or "", made_of(one)),
                "tier": place_of(one.tier, one.source),
                "asks": sentences(in_words(one.asks, language, settings_of(view.ctx, one.name))) or t("Nothing"),
            }
            for one in plugins
        ],
        empty=t("There is nothing more than what your service has switched on already."),
    )


def origin_of(one: PluginSummary) -> Text | None:
    """Return where a plugin comes from, and who signed it where it is a bundle."""
    if one.source is None:
        return None
    said = SOURCES[one.source]
    return t("%(origin)s, signed by %(whose)s", origin=said, whose=one.publisher) if one.publisher else said


def own_table(own: Sequence[OwnBundleOut], language: Language) -> Table:
    """Return which plugins services have of their own, for the operator: what they do is the services' affair."""
    return Table(
        name="services-own",
        caption=t("Services’ own plugins"),
        columns=[
            Column("service", t("Service"), heads=True),
            Column("plugin", t("Plugin")),
            Column("state", t("State"), "badge"),
            Column("since", t("Since"), "instant"),
            Column("sha256", t("Digest of the file (SHA-256)"), "prose"),
        ],
        rows=[
            {
                "service": one.service[language],
                "plugin": Noted(one.plugin, one.plugin_version),
                "state": [Badge(BUNDLE_STATES[one.state], "ok" if one.state == "chosen" else "idle")],
                "since": one.since,
                "sha256": one.sha256,
            }
            for one in own
        ],
        empty=t("No service has a plugin of its own."),
    )
