"""A return as plugins see it: where it stands and which talks are planned; of health, nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.describing import describe_tour, tour_for_plugins
from core.deployments.models import Tour
from core.hooks import panels, types
from core.missions.models import Mission
from core.panels.telling import Told
from core.personnel.describing import describe_officer
from core.personnel.models import Officer
from core.personnel.service import name_of
from core.returns.lifecycle import RETURN
from core.returns.models import CheckIn, ReturnFile
from core.use_cases.lifecycle import Step
from core.use_cases.work import Work

AT_ONCE = 200
"""Returns that plugins are told of at once."""


async def describe_place(work: Work, file: ReturnFile) -> panels.Place:
    """Return a return as the place where its page offers something."""
    officer: Officer = await work.get(Officer, file.officer_id)
    homecoming = await describe_return(work, file)
    return panels.Place(
        kind="return",
        id=file.id,
        own=file.officer_id == work.ctx.actor.officer_id,
        officer=await describe_officer(work, officer),
        tour=homecoming.tour,
        homecoming=homecoming,
    )


async def describe_step(ctx: Ctx, data: Step, on: date) -> types.Transition | None:
    """Return the step that is about to be taken with a file; ``None`` where it is not possible or asks nobody."""
    step = next((one for one in RETURN.transitions if one.name == data.step and one.asks), None)
    if step is None:
        return None
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        file: ReturnFile = await work.get(ReturnFile, data.id)
        if file.state not in step.sources:
            return None
        officer: Officer = await work.get(Officer, file.officer_id)
        return types.Transition(
            subject="return",
            id=file.id,
            step=step.name,
            source=file.state,
            target=step.target,
            on=on,
            officer=await describe_officer(work, officer),
            tour=await describe_tour(work, await work.get(Tour, file.tour_id), officer.id),
        )


async def tell_of(work: Work, *, id: UUID) -> Told:
    """Return what plugins are told on the page of a return."""
    place = await describe_place(work, await work.get(ReturnFile, id))
    return Told({"place": place}, place)


async def tell_of_open(work: Work, *, allowed: bool) -> Told:
    """Return what plugins are told on the overview: the returns that are open, to who is ``allowed`` to read them."""
    found = await _described(work, ReturnFile.state != "closed") if allowed else []
    names = {homecoming.id: name_of(officer) for homecoming, officer in found}
    return Told({"overview": panels.Overview(returns=[one for one, _ in found])}, names=names)


async def describe_return(work: Work, file: ReturnFile) -> panels.Homecoming:
    """Return what a plugin is told of a return."""
    ((homecoming, _),) = await _described(work, ReturnFile.id == file.id)
    return homecoming


async def _described(work: Work, which: Any) -> list[tuple[panels.Homecoming, Officer]]:
    query = (
        select(ReturnFile, Tour, Mission, Officer)
        .join(Tour, (Tour.tenant_id == ReturnFile.tenant_id) & (Tour.id == ReturnFile.tour_id))
        .join(Mission, (Mission.tenant_id == Tour.program_id) & (Mission.id == Tour.mission_id))
        .join(Officer, (Officer.tenant_id == ReturnFile.tenant_id) & (Officer.id == ReturnFile.officer_id))
        .where(which)
        .order_by(ReturnFile.tour_ends_on, ReturnFile.id)
        .limit(AT_ONCE)
    )
    rows = (await work.session.execute(query)).all()
    held = select(CheckIn).where(CheckIn.return_id.in_([file.id for file, *_ in rows]))
    talks = (await work.session.execute(held.order_by(CheckIn.due_on, CheckIn.id))).scalars().all()
    return [
        (_homecoming(file, tour_for_plugins(tour, mission, file.officer_id), talks), officer)
        for file, tour, mission, officer in rows
    ]


def _homecoming(file: ReturnFile, tour: types.Tour, talks: Sequence[CheckIn]) -> panels.Homecoming:
    own: Iterable[CheckIn] = (one for one in talks if one.return_id == file.id)
    return panels.Homecoming(
        id=file.id,
        tour=tour,
        state=file.state,
        home=file.home_on,
        talks=[panels.Talk(key=one.kind, due=one.due_on, done=one.done_on) for one in own],
    )
