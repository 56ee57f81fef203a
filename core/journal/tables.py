"""The journal's lists as tables: page and exports are drawn from the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.journal.fields import field_words, value_words
from core.journal.job_words import job_words
from core.journal.schemas import DeadJob, LineOut, LookOut
from core.journal.words import A_LIST, PURPOSES, deed_words, shown_words, subject_words
from core.text import Text, t
from core.web.tables import Cell, Column, Link, Table

Words = Text | str


def lines_table(
    lines: Sequence[LineOut],
    *,
    next: str | None = None,
) -> Table:
    """Return lines of the audit log."""
    return Table(
        name="audit",
        caption=t("Audit log"),
        columns=[
            Column("at", t("When"), "instant"),
            Column("what", t("What was done"), "link", heads=True),
            Column("who", t("Who")),
            Column("reason", t("Reason")),
            Column("sequence", t("Seal"), "number"),
        ],
        rows=[
            {
                "id": str(line.id),
                "at": line.at,
                "what": Link(
                    t("%(subject)s: %(deed)s", subject=subject_words(line.subject_kind), deed=deed_words(line.action)),
                    f"/audit/{line.id}",
                ),
                "who": who(line),
                "reason": line.reason,
                "sequence": line.sequence,
            }
            for line in lines
        ],
        next=next,
        empty=t("No line to show."),
        note=t("A line without a seal is younger than a second or so: seals are made after the change."),
    )


def who(line: LineOut) -> Text | str:
    """Return who acted: a person or a token by its name, or the platform itself."""
    if line.actor_kind == "token":
        return t("Token “%(name)s”", name=line.actor_name)
    return line.actor_name if line.actor_kind == "person" else t("Contingent itself")


def changes_table(line: LineOut, title: Callable[[str], str], *, may_see_cause: bool) -> Table:
    """Return what was there before and after, value by value; ``title`` says what a plugin is called."""
    before, after = _values(line.before), _values(line.after)
    names = [*before, *(name for name in after if name not in before)]

    def said(name: str, value: Any) -> Cell:
        if name == "plugin" and isinstance(value, str):
            return title(value)
        return value_words(line.subject_kind, name, value, may_see_cause=may_see_cause)

    return Table(
        name="changes",
        caption=t("Before and after"),
        columns=[Column("name", t("Field")), Column("before", t("Before")), Column("after", t("After"))],
        rows=[
            {
                "name": field_words(name) or name,
                "before": said(name, before[name]) if name in before else "",
                "after": said(name, after[name]) if name in after else "",
            }
            for name in names
        ],
        empty=t("No values were recorded with this line."),
    )


def looks_table(looks: Sequence[LookOut], names: Mapping[Any, str], *, sought: bool = False, **more: Any) -> Table:
    """Return looks at this service's people, or of them those ``sought``; ``names`` are those of who looked."""
    return Table(
        name="looks",
        caption=t("Looks at our people"),
        columns=[
            Column("at", t("When"), "instant"),
            Column("who", t("Who"), heads=True),
            Column("scope", t("For")),
            Column("purpose", t("Purpose")),
            Column("subject", t("About")),
            Column("fields", t("What was shown")),
        ],
        rows=[
            {
                "id": str(look.id),
                "at": look.at,
                "who": look.by_name,
                "scope": names.get(look.by_scope, ""),
                "purpose": PURPOSES.get(look.purpose, look.purpose),
                "subject": _subject(look),
                "fields": shown_words(look.fields),
            }
            for look in looks
        ],
        empty=t("Nobody outside this service has opened what is sought here.")
        if sought
        else t("Nobody outside this service has opened anything about its people."),
        **more,
    )


def dead_table(jobs: Sequence[DeadJob], names: Mapping[str, str]) -> Table:
    """Return the jobs that gave up; ``names``: what the scopes are called, by their words in addresses."""
    return Table(
        name="dead-letters",
        caption=t("Jobs that gave up"),
        columns=[
            Column("created_at", t("When"), "instant"),
            Column("subscriber", t("Job"), heads=True),
            Column("scope", t("Scope")),
            Column("key", t("Key in the logs")),
            Column("attempts", t("Attempts"), "number"),
            Column("failure", t("Kind of error")),
        ],
        rows=[
            {
                "id": str(job.id),
                "created_at": job.created_at,
                "subscriber": job_words(job.subscriber),
                "scope": names.get(job.scope, job.scope),
                "key": job.subscriber,
                "attempts": job.attempts,
                "failure": job.failure or "",
            }
            for job in jobs
        ],
        empty=t("No job has given up."),
    )


def _subject(look: LookOut) -> Cell:
    words = subject_words(look.subject_kind)
    if look.subject_id is None:
        return A_LIST
    if look.subject_kind == "nomination":
        return Link(words, f"/nominations/{look.subject_id}")
    return words


def _values(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}
