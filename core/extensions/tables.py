"""Plugins and their failures as tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.context import Language
from core.extensions.consenting import in_words
from core.extensions.installed_schemas import BrokenOut, InstalledOut, MeansOut, Uses
from core.extensions.known import settings_of
from core.extensions.name_drawing import hook_cell
from core.extensions.schemas import FailureOut, PluginSummary, Tried
from core.extensions.words import CAUSES, HOOKS, QUALITIES, RESTING, STAGES, STATES, STOPPED, WHOM
from core.hooks.answers import SENTENCES
from core.hooks.titles import title_of_hook
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Noted, Table
from core.web.view import View

TONES: Mapping[str, Tone] = {
    "enabled": "ok",
    "suspended": "bad",
    "unset": "warn",
    "unallowed": "bad",
    "unconsented": "warn",
    "missing": "bad",
    "stopped": "bad",
    "safe": "warn",
}


def badges(plugin: PluginSummary) -> list[Badge]:
    """Return the state of a plugin, and that it is left alone for now where it is."""
    found = [Badge(STATES[plugin.state], TONES.get(plugin.state, "idle"))]
    if plugin.resting and plugin.state == "enabled":
        found.append(Badge(RESTING, "warn"))
    return found


def last_failure(plugin: PluginSummary, language: Language) -> Noted | None:
    """Return the latest failure in one line, and when it was; its detail stands on the plugin's own page."""
    if not plugin.failures:
        return None
    one = plugin.failures[0]
    hook, cause = title_of_hook(one.hook, language), CAUSES.get(one.cause, Text(one.cause))
    return Noted(t("%(hook)s: %(cause)s", hook=hook, cause=cause), Text("%(when)s", {"when": one.last_at}))


def plugins_table(plugins: Sequence[PluginSummary], language: Language) -> Table:
    """Return the plugins of a service."""
    table = Table(
        name="plugins",
        caption=t("Plugins"),
        columns=[
            Column("plugin", t("Plugin"), "link"),
            Column("state", t("State"), "badge"),
            Column("version", t("Version")),
            Column("answered_at", t("Last answer"), "instant"),
            Column("counts", t("Failures"), "badge"),
            Column("last", t("Last failure"), "prose"),
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
                "state": badges(one),
                "version": one.plugin_version,
                "answered_at": one.answered_at,
                "counts": [
                    Badge(t("%(cause)s: %(count)s", cause=CAUSES.get(cause, Text(cause)), count=count), "warn")
                    for cause, count in one.by_cause.items()
                ]
                or t("None"),
                "last": last_failure(one, language),
            }
            for one in plugins
        ],
        empty=t("Your service has switched on no plugin yet. The catalogue below shows what there is."),
        note=t(
            "A plugin that fails costs its own answer and nothing else. One that fails again and again, "
            "or holds up everybody’s work, is suspended for your service until an administrator resumes it."
        ),
    )
    return table if any(one.failures for one in plugins) else table.without("last")


def failures_table(failures: Sequence[FailureOut], language: Language) -> Table:
    """Return how a plugin failed: by hook and cause."""
    return Table(
        name="failures",
        caption=t("Failures"),
        columns=[
            Column("hook", t("Hook"), heads=True),
            Column("cause", t("What happened")),
            Column("count", t("How often"), "number"),
            Column("detail", t("The last time, in one line"), "prose"),
            Column("first_at", t("First time"), "instant"),
            Column("last_at", t("Last time"), "instant"),
        ],
        rows=[
            {
                "hook": hook_cell(one.hook, language),
                "cause": CAUSES.get(one.cause, one.cause),
                "count": one.count,
                "detail": one.detail,
                "first_at": one.first_at,
                "last_at": one.last_at,
            }
            for one in failures
        ],
        empty=t("It has not failed here."),
    )


def installed_table(plugins: Sequence[InstalledOut], view: View) -> Table:
    """Return what is installed, for the operator."""
    language, warned = view.language, any(one.warned for one in plugins)
    return Table(
        name="installed",
        caption=t("Installed plugins"),
        columns=[
            Column("plugin", t("Plugin"), "link"),
            Column("whom", t("Who may enable it"), "badge"),
            Column("hooks", t("What it is for"), "prose"),
            Column("asks", t("Asks for"), "prose"),
            Column("consents", t("Consent"), "badge"),
            Column("uses", t("Services"), "badge"),
            *([Column("warned", t("To be changed by its maker"), "prose")] if warned else []),
        ],
        rows=[
            {
                "plugin": Link(one.title[language], f"/plugins/{one.name}", made_of(one), below=True),
                "whom": _whom(one, language),
                "hooks": purposes(one.hooks),
                "asks": sentences(in_words(one.asks, language, settings_of(view.ctx, one.name))) or t("Nothing"),
                "consents": _consents(one.uses, language),
                "uses": _uses(one.uses, language),
                "warned": sentences(one.warned),
            }
            for one in plugins
        ],
        empty=t("No plugin is installed."),
    )


