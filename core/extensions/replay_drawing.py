"""What can be tried again in the sandbox, and what came of it, as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.extensions.known import heading
from core.extensions.lifecycle import PLUGIN_REPLAY
from core.extensions.replaying import HEALTH, Replayed
from core.extensions.settings_words import label_of
from core.extensions.words import LEVELS
from core.hooks.answers import SENTENCES
from core.hooks.titles import title_of_hook, with_title
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Table
from core.web.view import Answer, View

LEVEL_TONES: dict[str, Tone] = {"info": "info", "warning": "warn", "error": "bad"}


@dataclass(frozen=True, slots=True)
class Replay:
    """Which hooks of the plugin ``name`` a page offers to try again, with what they are called.

    ``why`` none is, where that is to be said.
    """

    name: str
    offered: Mapping[str, str] = field(default_factory=dict)
    why: Text | None = None


def replay_of(view: View, name: str, hooks: Sequence[str]) -> Replay:
    """Return which of ``hooks`` whoever looks may have tried again: those that the plugin has by now."""
    plugin = view.ctx.hooks.registry.plugins.get(name)
    if plugin is None or not view.ctx.actor.may(PLUGIN_REPLAY):
        return Replay(name)
    if plugin.manifest.receives_health:
        return Replay(name, why=HEALTH)
    return Replay(name, {one: title_of_hook(one, view.language) for one in hooks if one in plugin.hooks})


def render_replay(view: View, found: Replayed, crumbs: Sequence[tuple[str, Text]]) -> Answer:
    """Return the page of what came of it."""
    return view.render(
        "extensions/replay.html",
        found=found,
        heading=heading(view.ctx, found.name),
        crumbs=list(crumbs),
        outcome=_outcome(view, found),
        answer=None if found.cause or found.refusal or found.too_large else _pretty(found.answer),
        facts=_facts(found, view),
        tables=[one for one in (_reached(found), _kept(found), _said(found)) if one.rows],
    )


def _outcome(view: View, found: Replayed) -> dict[str, Any]:
    if found.cause is not None:
        failed = with_title(view.ctx, Text(SENTENCES[found.cause], {"plugin": found.name}))
        return {"title": failed, "tone": "bad", "note": found.error or None}
    if found.refusal is not None:
        return {"title": t("It refused, with its reason."), "tone": "warn"}
    if found.too_large:
        return {"title": t("It answered, with more than can be shown here."), "tone": "ok"}
    return {"title": t("It had nothing to say.") if found.answer is None else t("It answered."), "tone": "ok"}


def _pretty(value: Any) -> str | None:
    return None if value is None else msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _facts(found: Replayed, view: View) -> list[tuple[Text, Any]]:
    told: list[tuple[Text, Any]] = [
        (t("Hook"), f"{title_of_hook(found.hook, view.language)} ({found.hook})"),
        (t("Version"), found.plugin_version),
        (t("Where it ran"), _where(found)),
        (t("Called with"), _called_with(found)),
        (t("Its clock stood at"), found.clock_at),
        (t("Time taken"), _taken(found)),
    ]
    if found.secrets:
        plugin = view.ctx.hooks.registry.plugins.get(found.name)
        struct = plugin.manifest.settings if plugin else None
        told.append((t("Without these secrets"), [label_of(struct, path) for path in found.secrets]))
    if found.digests:
        told.append((t("Wanted to send the day’s notifications"), found.digests))
    return told


def _where(found: Replayed) -> Text:
    return t("In a sandbox of its own") if found.sandboxed else t("In a process of its own, shut in like a sandbox")


def _called_with(found: Replayed) -> Text:
    if found.subject_id is not None:
        return t(
            "The subject %(id)s as it is now: ids, states, days and codes are its own, all other text is invented.",
            id=str(found.subject_id),
        )
    if found.tried == 1:
        return t("Invented data.")
    if found.cause is not None:
        return t("Invented data, of which the case number %(count)s failed.", count=found.tried)
    return t("Invented data: %(count)s cases, none of which failed. The first is shown.", count=found.tried)


def _taken(found: Replayed) -> Text:
    took = f"{found.seconds * 1000:.3g}"
    if found.deadline > found.longest:
        return t(
            "%(took)s ms. It may take %(deadline)s s, of which %(longest)s are waited for here.",
            took=float(took),
            deadline=found.deadline,
            longest=found.longest,
        )
    return t("%(took)s ms of %(deadline)s ms", took=float(took), deadline=found.deadline * 1000)


def _reached(found: Replayed) -> Table:
    return Table(
        name="reached",
        caption=t("What it tried to reach"),
        columns=[
            Column("address", t("Address"), heads=True),
            Column("method", t("Method")),
            Column("allowed", t("May it?"), "badge"),
        ],
        rows=[
            {
                "address": one.address,
                "method": one.method,
                "allowed": [Badge(t("Yes"), "ok") if one.allowed else Badge(t("Nobody consented"), "bad")],
            }
            for one in found.reached
        ],
        note=t("No machine is reached from the sandbox: each of these failed as if nobody had answered."),
    )


def _kept(found: Replayed) -> Table:
    return Table(
        name="kept",
        caption=t("What it kept"),
        columns=[Column("key", t("Key"), heads=True), Column("document", t("Document"))],
        rows=[{"key": one.key, "document": _pretty(one.document) or t("Too large to be shown")} for one in found.kept],
        note=t("Its store was empty before, and is gone."),
    )


def _said(found: Replayed) -> Table:
    return Table(
        name="said",
        caption=t("Lines for its log"),
        columns=[
            Column("message", t("Message"), heads=True),
            Column("level", t("Level"), "badge"),
            Column("details", t("In detail")),
        ],
        rows=[
            {
                "message": one.message,
                "level": [Badge(LEVELS.get(one.level, Text(one.level)), LEVEL_TONES.get(one.level, "idle"))],
                "details": [f"{name}: {value}" for name, value in one.fields.items()] or None,
            }
            for one in found.said
        ],
    )
