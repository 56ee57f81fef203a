"""Use cases on missions and their establishment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import select

from core.context import ScopeKind
from core.database.folding import holds
from core.errors import Fault, Invalid
from core.missions.calls import summaries
from core.missions.lifecycle import MISSION, MISSION_MOVE, MISSION_READ, MISSION_WRITE
from core.missions.models import Call, Mission, Position
from core.missions.schemas import (
    ListMissions,
    MissionFile,
    MissionIn,
    MissionList,
    MissionOut,
    PositionIn,
    PositionOut,
)
from core.text import t
from core.use_cases.declaration import EVER, ById, use_case
from core.use_cases.lifecycle import Step, move
from core.use_cases.output import shown
from core.use_cases.work import Work

CURRENT = ("planned", "active", "suspended", "drawdown")
READERS: frozenset[ScopeKind] = frozenset({"agency", "program", "department"})

BEFORE_CLOSING: list[Callable[[Work, Mission], Awaitable[None]]] = []
"""Checks that later rooms add: each raises ``Refused`` while the mission cannot be closed."""


@use_case(permission=MISSION_READ, input=ListMissions, output=MissionList, scopes=READERS, reads=True)
async def list_missions(work: Work, data: ListMissions) -> MissionList:
    """List missions, the latest first."""
    query = select(Mission).order_by(Mission.starts_on.desc(), Mission.acronym_en)
    if data.state == "current":
        query = query.where(Mission.state.in_(CURRENT))
    elif data.state != "all":
        query = query.where(Mission.state == data.state)
    names = (Mission.acronym_en, Mission.acronym_fr, Mission.name_en, Mission.name_fr, Mission.seat)
    rows = (await work.session.execute(query.where(holds(data.q, *names)))).scalars()
    return MissionList([shown(MissionOut, row) for row in rows])


@use_case(permission=MISSION_READ, input=ById, output=MissionFile, scopes=READERS, reads=True)
async def get_mission(work: Work, data: ById) -> MissionFile:
    """Show a mission with its establishment and its calls."""
    mission = await work.find(Mission, data.id)
    positions = select(Position).where(Position.mission_id == mission.id).order_by(Position.title_en)
    rows = (await work.session.execute(positions)).scalars()
    calls = await summaries(work, Call.mission_id == mission.id)
    return MissionFile(shown(MissionOut, mission), [shown(PositionOut, row) for row in rows], calls)


@use_case(permission=MISSION_WRITE, input=MissionIn, output=MissionOut, scopes={"program"}, backdated=EVER)
async def create_mission(work: Work, data: MissionIn) -> MissionOut:
    """Plan a mission; agencies see it once it is active."""
    faults = []
    same = select(Mission.id).where(Mission.acronym_en == data.acronym_en, Mission.starts_on == data.starts_on)
    if (await work.session.execute(same)).first() is not None:
        faults.append(Fault("/acronym_en", t("A mission with this acronym and first day exists already.")))
    if (data.note_en is None) != (data.note_fr is None):
        missing = "/note_fr" if data.note_fr is None else "/note_en"
        faults.append(Fault(missing, t("Services read it in both languages: write it in the other, too.")))
    if faults:
        raise Invalid(faults)
    mission = Mission(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        state=MISSION.initial,
        created_at=work.now,
        **msgspec.structs.asdict(data),
    )
    work.session.add(mission)
    await work.session.flush()
    await work.audit("mission.create", ("mission", mission.id), after=msgspec.to_builtins(data))
    await work.emit("mission_changed", ("mission", mission.id))
    return shown(MissionOut, mission)


@use_case(permission=MISSION_MOVE, input=Step, output=MissionOut, scopes={"program"}, backdated=EVER)
async def move_mission(work: Work, data: Step) -> MissionOut:
    """Move a mission along: activate, suspend, resume, draw down, close."""
    mission = await work.get(Mission, data.id)
    changes: dict[str, Any] = {}
    if data.step == "close":
        for check in BEFORE_CLOSING:
            await check(work, mission)
        changes["ends_on"] = work.on
    if mission.published_at is None:
        changes["published_at"] = work.now
    await move(work, mission, MISSION, data.step, reason=data.reason, changes=changes)
    return shown(MissionOut, mission)


@use_case(permission=MISSION_WRITE, input=PositionIn, output=PositionOut, scopes={"program"}, backdated=EVER)
async def add_position(work: Work, data: PositionIn) -> PositionOut:
    """Add a position to a mission's establishment."""
    mission = await work.get(Mission, data.id)
    if data.band_low > data.band_high:
        raise Invalid([Fault("/band_high", t("The highest band is below the lowest."))])
    values = msgspec.structs.asdict(data) | {"id": work.new_id(), "mission_id": mission.id}
    position = Position(tenant_id=work.ctx.scope.id, created_at=work.now, published_at=work.now, **values)
    work.session.add(position)
    await work.session.flush()
    await work.audit("position.create", ("position", position.id), after=msgspec.to_builtins(data))
    return shown(PositionOut, position)
