"""What plugins offer on an officer's file."""

from __future__ import annotations

from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.hooks.panels import Place
from core.panels.acting import Outcome, run
from core.panels.schemas import Acted, RunAction
from core.panels.telling import Rights, Told
from core.personnel.describing import describe_officer
from core.personnel.lifecycle import OFFICER_OWN, OFFICER_READ, OFFICER_WRITE
from core.personnel.models import Officer
from core.personnel.service import name_of
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work


def rights_on(officer: UUID) -> Rights:
    """Return who may do what plugins offer on this file."""
    return Rights(officer, reader=OFFICER_READ, officer=OFFICER_OWN, keeper=OFFICER_WRITE)


async def describe_place(work: Work, officer: Officer) -> Place:
    """Return an officer's file as the place where its page shows and offers something."""
    own = officer.id == work.ctx.actor.officer_id
    return Place(kind="officer", id=officer.id, own=own, officer=await describe_officer(work, officer))


async def tell_of(work: Work, *, id: UUID) -> Told:
    """Return what plugins are told on the page of an officer."""
    officer: Officer = await work.get(Officer, id)
    place = await describe_place(work, officer)
    return Told({"place": place}, place, {officer.id: name_of(officer)})


async def _have_it_done(ctx: Ctx, data: RunAction) -> Outcome:
    """Have the plugin do what was chosen on the file named in ``data``."""
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        officer: Officer = await work.get(Officer, data.id)
        if not ctx.actor.may(OFFICER_READ, owner=officer.id):
            raise NotFound
        place = await describe_place(work, officer)
    return await run(ctx, data, place, rights_on(place.id))


@use_case(
    permission=OFFICER_READ,
    input=RunAction,
    output=Acted,
    before=_have_it_done,
    backdated=NOW,
    narrowed=t("what a plugin offers on the file, to whom it offers it: the officer, or whoever keeps the file"),
)
async def act_on_officer(work: Work, data: RunAction) -> Acted:
    """Do what a plugin offers on an officer's file."""
    officer: Officer = await work.get(Officer, data.id)
    outcome: Outcome = work.decided
    await work.audit("officer.act", ("officer", officer.id), after=outcome.written, plugin=outcome.plugin)
    return outcome.acted
