"""How a plugin fares, as tables and facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.context import Language
from core.extensions.figures import HookFigures, OpeningOut, PluginFigures, Span, VersionOut
from core.extensions.name_drawing import hook_cell
from core.extensions.words import BREAKERS, CAUSES
from core.hooks.health import BreakerState
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Table

BREAKER_TONES: Mapping[BreakerState, Tone] = {"closed": "ok", "half open": "warn", "open": "bad", "suspended": "bad"}
LATE = 0.8
"""The share of its deadline from which on a plugin is near it."""


def hooks_table(hooks: Sequence[HookFigures], span: str, language: Language) -> Table:
    """Return the calls of the last ``hour`` or ``day``, by hook."""
    caption = t("The last hour") if span == "hour" else t("The last day")
    return Table(
        name=f"calls-{span}",
        caption=caption,
        columns=[
            Column("hook", t("Hook"), heads=True),
            Column("calls", t("Calls"), "number"),
            Column("failures", t("Failures"), "number"),
            Column("p50", t("Half took at most (ms)"), "decimal"),
            Column("p95", t("95 of 100 took at most (ms)"), "decimal"),
            Column("deadline", t("Deadline (ms)"), "decimal"),
            Column("used", t("Used of the deadline"), "badge"),
            Column("answered_at", t("Last answer"), "instant"),
        ],
        rows=[_row(one, getattr(one, span), language) for one in hooks],
        empty=t("It answers no hook."),
    )


def _row(one: HookFigures, span: Span, language: Language) -> dict[str, Any]:
    return {
        "hook": hook_cell(one.hook, language),
        "calls": span.calls,
        "failures": span.failures,
        "p50": _milliseconds(span.p50),
        "p95": _milliseconds(span.p95),
        "deadline": _milliseconds(one.deadline),
        "used": _used(span.p95, one.deadline),
        "answered_at": one.answered_at,
    }


def _used(took: float | None, deadline: float | None) -> list[Badge] | None:
    if took is None or deadline is None:
        return None
    share = took / deadline
    text = t("%(percent)s%%", percent=round(share * 100)) if share >= 0.01 else t("Under 1%")
    return [Badge(text, "bad" if share >= 1 else "warn" if share >= LATE else "ok")]


def _milliseconds(seconds: float | None) -> float | None:
    """Return the time in milliseconds, to three digits."""
    return None if seconds is None else float(f"{seconds * 1000:.3g}")


def versions_table(versions: Sequence[VersionOut]) -> Table:
    """Return the versions that were called here."""
    return Table(
        name="versions",
        caption=t("Versions that ran here"),
        columns=[
            Column("version", t("Version"), heads=True),
            Column("state", t("State"), "badge"),
            Column("first_at", t("First call"), "instant"),
            Column("last_at", t("Last call"), "instant"),
            Column("calls", t("Calls"), "number"),
            Column("failures", t("Failures"), "number"),
        ],
        rows=[
            {
                "version": one.plugin_version,
                "state": [Badge(t("Installed"), "ok") if one.here else Badge(t("Not installed any more"), "idle")],
                "first_at": one.first_at,
                "last_at": one.last_at,
                "calls": one.calls,
                "failures": one.failures,
            }
            for one in versions
        ],
        empty=t("It has not been called here yet."),
    )


def openings_table(openings: Sequence[OpeningOut], language: Language) -> Table:
    """Return when the breaker opened in the last 30 days."""
    return Table(
        name="openings",
        caption=t("When it was left alone"),
        columns=[
            Column("at", t("When"), "instant", heads=True),
            Column("hook", t("Hook")),
            Column("cause", t("After the failure")),
            Column("followed", t("What followed"), "badge"),
        ],
        rows=[
            {
                "at": one.at,
                "hook": hook_cell(one.hook, language),
                "cause": CAUSES.get(one.cause, Text(one.cause)),
                "followed": [
                    Badge(t("Suspended here"), "bad") if one.suspended else Badge(t("Half a minute of rest"), "warn")
                ],
            }
            for one in openings
        ],
        empty=t("It has not failed often enough in the last 30 days to be left alone."),
    )


def facts(found: PluginFigures) -> list[tuple[Text, Any]]:
    """Return whether the plugin is asked now, its versions, and what it uses of what it may."""
    budget, state = found.budget, found.breaker
    told: list[tuple[Text, Any]] = [
        (t("State"), [Badge(BREAKERS[state], BREAKER_TONES[state])]),
        (t("Installed version"), found.installed_version or t("Not installed")),
        (t("Version when somebody last decided"), found.enabled_version or t("Never switched on")),
        (t("In this state since"), found.since or t("Never switched on")),
        (t("Documents it keeps"), t("%(count)s of %(most)s", count=budget.documents, most=budget.most_documents)),
    ]
    if budget.most_calls is not None:
        told.append((t("Calls at once in its sandbox"), t("%(most)s at most", most=budget.most_calls)))
    if budget.most_calls is not None or budget.busy:
        told.append((t("Refused because too much was under way"), budget.busy))
    return told
