"""Whom pages invite to what: only whoever can do it, and everybody else reads why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.database.embedded import Server
from core.ids import new_id
from tests.http.land import Whole
from tests.http.ring import main_of
from tests.platform import NOW
from tests.wall.conftest import superuser
from tests.wall.rows import SHOWN, insertion

pytestmark = pytest.mark.http

UNLINKED = "not linked to an officer file yet"
INVITED = "say where you would go"
MEMBER = (
    "call.read",
    "interest.declare:own",
    "interest.read:own",
    "movement.report:own",
    "nomination.read:own",
    "tour.read:own",
)


@pytest.fixture(scope="module")
async def call(whole: Whole, server: Server, worker_id: str) -> str:
    """The address of a call that is open."""
    (program,) = whole.land.of_kind("program")
    clock = whole.ring.platform.clock
    mission, made = new_id(clock), new_id(clock)
    shown = {"tenant_id": program.id, "published_at": NOW}
    rows = [
        ("mission", shown | {"id": mission, "acronym_en": "ASKED", "languages": '["en"]'}),
        (
            "call",
            shown
            | {
                "id": made,
                "mission_id": mission,
                "number": "A-1",
                "state": "open",
                "closes_on": clock.now().date() + timedelta(days=30),
            },
        ),
    ]
    async with superuser(server, f"contingent_whole_{worker_id}") as connection:
        await connection.execute("SET session_replication_role = replica")
        for table, changes in rows:
            row = whole.land.rows[table, program.id, SHOWN] | changes
            await connection.execute(*insertion(whole.land.metadata.tables[table], row))
    return f"/calls/{made}"


async def test_a_call_says_why_nobody_without_a_file_can_answer_it(whole: Whole, call: str) -> None:
    scope = await whole.ring.platform.agency()
    async with whole.ring.browser(scope, *MEMBER) as browser:
        assert UNLINKED in main_of(await browser.get(f"/en/{scope.slug}{call}"))
    async with whole.ring.browser(scope, *MEMBER, officer_id=new_id(whole.ring.platform.clock)) as browser:
        page = main_of(await browser.get(f"/en/{scope.slug}{call}"))
        assert UNLINKED not in page
        assert "I am interested" in page
    async with whole.ring.browser(scope, "call.read") as browser:
        assert UNLINKED not in main_of(await browser.get(f"/en/{scope.slug}{call}"))


@pytest.mark.parametrize("path", ["/my/tour", "/my/nominations"])
async def test_only_whoever_has_a_file_is_invited_to_the_calls(whole: Whole, path: str) -> None:
    scope = await whole.ring.platform.agency()
    async with whole.ring.browser(scope, *MEMBER) as browser:
        page = main_of(await browser.get(f"/en/{scope.slug}{path}"))
        assert UNLINKED in page
        assert INVITED not in page
    async with whole.ring.browser(scope, *MEMBER, officer_id=new_id(whole.ring.platform.clock)) as browser:
        page = main_of(await browser.get(f"/en/{scope.slug}{path}"))
        assert UNLINKED not in page
        assert INVITED in page


async def test_an_empty_list_of_others_cases_says_nothing_of_ones_own(whole: Whole) -> None:
    scope = await whole.ring.platform.agency()
    async with whole.ring.browser(scope, "approval.read") as browser:
        others = main_of(await browser.get(f"/en/{scope.slug}/approvals?show=others"))
        assert "No case is here at the moment." in others
        assert "your decision" not in others
        assert "as soon as somebody asks" in main_of(await browser.get(f"/en/{scope.slug}/approvals?show=mine"))


async def test_whoever_puts_forward_reads_what_keeps_it_from_leaving(whole: Whole, call: str) -> None:
    scope = await whole.ring.platform.agency()
    rights = ("call.read", "nomination.write", "interest.read", "officer.read", "sharing.read")
    async with whole.ring.browser(scope, *rights) as browser:
        page = main_of(await browser.get(f"/en/{scope.slug}{call}/nominate"))
    assert "No nomination can leave at the moment." in page
    assert "HR uploads a worker file" in page
