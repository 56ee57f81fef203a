from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from core.context import Ctx
from core.database.sessions import worker_session
from core.events import queue
from core.events.models import JobRow
from core.events.queue import ATTEMPTS, Turns, dead_jobs, pause, replay
from core.events.subscribers import Event
from core.events.worker import drain, run_next, run_worker
from core.web.request_log import JsonLines
from tests.core.events.running import HEARD, jobs_of, tell, wiring
from tests.platform import Platform


async def run(platform: Platform, *scopes: object) -> int:
    only = [scope.id for scope in scopes]  # type: ignore[attr-defined]
    return await drain(platform.database, wiring(platform), platform.clock, only=only)


async def fail(ctx: Ctx, event: Event) -> None:
    raise LookupError("Constable Alix Tremblay was not found")


async def test_jobs_run_in_their_scope_as_a_system_actor_and_are_gone(platform: Platform) -> None:
    scope = await platform.agency()
    subjects = await tell(platform, scope, uuid4(), uuid4(), uuid4())
    assert await run(platform, scope) == 3
    heard = HEARD[scope.id]
    assert heard.subjects == subjects
    assert heard.actors[0].kind == "system"
    assert heard.actors[0].permissions == {"tested.do"}
    assert len({event.key for event in heard.events}) == 3
    assert await jobs_of(platform, scope) == []


@settings(max_examples=8)
@given(counts=st.lists(st.integers(1, 6), min_size=1, max_size=3), workers=st.integers(2, 3))
async def test_however_many_workers_each_scopes_jobs_run_once_in_order_and_one_at_a_time(
    platform: Platform, counts: list[int], workers: int
) -> None:
    scopes = [await platform.agency() for _ in counts]
    told = {
        scope.id: await tell(platform, scope, *(uuid4() for _ in range(n)))
        for scope, n in zip(scopes, counts, strict=True)
    }
    await asyncio.gather(*(run(platform, *scopes) for _ in range(workers)))
    await run(platform, *scopes)
    for scope in scopes:
        assert HEARD[scope.id].subjects == told[scope.id]
        assert HEARD[scope.id].most == 1


async def test_scopes_take_turns_so_that_many_jobs_of_one_do_not_starve_another(platform: Platform) -> None:
    busy, quiet = await platform.agency(), await platform.agency()
    order: list[str] = []

    async def note(ctx: Ctx, event: Event) -> None:
        order.append("busy" if ctx.scope.id == busy.id else "quiet")

    HEARD[busy.id].doing = HEARD[quiet.id].doing = note
    await tell(platform, busy, *(uuid4() for _ in range(6)))
    await tell(platform, quiet, uuid4(), uuid4())
    await run(platform, busy, quiet)
    assert order.index("quiet") <= 1
    assert sorted(order[:4]) == ["busy", "busy", "quiet", "quiet"]


async def test_a_failed_job_steps_aside_with_the_later_ones_of_its_subject_only(platform: Platform) -> None:
    scope = await platform.agency()
    bad, good = uuid4(), uuid4()

    async def fail_one(ctx: Ctx, event: Event) -> None:
        if event.subject_id == bad:
            raise LookupError

    HEARD[scope.id].doing = fail_one
    await tell(platform, scope, bad, good, bad, good)
    assert await run(platform, scope) == 3
    assert HEARD[scope.id].subjects == [bad, good, good]
    assert [job.attempts for job in await jobs_of(platform, scope)] == [1, 0]
    HEARD[scope.id].doing = None
    assert await run(platform, scope) == 0, "not before its pause is over"
    platform.clock.advance(timedelta(seconds=2))
    assert await run(platform, scope) == 2
    assert HEARD[scope.id].subjects[3:] == [bad, bad]


async def test_a_scope_whose_jobs_all_wait_is_free_while_a_worker_serves_another(platform: Platform) -> None:
    waiting, busy = await platform.agency(), await platform.agency()
    subject, turns = uuid4(), Turns()
    HEARD[waiting.id].doing = fail
    await tell(platform, waiting, subject, subject)
    assert await run(platform, waiting) == 1
    HEARD[waiting.id].doing = None
    ran: list[int] = []

    async def meanwhile(ctx: Ctx, event: Event) -> None:
        await tell(platform, waiting)
        ran.append(await run(platform, waiting))

    HEARD[busy.id].doing = meanwhile
    await tell(platform, busy)
    turns.take(busy)  # So that the one that waits is looked at first.
    only = [waiting.id, busy.id]
    assert await run_next(platform.database, wiring(platform), platform.clock, turns, only=only)
    assert ran == [1]


async def test_a_retried_job_has_the_key_of_its_first_attempt(platform: Platform) -> None:
    scope = await platform.agency()
    HEARD[scope.id].doing = fail
    await tell(platform, scope)
    for _ in range(3):
        await run(platform, scope)
        platform.clock.advance(timedelta(hours=2))
    assert len(HEARD[scope.id].events) == 3
    assert len({event.key for event in HEARD[scope.id].events}) == 1


