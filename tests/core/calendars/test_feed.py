"""What an address gives: the dates that whoever made it may read, and the one answer of an address that is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from auth.leaving import end_all_of
from auth.red_button.models import SignInStop
from core.calendars import feed_routes
from core.calendars.ending import sweep_addresses
from core.calendars.models import CalendarAddress
from core.calendars.reading import Feed, read_feed
from core.calendars.service import revoke_address
from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.models import Tour
from core.deployments.schemas import TourStep
from core.deployments.service import move_tour
from core.ids import new_id
from core.missions.models import Mission
from core.personnel.models import Officer
from core.returns.models import Milestone
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.calendars.conftest import Desk, events, kinds
from tests.core.returns.test_the_way_home import work_off
from tests.way import AGENCY, ENDS, STARTS

pytestmark = pytest.mark.http

HIDDEN = ("x-request-id", "date")


def the_same(answers: list[Any]) -> bool:
    """Say whether answers are one to whoever reads them."""
    told = {
        (one.status_code, one.text.replace(one.headers["x-request-id"], ""), one.headers.get("cache-control"))
        for one in answers
    }
    return len(told) == 1


async def test_an_officer_reads_their_own_tour_and_nobody_elses(desk: Desk) -> None:
    officer, tour = await desk.officer_at("ordered")
    await desk.officer_at("ordered")
    ctx = await desk.member(officer)
    answer = await desk.fetch((await desk.own(ctx)).url)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    found = events(answer.content)
    assert kinds(found) == ["Tour begins", "Tour ends"]
    begins, ends = found
    assert (begins.first, begins.after) == (STARTS, STARTS + timedelta(days=1))
    assert (ends.first, ends.after) == (ENDS, ENDS + timedelta(days=1))
    assert begins.summary == "UNCAL: Tour begins (Adviser)"
    assert {one.status for one in found} == {"CONFIRMED"}
    assert {one.transparency for one in found} == {"TRANSPARENT"}
    assert begins.url.endswith(f"/en/{AGENCY}/my/tour")
    assert tour is not None
    assert str(tour) not in answer.text


async def test_the_entries_are_in_the_language_that_was_chosen(desk: Desk) -> None:
    officer, _ = await desk.officer_at("ordered")
    answer = await desk.fetch((await desk.own(await desk.member(officer), "fr")).url)
    assert events(answer.content)[0].summary == "ONUCAL : Début de l’affectation (Conseil)"
    assert answer.headers["content-language"] == "fr"
    assert "X-WR-CALNAME:Contingent : mes dates" in answer.text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in answer.text


async def test_a_calendar_tells_no_person(desk: Desk) -> None:
    officer, _ = await desk.officer_at("in_mission")
    ctx = await desk.member(officer)
    async with tenant_session(ctx, read_only=True) as session:
        row = await session.get_one(Officer, (ctx.scope.id, officer))
    urls = [
        (await desk.own(ctx)).url,
        (await desk.of_mission(await desk.world.ctx("coordinator"))).url,
        (await desk.of_mission(await desk.world.ipob("planner"))).url,
    ]
    answers = [await desk.fetch(url) for url in urls]
    for answer in answers:
        said = answer.text.replace("\r\n ", "")
        hidden = {
            row.family_name,
            row.employee_number,
            str(officer),
            "Telephone",
            "Wall calendar",
            desk.world.acronym + "-",
        }
        assert [one for one in hidden if one in said] == []
    # Which service an officer is from, IPOB's calendar does not tell either, not even by where it leads.
    assert AGENCY not in answers[2].text


async def test_what_is_planned_is_tentative_and_what_is_called_off_says_so_as_the_same_entry(desk: Desk) -> None:
    officer, _ = await desk.officer_at("selected")
    url = (await desk.own(await desk.member(officer))).url
    expected = events((await desk.fetch(url)).content)
    assert [(one.status, one.first) for one in expected] == [
        ("TENTATIVE", STARTS),
        ("TENTATIVE", date(2027, 1, 4)),
    ]


async def test_a_tour_that_is_called_off_stays_in_the_calendar_and_says_so(desk: Desk) -> None:
    officer, tour = await desk.officer_at("ordered")
    url = (await desk.own(await desk.member(officer))).url
    before = events((await desk.fetch(url)).content)
    desk.world.cast.assembly.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined] # the tests' own
    step = TourStep(agency=AGENCY, id=str(tour), step="cancel", reason="The mission was put off.")
    now = desk.world.cast.assembly.clock.now()
    await execute(move_tour, await desk.world.ipob("support"), step)
    after = events((await desk.fetch(url)).content)
    assert [one.uid for one in after] == [one.uid for one in before]
    assert {one.status for one in after} == {"CANCELLED"}
    assert after[0].summary.startswith("Called off – UNCAL: Tour begins")
    assert all(new.sequence > old.sequence for new, old in zip(after, before, strict=True))
    assert {one.modified for one in after} == {now.replace(microsecond=0)}
    assert {one.modified for one in before} != {one.modified for one in after}
    assert all(one.stamp == one.modified for one in after)


async def test_what_is_due_after_the_return_is_there_but_nothing_of_health(desk: Desk) -> None:
    officer, tour = await desk.officer_at("ended", left_on=date(2026, 10, 20))
    await work_off(desk.world)
    ctx = await desk.member(officer)
    found = await desk.entries(await desk.own(ctx))
    async with tenant_session(ctx, read_only=True) as session:
        steps = (await session.scalars(select(Milestone).where(Milestone.owner == "officer"))).all()
        assert await session.scalar(select(Milestone.id).where(Milestone.owner == "health").limit(1))
    told = kinds(found)
    assert told.count("Check-in due") == 4
    assert "Home" in told
    assert set(told) == {"Tour begins", "Tour ends", "Home", "Check-in due", "Return milestone due"}
    assert steps
    check_in = next(one for one in found if "Check-in" in one.summary)
    assert check_in.url.endswith("/my/return")
    assert tour is not None


async def test_a_service_reads_its_own_tours_of_a_mission_and_ipob_all(desk: Desk) -> None:
    other = "qc-bromont"
    await desk.officer_at("ordered")
    coordinator, planner = await desk.world.ctx("coordinator"), await desk.world.ipob("planner")
    elsewhere = await desk.world.cast.ctx(other, "coordinator")
    ours = await desk.entries(await desk.of_mission(coordinator))
    everybodys = await desk.entries(await desk.of_mission(planner))
    assert ours
    assert {one.uid for one in ours} == {one.uid for one in everybodys}
    assert await desk.entries(await desk.of_mission(elsewhere)) == []
    assert all(f"/en/{AGENCY}/tours/" in one.url for one in ours)
    assert all("/en/ipob/tours?state=all&mission_id=" in one.url for one in everybodys)


async def test_a_rotation_is_from_the_first_arrival_to_the_last(desk: Desk) -> None:
    tours = [(await desk.officer_at("ordered"))[1] for _ in range(2)]
    planner = await desk.world.ipob("planner")
    async with tenant_session(planner) as session:
        for number, tour in enumerate(tours):
            row = (await session.scalars(select(Tour).where(Tour.id == tour))).one()
            row.rotation, row.starts_on = "R12", STARTS + timedelta(days=number * 3)
    found = await desk.entries(await desk.of_mission(planner))
    (rotation,) = (one for one in found if "Rotation" in one.summary)
    assert rotation.summary == "UNCAL: Rotation (R12)"
    assert (rotation.first, rotation.after) == (STARTS, STARTS + timedelta(days=4))
    assert rotation.status == "CONFIRMED"


async def test_a_copy_that_still_holds_is_not_sent_again(desk: Desk) -> None:
    officer, _ = await desk.officer_at("ordered")
    url = (await desk.own(await desk.member(officer))).url
    first = await desk.fetch(url)
    tag = first.headers["etag"]
    desk.world.cast.assembly.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined] # the tests' own
    for asked in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = await desk.fetch(url, if_none_match=asked)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await desk.fetch(url, if_none_match='W/"other"')).content == first.content
    head = await desk.fetch(url, "HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (await desk.fetch(url, "HEAD", if_none_match=tag)).status_code == 304


async def test_that_it_was_fetched_is_noted_once_an_hour(desk: Desk) -> None:
    officer = desk.officer()
    ctx = await desk.member(officer)
    made, clock = await desk.own(ctx), desk.world.cast.assembly.clock

    async def noted() -> datetime | None:
        async with tenant_session(ctx, read_only=True) as session:
            return (await session.get_one(CalendarAddress, (ctx.scope.id, made.address.id))).last_fetched_at

    assert await noted() is None
    await desk.fetch(made.url)
    first = await noted()
    assert first == clock.now()
    clock.advance(timedelta(minutes=59))  # type: ignore[attr-defined] # the tests' own
    await desk.fetch(made.url)
    assert await noted() == first
    clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    await desk.fetch(made.url)
    assert await noted() == clock.now()


async def revoked(desk: Desk, ctx: Ctx, id: Any) -> None:
    await execute(revoke_address, ctx, ById(id=str(id)))


async def seat_ended(desk: Desk, ctx: Ctx, id: Any) -> None:
    await desk.set_seat(ctx, active=False)


async def role_lost(desk: Desk, ctx: Ctx, id: Any) -> None:
    await desk.take_roles(ctx)


async def other_file(desk: Desk, ctx: Ctx, id: Any) -> None:
    await desk.set_seat(ctx, officer_id=desk.officer())


async def gone_by_the_worker_file(desk: Desk, ctx: Ctx, id: Any) -> None:
    async with tenant_session(ctx) as session:
        mine = update(Officer).where(Officer.tenant_id == ctx.scope.id, Officer.id == ctx.actor.officer_id)
        await session.execute(mine.values(status="retired"))


async def account_stopped(desk: Desk, ctx: Ctx, id: Any) -> None:
    clock = desk.world.cast.assembly.clock
    stop = {"scope_id": ctx.scope.id, "by_scope": ctx.scope.id, "by_seat": ctx.actor.id, "by_name": "A test"}
    async with tenant_session(ctx) as session:
        session.add(SignInStop(id=new_id(clock), seat_id=ctx.actor.id, reason="A test", began_at=clock.now(), **stop))


async def left(desk: Desk, ctx: Ctx, id: Any) -> None:
    async with tenant_session(ctx) as session:
        ended = await end_all_of(Work(ctx, session, ctx.today, ctx.clock.now()), ctx.actor.id)
    assert ended["calendars_ended"] == 1


ENDS_IT: list[Callable[[Desk, Ctx, Any], Awaitable[None]]] = [
    revoked,
    seat_ended,
    role_lost,
    other_file,
    gone_by_the_worker_file,
    account_stopped,
    left,
]


@pytest.mark.parametrize("end", ENDS_IT, ids=lambda one: one.__name__)
async def test_an_address_that_has_ended_is_one_that_there_never_was(
    desk: Desk, end: Callable[[Desk, Ctx, Any], Awaitable[None]]
) -> None:
    officer = desk.officer()
    ctx = await desk.member(officer)
    made = await desk.own(ctx)
    assert (await desk.fetch(made.url)).status_code == 200
    await end(desk, ctx, made.address.id)
    ended = await desk.fetch(made.url, if_none_match="*")
    never = await desk.fetch(made.url[:-8] + "AAAA.ics")
    assert ended.status_code == 404
    assert the_same([ended, never])


async def test_a_lost_role_ends_the_address_of_a_mission(desk: Desk) -> None:
    coordinator = await desk.newcomer("coordinator")
    made = await desk.of_mission(coordinator)
    assert (await desk.fetch(made.url)).status_code == 200
    await desk.take_roles(coordinator)
    assert (await desk.fetch(made.url)).status_code == 404


async def test_no_other_address_leads_anywhere(desk: Desk) -> None:
    made = await desk.of_mission(await desk.world.ctx("coordinator"))
    token = made.url.rpartition("/")[2].removesuffix(".ics")
    others = [
        token,
        f"{token}.ICS",
        f"{token.replace(AGENCY, 'ipob')}.ics",
        f"{token.replace(AGENCY, 'qc-bromont')}.ics",
        f"{token.replace(AGENCY, 'no-such-service')}.ics",
        "ctg_.ics",
        "x.ics",
        f"{token}.ics/x",
        f"{token[:-1]}.ics",
    ]
    answers = [await desk.fetch(f"/calendar/{one}") for one in others]
    assert [one.status_code for one in answers] == [404] * len(others)
    assert the_same(answers)


async def test_an_address_opens_nothing_else_and_no_token_opens_a_calendar(desk: Desk) -> None:
    made = await desk.of_mission(await desk.world.ctx("coordinator"))
    token = made.url.rpartition("/")[2].removesuffix(".ics")
    answer = await desk.fetch("/api/v1/tours", authorization=f"Bearer {token}")
    assert answer.status_code == 401
    assert (await desk.fetch(made.url, "POST")).status_code == 405


async def test_guessing_has_an_end_and_others_go_on(desk: Desk) -> None:
    made = await desk.of_mission(await desk.world.ctx("coordinator"))
    async with desk.client() as guessing:
        wrong = made.url[:-8] + "AAAA.ics"
        found = [(await guessing.get(wrong)).status_code for _ in range(62)]
        assert found[:60] == [404] * 60
        assert found[-1] == 429
        assert (await guessing.get(made.url)).status_code == 200


async def test_one_calendar_is_not_asked_for_without_end_and_what_is_refused_reads_no_date(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    async def counted(work: Work) -> Feed:
        nonlocal read
        read += 1
        return await read_feed(work)

    monkeypatch.setattr(feed_routes, "read_feed", counted)
    made = await desk.of_mission(await desk.world.ctx("coordinator"))
    found = [await desk.fetch(made.url) for _ in range(61)]
    assert read == 60
    assert {one.status_code for one in found[:60]} == {200}
    assert found[-1].status_code == 429
    assert int(found[-1].headers["retry-after"]) > 0


async def test_what_is_of_no_use_any_more_is_swept_away(desk: Desk) -> None:
    clock = desk.world.cast.assembly.clock
    officer = desk.officer()
    ctx = await desk.member(officer)
    kept, forgotten = await desk.own(ctx), await desk.own(ctx)
    gone = await desk.member(desk.officer())
    await desk.own(gone)
    await desk.set_seat(gone, active=False)
    async with tenant_session(ctx) as session:
        await session.execute(
            update(CalendarAddress)
            .where(CalendarAddress.id == forgotten.address.id)
            .values(made_at=clock.now() - timedelta(days=181))
        )
        # Those of other tests are none of this one's concern.
        ours = {kept.address.id, forgotten.address.id}
        others = select(CalendarAddress).where(CalendarAddress.seat_id.not_in([ctx.actor.id, gone.actor.id]))
        for row in await session.scalars(others):
            await session.delete(row)
        await session.flush()
        assert await sweep_addresses(Work(ctx, session, ctx.today, clock.now())) == 2
        left = set(await session.scalars(select(CalendarAddress.id)))
    assert left & ours == {kept.address.id}


async def test_the_days_are_those_of_the_past_year_and_two_years_ahead(desk: Desk) -> None:
    planner = await desk.world.ipob("planner")
    tours = [(await desk.officer_at("ordered"))[1] for _ in range(2)]
    today = planner.today
    async with tenant_session(planner) as session:
        for tour, (starts, ends) in zip(
            tours,
            [
                (today - timedelta(days=500), today - timedelta(days=367)),
                (today + timedelta(days=731), today + timedelta(days=900)),
            ],
            strict=True,
        ):
            row = (await session.scalars(select(Tour).where(Tour.id == tour))).one()
            row.starts_on, row.ends_on = starts, ends
    found = await desk.entries(await desk.of_mission(planner))
    assert max(one.first for one in found) == today + timedelta(days=731)
    assert min(one.after for one in found) > today - timedelta(days=366)


async def test_the_name_of_a_mission_is_a_change_too(desk: Desk) -> None:
    planner = await desk.world.ipob("planner")
    await desk.officer_at("ordered")
    url = (await desk.of_mission(planner)).url
    before = {one.uid: one for one in events((await desk.fetch(url)).content)}
    clock = desk.world.cast.assembly.clock
    clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined] # the tests' own
    async with tenant_session(planner) as session:
        mission = (await session.scalars(select(Mission).where(Mission.id == desk.world.mission))).one()
        mission.name_en = "Mission of the calendars"
    after = {one.uid: one for one in events((await desk.fetch(url)).content)}
    assert before.keys() == after.keys()
    assert all(after[uid].sequence > before[uid].sequence for uid in after)
    assert {one.modified for one in after.values()} == {clock.now().astimezone(UTC).replace(microsecond=0)}
