"""The commander of a contingent reads who is in one mission now, from one day to another, and no more."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from auth.roles import permissions_of
from core.agencies import CONTRACT_FIELDS
from core.audit.models import Look
from core.context import Actor, Ctx
from core.contingents.models import ContingentMember
from core.contingents.schemas import Contingent, MemberOut, Presence, ReadContingent
from core.contingents.service import read_contingent
from core.database.sessions import tenant_session
from core.deployments.schemas import TourStep
from core.deployments.service import move_tour
from core.errors import NotFound
from core.events.worker import drain
from core.missions.schemas import MissionIn
from core.missions.service import create_mission, move_mission
from core.nominations.candidacies import open_candidacy
from core.nominations.candidacy_schemas import OfCandidacy
from core.use_cases.lifecycle import Step
from tenants.opening import Opener
from tests.core.nominations.test_narrower_contract import agree
from tests.way import AGENCY, STARTS, World, make_world


async def commander(world: World, acronym: str | None = None) -> Ctx:
    """Return whoever commands the contingent of a mission, whose scope is opened where it is not."""
    assembly = world.cast.assembly
    scope = await Opener(assembly.database, assembly.clock, assembly.host.registry).open_mission(
        acronym or world.acronym
    )
    actor = Actor(UUID(int=7), "Commander", roles=frozenset({"commander"}))
    return assembly.context(
        scope, msgspec.structs.replace(actor, permissions=permissions_of("mission", actor.roles)), "test"
    )


async def work_off(world: World) -> None:
    assembly = world.cast.assembly
    scopes = [(await world.cast.scope(slug)).id for slug in (AGENCY, "ipob")]
    await drain(assembly.database, assembly.context, assembly.clock, only=scopes)


async def roster(world: World, state: Presence = "all", q: str | None = None) -> Contingent:
    reader = await commander(world)
    await work_off(world)
    return await world.cast.run(reader, read_contingent, ReadContingent(q=q, state=state))


async def closed(ctx: Ctx, table: str) -> bool:
    """Say whether the database lets nobody of this scope read the table at all."""
    try:
        async with tenant_session(ctx, read_only=True) as session:
            await session.execute(text(f"SELECT * FROM {table}"))
    except DBAPIError as error:
        return "permission denied" in str(error)
    return False


async def member(world: World, tour: UUID | None) -> MemberOut | None:
    return next((one for one in (await roster(world)).members if one.id == tour), None)


async def step(world: World, tour: UUID | None, name: str, on: date) -> None:
    data = TourStep(agency=AGENCY, id=str(tour), step=name, reason="Decided in the field.")
    await world.cast.run(await world.ipob("support"), move_tour, data, on=on)


async def test_an_officer_is_on_the_roster_from_the_order_until_they_are_home(world: World) -> None:
    planned = await world.at("planned")
    assert await member(world, planned.tour) is None
    tour = (await world.at("ordered")).tour
    listed = await member(world, tour)
    assert listed is not None
    assert listed.state == "ordered"
    assert listed.name
    assert listed.rank_fr
    assert (listed.agency_fr, listed.position_fr) == ((await world.cast.scope(AGENCY)).name_fr, "Conseil")
    for name, on, told in [
        ("arrive", date(2026, 1, 5), "in_mission"),
        ("go_on_leave", date(2026, 3, 2), "on_leave"),
        ("hold", date(2026, 3, 4), "not_available"),
        ("leave_mission", date(2026, 4, 1), "returning"),
    ]:
        await step(world, tour, name, on)
        listed = await member(world, tour)
        assert listed is not None
        assert (listed.state, listed.since) == (told, on)
    await step(world, tour, "end", date(2026, 4, 2))
    assert await member(world, tour) is None


async def test_the_commander_asks_for_those_on_leave_and_for_somebody_by_name(world: World) -> None:
    there, away = (await world.at("in_mission")).tour, (await world.at("in_mission")).tour
    await step(world, away, "go_on_leave", date(2026, 5, 4))
    everybody = await roster(world)
    assert {there, away} <= {one.id for one in everybody.members}
    on_leave = await roster(world, state="on_leave")
    assert away in {one.id for one in on_leave.members}
    assert there not in {one.id for one in on_leave.members}
    assert on_leave.counts == everybody.counts, "the figures are of all, whatever is asked for"
    assert everybody.counts["all"] == sum(everybody.counts.values()) - everybody.counts["all"]
    somebody = next(one for one in everybody.members if one.id == there)
    assert somebody.name
    assert there in {one.id for one in (await roster(world, q=somebody.name.upper())).members}
    assert (await roster(world, q="nobody is called so")).members == []


async def test_a_roster_tells_what_the_service_shares_and_no_more(world: World) -> None:
    travelled = await world.at("in_mission")
    listed = await member(world, travelled.tour)
    assert listed is not None
    of = OfCandidacy(agency=AGENCY, id=str(travelled.nomination))
    shared = (await world.cast.run(await world.ipob("selection"), open_candidacy, of)).summary
    assert (listed.name, listed.rank_en) == (shared.name, shared.rank_en)
    try:
        await agree(world, ["rank"])
        listed = await member(world, travelled.tour)
        assert listed is not None
        assert (listed.name, listed.telephone, listed.rank_en) == (None, None, shared.rank_en)
    finally:
        await agree(world, CONTRACT_FIELDS)


async def test_nothing_is_copied_for_a_commander_that_there_is_not(world: World) -> None:
    unopened = await make_world(world.cast, "UNOPENED", "ONUFERMEE", world.officers)
    tour = (await unopened.at("in_mission")).tour
    await work_off(unopened)
    async with tenant_session(await world.ipob("planner"), read_only=True) as session:
        assert await session.scalar(select(ContingentMember.id).where(ContingentMember.id == tour)) is None
    assert [(one.id, one.since) for one in (await roster(unopened)).members] == [(tour, STARTS)], "not since today"


async def test_the_service_sees_that_the_roster_tells_of_its_officer(world: World) -> None:
    await commander(world)
    tour = (await world.at("in_mission")).tour
    await work_off(world)
    async with tenant_session(await world.ctx("auditor"), read_only=True) as session:
        looks = (await session.scalars(select(Look).where(Look.subject_id == tour, Look.purpose == "contingent"))).all()
    assert [look.by_name for look in looks] == [f"{world.acronym}/ONUVOIE (contingent)"], "once, not with each step"
    assert {"name", "rank"} <= set(looks[0].fields)


async def test_a_commander_sees_one_mission_and_no_table_of_any_service(world: World) -> None:
    tour = (await world.at("in_mission")).tour
    await roster(world)
    planner = await world.ipob("planner")
    other = await world.cast.run(
        planner,
        create_mission,
        MissionIn(
            acronym_en="UNOTHER", acronym_fr="ONUAUTRE", name_en="Another", name_fr="Une autre", organization="UN",
            country="HT", seat="Nowhere", latitude=1.0, longitude=1.0, starts_on=date(2021, 1, 1),
        ),
    )  # fmt: skip
    await world.cast.run(planner, move_mission, Step(id=str(other.id), step="activate"))
    elsewhere = await commander(world, "UNOTHER")
    found = await world.cast.run(elsewhere, read_contingent, ReadContingent())
    assert (found.mission.id, found.members, found.positions) == (other.id, [], [])
    here = await commander(world)
    async with tenant_session(here, read_only=True) as session:
        seen = (await session.execute(text("SELECT id, mission_id FROM contingent_member"))).all()
        assert tour in {row.id for row in seen}
        assert {row.mission_id for row in seen} == {world.mission}
    for table in ("tour", "released_person", "nomination", "movement", "officer", "tour_fact"):
        assert await closed(here, table), table


async def test_no_service_reads_a_roster(world: World) -> None:
    coordinator = await world.ctx("coordinator")
    with pytest.raises(NotFound):
        await world.cast.run(coordinator, read_contingent, ReadContingent())
    assert await closed(coordinator, "contingent_member")
