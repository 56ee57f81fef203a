"""What plugins offer on a return, and what is done of what they propose: a request for contact, a talk."""

from __future__ import annotations

from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.panels.acting import Outcome, run
from core.panels.schemas import Acted, RunAction
from core.panels.telling import Rights
from core.returns.cases import of_file
from core.returns.describing import describe_place
from core.returns.lifecycle import CONTACT_ASK, RETURN_MANAGE, RETURN_READ
from core.returns.models import CheckIn, ReturnFile
from core.returns.service import request_contact
from core.returns.tables import TALK
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work


def rights_on(owner: UUID) -> Rights:
    """Return who may do what plugins offer on the return of this officer."""
    return Rights(owner, reader=RETURN_READ, officer=CONTACT_ASK, keeper=RETURN_MANAGE)


async def _have_it_done(ctx: Ctx, data: RunAction) -> Outcome:
    """Have the plugin do what was chosen on the return named in ``data``."""
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        file: ReturnFile = await work.get(ReturnFile, data.id)
        if not ctx.actor.may(RETURN_READ, owner=file.officer_id):
            raise NotFound
        place, rights = await describe_place(work, file), rights_on(file.officer_id)
    return await run(ctx, data, place, rights)


@use_case(
    permission=RETURN_READ,
    input=RunAction,
    output=Acted,
    before=_have_it_done,
    backdated=NOW,
    narrowed=t("what a plugin offers on the return, to whom it offers it: the officer, or whoever keeps the return"),
    cases=of_file,
)
async def act_on_return(work: Work, data: RunAction) -> Acted:
    """Do what a plugin offers on a return, and what it proposes besides: a request for contact, a talk."""
    outcome: Outcome = work.decided
    file: ReturnFile = await work.get(ReturnFile, data.id)
    done = outcome.done
    if done.contact is not None and outcome.action.who == "officer":
        await request_contact(work, file, done.contact)
    if done.talk is not None and outcome.action.who != "reader":
        work.session.add(
            CheckIn(
                tenant_id=file.tenant_id,
                id=work.new_id(),
                return_id=file.id,
                kind=TALK,
                due_on=done.talk,
                created_at=work.now,
            )
        )
        await work.session.flush()
    await work.audit("return.act", ("return", file.id), after=outcome.written, plugin=outcome.plugin)
    return outcome.acted
