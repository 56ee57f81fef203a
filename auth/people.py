"""Who holds a role, who supervises whom, who touched what: what core asks through ``core.people.People``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, null, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.holding import roles_on
from auth.models import ApiToken, IdentitySeat, Seat, Touched, TouchedBefore
from auth.one_person import seats_of_one
from auth.red_button.stops import is_account_stopped
from auth.relying_party.identities import same_person
from auth.roles import AWAY, GONE, counting
from core.clock import Clock, today
from core.context import Ctx, Scope
from core.database.sessions import identity_session
from core.people import Person
from core.personnel.models import Officer

SUPERVISOR = "supervisor"


class ThePeople:
    """Implements ``core.people.People`` within the scope of the open session."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        """Return the seats that hold ``role`` today and may come in, by name; nobody whose account is stopped."""
        stopped = is_account_stopped(Seat.tenant_id, Seat.id)
        people = await self._people(session, Seat.active.is_(True) & ~stopped)
        return [person for person in people if role in person.roles]

    async def person(self, session: AsyncSession, seat_id: UUID) -> Person | None:
        """Return the seat, active or not, or ``None`` if this scope has none such."""
        found = await self._people(session, Seat.id == seat_id)
        return found[0] if found else None

    async def seat_of(self, session: AsyncSession, officer_id: UUID) -> Person | None:
        """Return the active seat linked to an officer file, if the officer has one."""
        found = await self._people(session, Seat.active.is_(True) & (Seat.officer_id == officer_id))
        return found[0] if found else None

    async def supervisors(self, session: AsyncSession, officer_id: UUID) -> list[Person]:
        """Return who supervises the officer, by name; nobody supervises themselves.

        The one that HR names comes first, then the supervisors of the officer's unit, then
        those without a unit, who answer for the whole service, then all: a duty never falls
        to nobody while somebody holds the role.
        """
        able = [one for one in await self.holders(session, SUPERVISOR) if one.officer_id != officer_id]
        officer = (
            await session.execute(
                select(Officer.unit, Officer.supervisor_number).where(
                    Officer.tenant_id == _scope(session).id, Officer.id == officer_id
                )
            )
        ).first()
        if officer is None:
            return []
        named = await self._officer(session, officer.supervisor_number)
        nearest = [
            [one for one in able if named is not None and one.officer_id == named],
            [one for one in able if officer.unit is not None and one.unit == officer.unit],
            [one for one in able if one.unit is None],
        ]
        return next((found for found in nearest if found), able)

    async def touch(self, session: AsyncSession, cases: Collection[UUID], others: Collection[UUID]) -> None:
        """Remember that the session's actor, and the seats ``others``, had to do with ``cases`` in its scope."""
        scope_id, now = _scope(session).id, self._clock.now()
        seats = {*await self._behind(session), *others}
        pairs = sorted((seat, case) for seat in seats for case in cases)
        rows = [{"scope_id": scope_id, "seat_id": seat, "case_id": case, "first_at": now} for seat, case in pairs]
        if rows:
            await session.execute(insert(Touched).on_conflict_do_nothing(), rows)

    async def touched(self, session: AsyncSession, cases: Collection[UUID]) -> frozenset[UUID]:
        """Return those of ``cases`` that the session's actor has touched in another seat of the same person."""
        ctx: Ctx = session.info["ctx"]
        here = await self._behind(session)
        if not here or not cases:
            return frozenset()
        mine = select(same_person(ctx.scope.id, here).c.identity_id)
        now = (
            select(Touched.case_id)
            .join(
                IdentitySeat,
                (IdentitySeat.scope_id == Touched.scope_id) & (IdentitySeat.seat_id == Touched.seat_id),
            )
            .where(IdentitySeat.identity_id.in_(mine), Touched.case_id.in_(cases))
        )
        before = select(TouchedBefore.case_id).where(
            TouchedBefore.identity_id.in_(mine), TouchedBefore.case_id.in_(cases)
        )
        async with identity_session(ctx.database) as identities:
            return frozenset(await identities.scalars(union(now, before)))

    async def is_actor(self, session: AsyncSession, account: UUID) -> bool:
        """Say whether the person behind the session's actor stands behind ``account``, too, in whichever seat."""
        here, there = await self._behind(session), {account, *await _let_in(session, account)}
        return not here.isdisjoint(await seats_of_one(session, there))

    async def answered_for(self, session: AsyncSession) -> bool:
        """Say whether somebody is known who stands behind the session's actor: themselves, or who let a program in."""
        return bool(await self._behind(session))

    @staticmethod
    async def _behind(session: AsyncSession) -> set[UUID]:
        """Return the seats of the people who act: of a program, those who let it in; of the platform itself, nobody."""
        ctx: Ctx = session.info["ctx"]
        actor = ctx.actor
        if actor.kind == "person":
            return {actor.id}
        if actor.kind == "system":
            return set()
        return await _let_in(session, actor.id)

    async def _officer(self, session: AsyncSession, employee_number: str | None) -> UUID | None:
        if employee_number is None:
            return None
        chosen = select(Officer.id).where(
            Officer.tenant_id == _scope(session).id, Officer.employee_number == employee_number
        )
        return (await session.execute(chosen)).scalar_one_or_none()

    async def _people(self, session: AsyncSession, wanted: ColumnElement[bool]) -> list[Person]:
        scope = _scope(session)
        on = today(self._clock, scope.zone)
        agency = scope.kind == "agency"  # Only an agency has officer files, and a grant on them.
        columns: Any = (
            Seat.id,
            Seat.name,
            Seat.language,
            Seat.officer_id,
            Seat.unit,
            (Seat.active & ~is_account_stopped(Seat.tenant_id, Seat.id)).label("active"),
            roles_on(on).label("roles"),
            (Officer.status if agency else null()).label("standing"),
        )
        chosen = select(*columns).where(Seat.tenant_id == scope.id, wanted).order_by(Seat.name, Seat.id)
        if agency:
            own_file = (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id)
            chosen = chosen.select_from(Seat).outerjoin(Officer, own_file)
        return [
            Person(
                id=row.id,
                name=row.name,
                roles=counting(frozenset(row.roles or ()), row.standing),
                language=row.language,
                officer_id=row.officer_id,
                unit=row.unit,
                active=row.active and row.standing not in GONE,
                away=row.standing in AWAY,
            )
            for row in await session.execute(chosen)
        ]


async def _let_in(session: AsyncSession, account: UUID) -> set[UUID]:
    """Return the seats of those who let a program in by this account."""
    chosen = select(ApiToken.created_by).where(
        ApiToken.tenant_id == _scope(session).id, ApiToken.account_id == account, ApiToken.created_by.is_not(None)
    )
    return {seat for seat in await session.scalars(chosen) if seat is not None}


def _scope(session: AsyncSession) -> Scope:
    ctx: Ctx = session.info["ctx"]
    return ctx.scope
