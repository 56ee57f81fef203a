"""Use cases on people and roles: who acts for this scope, what they may do, and why they may."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from auth.break_glass.standing import keep_apart
from auth.claim_rules.following import follow_groups
from auth.claim_rules.settling import LOST
from auth.keeping import keep_a_manager, keeping_somebody
from auth.leaving import end_all_of
from auth.models import RoleGrant, Seat
from auth.reading import delegations_of, grants_of, seat_out, seats
from auth.relying_party.identities import seats_beside
from auth.roles import MANAGES, ROLES
from auth.schemas import (
    EndDelegation,
    EndGrant,
    GrantIn,
    LinkOfficer,
    ListSeats,
    OtherSeat,
    OwnSeat,
    SeatFile,
    SeatIn,
    SeatList,
    SwitchSeat,
)
from auth.scim.feeding import follow_directory
from auth.scim.holding import hold_directory
from core.approvals.models import Delegation
from core.approvals.service import close_delegation
from core.context import ScopeKind
from core.database.sessions import identity_session
from core.errors import Fault, Invalid, NotFound, Refused
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.paging import page_of
from core.use_cases.work import Work

SEAT_READ = "seat.read"
SEAT_MANAGE = "seat.manage"
SESSION_READ = "session.read"

EVERYWHERE: frozenset[ScopeKind] = frozenset({"agency", "program", "department", "mission", "platform"})


@use_case(permission=SEAT_READ, input=ListSeats, output=SeatList, scopes=EVERYWHERE, reads=True)
async def list_seats(work: Work, data: ListSeats) -> SeatList:
    """List the people who act for this scope, with the roles they hold today."""
    found = await seats(work, name=data.q)
    chosen = [seat for seat in found if data.role is None or data.role in seat.roles]
    return SeatList(*page_of(chosen, data.after, data.limit))


@use_case(permission=SEAT_READ, input=ById, output=SeatFile, scopes=EVERYWHERE, reads=True)
async def get_seat(work: Work, data: ById) -> SeatFile:
    """Show a person with every role they have, had or will have, where each comes from, and today's delegations."""
    return await _file(work, await work.get(Seat, data.id))


@use_case(permission=SEAT_MANAGE, input=SeatIn, output=SeatFile, scopes=EVERYWHERE, backdated=NOW)
async def add_seat(work: Work, data: SeatIn) -> SeatFile:
    """Add a person. They hold no role, and come in once their sign-in is linked to the seat."""
    if data.language not in {"en", "fr"}:
        raise Invalid([Fault("/language", t("Choose one of: %(choices)s.", choices="en, fr"))])
    seat = Seat(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        name=data.name,
        language=data.language,
        unit=data.unit,
        active=True,
        created_at=work.now,
    )
    work.session.add(seat)
    await work.session.flush()
    after = {"name": seat.name, "language": seat.language, "unit": seat.unit}
    await work.audit("seat.add", ("seat", seat.id), after=after, reason=data.reason)
    return await _file(work, seat)


@use_case(permission=SEAT_MANAGE, input=SwitchSeat, output=SeatFile, scopes=EVERYWHERE, backdated=NOW)
async def switch_seat(work: Work, data: SwitchSeat) -> SeatFile:
    """Let a person come in, or shut them out and end all they began or let others in by; their past stays."""
    seat = await work.get(Seat, data.id)
    work.check_version(seat)
    if seat.active == data.active:
        raise Refused(t("It is so already."), t("Look at the person’s page again."))
    if data.active:
        await _require_person(work, seat)
        await keep_apart(work, seat.id)
    else:
        await keep_a_manager(work, seat.id)
    # What a person decides, the directory does not undo.
    seat.active, seat.shut_by_directory = data.active, False
    await work.session.flush()
    after: dict[str, Any] = {"active": seat.active}
    if not data.active:
        after |= await end_all_of(work, seat.id)
    await work.audit(
        "seat.switch", ("seat", seat.id), before={"active": not seat.active}, after=after, reason=data.reason
    )
    return await _file(work, seat)


