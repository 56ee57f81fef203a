"""The list of officers as a file: every row, whatever page the reader was on."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

import auth.plugin  # noqa: F401 - it adds the first task, whichever test runs first
from auth.people import ThePeople
from core.app import create_app
from core.context import Scope
from core.database.sessions import tenant_session
from core.ids import new_id
from core.personnel.lifecycle import OFFICER_READ
from core.personnel.models import Officer
from core.settings import Settings
from tenants.answers import TenantAnswers
from tests.http.ring import Anybody, Ring
from tests.platform import Platform

pytestmark = pytest.mark.http
MANY = 117


@pytest.fixture
def ring(platform: Platform) -> Ring:
    callers = Anybody()
    app = create_app(
        Settings(),
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=ThePeople(platform.clock),
        wire=lambda ctx: replace(ctx, agencies=TenantAnswers()),
        rooms=("core.documents", "core.personnel"),
    )
    return Ring(platform, app, callers)


def _officer(platform: Platform, scope: Scope, number: int) -> Officer:
    given = "J&B" if number < MANY else "Other"
    return Officer(
        tenant_id=scope.id,
        id=new_id(platform.clock),
        created_at=platform.clock.now(),
        employee_number=f"T-{number}",
        given_name=f"{given} {number:03}",
        family_name="Demonstration",
        rank_code="constable",
        folded=f"demonstration {given.lower()} {number:03}",
    )


async def test_a_file_of_officers_has_every_row_of_the_filtered_list_once(ring: Ring) -> None:
    scope = await ring.platform.agency()
    ctx = ring.platform.ctx(scope)
    async with tenant_session(ctx) as session:
        session.add_all(_officer(ring.platform, scope, number) for number in range(MANY + 5))
    async with ring.browser(scope, OFFICER_READ) as browser:
        page = await browser.get(f"/en/{scope.slug}/officers")
        after = page.text.split("after=")[1].split('"')[0].split("&")[0]
        address = f"/en/{scope.slug}/officers?q=J%26B&format=csv&after={after}"
        file = await browser.get(address)
    assert file.status_code == 200, file.text
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    names = [row[0] for row in rows if row and "J&B" in row[0]]
    assert len(names) == len(set(names)) == MANY
    assert ["Filter: Search", "J&B"] in rows
    assert ["Filter: Status", "Serving"] in rows
