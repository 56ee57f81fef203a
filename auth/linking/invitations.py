"""The way in by an invitation: who came back is shown a name, and is linked when they say that it is theirs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.leaving import hold_seats
from auth.linking.models import SeatInvitation
from auth.models import Identity, Seat
from auth.red_button.stops import is_stopped
from auth.relying_party import flows
from auth.relying_party.flows import Flow
from auth.relying_party.identities import hold, seat_of, sit_down
from auth.relying_party.providers import provider_by_id
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.setup.entering import has_room
from core.context import Ctx
from core.database.sessions import identity_session, tenant_session
from core.text import t
from core.use_cases.work import Work

INVITATION = "invitation"
"""The origin of a link that comes from here."""


async def show_name(ctx: Ctx, flow: Flow, identity_id: UUID, issuer: str) -> str:
    """Return the name that whoever came back has to confirm. Nothing is linked by this.

    Raises ``SignInRefused``.
    """
    async with identity_session(ctx.database, around=True) as session:
        if await seat_of(session, ctx.scope.id, identity_id) is not None:
            raise SignInRefused(Why.SEATED, f"identity {identity_id}")
        async with tenant_session(ctx, read_only=True) as own:
            invitation, seat = await _open_one(own, ctx, flow)
            room = await has_room(Work(ctx, own, ctx.today, ctx.clock.now()), session, invitation.seat_id, issuer)
        if not room:
            raise SignInRefused(Why.INVITATION, f"seat {seat.id} has another account of {issuer}")
        await flows.await_answer(session, flow, identity_id)
    return seat.name


async def link_invited(ctx: Ctx, session: AsyncSession, flow: Flow) -> str:
    """Link who confirmed in ``flow``, and return the seat's name; ``session`` is the sign-in's own.

    What the scope keeps of it is committed first: between the two, nobody is let in without a line
    in the log. Raises ``SignInRefused``; of several who confirm at once, one is linked.
    """
    identity = await session.get_one(Identity, flow.identity_id)
    scope, acting = ctx.scope, ctx.acting_as(SIGN_IN)
    await hold(session, scope.id)
    async with tenant_session(acting) as own:
        flows.check_provider(flow, await provider_by_id(own, scope.id, flow.provider_id))
        work = Work(acting, own, ctx.today, ctx.clock.now())
        invitation, seat = await _open_one(own, ctx, flow)
        await hold_seats(work, {invitation.made_by, seat.id})
        # Once more: this may have waited for whoever shut one of the two out.
        invitation, seat = await _open_one(own, ctx, flow)
        if not await has_room(work, session, seat.id, identity.issuer):
            raise SignInRefused(Why.INVITATION, f"seat {seat.id} has another account of {identity.issuer}")
        if not await sit_down(session, ctx.clock, identity.id, scope.id, seat.id, INVITATION):
            raise SignInRefused(Why.SEATED, f"identity {identity.id}")
        invitation.used_at = work.now
        await own.flush()
        after = {"issuer": identity.issuer, "subject": identity.subject, "origin": INVITATION}
        await work.audit("identity.link", ("seat", seat.id), after=after, reason=invitation.reason)
        told = t("%(name)s has linked an account by the link that you made.", name=seat.name)
        await work.notify(told, link=f"/people/{seat.id}/sign-in", seat=invitation.made_by)
    return seat.name


async def _open_one(own: AsyncSession, ctx: Ctx, flow: Flow) -> tuple[SeatInvitation, Seat]:
    row = SeatInvitation
    stopped = is_stopped(row.tenant_id, row.made_by, row.created_at) | is_stopped(
        row.tenant_id, row.seat_id, row.created_at
    )
    chosen = (
        select(SeatInvitation, Seat, stopped)
        .join(Seat, (Seat.tenant_id == SeatInvitation.tenant_id) & (Seat.id == SeatInvitation.seat_id))
        .where(SeatInvitation.tenant_id == ctx.scope.id, SeatInvitation.secret_digest == flow.invitation)
        .execution_options(populate_existing=True)
    )
    found = (await own.execute(chosen)).one_or_none()
    if found is None:
        raise SignInRefused(Why.INVITATION, "no such link")
    invitation, seat, ended = found
    if ended:
        raise SignInRefused(Why.INVITATION, f"the link to seat {seat.id} ended by a stop")
    if invitation.used_at is not None:
        raise SignInRefused(Why.INVITATION, f"the link to seat {seat.id} was used")
    if invitation.withdrawn_at is not None:
        raise SignInRefused(Why.INVITATION, f"the link to seat {seat.id} was withdrawn")
    if ctx.clock.now() >= invitation.expires_at:
        raise SignInRefused(Why.INVITATION, f"the link to seat {seat.id} is too old")
    if not seat.active:
        raise SignInRefused(Why.INVITATION, f"seat {seat.id} is not active")
    return invitation, seat
