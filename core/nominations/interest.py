"""Use cases on interest: how the officer begins the way."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.errors import Fault, Invalid, NotFound, Refused
from core.missions.calls import require_open
from core.missions.models import Call, Mission
from core.nominations.lifecycle import INTEREST, INTEREST_ANSWER, INTEREST_DECLARE, INTEREST_READ
from core.nominations.models import Dossier, Interest, Nomination
from core.nominations.schemas import DeclareInterest, InterestList, InterestOut, ListInterests, OfInterest
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Work


@use_case(permission=INTEREST_READ, input=ListInterests, output=InterestList, reads=True)
async def list_interests(work: Work, data: ListInterests) -> InterestList:
    """List interests: a coordinator sees all, an officer their own."""
    return InterestList(await _interests(work, call_id=data.call_id))


@use_case(permission=INTEREST_DECLARE, input=DeclareInterest, output=InterestOut, backdated=NOW)
async def declare_interest(work: Work, data: DeclareInterest) -> InterestOut:
    """Say "I am interested" in an open call."""
    officer = await _officer(work, data.officer_id)
    work.require(INTEREST_DECLARE, owner=officer.id)
    call: Call = await work.find(Call, data.call_id)
    require_open(work, call)
    if officer.status not in ("active", "seconded"):
        raise Refused(
            t("Only a member in active service can be put forward."),
            t("Your HR office can say when the status changes."),
        )
    existing = await work.session.scalar(
        select(Interest).where(Interest.officer_id == officer.id, Interest.call_id == call.id)
    )
    if existing is not None:
        if existing.state in ("declared", "nominated"):
            return await _one(work, existing.id)
        await move(work, existing, INTEREST, "renew", owner=officer.id, changes={"note": data.note, "answer": None})
        return await _one(work, existing.id)
    interest = Interest(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        officer_id=officer.id,
        program_id=call.tenant_id,
        call_id=call.id,
        state=INTEREST.initial,
        note=data.note,
        declared_on=work.on,
        created_at=work.now,
    )
    work.session.add(interest)
    await work.session.flush()
    await work.audit("interest.declare", ("interest", interest.id), after={"call": call.number, "officer": officer.id})
    await work.emit("interest_changed", ("interest", interest.id))
    name = f"{officer.given_name} {officer.family_name}"
    text = t("%(name)s is interested in call %(number)s.", name=name, number=call.number)
    await work.notify(text, link=f"/calls/{call.id}", role="coordinator")
    return await _one(work, interest.id)


@use_case(permission=INTEREST_DECLARE, input=OfInterest, output=InterestOut, backdated=NOW)
async def withdraw_interest(work: Work, data: OfInterest) -> InterestOut:
    """Take an interest back."""
    interest: Interest = await work.get(Interest, data.id)
    await move(work, interest, INTEREST, "withdraw", reason=data.reason, owner=interest.officer_id)
    return await _one(work, interest.id)


@use_case(permission=INTEREST_ANSWER, input=OfInterest, output=InterestOut, backdated=NOW)
async def decline_interest(work: Work, data: OfInterest) -> InterestOut:
    """Answer that the service does not put the officer forward, and why."""
    interest: Interest = await work.get(Interest, data.id)
    if not data.reason:
        raise Invalid([Fault("/reason", t("Say why: the officer reads it."))])
    await move(work, interest, INTEREST, "decline", reason=data.reason, changes={"answer": data.reason})
    seat = await work.ctx.people.seat_of(work.session, interest.officer_id)
    if seat:
        await work.notify(t("Your service answered your interest in a call."), link="/my/nominations", seat=seat.id)
    return await _one(work, interest.id)


async def _officer(work: Work, officer_id: str | None) -> Officer:
    chosen = officer_id or work.ctx.actor.officer_id
    if chosen is None:
        raise Invalid([Fault("/officer_id", t("Say which officer: your account is linked to no officer file."))])
    officer: Officer = await work.get(Officer, chosen)
    return officer


async def _one(work: Work, id: UUID) -> InterestOut:
    found = await _interests(work, id=id)
    if not found:
        raise NotFound
    return found[0]


async def _interests(work: Work, *, call_id: str | None = None, id: UUID | None = None) -> list[InterestOut]:
    query = (
        select(
            Interest,
            Officer.given_name,
            Officer.family_name,
            Call,
            Mission.acronym_en,
            Mission.acronym_fr,
            Nomination.id,
        )
        .join(Officer, (Officer.tenant_id == Interest.tenant_id) & (Officer.id == Interest.officer_id))
        .join(Call, (Call.tenant_id == Interest.program_id) & (Call.id == Interest.call_id))
        .join(Mission, (Mission.tenant_id == Call.tenant_id) & (Mission.id == Call.mission_id))
        .outerjoin(Dossier, (Dossier.tenant_id == Interest.tenant_id) & (Dossier.interest_id == Interest.id))
        .outerjoin(Nomination, (Nomination.tenant_id == Dossier.tenant_id) & (Nomination.id == Dossier.id))
        .order_by(Interest.declared_on.desc(), Officer.family_name)
    )
    actor = work.ctx.actor
    if not actor.may(INTEREST_READ):
        query = query.where(Interest.officer_id == actor.officer_id)
    if call_id:
        try:
            query = query.where(Interest.call_id == UUID(call_id))
        except ValueError:
            return []
    if id:
        query = query.where(Interest.id == id)
    return [
        InterestOut(
            id=interest.id,
            officer_id=interest.officer_id,
            name=f"{given} {family}",
            call_id=call.id,
            call_number=call.number,
            mission_en=english,
            mission_fr=french,
            closes_on=call.closes_on,
            state=interest.state,
            note=interest.note,
            declared_on=interest.declared_on,
            answer=interest.answer,
            nomination_id=nomination_id,
            version=interest.version,
        )
        for interest, given, family, call, english, french, nomination_id in await work.session.execute(query)
    ]
