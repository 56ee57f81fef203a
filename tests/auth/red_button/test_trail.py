"""What an account decided, did and saw since a time, as page and as JSON, and what of it is put on hold there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import msgspec
import pytest

from auth.red_button.schemas import TrailIn
from auth.red_button.service import RED_BUTTON_READ
from auth.red_button.trail import account_trail
from auth.schemas import GrantIn
from auth.service import grant_role
from core.approvals.chain import Chain, open_case
from core.approvals.decisions import decide
from core.approvals.schemas import DecideIn, DelegateIn
from core.approvals.service import delegate
from core.approvals.subjects import SUBJECTS
from core.audit.recording import record_look
from core.context import Ctx, Scope, ScopeKind
from core.database.sessions import tenant_session
from core.errors import Forbidden, NotFound
from core.ids import new_id
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.red_button.scene import WHY, call, come, program, send, told
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.core.approvals.bench import Toy, step

KIND = "toy of the trail"


@pytest.fixture
async def toy() -> AsyncIterator[Toy]:
    """A subject to decide on."""
    SUBJECTS[KIND] = made = Toy()
    yield made
    del SUBJECTS[KIND]


async def decided(rig: Rig, scope: Scope, seat: UUID, count: int = 1) -> list[str]:
    """Return the cases that the seat approved, one step each."""
    cases = []
    for number in range(count):
        ctx = of_seat(rig, scope, seat, "approval.read", "approval.decide", "approval.open")
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now(), decided=Chain(plugin="toy", steps=(step("one"),)))
            case = await open_case(
                work,
                work.decided,
                kind="nomination",
                subject=(KIND, work.new_id()),
                number=f"NOM-{scope.slug[-6:]}-{number}",
                title=f"Officer {number} → MISSION",
                link="/nominations",
                concerns=None,
            )
            cases.append(str(case.id))
        await execute(decide, ctx, DecideIn(id=cases[-1], verdict="approve", comment=None))
    return cases


def of_seat(rig: Rig, scope: Scope, seat: UUID, *permissions: str) -> Ctx:
    return rig.platform.ctx(scope, *permissions, seat=seat, name="Alix Roy")


async def test_the_decisions_come_first_then_the_rest_and_each_part_in_pages(rig: Rig, toy: Toy) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "approver", "administrator", subject="person-2", name="Alix Roy")
    token = await program(rig, scope)
    rig.platform.clock.advance(timedelta(hours=1))
    since = rig.platform.clock.now()
    await decided(rig, scope, seat, 3)
    await send(await come(rig, scope, "person-2"), scope, "/people/new", name="Eve", language="en", unit="", reason=WHY)
    path = f"/api/v1/accounts/{seat}/trail?since={quote(since.isoformat())}"
    first = (await call(rig, token, f"{path}&limit=2")).json()
    assert all(one["action"].startswith("approval") for one in first["lines"])
    rest = (await call(rig, token, f"{path}&limit=200&after={first['next']}")).json()
    assert rest["next"] is None
    actions = [one["action"] for one in first["lines"] + rest["lines"]]
    assert actions.count("approval.decide") == 3
    did = (await call(rig, token, f"{path}&part=did")).json()
    assert "seat.add" in [one["action"] for one in did["lines"]]
    assert not any(one["action"].startswith("approval.") for one in did["lines"])
    later = quote((since + timedelta(seconds=1)).isoformat())
    assert (await call(rig, token, f"/api/v1/accounts/{seat}/trail?since={later}")).json()["lines"] == []
    naive = await call(rig, token, f"/api/v1/accounts/{seat}/trail?since=yesterday")
    assert naive.status_code == 422


async def test_what_somebody_of_ipob_saw_is_listed_by_service(rig: Rig) -> None:
    scope, program_scope = await rig.agency(), rig.platform.program
    seat, other = new_id(rig.platform.clock), new_id(rig.platform.clock)
    seat = await rig.seat(program_scope, "selection", subject=f"viewer {scope.slug}", name="Alix Roy")
    for by in (seat, other):
        ctx = of_seat(rig, program_scope, by)
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            await record_look(work, scope.id, ("nomination", work.new_id()), "selection", ["name", "rank"])
    reader = rig.platform.ctx(program_scope, RED_BUTTON_READ)
    asked = TrailIn(id=str(seat), since=rig.platform.clock.now() - timedelta(days=1), part="saw")
    found = await execute(account_trail, reader, asked)
    assert [(one.agency, one.fields) for one in found.seen] == [(scope.id, ["name", "rank"])]


@pytest.mark.parametrize("kind", ["department", "platform"])
async def test_where_nobody_looks_into_agencies_the_page_has_no_looks(rig: Rig, kind: ScopeKind) -> None:
    scope = await rig.platform.scope(kind)
    seat = await rig.seat(scope, subject=f"someone {scope.slug}", name="Alix Roy")
    asked = TrailIn(id=str(seat), since=rig.platform.clock.now() - timedelta(days=1), part="saw")
    found = await execute(account_trail, rig.platform.ctx(scope, RED_BUTTON_READ), asked)
    assert (found.account, found.seen) == ("Alix Roy", [])


@pytest.mark.parametrize("since", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00", "2026-11-01T00:00:00"])
async def test_an_instant_that_there_is_not_is_a_fault_and_the_page_tells_of_a_week(rig: Rig, since: str) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    day, time = since[:10], since[11:16]
    browser, path = await come(rig, scope), f"/en/{scope.slug}/emergency/accounts/{seat}"
    assert (await browser.get(f"{path}?day={day}&time={time}")).status_code == 200
    refused = await send(browser, scope, "/emergency/stop", f"/emergency/accounts/{seat}/hold", since=since)
    assert refused.status_code == 422
    token = await program(rig, scope, made_by=seat)
    assert (await call(rig, token, f"/api/v1/accounts/{seat}/trail?since={quote(since)}")).status_code == 422


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "taking along as a file"), ("fr", "emport sous forme de fichier")],
)
async def test_what_somebody_took_along_or_opened_of_their_own_service_is_listed(
    rig: Rig, language: str, words: str
) -> None:
    scope, other = await rig.agency(), await rig.agency()
    seat = await rig.seat(scope, "administrator", name="Alix Roy")
    await rig.seat(scope, "administrator", subject="person-2")
    browser = await come(rig, scope)
    assert (await browser.get(f"/{language}/{scope.slug}/people")).status_code == 200
    taken = await browser.get(f"/{language}/{scope.slug}/people?q=roy&format=csv")
    assert taken.status_code == 200
    reader = rig.platform.ctx(scope, RED_BUTTON_READ)
    since = rig.platform.clock.now() - timedelta(days=1)
    found = await execute(account_trail, reader, TrailIn(id=str(seat), since=since, part="saw"))
    assert [(one.action, one.after["list"], one.after["rows"]) for one in found.lines] == [
        ("list.export", "/people?q=roy", 1)
    ]
    did = await execute(account_trail, reader, TrailIn(id=str(seat), since=since, part="did"))
    assert "session.begin" in [one.action for one in did.lines]
    assert "list.export" not in [one.action for one in did.lines]
    page = await (await come(rig, scope, "person-2")).get(f"/{language}/{scope.slug}/emergency/accounts/{seat}")
    shown = page.text.split('id="part-saw"')[1]
    assert words in shown
    assert "/people?q=roy" in shown
    assert await lines(rig, other, "list.export") == []


async def test_looks_and_lines_come_in_one_order_in_pages(rig: Rig) -> None:
    scope, program_scope = await rig.agency(), rig.platform.program
    seat = await rig.seat(program_scope, "selection", subject=f"both {scope.slug}", name="Alix Roy")
    ctx = of_seat(rig, program_scope, seat)
    since = rig.platform.clock.now()
    for number in range(3):
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            await record_look(work, scope.id, ("nomination", work.new_id()), "selection", ["name"])
            await work.saw("list.export", ("list", program_scope.id), after={"list": f"/candidacies?q={number}"})
    reader = rig.platform.ctx(program_scope, RED_BUTTON_READ)
    asked = TrailIn(id=str(seat), since=since, part="saw", limit=4)
    first = await execute(account_trail, reader, asked)
    assert (len(first.lines), len(first.seen)) == (2, 2)
    rest = await execute(account_trail, reader, msgspec.structs.replace(asked, after=first.next))
    assert (len(rest.lines), len(rest.seen), rest.next) == (1, 1, None)
    assert len({one.id for found in (first, rest) for one in found.lines}) == 3
    assert len({one.id for found in (first, rest) for one in found.seen}) == 3


async def test_another_services_account_is_not_there(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    theirs = await rig.seat(other, "administrator", subject="person-2")
    reader = rig.platform.ctx(scope, RED_BUTTON_READ)
    for id_ in (str(theirs), "nobody"):
        with pytest.raises(NotFound):
            await execute(account_trail, reader, TrailIn(id=id_, since=rig.platform.clock.now()))
    asked = TrailIn(id=str(theirs), since=rig.platform.clock.now())
    with pytest.raises(Forbidden):
        await execute(account_trail, rig.platform.ctx(other), asked)


@pytest.mark.parametrize(
    ("language", "held", "looked"),
    [("en", "Does not count now", "On hold: needs a look"), ("fr", "Pas prise en compte pour l’instant", "En suspens")],
)
async def test_the_page_puts_decisions_on_hold_and_lets_one_count_again(
    rig: Rig, toy: Toy, language: str, held: str, looked: str
) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    coordinator = await rig.seat(scope, "coordinator", subject="person-3")
    seat = await rig.seat(scope, "approver", subject="person-2", name="Alix Roy")
    await decided(rig, scope, seat, 2)
    browser = await come(rig, scope)
    page = f"/emergency/accounts/{seat}"
    shown = await browser.get(f"/{language}/{scope.slug}{page}")
    assert f"{page}/hold?day=" in shown.text
    assert shown.text.count("Officer 0 → MISSION") >= 1
    since = (rig.platform.clock.now() - timedelta(hours=1)).isoformat()
    without = await send(browser, scope, page, f"{page}/hold", language=language, since=since)
    assert without.status_code == 422
    assert 'id="f-hold-reason-error"' in without.text
    other = "fr" if language == "en" else "en"
    assert f'href="/{other}/{scope.slug}{page}"' in without.text, "the other language leads to the page"
    done = await send(browser, scope, page, f"{page}/hold", language=language, since=since, reason=WHY)
    assert done.status_code == 303, done.text
    after = await browser.get(done.headers["location"])
    assert after.text.count(held) == 2
    assert len(toy.settled) == 0
    assert sum("on hold" in one for one in await told(rig, scope, coordinator)) == 2
    decision = re.findall(r'name="decision" value="([0-9a-f-]{36})"', after.text)[0]
    again = await send(browser, scope, page, f"{page}/release", language=language, decision=decision, reason=WHY)
    assert again.status_code == 303
    assert (await browser.get(again.headers["location"])).text.count(held) == 1
    assert toy.settled == [("approved", None)]
    toy.sent = True
    await send(browser, scope, page, f"{page}/hold", language=language, since=since, reason=WHY)
    assert looked in (await browser.get(f"/{language}/{scope.slug}{page}")).text
    assert len(await lines(rig, scope, "approval.hold")) == 3
    assert len(await lines(rig, scope, "approval.release_hold")) == 1


async def test_privacy_reads_the_trail_and_holds_nothing(rig: Rig, toy: Toy) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "approver", subject="person-2", name="Alix Roy")
    await rig.seat(scope, "privacy", subject="person-3")
    await decided(rig, scope, seat)
    browser = await come(rig, scope, "person-3")
    page = await browser.get(f"/en/{scope.slug}/emergency/accounts/{seat}?day=2026-01-01&time=08:30")
    assert page.status_code == 200
    assert "Decisions on cases" not in page.text
    assert "What it decided" in page.text
    assert 'value="2026-01-01"' in page.text
    assert (await browser.get(f"/en/{scope.slug}/emergency/accounts/{seat}/stop")).status_code == 403
    token = re.findall(r'name="_token" value="([^"]+)"', (await browser.get(f"/en/{scope.slug}/session")).text)[-1]
    form = {"_token": token, "since": "2026-01-01T00:00:00Z", "reason": WHY}
    assert (await browser.post(f"/en/{scope.slug}/emergency/accounts/{seat}/hold", form)).status_code == 403


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Only decisions on cases can be put on hold."), ("fr", "peuvent être mises en suspens.")],
)
async def test_what_cannot_be_put_on_hold_is_listed_with_the_page_that_takes_it_back(
    rig: Rig, language: str, said: str
) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, subject="person-2", name="Alix Roy")
    other = await rig.seat(scope, subject="person-3", name="Maude Roy")
    await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    path = f"/{language}/{scope.slug}"
    assert said not in (await browser.get(f"{path}/emergency/accounts/{seat}")).text
    ctx = of_seat(rig, scope, seat, "seat.manage", "approval.delegate")
    await execute(grant_role, ctx, GrantIn(id=str(other), role="approver", reason=WHY))
    days = {"first_day": ctx.today, "last_day": ctx.today}
    await execute(delegate, ctx, DelegateIn(to_seat=str(other), reason=WHY, **days))
    page = (await browser.get(f"{path}/emergency/accounts/{seat}")).text
    assert said in page
    assert f'href="{path}/people/{other}"' in page
    assert f'href="{path}/delegations"' in page


async def test_the_account_is_found_by_its_name(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    seat = await rig.seat(scope, subject="person-2", name="Élodie Gagné")
    browser = await come(rig, scope)
    found = await browser.get(f"/en/{scope.slug}/emergency?q=gagne")
    assert f"/en/{scope.slug}/emergency/accounts/{seat}" in found.text
    assert "Nobody here has that name." in (await browser.get(f"/en/{scope.slug}/emergency?q=zzz")).text


@pytest.mark.parametrize("kind", ["department", "platform"])
async def test_where_nobody_looks_at_agencies_files_the_page_of_an_account_says_what_it_did(
    rig: Rig, kind: ScopeKind
) -> None:
    scope = await rig.platform.scope(kind)
    await rig.accept(scope)
    seat = await rig.seat(scope, "assessor" if kind == "department" else "operator")
    browser = await come(rig, scope)
    shown = await browser.get(f"/en/{scope.slug}/emergency/accounts/{seat}")
    assert shown.status_code == 200, shown.text
    assert "What it saw" in shown.text
    assert "Session: beginning" in shown.text