def broken_table(broken: Sequence[BrokenOut], language: Language) -> Table:
    """Return what cannot be used, for the operator."""
    return Table(
        name="broken",
        caption=t("Broken plugins"),
        columns=[
            Column("name", t("Plugin"), heads=True),
            Column("stage", t("Failed at")),
            Column("error", t("Error"), "prose"),
            Column("uses", t("Services"), "badge"),
        ],
        rows=[
            {
                "name": one.name,
                "stage": STAGES.get(one.stage, one.stage),
                "error": one.error or None,
                "uses": _uses(one.uses, language, "bad"),
            }
            for one in broken
        ],
        empty=t("Every plugin that was found can be used."),
    )


def sandbox_table(means: Sequence[MeansOut], language: Language) -> Table:
    """Return by which means plugins are shut in here, for the operator."""
    return Table(
        name="sandbox",
        caption=t("The sandbox"),
        columns=[
            Column("means", t("Means"), heads=True),
            Column("state", t("On this machine")),
            Column("effect", t("Without it")),
        ],
        rows=[
            {
                "means": one.title[language],
                "state": [Badge(t("Given"), "ok")]
                if one.missing is None
                else [Badge(t("Missing: %(why)s", why=one.missing), "bad")],
                "effect": t("No plugin runs in the sandbox.") if one.needed else t("Plugins run all the same."),
            }
            for one in means
        ],
        empty=t("This process was started without a sandbox: plugins that may run there only do not run."),
    )


def _whom(one: InstalledOut, language: Language) -> Text | list[Badge]:
    if one.whom == "chosen":
        return [Badge(Text(name[language]), "idle") for name in one.chosen]
    return WHOM["everyone"] if one.whom == "everyone" else [Badge(WHOM["nobody"], "warn")]


def made_of(one: InstalledOut | PluginSummary) -> Text | str:
    """Return by which key and version a plugin is known, and which quality it claims."""
    known = f"{one.name} {one.plugin_version}"
    return t("%(plugin)s, %(quality)s", plugin=known, quality=QUALITIES[one.quality]) if one.quality else known


def _uses(uses: Uses, language: Language, tone: Tone = "ok") -> list[Badge]:
    """Return how many services have the plugin switched on, and for which it is suspended, and why.

    ``tone`` is what it means that they have.
    """
    stopped = [Badge(Text(STOPPED[one.cause].id, {"service": one.scope[language]}), "bad") for one in uses.stopped]
    running = Badge(t("Switched on: %(count)s", count=uses.enabled), tone) if uses.enabled else Badge(t("Nowhere"))
    return [running, *stopped]


def sentences(lines: Sequence[Text | str]) -> Text | None:
    """Return sentences one after the other."""
    if not lines:
        return None
    named = {f"line_{place}": line for place, line in enumerate(lines)}
    return Text(" ".join(f"%({name})s" for name in named), named)


def asked_rows(lines: Sequence[Text | str]) -> list[dict[str, Any]]:
    """Return what a plugin asks for as a list with marks: nothing of it is good or bad."""
    return [{"title": line, "tone": "info"} for line in lines]


def purposes(hooks: Collection[str]) -> Text | None:
    """Return what a plugin is for that answers these hooks, in the order in which they are told of everywhere."""
    said = {words.id: words for hook, words in HOOKS.items() if hook in hooks}
    return sentences(list(said.values()))


def _consents(uses: Uses, language: Language) -> Text | list[Badge]:
    """Return how many services consented, and when last; those for which the plugin waits, by name."""
    given = [one.at for one in uses.consents if one.at is not None]
    waiting = [
        Badge(t("%(service)s: waits for consent", service=one.scope[language]), "warn")
        for one in uses.consents
        if one.waits
    ]
    if not given:
        return waiting or t("None yet")
    said = t("%(count)s, the last on %(when)s", count=len(given), when=max(given).date())
    return [Badge(said, "ok"), *waiting] if waiting else said


def steps_of(tried: Tried, title: str, language: Language) -> list[dict[str, Any]]:
    """Return how each step of a test went, and why there is none if there is none, of the plugin with this title."""
    found: list[dict[str, Any]] = [
        {
            "title": step.title[language],
            "tone": "ok" if step.done else "bad",
            "note": step.detail[language] if step.detail else None,
        }
        for step in tried.steps
    ]
    if tried.cause is not None:
        found.append({"title": Text(SENTENCES[tried.cause], {"plugin": title}), "tone": "bad"})
    return found
