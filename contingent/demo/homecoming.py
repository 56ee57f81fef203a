"""The returns of today's picture, each as far as its days: done what was due, one thing late, one file closed."""

from __future__ import annotations

from datetime import date

from contingent.demo.acting import Cast
from contingent.demo.today import OFFICERS
from contingent.progress import Progress
from core.returns.health import complete_health_milestone, get_follow_up
from core.returns.program import complete_program_milestone, list_program_returns
from core.returns.reading import get_return, list_returns
from core.returns.schemas import CheckInIn, CompleteIn, HealthIn, ListReturns, MilestoneOut, OfReturn, PlanIn, ProgramIn
from core.returns.service import close_return, complete_milestone, move_return, plan_return, record_check_in
from core.use_cases.lifecycle import Step

LATE_AGENCY = "qc-spvm"
"""The service that has something left undone, so that there is a late return to look at."""


async def bring_home(cast: Cast, progress: Progress) -> None:
    """Let every service and IPOB do what was due of its returns by now."""
    late_left = True
    for agency in OFFICERS:
        progress("Bringing home those whose tour is over", agency)
        coordinator = await cast.ctx(agency, "coordinator")
        found = (await cast.run(coordinator, list_returns, ListReturns(state="all"))).returns
        for one in found:
            leave_one = agency == LATE_AGENCY and late_left and one.home_on is not None
            late_left = late_left and not leave_one
            await bring_one(cast, agency, str(one.id), leave_one=leave_one)
    await _debrief(cast)


async def bring_one(cast: Cast, agency: str, return_id: str, *, leave_one: bool) -> None:
    """Let a service do what was due of one return by now, but the last if it is to ``leave_one``."""
    coordinator = await cast.ctx(agency, "coordinator")
    supervisor = await cast.ctx(agency, "supervisor")
    today = coordinator.today
    plan = PlanIn(id=return_id, supervisor_seat=str(supervisor.actor.id), target_unit=supervisor.actor.unit)
    await cast.run(coordinator, plan_return, plan)
    file = await cast.run(coordinator, get_return, OfReturn(id=return_id))
    over = file.summary.home_on is not None and (today - file.summary.home_on).days > 380
    due = [one for one in file.milestones if one.side == "agency" and _is_due(one, today, over=over)]
    if leave_one:
        due = due[:-1]
    for one in due:
        if one.state == "open":
            done = CompleteIn(id=return_id, milestone_id=str(one.id))
            await cast.run(coordinator, complete_milestone, done, on=min(one.due_on, today))
    await _follow_up(cast, agency, return_id, today, over=over)
    for check_in in file.check_ins:
        if check_in.due_on <= today:
            held = CheckInIn(id=return_id, check_in_id=str(check_in.id), next_step="")
            await cast.run(coordinator, record_check_in, held, on=check_in.due_on)
    home = file.summary.home_on
    for days, step in ((30, "adjust"), (182, "settle")):
        if home is not None and (today - home).days > days:
            await cast.run(coordinator, move_return, Step(id=return_id, step=step))
    if over:
        await cast.run(coordinator, close_return, Step(id=return_id, step="close"))


def _is_due(one: MilestoneOut, today: date, *, over: bool) -> bool:
    return one.owner != "health" and (over or one.due_on <= today)


async def _follow_up(cast: Cast, agency: str, return_id: str, today: date, *, over: bool) -> None:
    health = await cast.ctx(agency, "health")
    found = await cast.run(health, get_follow_up, OfReturn(id=return_id))
    for one in found.milestones:
        if over or one.due_on <= today:
            day = min(one.due_on, today)
            outcome = HealthIn(id=return_id, milestone_id=str(one.id), outcome="done", done_on=day)
            await cast.run(health, complete_health_milestone, outcome)


async def _debrief(cast: Cast) -> None:
    support = await cast.ctx("ipob", "support")
    found = await cast.run(support, list_program_returns, ListReturns(state="all"))
    for file in found.returns:
        for one in file.milestones:
            if one.side == "program" and one.state == "open" and (support.today - one.due_on).days > 7:
                done = ProgramIn(agency=file.agency, id=str(one.id))
                await cast.run(support, complete_program_milestone, done, on=one.due_on)
