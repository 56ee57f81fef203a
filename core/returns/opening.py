"""Use cases that open a return file and keep it in step with its tour."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.cases import of_tour
from core.deployments.describing import describe_tour, end_of
from core.deployments.models import Tour
from core.deployments.reading import officer_of
from core.errors import NotFound, Refused
from core.hooks.days import shift
from core.personnel.models import Officer
from core.returns.lifecycle import RETURN, RETURN_MANAGE, RETURN_OPEN
from core.returns.models import CheckIn, Milestone, ReturnFile
from core.returns.plan import Plan, ask_plan
from core.returns.publishing import move_follow_up, publish, reopen_follow_up
from core.returns.reading import file_out
from core.returns.schemas import OpenReturn, ReturnFileOut
from core.text import t
from core.use_cases.declaration import A_YEAR, use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Work

CHECK_INS = {"first_week": 7, "first_month": 30, "half_year": 182, "year": 365}
"""Days after the end at which somebody speaks with the officer."""


async def ask_for_tour(ctx: Ctx, data: OpenReturn) -> Plan:
    """Ask the agency's plugins for the plan of the tour named in ``data``."""
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        tour: Tour = await work.get(Tour, data.id)
        officer_id = await officer_of(work, tour)
        if officer_id is None:
            raise NotFound
        described = await describe_tour(work, tour, officer_id)
    return await ask_plan(ctx, described)


@use_case(
    permission=RETURN_OPEN, input=OpenReturn, output=ReturnFileOut, before=ask_for_tour, backdated=A_YEAR, cases=of_tour
)
async def open_return(work: Work, data: OpenReturn) -> ReturnFileOut:
    """Open the return file of a tour with the milestones the agency's plugins give."""
    tour: Tour = await work.get(Tour, data.id)
    if tour.state in ("planned", "ordered", "cancelled"):
        raise Refused(t("Nobody has left for this tour."), t("The file can be opened once the officer is abroad."))
    existing = await work.session.scalar(select(ReturnFile).where(ReturnFile.tour_id == tour.id))
    if existing is not None:
        raise Refused(t("This tour has its return file."), t("Open it from the return tracker."))
    officer_id = await officer_of(work, tour)
    assert officer_id is not None
    plan: Plan = work.decided
    file = ReturnFile(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        tour_id=tour.id,
        officer_id=officer_id,
        state=RETURN.initial,
        plan="complete" if plan.complete else "incomplete",
        opened_on=work.on,
        tour_ends_on=end_of(tour),
        home_on=tour.home_on,
        created_at=work.now,
    )
    work.session.add(file)
    await work.session.flush()
    await _write_plan(work, file, plan)
    for kind, days in CHECK_INS.items():
        due = shift(file.tour_ends_on, days=days)
        work.session.add(
            CheckIn(
                tenant_id=file.tenant_id,
                id=work.new_id(),
                return_id=file.id,
                kind=kind,
                due_on=due,
                created_at=work.now,
            )
        )
    await work.session.flush()
    await work.audit("return.open", ("return", file.id), after={"tour": tour.id, "plan": file.plan})
    await work.emit("return_opened", ("return", file.id))
    await publish(work, file)
    await _tell(work, file, officer_id)
    return await file_out(work, file)


@use_case(
    permission=RETURN_MANAGE,
    input=OpenReturn,
    output=ReturnFileOut,
    before=ask_for_tour,
    backdated=A_YEAR,
    cases=of_tour,
)
async def follow_tour(work: Work, data: OpenReturn) -> ReturnFileOut:
    """Bring a return file up to date with its tour: its end, on the way, home; ask an incomplete plan again."""
    tour: Tour = await work.get(Tour, data.id)
    file: ReturnFile | None = await work.session.scalar(select(ReturnFile).where(ReturnFile.tour_id == tour.id))
    if file is None:
        raise NotFound
    before = {"tour_ends_on": file.tour_ends_on, "plan": file.plan}
    moved = end_of(tour) - file.tour_ends_on
    file.tour_ends_on, file.home_on = end_of(tour), tour.home_on
    await _move_check_ins(work, file)
    await move_follow_up(work, file, moved)
    await _write_plan(work, file, work.decided)
    file.plan = "complete" if work.decided.complete else "incomplete"
    await work.session.flush()
    after = {"tour_ends_on": file.tour_ends_on, "plan": file.plan}
    await work.audit("return.follow", ("return", file.id), before=before, after=after)
    if tour.state == "returning" and file.state == "planning":
        await move(work, file, RETURN, "set_out")
    if tour.state == "ended" and file.state in ("planning", "returning"):
        await move(work, file, RETURN, "arrive")
    await publish(work, file)
    return await file_out(work, file)


async def _move_check_ins(work: Work, file: ReturnFile) -> None:
    open_ones = select(CheckIn).where(CheckIn.return_id == file.id, CheckIn.done_on.is_(None))
    open_ones = open_ones.where(CheckIn.kind.in_(CHECK_INS))
    for one in (await work.session.execute(open_ones)).scalars():
        one.due_on = shift(file.tour_ends_on, days=CHECK_INS[one.kind])


async def _write_plan(work: Work, file: ReturnFile, plan: Plan) -> None:
    """Add milestones that are new and move the dates of open ones; what is done stays as it is."""
    query = select(Milestone).where(Milestone.return_id == file.id)
    known = {one.key: one for one in (await work.session.execute(query)).scalars()}
    for one in plan.milestones:
        row = known.get(one.key)
        if row is None:
            row = Milestone(
                tenant_id=file.tenant_id,
                id=work.new_id(),
                return_id=file.id,
                key=one.key,
                title_en=one.title["en"],
                title_fr=one.title["fr"],
                owner="health" if one.health else one.owner,
                state="open",
                before_duty=one.before_duty,
                due_on=one.due,
                created_at=work.now,
            )
            work.session.add(row)
            if row.owner == "health":
                await reopen_follow_up(work, file, row.due_on)
        if row.state == "open":
            row.due_on, row.starts_on, row.before_duty = one.due, one.opens, one.before_duty
    await work.session.flush()


async def _tell(work: Work, file: ReturnFile, officer_id: UUID) -> None:
    link = f"/returns/{file.id}"
    officer: Officer = await work.get(Officer, officer_id)
    name = f"{officer.preferred_name or officer.given_name} {officer.family_name}"
    opened = t("The return file of %(name)s is open: name the supervisor at home.", name=name)
    await work.notify(opened, link=link, role="coordinator")
    if file.plan == "incomplete":
        told = t("A return plan is incomplete: a plugin did not answer.")
        await work.notify(told, link=link, role="administrator")
    seat = await work.ctx.people.seat_of(work.session, officer_id)
    if seat:
        await work.notify(t("Your return is being prepared."), link="/my/return", seat=seat.id)
