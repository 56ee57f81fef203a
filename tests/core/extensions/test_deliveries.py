"""Telling plugins what has happened: each its own delivery, tried again, given up, sent again, dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text, update

from contingent import Ctx, Event, Officer, Rejected
from core.database.sessions import tenant_session, worker_session
from core.errors import Refused
from core.events.models import JobRow
from core.events.queue import LOST, Turns, replay
from core.events.subscribers import ASIDE
from core.events.worker import run_next
from core.extensions.deliveries import OneDelivery, resend_delivery
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import Delivery
from core.extensions.scheduling import LOST_AFTER, forget_old
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin
from core.extensions.telling import ATTEMPTS, put
from core.hooks.service import resume, suspend
from core.journal.permissions import AUDIT_READ
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.events.running import HEARD, jobs_of, tell
from tests.core.extensions.conftest import plugin
from tests.core.extensions.listening import Station, station
from tests.http.ring import fields_of, main_of
from tests.platform import Platform

pytestmark = pytest.mark.http

HEARING: list[tuple[Event, Officer]] = []
DOING: list[Callable[[], Awaitable[None]]] = []


async def listen(ctx: Ctx, event: Event, officer: Officer) -> None:
    HEARING.append((event, officer))


async def fail(ctx: Ctx, event: Event, officer: Officer) -> None:
    HEARING.append((event, officer))
    raise ValueError("Alix Tremblay was here")


async def refuse(ctx: Ctx, event: Event, officer: Officer) -> None:
    HEARING.append((event, officer))
    for doing in DOING:
        await doing()
    raise Rejected({"en": "The receiver answered 503.", "fr": "Le destinataire a répondu 503."})


async def decide(ctx: Ctx, event: Event, officer: Officer) -> None:
    raise Rejected({"en": "That address is no more.", "fr": "Cette adresse n’existe plus."}, final=True)


@pytest.fixture
async def heard(platform: Platform) -> AsyncIterator[Station]:
    HEARING.clear()
    DOING.clear()
    plugins = [
        plugin("listening", "officer_changed", listen),
        plugin("failing", "officer_changed", fail),
        plugin("refusing", "officer_changed", refuse),
        plugin("deciding", "officer_changed", decide),
    ]
    async with station(platform, plugins) as made:
        yield made


async def test_what_comes_of_an_attempt_counts_for_nothing_once_a_later_one_has_begun(heard: Station) -> None:
    await heard.enable("refusing")

    async def begin_another() -> None:
        async with tenant_session(heard.ctx()) as session:
            await session.execute(update(Delivery).values(attempts=Delivery.attempts + 1))

    DOING.append(begin_another)
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.state, row.attempts, row.cause) == ("waiting", 2, None), "the worker that lost its claim wrote nothing"
    DOING.clear()
    await heard.later(minutes=1)
    (row,) = await heard.deliveries()
    assert (row.state, row.attempts, row.cause) == ("waiting", 3, "refused")


async def test_each_plugin_that_listens_has_a_delivery_of_its_own(heard: Station) -> None:
    await heard.enable("listening", "failing")
    officer = await heard.change_an_officer()
    await heard.work()
    failing, listening = await heard.deliveries()
    assert (listening.plugin, listening.state, listening.attempts) == ("listening", "done", 1)
    assert (failing.state, failing.attempts, failing.cause) == ("waiting", 1, "raised")
    assert failing.failure is not None
    assert "Tremblay" not in failing.failure
    assert {(event.id, told.id) for event, told in HEARING} == {(listening.event_id, officer.id)}
    await heard.later(seconds=2)
    assert [one.attempts for one in await heard.deliveries()] == [2, 1], "who has heard it is not told again"
    assert len({event.id for event, _ in HEARING}) == 1, "the event keeps its id over all attempts"


async def test_what_is_not_taken_is_given_up_after_ten_attempts_and_sent_again_by_a_person(heard: Station) -> None:
    await heard.enable("refusing")
    await heard.change_an_officer()
    for _ in range(ATTEMPTS + 2):
        await heard.later(hours=2)
    (row,) = await heard.deliveries()
    assert (row.state, row.attempts, len(HEARING)) == ("dead", ATTEMPTS, ATTEMPTS)
    browser = heard.ring.browser(heard.scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, AUDIT_READ)
    address = f"/{{}}/{heard.scope.slug}/plugins/refusing/deliveries"
    listed = await browser.get(address.format("fr"))
    assert "Le destinataire a répondu 503." in main_of(listed)
    page = await browser.get(f"{address.format('en')}/{row.id}")
    assert "The receiver answered 503." in main_of(page)
    assert "10 of 10" in main_of(page)
    sent = await browser.post(f"{address.format('en')}/{row.id}/resend", data=fields_of(page))
    assert sent.status_code == 303, sent.text[:500]
    await heard.work()
    (again,) = await heard.deliveries()
    assert (again.state, again.attempts, again.event_id) == ("waiting", 1, row.event_id)
    script = heard.ring.script(heard.scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    asked = f"/api/v1/plugins/refusing/deliveries/{row.id}/resend"
    refused = await script.post(asked, headers={"Idempotency-Key": "again"})
    assert refused.status_code == 409
    assert "will be tried again by itself" in refused.text
    log = await browser.get(f"/en/{heard.scope.slug}/audit")
    assert "Message to a plugin: sending again" in main_of(log)


WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype IN ('transactionid', 'tuple') AND NOT granted")


async def test_of_two_people_who_send_the_same_again_at_once_one_is_told_that_it_is_on_its_way(heard: Station) -> None:
    await heard.enable("deciding")
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    assert row.state == "dead"
    async with asyncio.timeout(30):
        async with tenant_session(heard.ctx()) as session:
            await session.get(Delivery, (heard.scope.id, row.id), with_for_update=True)
            data = OneDelivery("deciding", str(row.id))
            both = [asyncio.create_task(execute(resend_delivery, heard.ctx(), data)) for _ in range(2)]
            while (await session.scalar(WAITING) or 0) < len(both):
                pass
        came = await asyncio.gather(*both, return_exceptions=True)
    (refused,) = [one for one in came if isinstance(one, BaseException)]
    assert isinstance(refused, Refused)


async def test_all_that_was_given_up_is_sent_again_at_once(heard: Station) -> None:
    await heard.enable("refusing")
    await heard.change_an_officer()
    await heard.change_an_officer()
    for _ in range(ATTEMPTS + 2):
        await heard.later(hours=2)
    script = heard.ring.script(heard.scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = "/api/v1/plugins/refusing/deliveries"
    assert (await script.get(address)).json()["dead"] == 2
    answer = await script.post(f"{address}/resend", headers={"Idempotency-Key": "once"})
    assert answer.json()["count"] == 2, answer.text
    HEARING.clear()
    await heard.work()
    assert len(HEARING) == 2


async def test_deliveries_come_in_pages_and_those_given_up_first(heard: Station) -> None:
    await heard.enable("refusing")
    await heard.change_an_officer()
    for _ in range(ATTEMPTS + 2):
        await heard.later(hours=2)
    for _ in range(4):
        await heard.change_an_officer()
    await heard.work()
    script = heard.ring.script(heard.scope, PLUGIN_READ)
    told, after = list[tuple[str, str]](), ""
    while True:
        page = (await script.get(f"/api/v1/plugins/refusing/deliveries?limit=2{after}")).json()
        told += [(one["state"], one["id"]) for one in page["deliveries"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [state for state, _ in told] == ["dead", *["waiting"] * 4]
    assert len(set(told)) == 5
    browser = heard.ring.browser(heard.scope, PLUGIN_READ)
    address = f"/en/{heard.scope.slug}/plugins/refusing/deliveries?limit=2"
    first = main_of(await browser.get(address))
    assert f"after={told[1][1]}" in first
    last = main_of(await browser.get(f"{address}&after={told[3][1]}"))
    assert told[4][1] in last
    assert "Next page" not in last


async def test_a_service_outside_that_refuses_is_not_the_plugins_failure(heard: Station) -> None:
    await heard.enable("refusing")
    for _ in range(8):
        await heard.change_an_officer()
    await heard.work()
    assert len(HEARING) == 8, "no breaker has opened"


async def test_what_waits_for_a_plugin_that_was_switched_off_is_dropped_and_not_told(heard: Station) -> None:
    await heard.enable("listening")
    await heard.change_an_officer()
    await heard.own_work()
    assert [one.state for one in await heard.deliveries()] == ["waiting"]
    await execute(disable_plugin, heard.ctx(), WithReason(name="listening"))
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.state, row.cause, HEARING) == ("dropped", "disabled", [])
    await heard.change_an_officer()
    await heard.work()
    assert len(await heard.deliveries()) == 1, "nothing is put aside for what is switched off"


async def test_what_happens_while_a_plugin_is_suspended_waits_for_it(heard: Station) -> None:
    await heard.enable("listening")
    ctx = heard.ctx()
    async with tenant_session(ctx) as session:
        await suspend(Work(ctx, session, ctx.today, ctx.clock.now()), "listening")
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.state, row.cause, HEARING) == ("waiting", "suspended", [])
    async with tenant_session(ctx) as session:
        await resume(Work(ctx, session, ctx.today, ctx.clock.now()), "listening")
    await heard.later(seconds=2)
    assert [one.state for one in await heard.deliveries()] == ["done"]


async def test_a_delivery_put_twice_is_there_once_and_one_whose_subject_is_gone_is_dropped(heard: Station) -> None:
    await heard.enable("listening")
    ctx, event = heard.ctx(), uuid4()
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        gone = ("officer", uuid4())
        first = await put(work, "listening", "officer_changed", "officer_changed", gone, event_id=event)
        assert first is not None
        assert await put(work, "listening", "officer_changed", "officer_changed", gone, event_id=event) is None
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.state, row.cause, HEARING) == ("dropped", "gone", [])


async def test_another_services_deliveries_are_not_found(heard: Station) -> None:
    await heard.enable("listening")
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    other = await heard.platform.agency()
    browser = heard.ring.browser(other, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await browser.get(f"/en/{other.slug}/plugins/listening/deliveries/{row.id}")).status_code == 404
    assert str(row.id) not in (await browser.get(f"/en/{other.slug}/plugins/listening/deliveries")).text
    assert (await browser.get(f"/en/{other.slug}/plugins/nothing/deliveries")).status_code == 404


async def test_a_delivery_that_waits_for_others_holds_up_neither_the_scopes_own_work_nor_the_slot_kept_for_it(
    heard: Station,
) -> None:
    await heard.enable("refusing")
    began, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        began.set()
        await go_on.wait()

    DOING.append(wait)
    await heard.change_an_officer()
    clock, only = heard.platform.clock, [heard.scope.id]
    database = heard.platform.database
    await heard.own_work()
    assert [one.state for one in await heard.deliveries()] == ["waiting"], "the delivery is aside"
    delivering = asyncio.create_task(run_next(database, heard.wire, clock, Turns(), only=only, lanes=[ASIDE]))
    await began.wait()
    await tell(heard.platform, heard.scope)
    await heard.own_work()
    assert len(HEARD[heard.scope.id].events) == 1
    await heard.change_an_officer()
    await heard.own_work()
    assert len(await heard.deliveries()) == 2
    assert not await run_next(database, heard.wire, clock, Turns(), only=only), "two never run aside at once"
    go_on.set()
    assert await delivering


async def test_a_delivery_whose_worker_ended_for_good_is_given_up_and_can_be_sent_again(heard: Station) -> None:
    await heard.enable("listening")
    ctx = heard.ctx()
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await put(work, "listening", "officer_changed", "officer_changed", ("officer", uuid4()), event_id=uuid4())
    async with worker_session(heard.platform.database) as session:
        await session.execute(delete(JobRow).where(JobRow.scope_id == heard.scope.id))
    heard.platform.clock.advance(LOST_AFTER - timedelta(minutes=1))
    await forget_old(heard.ctx())
    assert [one.state for one in await heard.deliveries()] == ["waiting"]
    heard.platform.clock.advance(timedelta(minutes=2))
    await forget_old(heard.ctx())
    (row,) = await heard.deliveries()
    assert (row.state, row.cause) == ("dead", "lost")
    page = await heard.ring.browser(heard.scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE).get(
        f"/en/{heard.scope.slug}/plugins/listening/deliveries/{row.id}"
    )
    assert "The worker ended during its last attempt" in main_of(page)
    assert "Send again" in main_of(page)


async def test_a_delivery_that_has_a_job_waits_however_long_no_worker_ran(heard: Station) -> None:
    await heard.enable("refusing")
    await heard.change_an_officer()
    await heard.own_work()
    heard.platform.clock.advance(3 * LOST_AFTER)
    await forget_old(heard.ctx())
    assert [one.state for one in await heard.deliveries()] == ["waiting"]
    HEARING.clear()
    await heard.work()
    assert len(HEARING) == 1, "it is told as soon as a worker runs again"


async def test_a_delivery_sent_again_by_a_person_has_one_job_though_that_of_the_lost_worker_comes_back(
    heard: Station,
) -> None:
    await heard.enable("failing")
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    async with worker_session(heard.platform.database) as session:
        job = (await session.scalars(select(JobRow).where(JobRow.scope_id == heard.scope.id))).one()
        job.state, job.failure = "dead", LOST
    heard.platform.clock.advance(LOST_AFTER + timedelta(minutes=1))
    await forget_old(heard.ctx())
    assert (await heard.deliveries())[0].cause == "lost"
    HEARING.clear()
    await execute(resend_delivery, heard.ctx(), OneDelivery("failing", str(row.id)))
    async with worker_session(heard.platform.database) as session:
        assert await replay(session, job.id, heard.platform.clock.now())
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.attempts, len(HEARING)) == (1, 1), "the job of the earlier sending makes no attempt"
    jobs = await jobs_of(heard.platform, heard.scope)
    assert [one.event_id for one in jobs if one.subject_id == row.id] == [row.sending_id]


async def test_what_is_refused_for_good_is_given_up_at_once(heard: Station) -> None:
    await heard.enable("deciding")
    await heard.change_an_officer()
    await heard.work()
    (row,) = await heard.deliveries()
    assert (row.state, row.attempts, row.cause) == ("dead", 1, "refused")
    page = await heard.ring.browser(heard.scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE).get(
        f"/fr/{heard.scope.slug}/plugins/deciding/deliveries/{row.id}"
    )
    assert "Cette adresse n’existe plus." in main_of(page)
    assert "Renvoyer" in main_of(page)
