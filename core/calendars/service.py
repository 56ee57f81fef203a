"""Use cases on calendar addresses: one's own are made, seen and revoked; those of a scope are looked after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from core.calendars.lifecycle import CALENDAR_KEEP, CALENDAR_MANAGE, CALENDAR_MISSION, CALENDAR_OWN
from core.calendars.models import CalendarAddress
from core.calendars.schemas import (
    AddressList,
    AddressOut,
    ListAddresses,
    MadeAddress,
    MissionAddressIn,
    MissionChoice,
    OwnAddresses,
    OwnAddressIn,
    Withdraw,
)
from core.context import ScopeKind
from core.database.folding import holds
from core.deployments.lifecycle import TOUR_READ
from core.errors import NotFound, Refused
from core.missions.models import Mission
from core.text import t
from core.tokens import digest, new_secret, write_token
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.paging import page_of
from core.use_cases.work import Work

BOTH: frozenset[ScopeKind] = frozenset({"agency", "program"})
SUBJECT = "calendar_address"
PATH = "/calendar"
"""What every address begins with, below the site's own."""
MOST = 20
"""Addresses that one person has at a time."""
IN_PERSON = t("Do it on the page “Calendar addresses”.")
ANOTHER = t("If nobody has copied the address, revoke it on the page “Calendar addresses” and make another.")


@use_case(permission=CALENDAR_KEEP, input=Nothing, output=OwnAddresses, scopes=BOTH, reads=True)
async def list_own_addresses(work: Work, data: Nothing) -> OwnAddresses:
    """List the calendar addresses that the caller made, the newest first."""
    rows = await work.session.execute(_addresses().where(CalendarAddress.seat_id == work.ctx.actor.id))
    missions: Sequence[Mission] = ()
    if work.ctx.actor.may(CALENDAR_MISSION):
        missions = (await work.session.scalars(select(Mission).order_by(Mission.acronym_en, Mission.starts_on))).all()
    return OwnAddresses(
        [_shown(*row) for row in rows],
        [
            MissionChoice(
                id=one.id,
                mission_en=f"{one.acronym_en} – {one.name_en}",
                mission_fr=f"{one.acronym_fr} – {one.name_fr}",
            )
            for one in missions
            if one.state != "closed"
        ],
    )


@use_case(
    permission=CALENDAR_OWN,
    input=OwnAddressIn,
    output=MadeAddress,
    backdated=NOW,
    in_person=IN_PERSON,
    shown_once=ANOTHER,
    narrowed=t("only with an officer file that the account is linked to"),
)
async def make_own_address(work: Work, data: OwnAddressIn) -> MadeAddress:
    """Make an address at which a calendar reads the caller's own dates. It is shown this once."""
    officer_id = work.ctx.actor.officer_id
    if officer_id is None:
        raise Refused(
            t("Your account is not linked to an officer file yet: there are no dates of your own."),
            t("Your administrator can link it."),
        )
    return await _make(work, data.label, data.language, officer_id=officer_id)


@use_case(
    permission=CALENDAR_MISSION,
    input=MissionAddressIn,
    output=MadeAddress,
    scopes=BOTH,
    backdated=NOW,
    in_person=IN_PERSON,
    shown_once=ANOTHER,
)
async def make_mission_address(work: Work, data: MissionAddressIn) -> MadeAddress:
    """Make an address at which a calendar reads the dates of a mission. It is shown this once."""
    work.require(TOUR_READ)
    mission: Mission = await work.find(Mission, data.mission_id)
    return await _make(work, data.label, data.language, mission=mission)


@use_case(permission=CALENDAR_KEEP, input=ById, output=OwnAddresses, scopes=BOTH, backdated=NOW)
async def revoke_address(work: Work, data: ById) -> OwnAddresses:
    """Revoke an address that the caller made: from this moment it leads nowhere."""
    row: CalendarAddress = await work.get(CalendarAddress, data.id)
    if row.seat_id != work.ctx.actor.id:
        raise NotFound
    await _revoke(work, row)
    return await list_own_addresses.body(work, Nothing())


