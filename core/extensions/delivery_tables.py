"""What waits for a plugin, and what it did not take, as a table and as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.context import Language
from core.extensions.deliveries import DeliveryList, DeliveryOut, ReceiptOut
from core.extensions.name_drawing import hook_cell
from core.extensions.telling import ATTEMPTS
from core.extensions.words import DELIVERY_CAUSES, DELIVERY_STATES, EVENTS
from core.hooks.log import HIDDEN
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table, cursor

TONES: Mapping[str, Tone] = {"waiting": "info", "done": "ok", "dropped": "idle", "dead": "bad"}


def title_of(one: DeliveryOut, language: Language) -> Text | str:
    """Return what is told or run."""
    return one.task[language] if one.task else EVENTS.get(one.event, Text(one.event))


def state_of(one: DeliveryOut) -> Badge:
    """Return the state as a badge; what waits after a failure looks it."""
    if one.state == "waiting" and one.attempts:
        return Badge(t("Will be tried again"), "warn")
    return Badge(DELIVERY_STATES[one.state], TONES[one.state])


def why(one: DeliveryOut, language: Language) -> Text | str | None:
    """Return why it was not taken the last time: the plugin's own words, where it gave some."""
    if one.reason is not None:
        return one.reason[language]
    return None if one.cause is None else DELIVERY_CAUSES.get(one.cause, Text(one.cause))


def deliveries_table(found: DeliveryList, language: Language) -> Table:
    """Return what was told to a plugin: what was given up first."""
    return Table(
        name="deliveries",
        caption=t("Messages to this plugin"),
        columns=[
            Column("what", t("Message"), "link"),
            Column("state", t("State"), "badge"),
            Column("attempts", t("Attempts"), "number"),
            Column("why", t("Why not"), "prose"),
            Column("created_at", t("Since"), "instant"),
            Column("tried_at", t("Last attempt"), "instant"),
        ],
        rows=[
            {
                "id": str(one.id),
                "what": Link(title_of(one, language), f"/plugins/{found.plugin}/deliveries/{one.id}"),
                "state": [state_of(one)],
                "attempts": one.attempts,
                "why": why(one, language),
                "created_at": one.created_at,
                "tried_at": one.tried_at,
            }
            for one in found.deliveries
        ],
        next=cursor(found.next),
        empty=t("Nothing was told to it yet."),
        note=t(
            "Each message is tried up to %(most)s times, with longer and longer pauses, over some three hours. "
            "What was taken is forgotten after a month, what was given up after half a year.",
            most=ATTEMPTS,
        ),
    )


def receipt_facts(one: ReceiptOut | None, language: Language) -> list[tuple[Text, Any]]:
    """Return what the other side gave for something, and whether it had changed before it was told."""
    if one is None:
        return []
    number = one.reference or (HIDDEN if one.at else t("Nothing of this kind is kept there"))
    facts: list[tuple[Text, Any]] = [(t("Receipt"), number)]
    if one.at is not None:
        facts.append((t("Recorded"), one.at))
    if one.note is not None:
        facts.append((t("Note"), one.note[language]))
    if one.newer:
        facts.append((t("As it was by then"), t("It had changed since the message was put here: the newest was told.")))
    return facts


def delivery_facts(one: DeliveryOut, language: Language) -> Sequence[tuple[Text, Any]]:
    """Return all that is known of a delivery; it holds no content."""
    facts: list[tuple[Text, Any]] = [
        (t("State"), [state_of(one)]),
        (t("Attempts"), t("%(count)s of %(most)s", count=one.attempts, most=ATTEMPTS)),
        (t("Since"), one.created_at),
        (t("Last attempt"), one.tried_at or t("None yet")),
    ]
    if one.ended_at is not None:
        facts.append((t("Over since"), one.ended_at))
    if (said := why(one, language)) is not None:
        facts.append((t("Why not"), said))
    if one.failure:
        facts.append((t("For developers"), one.failure))
    facts += receipt_facts(one.receipt, language)
    return [
        *facts,
        (t("Hook"), hook_cell(one.hook, language)),
        (t("Identifier of the message"), str(one.event_id)),
        (t("Identifier of the subject"), str(one.subject_id)),
    ]
