"""Records for HR as a table, as facts and in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.context import Language
from core.extensions.words import DELIVERY_CAUSES
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table, cursor
from core.workforce.record_schemas import RecordList, RecordOut

RECORD_KINDS: dict[str, Text] = {
    "leave": t("Leave of absence"),
    "training": t("Training completed"),
    "experience": t("Experience earned"),
    "duty": t("Return to duty"),
}
COURSES: dict[str, Text] = {"language": t("Language"), "driving": t("Driving"), "firearm": t("Firearm")}
RECORD_STATES: dict[str, tuple[Text, Tone]] = {
    "recorded": (t("Recorded"), "ok"),
    "withdrawn": (t("Taken back"), "idle"),
    "not_kept": (t("HR keeps no such record"), "idle"),
    "waiting": (t("On its way"), "info"),
    "refused": (t("Not taken"), "bad"),
    "held": (t("Waits for the plugin"), "warn"),
}


def state_of(one: RecordOut) -> Badge:
    """Return how far a record has come, as a badge; what waits after a failure looks it."""
    if one.state == "waiting" and one.cause:
        return Badge(t("Will be tried again"), "warn")
    return Badge(*RECORD_STATES[one.state])


def content_of(one: RecordOut, language: Language) -> Text:
    """Return what a record says, in one line."""
    told = one.content
    if one.kind == "duty":
        return t("From %(day)s on", day=_day(told["on"]))
    if one.kind == "training":
        passed: list[object] = [
            t("%(course)s on %(day)s", course=COURSES[course["key"]], day=_day(course["done"]))
            for course in told["courses"]
        ]
        return t("Passed: %(courses)s", courses=passed)
    first, last = _day(told["first"]), _day(told["last"])
    if one.kind == "leave":
        return t("%(first)s to %(last)s", first=first, last=last)
    role, days = told["role"][language], told["days"]
    return t("%(role)s: %(days)s days, %(first)s to %(last)s", role=role, days=days, first=first, last=last)


def why(one: RecordOut, language: Language) -> Text | str | None:
    """Return why HR did not take it the last time: the plugin's own words, where it gave some."""
    if one.reason is not None:
        return one.reason[language]
    return DELIVERY_CAUSES.get(one.cause, Text(one.cause)) if one.cause else None


def records_table(found: RecordList, language: Language) -> Table:
    """Return what HR is to keep of tours, the latest first."""
    return Table(
        name="records",
        caption=t("What your HR system is to keep of tours"),
        columns=[
            Column("what", t("Record"), "link"),
            Column("number", t("Employee number")),
            Column("name", t("Name")),
            Column("mission", t("Mission")),
            Column("content", t("What it says")),
            Column("state", t("State"), "badge"),
            Column("reference", t("Number in the HR system")),
            Column("at", t("Recorded"), "instant"),
        ],
        rows=[
            {
                "id": str(one.id),
                "what": Link(RECORD_KINDS[one.kind], f"/hr/records/{one.id}"),
                "number": one.employee_number,
                "name": one.name,
                "mission": one.mission,
                "content": content_of(one, language),
                "state": [state_of(one)],
                "reference": one.reference,
                "at": one.recorded_at,
            }
            for one in found.records
        ],
        next=cursor(found.next),
        empty=t("Nothing is recorded yet: it begins with the next tour that changes.")
        if found.keeper.plugin
        else t("No record yet."),
    )


def record_facts(one: RecordOut, language: Language) -> Sequence[tuple[Text, Any]]:
    """Return all that is known of a record: what it says, how far it has come, and the receipt."""
    facts: list[tuple[Text, Any]] = [
        (t("State"), [state_of(one)]),
        (t("What it says"), content_of(one, language)),
        (t("Employee number"), one.employee_number),
        (t("Name"), one.name),
        (t("Mission"), one.mission),
    ]
    if (said := why(one, language)) is not None:
        facts.append((t("Why not"), said))
    return [*facts, *receipt_of(one, language)]


def receipt_of(one: RecordOut, language: Language) -> list[tuple[Text, Any]]:
    """Return the receipt that HR gave, if there is one; of an earlier state it says so."""
    if one.reference is None:
        return []
    facts: list[tuple[Text, Any]] = [(t("Number in the HR system"), one.reference), (t("Recorded"), one.recorded_at)]
    if one.note is not None:
        facts.append((t("Note"), one.note[language]))
    if one.written < one.revision:
        facts.append((t("Since then"), t("It has changed: the receipt is for what it was.")))
    return facts


def _day(said: str) -> date:
    return date.fromisoformat(said)
