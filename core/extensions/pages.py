"""The pages of plugins. They run no plugin's code, so they open whatever a plugin does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.context import Ctx
from core.errors import Fault
from core.extensions.differences import changes, described
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.plain import plain
from core.extensions.schemas import ByName, ConfigurePlugin, PluginFile
from core.extensions.service import (
    configure_plugin,
    disable_plugin,
    enable_plugin,
    get_plugin,
    list_installed,
    list_plugins,
    resume_plugin,
)
from core.extensions.tables import badges, broken_table, failures_table, installed_table, plugins_table, sandbox_table
from core.extensions.words import ACTIONS, CLASSES, HOOKS, QUALITIES, REMEDIES, SUSPENDED, TIERS
from core.hooks.manifest import CAPABILITIES
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.forms import Form, build_form
from core.web.forms_kinds import kind_of
from core.web.forms_sent import typed
from core.web.pages import Nav, Pages
from core.web.tables import Badge
from core.web.view import Answer, To, View, with_both_values

SETTINGS = "/settings"

pages = Pages(
    "extensions", scopes={"agency"}, nav=[Nav("admin", t("Plugins"), "/plugins", PLUGIN_READ, icon="plug", order=60)]
)
operator_pages = Pages(
    "installed-plugins",
    scopes={"platform"},
    nav=[Nav("admin", t("Plugins"), "/plugins", PLUGIN_READ, icon="plug", order=60)],
)


@pages.get("/plugins", permission=PLUGIN_READ)
async def plugins(view: View) -> Answer:
    """List the service's plugins and how they fare."""
    found = await view.run(list_plugins, Nothing())
    return view.render("extensions/plugins.html", table=plugins_table(found.plugins, view.language))


@pages.get("/plugins/{name}", permission=PLUGIN_READ)
async def plugin(view: View) -> Answer:
    """Show a plugin: what it does, its settings, its failures and who changed what."""
    found = await view.run(get_plugin, ByName(view.params["name"]))
    summary, struct, language = found.plugin, _settings_of(view.ctx, found.plugin.name), view.language
    return view.render(
        "extensions/plugin.html",
        found=found,
        badges=badges(summary),
        remedy=SUSPENDED.get(summary.cause) if summary.state == "suspended" else REMEDIES.get(summary.state),
        facts=_facts(view, found),
        form=_form(view, found, struct),
        settings=[
            (label, [Badge(one) for one in value] if isinstance(value, list) else value)
            for label, value in described(struct, found.settings or {}, language)
        ],
        failures=failures_table(summary.failures),
        history=[
            (change, ACTIONS[change.action], changes(struct, change.difference, language)) for change in found.history
        ],
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


def gather_settings(ctx: Ctx, params: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
    """Return what was sent as the input of ``configure_plugin``. A list of which nothing is left is empty."""
    struct = _settings_of(ctx, params["name"])
    if struct is None:
        return {"settings": {}}
    lists = [one.encode_name for one in msgspec.structs.fields(struct) if kind_of(one.type).plain is list]
    return {"settings": {name: [] for name in lists} | typed(plain(struct), list(fields))}


@pages.post("/plugins/{name}/settings", use_case=configure_plugin, form=plugin, gather=gather_settings)
async def plugin_configured(view: View, result: PluginFile) -> To:
    """Show the plugin with its new settings."""
    return _to(result, t("The settings are saved. They hold from the next question on."))


@pages.post("/plugins/{name}/enable", use_case=enable_plugin, form=plugin)
async def plugin_enabled(view: View, result: PluginFile) -> To:
    """Show the plugin, which now runs."""
    return _to(result, t("The plugin is switched on."))


@pages.post("/plugins/{name}/disable", use_case=disable_plugin, form=plugin)
async def plugin_disabled(view: View, result: PluginFile) -> To:
    """Show the plugin, which runs no more."""
    return _to(result, t("The plugin is switched off."))


@pages.post("/plugins/{name}/resume", use_case=resume_plugin, form=plugin)
async def plugin_resumed(view: View, result: PluginFile) -> To:
    """Show the plugin, which runs again."""
    return _to(result, t("The plugin runs again."))


@operator_pages.get("/plugins", permission=PLUGIN_READ)
async def installed_plugins(view: View) -> Answer:
    """Show the operator what is installed and what is broken."""
    found = await view.run(list_installed, Nothing())
    return view.render(
        "extensions/installed.html",
        installed=installed_table(found.plugins, view.language),
        broken=broken_table(found.broken, view.language),
        sandbox=sandbox_table(found.sandbox, view.language),
    )


def _to(result: PluginFile, notice: Text) -> To:
    return To(f"/plugins/{result.plugin.name}", notice)


def _settings_of(ctx: Ctx, name: str) -> type[msgspec.Struct] | None:
    found = ctx.hooks.registry.plugins.get(name)
    return found.manifest.settings if found else None


def _form(view: View, found: PluginFile, struct: type[msgspec.Struct] | None) -> Form | None:
    """Return the form of the settings, with what was sent where that was refused."""
    if struct is None or found.settings is None:
        return None
    stored = build_form(plain(struct), found.settings, version=found.version)
    if view.refused is not ConfigurePlugin or view.values is None:
        return stored
    view.explained = True
    faults = [Fault(one.pointer.removeprefix(SETTINGS) or "/", one.text) for one in view.faults]
    sent = build_form(plain(struct), view.values["settings"], faults, version=found.version)
    return with_both_values(sent, stored) if view.conflict else sent


def _facts(view: View, found: PluginFile) -> list[tuple[Text, Any]]:
    """Return what a plugin does and may do, in plain words."""
    if not found.hooks:
        return []
    allowed = " ".join(CAPABILITIES[one][view.language] for one in found.capabilities)
    return [
        (t("What it is for"), Text("%(all)s", {"all": [HOOKS.get(hook, Text(hook)) for hook in found.hooks]})),
        (t("What it sees"), Text("%(all)s", {"all": [CLASSES[one] for one in found.data_classes]})),
        (t("What else it may do"), allowed or t("Nothing else")),
        (t("Machines it reaches"), ", ".join(found.hosts) or t("No other machine")),
        (t("Where it runs"), TIERS.get(found.tier if found.tier is not None else 1)),
        (t("Quality claimed"), QUALITIES.get(found.quality or "", t("Not claimed"))),
        (t("Version"), found.plugin.plugin_version),
        (t("In this state since"), found.plugin.since),
    ]
