"""Use cases on calls for nominations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from core.context import ScopeKind
from core.database.folding import holds
from core.errors import Fault, Invalid, Refused
from core.hooks.days import shift
from core.missions.lifecycle import CALL, CALL_OPEN, CALL_READ, CALL_WRITE
from core.missions.models import Call, CallPosition, Mission, Position
from core.missions.schemas import (
    CallIn,
    CallList,
    CallOut,
    CallPositionIn,
    CallSummary,
    ListCalls,
    MissionOut,
    OfferedPosition,
    PositionOut,
)
from core.text import t
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.lifecycle import Step, move
from core.use_cases.output import shown
from core.use_cases.paging import beyond, cut
from core.use_cases.work import Work

BOTH: frozenset[ScopeKind] = frozenset({"agency", "program"})
ORDER = (Call.closes_on, Call.number)


def last_day(starts_on: date, months: int) -> date:
    """Return the last day of a tour of ``months`` months that starts on ``starts_on``."""
    return shift(starts_on, months=months) - timedelta(days=1)


def require_open(work: Work, call: Call) -> None:
    """Refuse unless services may answer ``call`` on the day of the work: it is open, to the end of its last day."""
    if call.state != "open":
        remedy = t("Only IPOB opens a call. Look at the open calls.")
        if call.state == "closed" and call.closes_on >= work.on:
            remedy = t("IPOB can open it again until %(day)s: ask its planner.", day=call.closes_on)
        raise Refused(t("Call %(number)s is not open.", number=call.number), remedy)
    if call.closes_on < work.on:
        raise Refused(
            t("Call %(number)s took nominations until %(day)s.", number=call.number, day=call.closes_on),
            t("Ask IPOB for a new call with a later deadline."),
        )


def _query() -> Select[*tuple[Any, ...]]:
    """Return the calls the scope may see with the number of officers wanted."""
    wanted = (
        select(func.coalesce(func.sum(CallPosition.wanted), 0))
        .where(CallPosition.tenant_id == Call.tenant_id, CallPosition.call_id == Call.id)
        .scalar_subquery()
    )
    return select(Call, Mission.acronym_en, Mission.acronym_fr, wanted).join(
        Mission, (Mission.tenant_id == Call.tenant_id) & (Mission.id == Call.mission_id)
    )


async def summaries(
    work: Work, *conditions: ColumnElement[bool], limit: int | None = None, latest: bool = False
) -> list[CallSummary]:
    """Return the calls the scope may see that meet the conditions, by deadline, or the ``latest`` first."""
    order = [column.desc() for column in ORDER] if latest else ORDER
    query = _query().where(*conditions).order_by(*order).limit(limit)
    return [
        CallSummary(
            id=call.id,
            number=call.number,
            mission_id=call.mission_id,
            mission_en=english,
            mission_fr=french,
            state=call.state,
            closes_on=call.closes_on,
            tour_starts_on=call.tour_starts_on,
            tour_months=call.tour_months,
            wanted=int(count),
            version=call.version,
        )
        for call, english, french, count in await work.session.execute(query)
    ]


@use_case(permission=CALL_READ, input=ListCalls, output=CallList, scopes=BOTH, reads=True)
async def list_calls(work: Work, data: ListCalls) -> CallList:
    """List calls by deadline while they run (``open``: while they take nominations), else the latest first."""
    latest = data.state not in ("current", "draft", "open")
    names = (Call.number, Mission.acronym_en, Mission.acronym_fr, Mission.name_en, Mission.name_fr)
    wanted = [holds(data.q, *names)]
    states = {"current": ("draft", "open"), "all": None}.get(data.state, (data.state,))
    if states:
        wanted.append(Call.state.in_(states))
    if data.state == "open":
        wanted.append(Call.closes_on >= work.on)
    if data.mission_id:
        try:
            wanted.append(Call.mission_id == UUID(data.mission_id))
        except ValueError:
            return CallList([])
    if data.after:
        wanted.append(beyond(_query(), ORDER, Call.id, data.after, descending=latest))
    return CallList(*cut(await summaries(work, *wanted, limit=data.limit + 1, latest=latest), data.limit))


@use_case(permission=CALL_READ, input=ById, output=CallOut, scopes=BOTH, reads=True)
async def get_call(work: Work, data: ById) -> CallOut:
    """Show a call with its mission and the positions it offers."""
    return await _whole(work, await work.find(Call, data.id))


async def _whole(work: Work, call: Call) -> CallOut:
    mission = (
        await work.session.execute(select(Mission).filter_by(tenant_id=call.tenant_id, id=call.mission_id))
    ).scalar_one()
    offered = (
        select(Position, CallPosition.wanted)
        .join(CallPosition, (CallPosition.tenant_id == Position.tenant_id) & (CallPosition.position_id == Position.id))
        .where(CallPosition.call_id == call.id)
        .order_by(Position.title_en)
    )
    positions = [
        OfferedPosition(shown(PositionOut, position), wanted)
        for position, wanted in await work.session.execute(offered)
    ]
    return CallOut(
        id=call.id,
        number=call.number,
        mission=shown(MissionOut, mission),
        state=call.state,
        opens_on=call.opens_on,
        closes_on=call.closes_on,
        tour_starts_on=call.tour_starts_on,
        tour_ends_on=last_day(call.tour_starts_on, call.tour_months),
        tour_months=call.tour_months,
        minimum_service_years=call.minimum_service_years,
        women_share=call.women_share,
        requirements_en=call.requirements_en,
        requirements_fr=call.requirements_fr,
        positions=positions,
        version=call.version,
    )


@use_case(permission=CALL_WRITE, input=CallIn, output=CallOut, scopes={"program"})
async def create_call(work: Work, data: CallIn) -> CallOut:
    """Draft a call for nominations to one mission."""
    mission = await work.get(Mission, data.mission_id)
    faults = []
    if data.closes_on < work.on:
        faults.append(Fault("/closes_on", t("The deadline is past.")))
    if data.tour_starts_on <= data.closes_on:
        faults.append(Fault("/tour_starts_on", t("Tours start after the deadline.")))
    if mission.state not in ("planned", "active"):
        faults.append(Fault("/mission_id", t("This mission takes no officers now.")))
    if faults:
        raise Invalid(faults)
    values: dict[str, Any] = msgspec.structs.asdict(data) | {"mission_id": mission.id}
    call = Call(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        number=await _next_number(work),
        state=CALL.initial,
        created_at=work.now,
        **values,
    )
    work.session.add(call)
    await work.session.flush()
    await work.audit("call.create", ("call", call.id), after=msgspec.to_builtins(data) | {"number": call.number})
    return await _whole(work, call)


async def _next_number(work: Work) -> str:
    prefix = f"AC-{work.on.year}-"
    last = await work.session.scalar(select(func.max(Call.number)).where(Call.number.startswith(prefix)))
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:03d}"


@use_case(permission=CALL_WRITE, input=CallPositionIn, output=CallOut, scopes={"program"}, backdated=NOW)
async def offer_position(work: Work, data: CallPositionIn) -> CallOut:
    """Offer a position of the mission in a draft call."""
    call = await work.get(Call, data.id)
    if call.state != "draft":
        raise Refused(
            t("Call %(number)s is no longer a draft.", number=call.number),
            t("Draft another call for further positions: services rely on what this one said."),
        )
    position = await work.get(Position, data.position_id)
    if position.mission_id != call.mission_id:
        raise Invalid([Fault("/position_id", t("This position belongs to another mission."))])
    existing = select(CallPosition).filter_by(tenant_id=call.tenant_id, call_id=call.id, position_id=position.id)
    row = (await work.session.execute(existing)).scalar_one_or_none()
    if row is None:
        row = CallPosition(tenant_id=call.tenant_id, id=work.new_id(), call_id=call.id, position_id=position.id)
        work.session.add(row)
    row.wanted = data.wanted
    await work.session.flush()
    await work.audit("call.offer", ("call", call.id), after=msgspec.to_builtins(data))
    return await _whole(work, call)


@use_case(permission=CALL_OPEN, input=Step, output=CallOut, scopes={"program"})
async def move_call(work: Work, data: Step) -> CallOut:
    """Move a call along: open, close, open again, mark as filled, cancel."""
    call = await work.get(Call, data.id)
    changes: dict[str, Any] = {}
    if data.step in ("open", "reopen"):
        await _check_ready(work, call)
        changes = {"opens_on": call.opens_on or work.on, "published_at": work.now}
    await move(work, call, CALL, data.step, reason=data.reason, changes=changes)
    if data.step == "open":
        await _publish(work, call)
    return await _whole(work, call)


async def _check_ready(work: Work, call: Call) -> None:
    offered = await work.session.scalar(select(func.count()).where(CallPosition.call_id == call.id))
    if not offered:
        raise Refused(t("The call offers no position."), t("Add a position of the mission's establishment first."))
    if call.closes_on < work.on:
        raise Refused(t("The deadline is past."), t("Draft a new call with a later deadline."))


async def _publish(work: Work, call: Call) -> None:
    """Let the services read what the call is about: its positions, and the mission while it is only planned."""
    mission = await work.get(Mission, call.mission_id)
    mission.published_at = mission.published_at or work.now
    rows = (await work.session.execute(select(CallPosition).where(CallPosition.call_id == call.id))).scalars()
    for row in rows:
        row.published_at = work.now
    await work.session.flush()
