"""A sign-in that leads to no seat yet: linked by the employee number from HR, or given a seat without a role.

Both are off until an administrator turns them on, for one provider.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.claim_rules.rules import values_of
from auth.models import Seat
from auth.relying_party.flows import Flow
from auth.relying_party.identities import hold, known_by, seat_of, sit_down
from auth.relying_party.party import Proof
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused, Why
from auth.relying_party.signed import is_usable
from auth.renewals import SIGN_IN
from core.context import Ctx, ScopeKind
from core.database.sessions import identity_session, tenant_session
from core.personnel.models import Officer
from core.use_cases.work import Work

NUMBER = "number"
JUST_IN_TIME = "just_in_time"
"""The origins of a link that comes from here."""
NUMBERED: frozenset[ScopeKind] = frozenset({"agency"})
"""Where officers have employee numbers."""
OPENING: frozenset[ScopeKind] = frozenset({"agency", "department"})
"""Where seats may be made at a sign-in: the programme's and the operator's are made by hand alone."""
LONGEST_NAME = 120


async def seat_for(ctx: Ctx, flow: Flow, provider: Provider, proof: Proof, identity_id: UUID) -> UUID:
    """Return the seat of whoever has none here so far. Raises ``SignInRefused`` if there is none for them."""
    by_number = provider.number_claim is not None and ctx.scope.kind in NUMBERED
    opens = provider.just_in_time and ctx.scope.kind in OPENING
    nobody = SignInRefused(Why.NO_SEAT, f"identity {identity_id} has none here")
    if not (by_number or opens):
        raise nobody
    acting = ctx.acting_as(SIGN_IN)
    async with identity_session(ctx.database, around=True) as session:
        await hold(session, ctx.scope.id)
        meanwhile = await seat_of(session, ctx.scope.id, identity_id)
        if meanwhile is not None:
            return meanwhile
        async with tenant_session(acting) as own:
            work = Work(acting, own, ctx.today, ctx.clock.now())
            origin, seat = NUMBER, await _by_number(work, session, provider, proof) if by_number else None
            if seat is None and opens:
                origin, seat = JUST_IN_TIME, await _new_seat(work, flow, proof)
            if seat is None:
                raise nobody
            if not await sit_down(session, ctx.clock, identity_id, ctx.scope.id, seat.id, origin):
                raise nobody
            after = {"issuer": proof.issuer, "subject": proof.subject, "origin": origin}
            await work.audit("identity.link", ("seat", seat.id), after=after)
    return seat.id


async def _by_number(work: Work, session: AsyncSession, provider: Provider, proof: Proof) -> Seat | None:
    """Return the seat of the one officer at work whose number the provider vouches for."""
    numbers = values_of(proof.claims, provider.number_claim or "")
    number = next(iter(numbers)) if len(numbers) == 1 else None
    if not is_usable(number):
        return None
    chosen = (
        select(Seat)
        .join(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))
        .where(
            Seat.tenant_id == work.ctx.scope.id,
            Seat.active,
            Officer.status == "active",
            Officer.employee_number == number,
        )
    )
    seat = (await work.session.scalars(chosen)).one_or_none()
    if seat is not None and await known_by(session, work.ctx.scope.id, seat.id, proof.issuer):
        # Nobody gets a second way into this seat, nor a seat beside it.
        raise SignInRefused(Why.NO_SEAT, f"seat {seat.id} of this number has another account of {proof.issuer}")
    return seat


async def _new_seat(work: Work, flow: Flow, proof: Proof) -> Seat:
    """Return a new seat without a role, named as the provider names the person: text for display."""
    said = proof.claims.get("name")
    name = " ".join(said.split())[:LONGEST_NAME] if isinstance(said, str) else ""
    seat = Seat(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        name=name if is_usable(name) else proof.subject[:LONGEST_NAME],
        language=flow.language,
        active=True,
        created_at=work.now,
    )
    work.session.add(seat)
    await work.session.flush()
    after = {"name": seat.name, "language": seat.language, "origin": JUST_IN_TIME}
    await work.audit("seat.add", ("seat", seat.id), after=after)
    return seat
