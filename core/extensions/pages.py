"""The pages of plugins. They run no plugin's code, so they open whatever a plugin does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from core.context import Language
from core.errors import NotFound
from core.extensions.allowing_pages import allowing_pages
from core.extensions.catalogue_tables import catalogue_table, origin_of, own_table
from core.extensions.consent_drawing import consent_form, gather_consent, unseen
from core.extensions.consenting import capability_in_words, in_words
from core.extensions.delivery_pages import delivery_pages
from core.extensions.figure_pages import figure_pages
from core.extensions.installed_schemas import Installation
from core.extensions.known import settings_of
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_MANAGE, PLUGIN_READ, PLUGIN_STOP
from core.extensions.log_pages import log_pages
from core.extensions.profile_pages import profile_pages
from core.extensions.reading import service_names
from core.extensions.recommending_pages import recommending_pages
from core.extensions.removing import erase_plugin_data, export_plugin_data
from core.extensions.replay_drawing import replay_of
from core.extensions.schemas import (
    ALL,
    Asked,
    ByName,
    ChangeOut,
    PluginFile,
    PluginList,
    ReadSettings,
    SettingsRead,
    StopPlugin,
    Tried,
)
from core.extensions.service import (
    consent_to_plugin,
    disable_plugin,
    enable_plugin,
    get_plugin,
    list_installed,
    list_plugins,
    resume_plugin,
)
from core.extensions.settings import TESTS, configure_plugin, read_settings_file, settings_file, try_settings
from core.extensions.settings_drawing import conceal_secrets, gather_settings, settings_form, settings_rows, since
from core.extensions.settings_words import Words, changes, label_of
from core.extensions.stopping import enter_safe_mode, leave_safe_mode, lift_stop, stop_plugin
from core.extensions.tables import (
    asked_rows,
    badges,
    broken_table,
    failures_table,
    installed_table,
    plugins_table,
    purposes,
    sandbox_table,
    sentences,
    steps_of,
)
from core.extensions.telling import DELIVERED
from core.extensions.words import ACTIONS, CLASSES, GONE, NOT_ALLOWED, QUALITIES, REMEDIES, SUSPENDED, place_of
from core.hooks.settings_values import secret_paths
from core.hooks.stops import stops_of
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.forms import Form
from core.web.navigation import may_open
from core.web.pages import Nav, Pages
from core.web.shell import Alert
from core.web.view import Answer, Download, To, View

FROM_SETTINGS = ":settings"
"""How the key of a capability ends that reaches the machines entered in the settings."""

__all__ = [
    "allowing_pages",
    "delivery_pages",
    "figure_pages",
    "log_pages",
    "operator_pages",
    "pages",
    "profile_pages",
    "recommending_pages",
]


async def safe_mode(view: View) -> Alert | None:
    """Return what every page of a service in safe mode says."""
    if not (await stops_of(view.work.session, view.ctx.scope)).safe:
        return None
    said = t("Safe mode: no plugin runs for this service. What needs one waits.")
    return Alert(said, link=("/plugins", t("Plugins")) if may_open(view, PLUGIN_READ) else None)


pages = Pages(
    "extensions",
    scopes={"agency"},
    nav=[Nav("admin", t("Plugins"), "/plugins", PLUGIN_READ, icon="plug", order=60)],
    banner=safe_mode,
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
    return view.render(
        "extensions/plugins.html",
        table=plugins_table([one for one in found.plugins if one.state != "available"], view.language),
        catalogue=catalogue_table([one for one in found.plugins if one.state == "available"], view),
        safe_mode=found.safe_mode,
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


@pages.post("/plugins/safe-mode/enter", use_case=enter_safe_mode, form=plugins)
async def safe_mode_entered(view: View, result: PluginList) -> To:
    """Show that no plugin runs."""
    return To("/plugins", t("No plugin runs any more."))


@pages.post("/plugins/safe-mode/leave", use_case=leave_safe_mode, form=plugins)
async def safe_mode_left(view: View, result: PluginList) -> To:
    """Show what runs again."""
    if result.safe_mode:
        return To("/plugins", t("The operator of the platform keeps this service in safe mode."))
    return To("/plugins", t("Plugins run again."))


@pages.get("/plugins/{name}", permission=PLUGIN_READ)
async def plugin(view: View) -> Answer:
    """Show a plugin: what it does, its settings, its failures and who changed what."""
    found = await view.run(get_plugin, ByName(view.params["name"]))
    return _page(view, found, settings_form(view, found))


def _page(view: View, found: PluginFile, form: Form | None, **more: Any) -> Answer:
    """Return the page of a plugin with this form of its settings, and ``more`` about what stands in it."""
    summary, struct, language = found.plugin, settings_of(view.ctx, found.plugin.name), view.language
    return view.render(
        "extensions/plugin.html",
        found=found,
        badges=badges(summary),
        remedy=_remedy(found),
        stopped=REMEDIES["stopped"],
        not_allowed=REMEDIES["unallowed"] if summary.state == "unallowed" else NOT_ALLOWED,
        safe=REMEDIES["safe"],
        facts=_facts(view, found),
        asked=asked_rows(in_words(found.asks, language, struct)),
        asked_beyond=asked_rows(in_words(found.asks_beyond, language, struct)),
        unseen=unseen(found.asks),
        consent=consent_form(view, found),
        form=form,
        file_form=view.form(ReadSettings).without("name"),
        settings=[
            *settings_rows(struct, found.settings or {}, language),
            *_secrets(view, found, struct),
        ],
        listens=any(hook in DELIVERED for hook in found.hooks),
        failures=failures_table(summary.failures, language),
        replay=replay_of(view, summary.name, [one.hook for one in summary.failures]),
        history=[(change, ACTIONS[change.action], _lines(struct, change, language)) for change in found.history],
        may_log=view.ctx.actor.may(PLUGIN_LOG),
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
        may_test=summary.state in ("enabled", "unset") and TESTS in found.hooks,
        **more,
    )


@pages.get("/plugins/{name}/export", permission=PLUGIN_READ)
async def plugin_settings_file(view: View) -> Download:
    """Give the settings as a file, without secrets."""
    found = await view.run(get_plugin, ByName(view.params["name"]))
    if found.settings is None:
        raise NotFound
    file = Download(settings_file(found), f"{found.plugin.name}-settings.json", "application/json")
    return await view.taken_along(file, back=f"/plugins/{found.plugin.name}")


@pages.post("/plugins/{name}/test", use_case=try_settings, form=plugin, gather=gather_settings, conceal=conceal_secrets)
async def plugin_tested(view: View, result: Tried) -> Answer:
    """Show how each step of the test went, with the settings as they were tried; they are not saved."""
    found = await view.run(get_plugin, ByName(result.name))
    assert view.values is not None
    form = settings_form(view, found, values=view.values["settings"])
    return _page(
        view, found, form, tried=result, steps=steps_of(result, found.plugin.title[view.language], view.language)
    )


@pages.post("/plugins/{name}/import", use_case=read_settings_file, form=plugin, upload="file", inline=True)
async def plugin_settings_read(view: View, result: SettingsRead) -> Answer:
    """Show the settings of a file in the form; they are not saved."""
    found = await view.run(get_plugin, ByName(result.name))
    form = settings_form(view, found, values=result.settings, faults=result.faults)
    return _page(view, found, form, brought=result)


@pages.post(
    "/plugins/{name}/settings",
    use_case=configure_plugin,
    form=plugin,
    gather=gather_settings,
    conceal=conceal_secrets,
)
async def plugin_configured(view: View, result: PluginFile) -> To:
    """Show the plugin with its new settings."""
    return _to(result, t("The settings are saved. They hold from the next question on."))


@pages.post("/plugins/{name}/enable", use_case=enable_plugin, form=plugin, gather=gather_consent)
async def plugin_enabled(view: View, result: PluginFile) -> To:
    """Show the plugin, which now runs."""
    return _to(result, t("The plugin is switched on."))


@pages.post("/plugins/{name}/consent", use_case=consent_to_plugin, form=plugin, gather=gather_consent)
async def plugin_consented(view: View, result: PluginFile) -> To:
    """Show the plugin, which runs again."""
    return _to(result, t("The consent is kept. The plugin runs again."))


@pages.post("/plugins/{name}/disable", use_case=disable_plugin, form=plugin)
async def plugin_disabled(view: View, result: PluginFile) -> To:
    """Show the plugin, which runs no more."""
    return _to(result, t("The plugin is switched off."))


@pages.post("/plugins/{name}/resume", use_case=resume_plugin, form=plugin)
async def plugin_resumed(view: View, result: PluginFile) -> To:
    """Show the plugin, which runs again."""
    return _to(result, t("The plugin runs again."))


@pages.post("/plugins/{name}/data/export", use_case=export_plugin_data, form=plugin)
async def plugin_data_exported(view: View, result: PluginFile) -> To:
    """Show the plugin, with the file that holds what it keeps."""
    return _to(result, t("What it keeps is in a file. Nothing is erased yet."))


@pages.post("/plugins/{name}/data/erase", use_case=erase_plugin_data, form=plugin)
async def plugin_data_erased(view: View, result: PluginFile) -> To:
    """Show the receipt."""
    return _to(result, t("What it kept is erased. The receipt is below."))


@operator_pages.get("/plugins", permission=PLUGIN_READ)
async def installed_plugins(view: View) -> Answer:
    """Show the operator what is installed and what is broken."""
    found = await view.run(list_installed, Nothing())
    return view.render(
        "extensions/installed.html",
        installed=installed_table(found.plugins, view),
        stops=found.stops,
        titles={one.name: one.title[view.language] for one in found.plugins},
        form=await _stop_form(view, found),
        broken=broken_table(found.broken, view.language),
        own=own_table(found.own, view.language),
        sandbox=sandbox_table(found.sandbox, view.language),
    )


@operator_pages.post("/plugins/stops", use_case=stop_plugin, form=installed_plugins)
async def plugin_stopped(view: View, result: Installation) -> To:
    """Show what is stopped."""
    return To("/plugins", t("It is stopped. The services’ administrators are told."))


@operator_pages.post("/plugins/stops/{id}/end", use_case=lift_stop, form=installed_plugins)
async def stop_ended(view: View, result: Installation) -> To:
    """Show what is stopped still."""
    return To("/plugins", t("The stop has ended. What the services had switched on runs again."))


async def _stop_form(view: View, found: Installation) -> Form | None:
    if not view.ctx.actor.may(PLUGIN_STOP):
        return None
    plugins: dict[str, Text | str] = {one.name: one.name for one in found.broken}
    plugins |= {one.plugin: one.plugin for one in found.own}
    plugins |= {one.name: one.title[view.language] for one in found.plugins}
    services: dict[str, Text | str] = {**await service_names(view.work, view.language)}
    form = view.form(StopPlugin).offering("plugin", plugins | {ALL: t("All plugins (safe mode)")}, nothing="–")
    return form.offering("service", services | {ALL: t("Every service")}, nothing="–")


def _to(result: PluginFile, notice: Text) -> To:
    return To(f"/plugins/{result.plugin.name}", notice)


def _lines(struct: type[msgspec.Struct] | None, change: ChangeOut, language: Language) -> Sequence[Words]:
    """Return what was changed, whatever the entry is called: settings, or what was consented to anew."""
    if change.action == "consent":
        anew = {one: sorted(set(after) - set(before or [])) for one, (before, after) in change.difference.items()}
        return in_words(Asked(**anew), language, struct)
    return changes(struct, change.difference, language)


def _remedy(found: PluginFile) -> Text | None:
    """Return what the state of the plugin means for whoever reads its page."""
    summary = found.plugin
    if summary.state == "suspended":
        return SUSPENDED.get(summary.cause)
    return GONE if summary.state == "removed" and not found.hooks else REMEDIES.get(summary.state)


def _consent(found: PluginFile) -> Text:
    if found.consent is None:
        return t("Not given yet") if found.asks != Asked() else t("None needed: it asks for nothing")
    given = found.consent
    if given.by is None:
        return t("Given for version %(version)s, %(when)s", version=given.plugin_version, when=given.at)
    return t(
        "Given by %(who)s for version %(version)s, %(when)s", who=given.by, version=given.plugin_version, when=given.at
    )


def _secrets(view: View, found: PluginFile, struct: type[msgspec.Struct] | None) -> list[tuple[Words, Words]]:
    """Return of each secret whether it is set, since when and by whom."""
    known = {one.field: since(view, one) for one in found.secrets}
    return [(label_of(struct, path), known.get(path, t("Not set"))) for path in secret_paths(struct)]


def _facts(view: View, found: PluginFile) -> list[tuple[Text, Any]]:
    """Return what a plugin does and may do, in plain words."""
    if not found.hooks:
        return []
    one = found.plugin
    allowed = " ".join(capability_in_words(one, view.language) for one in found.capabilities)
    warned = [(t("To be changed by its maker"), sentences(found.warned))] if found.warned else []
    return [
        *warned,
        (t("What it is for"), purposes(found.hooks)),
        (t("What it sees"), _sees(view, found)),
        (t("What else it may do"), allowed or t("Nothing else")),
        (t("Machines it reaches"), _machines(found)),
        (t("Consent"), _consent(found)),
        (t("Where it runs"), place_of(one.tier, one.source)),
        (t("Quality claimed"), QUALITIES.get(one.quality or "", t("Not claimed"))),
        (t("Where it comes from"), origin_of(one)),
        (t("Version"), found.plugin.plugin_version),
        (t("In this state since"), found.plugin.since),
        (t("Last answer"), found.plugin.answered_at or t("No answer yet")),
    ]


def _sees(view: View, found: PluginFile) -> str:
    """Return the classes of data as a list that begins with a capital: within a sentence they have none."""
    said = view.say(Text("%(all)s", {"all": [CLASSES[one] for one in found.data_classes]}))
    return said[:1].upper() + said[1:]


def _machines(found: PluginFile) -> Text | str:
    if found.hosts:
        return ", ".join(found.hosts)
    if any(one.endswith(FROM_SETTINGS) for one in found.capabilities):
        return t("The one whose address your service enters in the settings; none is entered yet")
    return t("No other machine")
