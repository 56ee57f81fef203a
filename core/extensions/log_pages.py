"""The page of the plugins' log. It runs no plugin's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.context import Language
from core.extensions.lifecycle import PLUGIN_LOG
from core.extensions.log import ListPluginLines, PluginLineOut, list_plugin_lines
from core.extensions.name_drawing import hook_cell, plugin_cell
from core.extensions.reading import plugins_of
from core.extensions.words import CAUSES, LEVELS
from core.hooks.titles import title_of_hook
from core.lists.showing import show_list
from core.text import Text, t
from core.use_cases.listings import Listing
from core.web.pages import Pages
from core.web.shell import Tone
from core.web.tables import Badge, Column, Table, cursor
from core.web.view import PageAnswer, View

log_pages = Pages("plugin-log", scopes={"agency"}, under="/plugins")
TONES: dict[str, Tone] = {"info": "info", "warning": "warn", "error": "bad", "failure": "bad"}


@log_pages.get("/plugin-log", permission=PLUGIN_LOG, listing=Listing(t("Log of the plugins")))
async def plugin_log(view: View) -> PageAnswer:
    """Search what plugins wrote and where they failed."""
    asked = view.read(ListPluginLines)
    found = await view.listed(list_plugin_lines, asked, "lines")
    installed = {one.name: one.plugin for one in await plugins_of(view.work) if one.plugin is not None}
    plugins = {name: Text(installed[name].manifest.title[view.language]) for name in sorted(installed)}
    keys = sorted({hook for one in installed.values() for hook in one.hooks})
    hooks = {key: Text(title_of_hook(key, view.language)) for key in keys}
    form = view.form(ListPluginLines, asked).offering("plugin", plugins, nothing=t("Any plugin"))
    form = form.offering("level", LEVELS, nothing=t("Any level")).offering("hook", hooks, nothing=t("Any hook"))
    table = lines_table(found.lines, plugins, view.language, next=cursor(found.next))
    return await show_list(view, "extensions/log.html", table, form=form)


def lines_table(
    lines: Sequence[PluginLineOut],
    titles: Mapping[str, Text],
    language: Language,
    *,
    next: str | None = None,
) -> Table:
    """Return lines of the log; ``titles`` are what the installed plugins are called."""
    return Table(
        name="plugin-log",
        caption=t("Log of the plugins"),
        columns=[
            Column("at", t("When"), "instant"),
            Column("plugin", t("Plugin")),
            Column("level", t("Level"), "badge"),
            Column("message", t("Message"), "prose", heads=True),
            Column("details", t("In detail"), "prose"),
            Column("hook", t("Hook")),
            Column("request", t("Identifier of the request")),
        ],
        rows=[
            {
                "id": str(line.id),
                "at": line.at,
                "plugin": plugin_cell(line.plugin, line.plugin_version, titles),
                "level": [Badge(LEVELS.get(line.level, Text(line.level)), TONES.get(line.level, "idle"))],
                "message": CAUSES.get(line.cause, Text(line.cause)) if line.cause else line.message,
                "details": line.message if line.cause else _details(line),
                "hook": hook_cell(line.hook, language),
                "request": line.request_id,
            }
            for line in lines
        ],
        next=next,
        empty=t("No plugin has written anything or failed."),
    )


def _details(line: PluginLineOut) -> Text | None:
    told = [t("%(name)s: %(value)s", name=name, value=value) for name, value in line.fields.items()]
    return Text("%(all)s", {"all": told}) if told else None
