"""The search: in every list that one may read, and in nothing else."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest
from sqlalchemy import func, select

from core.audit.models import Look
from core.database.folding import fold
from core.database.sessions import tenant_session
from core.nominations.models import Dossier, Nomination
from core.personnel.models import Officer
from tests.core.lists.conftest import Desk
from tests.http.ring import main_of
from tests.way import AGENCY, World

pytestmark = pytest.mark.http

OTHER = "on-durham"
FOUND = re.compile(r'<h2 id="found-([\w-]+)"')


async def named(world: World, officer_id: object) -> Officer:
    async with tenant_session(await world.ctx("coordinator"), read_only=True) as session:
        found = await session.scalar(select(Officer).where(Officer.id == officer_id))
    assert found is not None
    return found


async def looks(world: World) -> int:
    async with tenant_session(await world.ctx("privacy"), read_only=True) as session:
        return int(await session.scalar(select(func.count()).select_from(Look)) or 0)


async def test_a_service_finds_its_people_in_every_list_they_stand_in(desk: Desk) -> None:
    officer = await named(desk.world, desk.world.officers[-1])
    await desk.world.at("in_mission")
    words = quote_plus(fold(officer.family_name).upper())
    page = main_of(await desk.page(AGENCY, "coordinator", f"/search?q={words}+{officer.employee_number}"))
    assert FOUND.findall(page) == ["nominations", "officers"], "by name and number together"
    mission = main_of(await desk.page(AGENCY, "coordinator", "/search?q=unway"))
    assert {"calls", "nominations", "tours", "missions"} <= set(FOUND.findall(mission))
    assert "/calls?state=all&amp;q=unway" in mission
    french = main_of(await desk.page(AGENCY, "coordinator", "/search?q=onuvoie", "fr"))
    assert "ONUVOIE" in french


async def test_another_service_s_people_are_not_there(desk: Desk) -> None:
    officer = await named(desk.world, desk.world.officers[-1])
    words = quote_plus(f"{officer.given_name} {officer.family_name} {officer.employee_number}")
    nobody = await desk.page(OTHER, "coordinator", f"/search?q={words}")
    invented = await desk.page(OTHER, "coordinator", "/search?q=Nobody+Anywhere+0")
    assert FOUND.findall(main_of(nobody)) == []
    said = [re.sub(r"“[^”]*”|<h1>.*?</h1>", "", main_of(one)) for one in (nobody, invented)]
    assert said[0] == said[1], "not yours and not there read the same"


async def test_ipob_finds_what_is_shared_and_the_service_sees_that_it_looked(desk: Desk) -> None:
    officer = await named(desk.world, desk.world.officers[-1])
    await desk.world.at("in_mission")
    at_home = await named(desk.world, desk.world.officers[-1])
    before = await looks(desk.world)
    page = main_of(await desk.page("ipob", "analyst", f"/search?q={quote_plus(officer.family_name)}"))
    assert {"selection", "tours"} <= set(FOUND.findall(page))
    assert "employee" not in page.lower()
    after = await looks(desk.world)
    assert after >= before + 2, "one for each list that showed a name"
    name = quote_plus(f"{at_home.given_name} {at_home.family_name}")
    assert FOUND.findall(main_of(await desk.page("ipob", "analyst", f"/search?q={name}"))) == []
    assert FOUND.findall(main_of(await desk.page("ipob", "analyst", f"/search?q={at_home.employee_number}"))) == []
    assert await looks(desk.world) == after, "who was shown nobody looked at nobody"


async def test_a_draft_is_not_ipob_s_to_find(desk: Desk) -> None:
    draft = await desk.world.at("draft")
    number = await _number(desk.world, draft.nomination)
    found = main_of(await desk.page(AGENCY, "coordinator", f"/search?q={number}"))
    assert FOUND.findall(found) == ["nominations"]
    seen = main_of(await desk.page("ipob", "selection", f"/search?q={number}"))
    assert await _officer(desk.world, draft.nomination) not in seen


async def test_each_role_searches_the_lists_that_it_may_open(desk: Desk) -> None:
    def searched(page: str) -> str:
        found = re.search(r'<p class="mut">In: ([^<]*)</p>', page)
        assert found is not None
        return found[1]

    auditor = searched(main_of(await desk.page("ipob", "auditor", "/search")))
    assert "People and roles" in auditor
    analyst = searched(main_of(await desk.page("ipob", "analyst", "/search")))
    assert "Officers" not in analyst
    assert "People and roles" not in analyst
    health = searched(main_of(await desk.page(AGENCY, "health", "/search")))
    assert health == "Officers, Tours, Returns"


async def test_who_may_open_no_list_has_no_field_in_the_header(desk: Desk) -> None:
    developer = await desk.page(AGENCY, "developer", "/plugins")
    assert 'role="search"' not in developer.text
    coordinator = await desk.page(AGENCY, "coordinator", "/officers")
    assert f'role="search" action="/en/{AGENCY}/search"' in coordinator.text


async def test_without_words_nothing_is_listed_and_nothing_breaks(desk: Desk) -> None:
    for asked in ("", "?q=", "?q=+++", "?q=%00", "?q=%25", "?q=" + "x" * 3000, "?q=%3Cb%3E", "?limit=x&q=zzzz&after=y"):
        page = await desk.page("ipob", "analyst", f"/search{asked}")
        assert FOUND.findall(main_of(page)) == [], asked
        assert "<b>" not in re.sub(r"<p><b>.*?</b></p>", "", main_of(page))


async def test_what_was_searched_for_is_in_no_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await desk.page(AGENCY, "coordinator", "/search?q=Zanzibarra")
        await desk.page(AGENCY, "coordinator", "/officers?q=Zanzibarra")
    ours = [record for record in caplog.records if record.name.startswith("contingent")]
    assert ours
    assert "zanzibarra" not in " ".join(f"{record.getMessage()} {record.__dict__}" for record in ours).lower()


async def _number(world: World, nomination: object) -> str:
    async with tenant_session(await world.ctx("coordinator"), read_only=True) as session:
        return str(await session.scalar(select(Nomination.number).where(Nomination.id == nomination)))


async def _officer(world: World, nomination: object) -> str:
    async with tenant_session(await world.ctx("coordinator"), read_only=True) as session:
        officer = await session.scalar(select(Dossier.officer_id).where(Dossier.id == nomination))
    return (await named(world, officer)).family_name
