"""Seating the invented people: providers, seats, roles, and who may sit where."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from auth.models import IdentityProvider, RoleGrant, Seat
from auth.relying_party.identities import give_seat, identity_of
from contingent.demo.issuers import Places, client_id, places, provider_of
from contingent.demo.personas import Persona, personas_for
from core.clock import Clock, SystemClock
from core.context import Actor, Ctx, Scope
from core.database.directory import list_scopes
from core.database.engines import Database
from core.database.sessions import identity_session, public_session, tenant_session
from core.ids import new_id
from core.personnel.models import Officer
from core.settings import Settings
from core.use_cases.work import Work

COMMAND = timedelta(days=183)
"""How long the commander of a contingent commands it."""
REASON = "Invented person of the demonstration / Personne inventée de la démonstration"


def seat_id(scope: Scope, persona: Persona) -> UUID:
    """Return the seat of a persona: always the same one, so that seating twice changes nothing."""
    return uuid5(scope.id, f"demonstration/{persona.key}")


async def seat_everybody(database: Database, settings: Settings, clock: Clock) -> int:
    """Give each scope that exists its provider and its people; return how many were seated now.

    To be called at each start: it costs little when nothing changed, and another port is
    another provider. Raises ``Misconfigured`` outside the demonstration.
    """
    where = places(settings)
    async with public_session(database) as session:
        scopes = await list_scopes(session)
    return sum([await seat_people(database, where, clock, scope) for scope in scopes])


async def renew(settings: Settings) -> None:
    """Bring providers and people to what this start of the demonstration needs: the port may be another."""
    database = await Database.open(settings)
    try:
        await seat_everybody(database, settings, SystemClock())
    finally:
        await database.close()


async def seat_people(database: Database, where: Places, clock: Clock, scope: Scope) -> int:
    """Give one scope its provider and its people; return how many were seated now."""
    people = personas_for(scope.slug)
    if not people:
        return 0
    ctx = _ctx(database, clock, scope)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, clock.now())
        moved = await _provider(work, where)
        known = set(await session.scalars(select(Seat.id).where(Seat.tenant_id == scope.id)))
        fresh = [persona for persona in people if seat_id(scope, persona) not in known]
        for persona in fresh:
            await _seat(work, persona)
    if not fresh and not moved:
        return 0
    async with identity_session(database) as session:
        for persona in people:
            identity = await identity_of(session, clock, where.issuer(persona.issuer), persona.subject)
            await give_seat(session, clock, identity, scope.id, seat_id(scope, persona))
    return len(fresh)


async def link_officers(database: Database, clock: Clock, scope: Scope) -> int:
    """Link the seats of officers to their files, once those exist; return how many were linked now."""
    ctx = _ctx(database, clock, scope)
    linked = 0
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, clock.now())
        for persona in personas_for(scope.slug):
            if not persona.officer:
                continue
            chosen = select(Officer.id).where(
                Officer.tenant_id == scope.id, Officer.employee_number == persona.employee_number
            )
            officer = await session.scalar(chosen)
            if officer is None:
                continue
            change = update(Seat).where(
                Seat.tenant_id == scope.id,
                Seat.id == seat_id(scope, persona),
                Seat.officer_id.is_distinct_from(officer),
            )
            done = await session.execute(change.values(officer_id=officer).returning(Seat.id))
            if done.first() is not None:
                linked += 1
                subject = ("seat", seat_id(scope, persona))
                await work.audit("seat.link", subject, after={"officer_id": officer}, reason=REASON)
    return linked


async def _provider(work: Work, where: Places) -> bool:
    """Let the scope accept its provider and say whether that is new: its address follows the port."""
    scope = work.ctx.scope
    named = provider_of(scope.slug)
    values = {"issuer": where.issuer(named.issuer), "pinned_claim": named.claim, "pinned_value": named.value}
    row = insert(IdentityProvider).values(
        tenant_id=scope.id,
        id=uuid5(scope.id, "demonstration/provider"),
        name=named.issuer,
        client_id=client_id(scope.slug),
        client_auth="none",
        algorithms=["ES256"],
        state="enforced",
        version=1,
        created_at=work.now,
        **values,
    )
    changed = row.on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_=values, where=IdentityProvider.issuer != values["issuer"]
    )
    return (await work.session.execute(changed.returning(IdentityProvider.id))).first() is not None


async def _seat(work: Work, persona: Persona) -> None:
    scope, seat = work.ctx.scope, seat_id(work.ctx.scope, persona)
    work.session.add(
        Seat(
            tenant_id=scope.id,
            id=seat,
            name=persona.name,
            language=persona.language,
            unit=persona.unit,
            active=True,
            created_at=work.now,
        )
    )
    await work.session.flush()
    for role in persona.roles:
        work.session.add(
            RoleGrant(
                tenant_id=scope.id,
                id=new_id(work.ctx.clock),
                seat_id=seat,
                role=role,
                origin="manual",
                starts_on=work.on,
                ends_on=work.on + COMMAND if scope.kind == "mission" else None,
                reason=REASON,
                granted_by=work.ctx.actor.id,
                created_at=work.now,
            )
        )
    after = {"name": persona.name, "roles": list(persona.roles)}
    await work.audit("seat.add", ("seat", seat), after=after, reason=REASON)


def _ctx(database: Database, clock: Clock, scope: Scope) -> Ctx:
    actor = Actor(id=UUID(int=0), name="demonstration", kind="system")
    return Ctx(scope=scope, actor=actor, clock=clock, database=database)