@use_case(permission=CALENDAR_MANAGE, input=ListAddresses, output=AddressList, scopes=BOTH, reads=True)
async def list_addresses(work: Work, data: ListAddresses) -> AddressList:
    """List the calendar addresses of everybody in the scope, the newest first."""
    said = (CalendarAddress.owner_name, CalendarAddress.label, Mission.acronym_en, Mission.acronym_fr)
    rows = await work.session.execute(_addresses().where(holds(data.q, *said)))
    return AddressList(*page_of([_shown(*row) for row in rows], data.after, data.limit))


@use_case(permission=CALENDAR_MANAGE, input=ById, output=AddressOut, scopes=BOTH, reads=True)
async def get_address(work: Work, data: ById) -> AddressOut:
    """Show one calendar address of the scope, never its text."""
    return await _address(work, (await work.get(CalendarAddress, data.id)).id)


@use_case(permission=CALENDAR_MANAGE, input=Withdraw, output=Nothing, scopes=BOTH, backdated=NOW)
async def withdraw_address(work: Work, data: Withdraw) -> Nothing:
    """Revoke the calendar address of anybody in the scope, and tell whoever made it."""
    row: CalendarAddress = await work.get(CalendarAddress, data.id)
    await _revoke(work, row, reason=data.reason)
    if row.seat_id != work.ctx.actor.id:
        told = t("Your calendar address “%(label)s” was revoked: %(reason)s", label=row.label, reason=data.reason)
        await work.notify(told, link="/calendars", seat=row.seat_id)
    return Nothing()


async def _make(
    work: Work, label: str, language: str, *, officer_id: UUID | None = None, mission: Mission | None = None
) -> MadeAddress:
    await _require_room(work)
    secret = new_secret()
    row = CalendarAddress(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        seat_id=work.ctx.actor.id,
        owner_name=work.ctx.actor.name,
        officer_id=officer_id,
        program_id=mission.tenant_id if mission else None,
        mission_id=mission.id if mission else None,
        label=label,
        language=language,
        secret_digest=digest(secret),
        made_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("calendar_address.create", (SUBJECT, row.id), after=_told(row))
    url = f"{work.ctx.database.settings.address}{PATH}/{write_token(work.ctx.scope.slug, secret)}.ics"
    return MadeAddress(url=url, address=await _address(work, row.id))


async def _require_room(work: Work) -> None:
    """Refuse one address too many, and whoever acts for the scope no more: theirs would lead nowhere."""
    person = await work.ctx.people.person(work.session, work.ctx.actor.id)
    if person is None or not person.active:
        raise Refused(
            t("A calendar address ends with the seat of whoever made it, and yours is not active."),
            t("If that is wrong, ask your administrator."),
        )
    mine = select(func.count()).where(
        CalendarAddress.tenant_id == work.ctx.scope.id, CalendarAddress.seat_id == work.ctx.actor.id
    )
    if (await work.session.scalar(mine) or 0) >= MOST:
        raise Refused(t("You have %(most)s calendar addresses.", most=MOST), t("Revoke one that is not used any more."))


async def _revoke(work: Work, row: CalendarAddress, *, reason: str | None = None) -> None:
    await work.audit("calendar_address.revoke", (SUBJECT, row.id), before=_told(row), reason=reason)
    await work.session.delete(row)
    await work.session.flush()


def _told(row: CalendarAddress) -> dict[str, Any]:
    """Return what the log says of an address."""
    return {"seat_id": row.seat_id, "label": row.label, "mission_id": row.mission_id, "language": row.language}


def _addresses() -> Select[CalendarAddress, Mission]:
    whose = (Mission.tenant_id == CalendarAddress.program_id) & (Mission.id == CalendarAddress.mission_id)
    return select(CalendarAddress, Mission).outerjoin(Mission, whose).order_by(CalendarAddress.id.desc())


async def _address(work: Work, id: UUID) -> AddressOut:
    return _shown(*(await work.session.execute(_addresses().where(CalendarAddress.id == id))).one())


def _shown(row: CalendarAddress, mission: Mission | None) -> AddressOut:
    return shown(
        AddressOut,
        row,
        kind="own" if row.mission_id is None else "mission",
        mission_en=mission.acronym_en if mission else None,
        mission_fr=mission.acronym_fr if mission else None,
    )
