"""Returns as tables, for the agency and for IPOB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.context import Language
from core.returns.health import SETTLED
from core.returns.lifecycle import RETURN
from core.returns.schemas import MilestoneOut, ProgramReturn, ReturnSummary
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Bar, Column, Link, Table, cursor

RETURN_TONES: Mapping[str, Tone] = {"planning": "info", "returning": "info", "stable": "ok", "closed": "idle"}
SHARED: Mapping[str, Text] = {"open": t("On track"), "late": t("Late"), "closed": t("Closed")}
SHARED_TONES: Mapping[str, Tone] = {"open": "ok", "late": "bad", "closed": "idle"}
STANDINGS: Mapping[str, Badge] = {
    "health": Badge(t("Seen by health alone"), "idle"),
    "done": Badge(t("Done"), "ok"),
    "declined": Badge(t("Declined"), "ok"),
    "not_done": Badge(t("Not done"), "warn"),
}
"""How a milestone that is not late stands; declining counts as done."""
TALK = "talk"
"""The kind of a check-in that somebody arranged; the others are planned from the end of the tour."""
CHECK_INS: Mapping[str, Text] = {
    "first_week": t("First week at home"),
    "first_month": t("First month"),
    "half_year": t("Six months"),
    "year": t("Twelve months"),
    TALK: t("Talk arranged"),
}


def milestone_badge(one: MilestoneOut) -> Badge:
    """Return how a milestone stands; a health one says nothing to anybody but health."""
    if one.late:
        return Badge(t("Late"), "bad")
    return STANDINGS.get(one.state) or Badge(t("Open"), "info")


def progress(summary: ReturnSummary, milestones: Sequence[MilestoneOut], *, health: bool) -> tuple[int, int, Text]:
    """Return how many of the service's own milestones are done, of how many, and what that says.

    To ``health``, who sees each outcome, each of its own counts. To anybody else all of them are one line, and count
    as one: also to the officer, who sees what they are, and not how they stand.
    """
    own = [one for one in milestones if one.side == "agency"]
    words = t("The service’s own milestones done")
    if health:
        return sum(one.state in SETTLED for one in own), len(own), words
    if sum(one.state == "health" for one in own) > 1:
        words = t("The service’s own milestones done, all of health’s counted as one")
    return summary.done, summary.total, words


def late_words(count: int) -> Badge | None:
    """Return “1 milestone late”, which is all that a list says of it."""
    if not count:
        return None
    return Badge(t("1 milestone late") if count == 1 else t("%(count)s milestones late", count=count), "bad")


def returns_table(rows: Sequence[ReturnSummary], language: Language, next: UUID | None = None) -> Table:
    """Return the tracker of a service's own returns."""
    french = language == "fr"
    return Table(
        name="returns",
        caption=t("Returns"),
        columns=[
            Column("officer", t("Officer"), "link"),
            Column("mission", t("Mission")),
            Column("home", t("End of tour"), "date"),
            Column("state", t("State"), "badge"),
            Column("done", t("Milestones"), "bar"),
            Column("next", t("Next")),
            Column("next_on", t("Due"), "date"),
            Column("late", t("To look at"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "officer": Link(f"{one.rank_fr if french else one.rank_en} {one.name}", f"/returns/{one.id}"),
                "mission": one.mission_fr if french else one.mission_en,
                "home": one.home_on or one.tour_ends_on,
                "state": Badge(RETURN.states[one.state], RETURN_TONES.get(one.state, "info")),
                "done": Bar(one.done, one.total),
                "next": one.next_fr if french else one.next_en,
                "next_on": one.next_on,
                "late": [badge for badge in (late_words(one.late), _waiting(one), _incomplete(one)) if badge],
            }
            for one in rows
        ],
        next=cursor(next),
        empty=t("No return to show."),
        hint=t("A return file opens by itself eight weeks before the end of a tour."),
    )


def _waiting(one: ReturnSummary) -> Badge | None:
    return Badge(t("Asks for contact"), "warn") if one.contact_waiting else None


def _incomplete(one: ReturnSummary) -> Badge | None:
    return Badge(t("Plan incomplete"), "warn") if one.plan == "incomplete" else None


def program_table(rows: Sequence[ProgramReturn], language: Language, next: UUID | None = None) -> Table:
    """Return the returns of all agencies, as far as they are shared."""
    french = language == "fr"
    return Table(
        name="reintegration",
        caption=t("Reintegration"),
        columns=[
            Column("officer", t("Officer")),
            Column("agency", t("Service")),
            Column("mission", t("Mission")),
            Column("home", t("End of tour"), "date"),
            Column("state", t("Shared status"), "badge"),
            Column("done", t("Milestones"), "bar"),
            Column("late", t("To look at"), "badge"),
        ],
        rows=[
            {
                "officer": one.name or t("name not shared"),
                "agency": one.agency_fr if french else one.agency_en,
                "mission": one.mission_fr if french else one.mission_en,
                "home": one.home_on or one.tour_ends_on,
                "state": Badge(SHARED[one.state], SHARED_TONES[one.state]),
                "done": Bar(sum(it.state == "done" for it in one.milestones), len(one.milestones)),
                "late": [badge for badge in (late_words(one.late),) if badge],
            }
            for one in rows
        ],
        next=cursor(next),
        empty=t("No return to show."),
        hint=t("A return file opens by itself eight weeks before the end of a tour."),
    )