@use_case(permission=SEAT_MANAGE, input=GrantIn, output=SeatFile, scopes=EVERYWHERE, backdated=NOW)
async def grant_role(work: Work, data: GrantIn) -> SeatFile:
    """Give a person a role, with a reason."""
    seat = await work.get(Seat, data.id)
    await keep_apart(work, seat.id)
    starts_on = data.starts_on or work.on
    faults = []
    if data.role not in ROLES[work.ctx.scope.kind]:
        known = ", ".join(ROLES[work.ctx.scope.kind])
        faults.append(Fault("/role", t("Choose one of: %(choices)s.", choices=known)))
    if starts_on < work.on:
        faults.append(Fault("/starts_on", t("A role begins today or later.")))
    if data.ends_on is not None and data.ends_on <= starts_on:
        faults.append(Fault("/ends_on", t("It ends after it begins.")))
    if faults:
        raise Invalid(faults)
    _require_another(work, seat.id, data.role)
    if await _overlaps(work, seat.id, data.role, starts_on, data.ends_on):
        raise Refused(
            t("%(name)s has this role in these days already.", name=seat.name),
            t("End that one first, or choose other days."),
        )
    grant = RoleGrant(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        seat_id=seat.id,
        role=data.role,
        origin="manual",
        starts_on=starts_on,
        ends_on=data.ends_on,
        reason=data.reason,
        granted_by=work.ctx.actor.id,
        created_at=work.now,
    )
    work.session.add(grant)
    await work.session.flush()
    after = {"role": data.role, "origin": "manual", "starts_on": starts_on, "ends_on": data.ends_on}
    await work.audit("seat.grant", ("seat", seat.id), after=after, reason=data.reason)
    return await _file(work, seat)


@use_case(permission=SEAT_MANAGE, input=EndGrant, output=SeatFile, scopes=EVERYWHERE, backdated=NOW)
async def end_grant(work: Work, data: EndGrant) -> SeatFile:
    """Take a role back today. Roles that come from elsewhere are ended where they come from."""
    seat = await work.get(Seat, data.id)
    grant = await work.get(RoleGrant, data.grant_id)
    if grant.seat_id != seat.id or (grant.ends_on is not None and grant.ends_on <= work.on):
        raise Refused(t("This role has ended already."), t("Look at the person’s page again."))
    if grant.origin != "manual":
        raise Refused(
            t("This role was not given here, so it cannot be taken back here."),
            t("End it in the system it comes from; it then ends here within a minute."),
        )
    if SEAT_MANAGE in ROLES[work.ctx.scope.kind][grant.role].permissions:
        await keep_a_manager(work, seat.id)
    before = {"role": grant.role, "ends_on": grant.ends_on}
    grant.ends_on = max(work.on, grant.starts_on)
    grant.ended_by = work.ctx.actor.id
    grant.end_reason = data.reason
    await work.session.flush()
    if grant.starts_on <= work.on and grant.role == MANAGES.get(work.ctx.scope.kind):
        await work.emit(LOST, ("seat", seat.id))
    after = {"role": grant.role, "ends_on": grant.ends_on}
    await work.audit("seat.revoke", ("seat", seat.id), before=before, after=after, reason=data.reason)
    return await _file(work, seat)


@use_case(permission=SEAT_MANAGE, input=EndDelegation, output=SeatFile, backdated=NOW)
async def end_delegation_of(work: Work, data: EndDelegation) -> SeatFile:
    """End a delegation that a person gave or has, and tell both: whoever gave it may be away, or gone."""
    seat = await work.get(Seat, data.id)
    row: Delegation = await work.get(Delegation, data.delegation_id)
    if seat.id not in (row.from_seat, row.to_seat):
        raise NotFound
    await close_delegation(work, row, data.reason)
    return await _file(work, seat)


