"""What follows from a selection: the officer is told that they may set up a way of their own to their own file."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.member.models import MemberAccess
from auth.member.pages import OWN
from auth.member.term import SELECTED
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.events.subscribers import Event, subscriber
from core.nominations.models import Candidacy, Dossier
from core.people import Person
from core.text import t
from core.use_cases.work import Work


@subscriber("candidacy_changed", kinds={"agency"})
async def offer(ctx: Ctx, event: Event) -> None:
    """Tell an officer who is selected, with each further step, until they have set it up; once until it is read."""
    async with tenant_session(ctx) as session:
        person = await _selected(ctx, session, event.subject_id)
        if person is not None and not await _knows(ctx, session, person):
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            told = t("You are selected. Set up member access: it opens your own file wherever you are.")
            await work.notify(told, link=OWN, seat=person.id)


async def _selected(ctx: Ctx, session: AsyncSession, candidacy: UUID) -> Person | None:
    """Return who sits in the seat of the officer, if the candidacy has come as far as that."""
    chosen = (
        select(Dossier.officer_id)
        .join(Candidacy, (Candidacy.tenant_id == Dossier.tenant_id) & (Candidacy.id == Dossier.id))
        .where(Dossier.tenant_id == ctx.scope.id, Dossier.id == candidacy, Candidacy.state.in_(SELECTED))
    )
    officer_id = await session.scalar(chosen)
    return None if officer_id is None else await ctx.people.seat_of(session, officer_id)


async def _knows(ctx: Ctx, session: AsyncSession, person: Person) -> bool:
    """Say whether the person has set it up already, or was told and has not read it yet."""
    access = exists().where(MemberAccess.tenant_id == ctx.scope.id, MemberAccess.seat_id == person.id)
    told = exists().where(
        NotificationRow.tenant_id == ctx.scope.id,
        NotificationRow.seat_id == person.id,
        NotificationRow.link == OWN,
        NotificationRow.read_at.is_(None),
    )
    return bool(await session.scalar(select(access | told)))
