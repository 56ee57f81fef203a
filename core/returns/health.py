"""Use cases of the health officer: outcomes and dates on the health role's own pool, one line for all others."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.errors import Fault, Invalid, NotFound
from core.personnel.models import Officer
from core.personnel.service import name_of
from core.returns.cases import of_file
from core.returns.check_in_schemas import SaidOut, SharedOut
from core.returns.lifecycle import MILESTONE_HEALTH
from core.returns.models import HealthMilestone, Milestone, ReturnFile, SharedCheckIn
from core.returns.publishing import publish, publish_follow_up
from core.returns.schemas import HealthIn, MilestoneOut, OfReturn
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.step_up import HEALTH
from core.use_cases.work import Work

SETTLED = ("done", "declined")


class HealthMilestoneOut(msgspec.Struct, frozen=True, kw_only=True):
    """A health milestone as health sees it."""

    id: UUID
    title_en: str
    title_fr: str
    due_on: date
    outcome: str | None
    done_on: date | None
    version: int


class HealthFollowUp(msgspec.Struct, frozen=True):
    """The health milestones of one return, and what the officer shared with health."""

    milestones: list[HealthMilestoneOut]
    shared: list[SharedOut] = []
    """What the officer chose to share of check-ins, the latest first."""


def as_followed(one: MilestoneOut, known: HealthMilestoneOut, on: date) -> MilestoneOut:
    """Return a health milestone as health sees it: with its outcome, and late while it is not settled."""
    return msgspec.structs.replace(
        one,
        state=known.outcome or "open",
        late=known.outcome not in SETTLED and known.due_on < on,
        done_on=known.done_on if known.outcome == "done" else None,
    )


@use_case(
    permission=MILESTONE_HEALTH, input=OfReturn, output=HealthFollowUp, looks={"agency"}, health=True, step_up=HEALTH
)
async def get_follow_up(work: Work, data: OfReturn) -> HealthFollowUp:
    """Show the health milestones of a return with their outcomes."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    officer: Officer = await work.get(Officer, file.officer_id)
    told = {"officer": name_of(officer)}
    await work.saw("health_milestone.see", ("return", file.id), whose=officer.id, after=told)
    return await _follow_up(work, file)


@use_case(
    permission=MILESTONE_HEALTH, input=HealthIn, output=HealthFollowUp, health=True, step_up=HEALTH, cases=of_file
)
async def complete_health_milestone(work: Work, data: HealthIn) -> HealthFollowUp:
    """Record that a health milestone is done, not done or declined."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    milestone: Milestone = await work.get(Milestone, data.milestone_id)
    if milestone.return_id != file.id or milestone.owner != "health":
        raise NotFound
    if data.done_on > work.on:
        raise Invalid([Fault("/done_on", t("This day is in the future."))])
    row = await work.session.get(HealthMilestone, (file.tenant_id, milestone.id))
    if row is None:
        row = HealthMilestone(tenant_id=file.tenant_id, id=milestone.id, created_at=work.now)
        work.session.add(row)
    else:
        work.check_version(row)
    row.outcome, row.done_on = data.outcome, data.done_on
    await work.session.flush()
    recorded = {"outcome": data.outcome, "done_on": data.done_on}
    await work.audit("health_milestone.record", ("health_milestone", milestone.id), after=recorded)
    shown = await _follow_up(work, file)
    waiting = [one.due_on for one in shown.milestones if one.outcome not in SETTLED]
    await publish_follow_up(work, file, due_on=min(waiting) if waiting else None)
    await publish(work, file)
    return shown


async def _follow_up(work: Work, file: ReturnFile) -> HealthFollowUp:
    query = (
        select(Milestone, HealthMilestone)
        .outerjoin(
            HealthMilestone, (HealthMilestone.tenant_id == Milestone.tenant_id) & (HealthMilestone.id == Milestone.id)
        )
        .where(Milestone.return_id == file.id, Milestone.owner == "health")
        .order_by(Milestone.due_on)
    )
    shared = select(SharedCheckIn).where(SharedCheckIn.return_id == file.id).order_by(SharedCheckIn.shared_at.desc())
    return HealthFollowUp(
        [
            HealthMilestoneOut(
                id=milestone.id,
                title_en=milestone.title_en,
                title_fr=milestone.title_fr,
                due_on=milestone.due_on,
                outcome=outcome.outcome if outcome else None,
                done_on=outcome.done_on if outcome else None,
                version=outcome.version if outcome else 0,
            )
            for milestone, outcome in await work.session.execute(query)
        ],
        [
            SharedOut(shared_at=one.shared_at, said=msgspec.convert(one.said, list[SaidOut]))
            for one in (await work.session.execute(shared)).scalars()
        ],
    )