@use_case(
    permission=SEAT_MANAGE,
    input=LinkOfficer,
    output=SeatFile,
    backdated=NOW,
    in_person=t("Do it on the person’s page."),
)
async def link_officer(work: Work, data: LinkOfficer) -> SeatFile:
    """Say which officer file is this person's own; what is theirs to see and do follows from it."""
    seat = await work.get(Seat, data.id)
    work.check_version(seat)
    # In the directory's own order, first this and then the seat: else the two could wait for each other.
    await hold_directory(work)
    officer_id: UUID | None = None
    if data.employee_number is not None:
        chosen = select(Officer.id).where(
            Officer.tenant_id == work.ctx.scope.id, Officer.employee_number == data.employee_number
        )
        officer_id = await work.session.scalar(chosen)
        if officer_id is None:
            raise Invalid([Fault("/employee_number", t("No officer here has this number."))])
        taken = select(Seat.name).where(
            Seat.tenant_id == work.ctx.scope.id, Seat.officer_id == officer_id, Seat.id != seat.id
        )
        name = await work.session.scalar(taken)
        if name is not None:
            raise Refused(t("This officer file belongs to %(name)s already.", name=name), t("Separate the two first."))
    before = {"officer_id": seat.officer_id}
    # Somebody may have left by that file, or be shut out or without a role by the directory’s account of it.
    async with keeping_somebody(work):
        seat.officer_id = officer_id
        await work.session.flush()
        after = {"officer_id": officer_id}
        await work.audit("seat.link", ("seat", seat.id), before=before, after=after, reason=data.reason)
        await follow_directory(work, data.employee_number)
        await follow_groups(work)
    return await _file(work, seat)


@use_case(permission=SESSION_READ, input=Nothing, output=OwnSeat, scopes=EVERYWHERE, reads=True)
async def own_seat(work: Work, data: Nothing) -> OwnSeat:
    """Show the caller's own seat, and in which other scopes the same person has one."""
    ctx = work.ctx
    async with identity_session(ctx.database) as session:
        beside = await seats_beside(session, ctx.scope.id, ctx.actor.id)
    found = [await ctx.database.scope_by_id(scope_id) for scope_id, _ in beside]
    others = [OtherSeat(scope.slug, scope.name_en, scope.name_fr) for scope in found if scope is not None]
    return OwnSeat(name=ctx.actor.name, roles=sorted(ctx.actor.roles), others=others)


async def _file(work: Work, seat: Seat) -> SeatFile:
    return SeatFile(
        seat=await seat_out(work, seat.id),
        grants=await grants_of(work, seat.id),
        delegations=await delegations_of(work, seat.id),
        version=seat.version,
    )


def _require_another(work: Work, seat_id: UUID, key: str) -> None:
    """Refuse to give a role apart to oneself, and by a program that one or one in which roles are given.

    Behind a program is whoever holds its token: somebody who gives roles no more would give themselves theirs back.
    """
    role = ROLES[work.ctx.scope.kind][key]
    if work.ctx.actor.kind != "person" and (role.apart or SEAT_MANAGE in role.permissions):
        raise Refused(
            t("A person gives this role: it opens what is closed to those who give roles, and to their programs.")
            if role.apart
            else t("A person gives this role: whoever has it gives roles and lets programs in."),
            t("Give it on the person’s page."),
        )
    if role.apart and seat_id == work.ctx.actor.id:
        raise Refused(
            t("Nobody gives themselves this role: it opens what is closed to those who give roles."),
            t("Another person who may give roles can give it to you."),
        )


async def _require_person(work: Work, seat: Seat) -> None:
    """Refuse that a program lets somebody in again who would then give roles, today or from a later day."""
    if work.ctx.actor.kind == "person":
        return
    known = ROLES[work.ctx.scope.kind]
    holds = select(RoleGrant.id).where(
        RoleGrant.tenant_id == work.ctx.scope.id,
        RoleGrant.seat_id == seat.id,
        RoleGrant.role.in_([key for key, role in known.items() if SEAT_MANAGE in role.permissions]),
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > work.on),
    )
    if await work.session.scalar(holds.limit(1)) is not None:
        raise Refused(
            t("A person lets them in again: %(name)s may then give roles and let programs in.", name=seat.name),
            t("Do it on the person’s page."),
        )


async def _overlaps(work: Work, seat_id: UUID, role: str, starts_on: date, ends_on: date | None) -> bool:
    """Say whether the seat has ``role`` by hand on one of these days (an end is the first day without)."""
    found = select(RoleGrant.id).where(
        RoleGrant.tenant_id == work.ctx.scope.id,
        RoleGrant.seat_id == seat_id,
        RoleGrant.role == role,
        RoleGrant.origin == "manual",
        or_(RoleGrant.ends_on.is_(None), (RoleGrant.ends_on > starts_on) & (RoleGrant.ends_on > RoleGrant.starts_on)),
    )
    if ends_on is not None:
        found = found.where(RoleGrant.starts_on < ends_on)
    return await work.session.scalar(found.limit(1)) is not None
