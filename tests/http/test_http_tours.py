"""The hot list of tours: the same rows, filters and order the short way, each side its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.context import Scope
from core.database.embedded import Server
from core.ids import new_id
from tests.http.land import Whole
from tests.platform import NOW
from tests.wall.conftest import superuser
from tests.wall.rows import SHOWN, insertion

pytestmark = pytest.mark.http

TOURS = "/api/v1/tours"
FIRST = date(2027, 1, 1)


@pytest.fixture(scope="module")
async def agency(whole: Whole, server: Server, worker_id: str) -> Scope:
    """A fresh agency with seven tours in a published mission, and what the tours refer to."""
    platform = whole.ring.platform
    scope = await platform.agency()
    (held,), (program,) = whole.land.of_kind("agency"), whole.land.of_kind("program")
    mission, position, person = (new_id(platform.clock) for _ in range(3))
    shown = {"tenant_id": program.id, "published_at": NOW}
    made = [
        ("mission", program, shown | {"id": mission, "acronym_en": "SHOWN"}),
        ("position", program, shown | {"id": position, "mission_id": mission}),
        ("released_person", held, {"tenant_id": scope.id, "id": person, "submitted_at": NOW}),
    ]
    for number in range(7):
        changed = {
            "tenant_id": scope.id,
            "id": new_id(platform.clock),
            "candidacy_id": new_id(platform.clock),
            "program_id": program.id,
            "mission_id": mission,
            "position_id": position,
            "person_id": person,
            "order_number": f"O-{number}",
            "state": "ended" if number == 6 else "in_mission",
            "ends_on": FIRST + timedelta(days=number),
        }
        made.append(("tour", held, changed))
    async with superuser(server, f"contingent_whole_{worker_id}") as connection:
        await connection.execute("SET session_replication_role = replica")  # past the keys: only the list is tried
        for table, owner, changes in made:
            row = whole.land.rows[table, owner.id, SHOWN] | changes
            await connection.execute(*insertion(whole.land.metadata.tables[table], row))
    return scope


async def test_tours_come_by_their_last_day_page_by_page(whole: Whole, agency: Scope) -> None:
    async with whole.ring.script(agency, "tour.read") as script:
        first = (await script.get(TOURS, params={"limit": 4})).json()
        second = (await script.get(TOURS, params={"limit": 4, "after": first["next"]})).json()
        nowhere = (await script.get(TOURS, params={"after": "00000000-0000-7000-8000-00000000dead"})).json()
    assert [tour["order_number"] for tour in first["tours"]] == ["O-0", "O-1", "O-2", "O-3"]
    assert [tour["order_number"] for tour in second["tours"]] == ["O-4", "O-5"]
    assert second["next"] is None
    assert nowhere["tours"] == []
    assert first["tours"][0]["agency"] == agency.slug
    assert first["tours"][0]["ends_on"] == FIRST.isoformat()


async def test_filters_narrow_the_list(whole: Whole, agency: Scope) -> None:
    async def orders(**asked: str) -> list[str]:
        async with whole.ring.script(agency, "tour.read") as script:
            return [tour["order_number"] for tour in (await script.get(TOURS, params=asked)).json()["tours"]]

    async with whole.ring.script(agency, "tour.read") as script:
        mission = (await script.get(TOURS)).json()["tours"][0]["mission_id"]
    assert await orders(state="ended") == ["O-6"]
    assert len(await orders(state="all")) == 7
    assert len(await orders(mission_id=mission)) == 6
    assert await orders(mission_id=str(agency.id)) == []
    assert await orders(mission_id="nonsense") == []
    assert await orders(agency="somebody-else") == []
    assert len(await orders(agency=agency.slug)) == 6


async def test_an_officer_sees_only_their_own_and_another_agency_none(whole: Whole, agency: Scope) -> None:
    async with whole.ring.script(agency, "tour.read:own") as script:
        assert (await script.get(TOURS)).json()["tours"] == []
    async with whole.ring.script(await whole.scope("agency"), "tour.read") as script:
        assert (await script.get(TOURS)).json()["tours"] == []


async def test_ipob_sees_every_agency_s(whole: Whole, agency: Scope) -> None:
    (program,) = whole.land.of_kind("program")
    scope = await whole.site.database.scope(program.slug)
    assert scope is not None
    async with whole.ring.script(scope, "tour.read") as script:
        found = (await script.get(TOURS, params={"agency": agency.slug})).json()["tours"]
        assert len(found) == 6
        assert found[0]["name"]
    async with whole.ring.script(scope, "tour.read:own") as script:
        assert (await script.get(TOURS)).json()["tours"] == []