async def test_a_job_that_keeps_failing_ends_among_the_dead_and_can_be_replayed(platform: Platform) -> None:
    scope = await platform.agency()
    HEARD[scope.id].doing = fail
    await tell(platform, scope)
    for _ in range(ATTEMPTS + 3):
        await run(platform, scope)
        platform.clock.advance(timedelta(hours=2))
    assert len(HEARD[scope.id].events) == ATTEMPTS
    async with worker_session(platform.database) as session:
        (dead,) = await dead_jobs(session, scope_id=scope.id)
        assert dead.failure is not None
        assert dead.failure.startswith("builtins.LookupError at test_worker.py:")
        assert await replay(session, dead.id, platform.clock.now())
        assert not await replay(session, uuid4(), platform.clock.now())
    HEARD[scope.id].doing = None
    assert await run(platform, scope) == 1
    assert await jobs_of(platform, scope) == []


async def test_a_dead_job_no_longer_holds_back_its_subject(platform: Platform) -> None:
    scope = await platform.agency()
    subject = uuid4()
    await tell(platform, scope, subject, subject)
    async with worker_session(platform.database) as session:
        first = (await jobs_of(platform, scope))[0]
        await session.execute(update(JobRow).where(JobRow.id == first.id).values(state="dead"))
    assert await run(platform, scope) == 1


async def test_a_job_over_its_deadline_is_stopped_and_tried_again(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope, event="worker_hurried")
    assert await run(platform, scope) == 1
    (job,) = await jobs_of(platform, scope)
    assert job.failure is not None
    assert job.failure.startswith("builtins.TimeoutError")


async def test_a_job_for_somebody_who_is_no_longer_there_waits_for_a_person(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope)
    async with worker_session(platform.database) as session:
        mine = update(JobRow).where(JobRow.scope_id == scope.id)
        await session.execute(mine.values(subscriber="gone.away", attempts=ATTEMPTS - 1))
    await run(platform, scope)
    (job,) = await jobs_of(platform, scope)
    assert (job.state, job.failure) == ("dead", "no such subscriber: it was removed or its plugin is not installed")


async def test_a_job_that_killed_its_worker_each_time_comes_to_an_end(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope)
    async with worker_session(platform.database) as session:
        await session.execute(update(JobRow).where(JobRow.scope_id == scope.id).values(attempts=ATTEMPTS))
    await run(platform, scope)
    (job,) = await jobs_of(platform, scope)
    assert (job.state, job.failure) == ("dead", queue.LOST)
    assert HEARD[scope.id].events == []


async def test_each_job_is_one_line_of_json_without_personal_data(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    scope = await platform.agency()
    HEARD[scope.id].doing = fail
    await tell(platform, scope)
    with caplog.at_level(logging.INFO, logger="contingent.job"):
        await run(platform, scope)
    (record,) = caplog.records
    written = JsonLines().format(record)
    line = json.loads(written)
    assert line["outcome"] == "again"
    assert (line["scope"], line["subscriber"], line["attempt"]) == (str(scope.id), "events.hear", 1)
    assert "Tremblay" not in written


def test_pauses_grow_to_an_hour_and_are_never_equal_for_all() -> None:
    for tried, middle in ((1, 1), (2, 4), (3, 16), (7, 3600), (30, 3600)):
        pauses = {pause(tried) for _ in range(50)}
        assert all(0.75 * middle <= one <= 1.25 * middle for one in pauses)
        assert len(pauses) > 1


async def test_a_claim_is_free_again_the_moment_its_connection_is_gone(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope)
    begun = asyncio.Event()

    async def hang(ctx: Ctx, event: Event) -> None:
        begun.set()
        await asyncio.Event().wait()

    HEARD[scope.id].doing = hang
    lost = asyncio.create_task(run_next(platform.database, wiring(platform), platform.clock, Turns(), only=[scope.id]))
    await begun.wait()
    assert await run(platform, scope) == 0, "nobody else may run it meanwhile"
    lost.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lost
    HEARD[scope.id].doing = None
    while await jobs_of(platform, scope):  # the server notices a closed connection a moment later
        await run(platform, scope)
    assert len(HEARD[scope.id].events) == 2


async def test_a_worker_serves_until_it_is_told_to_stop_and_finishes_what_it_began(platform: Platform) -> None:
    scope = await platform.agency()
    stop, done = asyncio.Event(), []

    async def stop_in_the_middle(ctx: Ctx, event: Event) -> None:
        stop.set()
        await asyncio.sleep(0)
        done.append(event.key)

    HEARD[scope.id].doing = stop_in_the_middle
    await tell(platform, scope)
    async with asyncio.timeout(20):
        await run_worker(platform.database, wiring(platform), platform.clock, slots=2, stop=stop, only=[scope.id])
    assert len(done) == 1
    assert await jobs_of(platform, scope) == []
