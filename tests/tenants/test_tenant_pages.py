"""The pages on agencies, in both languages, as a browser meets them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

import auth.plugin  # noqa: F401 - it adds the first task, whichever test runs first
from core.app import create_app
from core.context import Scope
from core.database.sessions import tenant_session
from core.people import Person
from core.settings import Settings
from tenants.answers import TenantAnswers
from tenants.library import Library
from tenants.lifecycle import (
    AGENCY_MOVE,
    AGENCY_PAUSE,
    AGENCY_READ,
    AGENCY_RENAME,
    AGREEMENT_WRITE,
    CONTRACT_ACCEPT,
    CONTRACT_PROPOSE,
    PRIVACY_WRITE,
)
from tenants.onboarding import SEAT_READ
from tests.http.ring import Anybody, Ring, fields_of, main_of
from tests.platform import Platform
from tests.tenants.conftest import Open

OWN = (AGENCY_READ, AGREEMENT_WRITE, PRIVACY_WRITE, CONTRACT_PROPOSE, AGENCY_PAUSE)


class Nobody:
    """An agency in which nobody holds a role yet."""

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        return []


@pytest.fixture
def ring(platform: Platform) -> Ring:
    callers = Anybody()
    app = create_app(
        Settings(),
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=Nobody(),  # type: ignore[arg-type] # all that these pages ask
        wire=lambda ctx: replace(ctx, agencies=TenantAnswers()),
        rooms=("core.documents", "tenants"),
    )
    return Ring(platform, app, callers)


async def _get(ring: Ring, scope: Scope, path: str, *permissions: str, language: str = "en") -> str:
    async with ring.browser(scope, *permissions) as browser:
        page = await browser.get(f"/{language}/{scope.slug}{path}")
    assert page.status_code == 200, page.text
    return main_of(page)


async def test_the_gates_page_says_what_keeps_nominations_back(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-bromont"])
    english = await _get(ring, scope, "/agreements", *OWN)
    assert "the privacy impact assessment lapsed after" in english
    assert "2026-09-30" not in english
    french = await _get(ring, scope, "/agreements", *OWN, language="fr")
    assert "l’entente écrite sur les renseignements personnels manque" in french
    assert "Décret" in french


async def test_who_may_only_look_is_offered_nothing(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    page = await _get(ring, scope, "/agreements", AGENCY_READ)
    assert "Nothing keeps nominations from leaving your service today." in page
    assert "/agreements/new" not in page
    assert "/agreements/state" not in page
    assert "Rests on" in page
    assert "Record an act" not in page


async def _send(ring: Ring, scope: Scope, path: str, permissions: tuple[str, ...], **values: object) -> tuple[int, str]:
    async with ring.browser(scope, *permissions) as browser:
        form = await browser.get(f"/en/{scope.slug}{path}")
        assert form.status_code == 200, form.text
        sent = await browser.post(f"/en/{scope.slug}{path}", data=fields_of(form) | values)
        if sent.status_code != 303:
            return sent.status_code, main_of(sent)
        return 303, main_of(await browser.get(sent.headers["location"]))


async def test_every_form_of_the_page_records(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    dates = {"starts_on": "2029-04-01", "expires_on": "2034-03-31"}
    status, page = await _send(ring, scope, "/agreements/new", OWN, reference="ENT-2029", **dates)
    assert (status, "ENT-2029" in page) == (303, True)
    paper = {"kind": "privacy_assessment", "reference": "EFVP-7", "made_on": "2026-11-23", "lapses_on": ""}
    status, page = await _send(ring, scope, "/agreements/privacy", OWN, **paper)
    assert (status, "until further notice" in page) == (303, True)
    status, page = await _send(
        ring, scope, "/agreements/contract", OWN, since="2026-12-01", fields=["rank", "band"], retention_days=""
    )
    assert (status, "Waits for IPOB" in page) == (303, True)
    status, page = await _send(ring, scope, "/agreements/state/pause", OWN, since="2026-11-23", reason="Summer.")
    assert (status, "your service is on hold" in page) == (303, True)


async def test_a_faulty_form_comes_back_with_what_was_typed(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    status, page = await _send(
        ring, scope, "/agreements/new", OWN, reference="ENT-X", starts_on="2029-04-01", expires_on="2020-01-01"
    )
    assert status == 422
    assert "ENT-X" in page
    assert "or a later day" in page


async def test_an_act_is_recorded_for_its_agreement(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["on-opp"])
    page = await _get(ring, scope, "/agreements", *OWN)
    path = page.split("/acts", 1)[0].rsplit(f"/{scope.slug}", 1)[1] + "/acts"
    act = {"kind": "ministerial_approval", "number": "M-12", "decided_on": "2026-11-20"}
    status, page = await _send(ring, scope, path, OWN, **act)
    assert (status, "M-12" in page) == (303, True)


async def test_a_service_that_joins_sees_its_tasks_and_the_time_they_take(
    ring: Ring, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["nb-saint-john"])
    page = await _get(ring, scope, "/joining", AGENCY_READ)
    assert "About 52 minutes of work are left." in page
    french = await _get(ring, scope, "/joining", AGENCY_READ, language="fr")
    assert "Il reste environ 52 minutes de travail." in french


async def test_a_task_leads_only_who_may_go_there(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["nb-saint-john"])
    own, others = (f'href="/en/{scope.slug}{path}"' for path in ("/agreements", "/sign-in"))
    page = await _get(ring, scope, "/joining", AGENCY_READ)
    assert own in page
    assert others not in page
    assert "For an administrator of your service." in page
    assert others in await _get(ring, scope, "/joining", AGENCY_READ, SEAT_READ)


async def test_only_who_may_open_the_tasks_begins_on_them(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["nb-saint-john"])
    for permissions, start in (((AGENCY_READ,), "/joining"), ((), None)):
        async with tenant_session(platform.ctx(scope, *permissions)) as session:
            assert await TenantAnswers().opens_on(session, platform.clock.now().date()) == start


async def test_ipob_accepts_what_an_agency_proposes(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    await _send(ring, scope, "/agreements/contract", OWN, since="2026-11-23", fields=["rank"], retention_days="")
    program, path = ring.platform.program, f"/agencies/{scope.id}"
    listed = await _get(ring, program, "/agencies", AGENCY_READ)
    assert "Version 2 waits for you" in listed
    async with ring.browser(program, AGENCY_READ, CONTRACT_ACCEPT) as browser:
        page = await browser.get(f"/en/ipob{path}")
        sent = await browser.post(f"/en/ipob{path}/contract", data=fields_of(page) | {"number": "2"})
        assert sent.status_code == 303, main_of(sent)
    assert "waits for you" not in await _get(ring, program, path, AGENCY_READ)


async def test_the_operator_sees_states_and_names_and_nothing_else(
    ring: Ring, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["nb-saint-john"])
    operator, path = ring.platform.operator, f"/agencies/{scope.id}"
    may = (AGENCY_READ, AGENCY_MOVE, AGENCY_RENAME)
    page = await _get(ring, operator, path, *may)
    assert "Let it take part" in page
    assert "Agreements with the RCMP" not in page
    status, page = await _send(ring, operator, f"{path}/state/activate", may, since="2026-11-23", reason="Ready.")
    assert (status, "Taking part" in page) == (303, True)
    status, page = await _send(
        ring,
        operator,
        f"{path}/name",
        may,
        name_en="Port City Police",
        reason="Renamed.",
        name_fr="Police de la ville portuaire",
        code_en="PCP",
        code_fr="PVP",
        since="2026-11-23",
        slug="",
    )
    assert (status, "Port City Police" in page) == (303, True)
    async with ring.browser(operator, *may) as browser:
        assert (await browser.get(f"/en/operator{path}/state/nonsense")).status_code == 404


async def test_an_agency_has_no_page_about_other_agencies(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-laval"])
    async with ring.browser(scope, *OWN) as browser:
        for path in ("/agencies", f"/agencies/{scope.id}"):
            assert (await browser.get(f"/en/{scope.slug}{path}")).status_code == 404


async def test_the_api_gives_the_gates_and_takes_a_record(ring: Ring, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["qc-bromont"])
    async with ring.script(scope, *OWN) as client:
        gates = (await client.get("/api/v1/gates")).json()
        assert [gap["key"] for gap in gates["gaps"]] == ["privacy_assessment", "written_agreement"]
        made = await client.post(
            "/api/v1/gates/privacy",
            json={"kind": "written_agreement", "reference": "E-1", "made_on": "2026-11-23", "lapses_on": "2030-01-01"},
        )
        assert made.status_code == 201, made.text
        wrong = await client.post("/api/v1/gates/privacy", json={"kind": "promise", "colour": "red"})
        assert wrong.status_code == 422
        assert {fault["pointer"] for fault in wrong.json()["errors"]} == {"/kind", "/colour", "/reference", "/made_on"}
