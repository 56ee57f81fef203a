"""First answer stored, same answer replayed; also when both calls come at the same moment."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.audit.models import AuditLine
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, Invalid, Refused
from core.text import t
from core.use_cases.declaration import DECLARED, use_case
from core.use_cases.execution import execute
from core.use_cases.idempotency import KEPT, LONGEST_KEY, IdempotencyRow, forget_old_keys
from core.use_cases.work import Work
from tests.platform import Platform

ADD = "tested.add"
BEGUN = asyncio.Event()


class Add(msgspec.Struct, frozen=True):
    title: str
    slow: bool = False


class Added(msgspec.Struct, frozen=True):
    id: UUID
    title: str


@use_case(permission=ADD, input=Add, output=Added)
async def add(work: Work, data: Add) -> Added:
    """Add something: each run makes another one."""
    made = Added(work.new_id(), data.title)
    await work.audit("tested.add", ("tested", made.id))
    BEGUN.set()
    if data.slow:
        for _ in range(50):
            await asyncio.sleep(0)
    if data.title == "refused":
        raise Refused(t("No."), t("Say yes."))
    return made


@use_case(permission=ADD, input=Add, output=Added | None)
async def add_nothing(work: Work, data: Add) -> Added | None:
    """Do something and have nothing to say."""
    await work.audit("tested.add", ("tested", work.new_id()))
    return None


@use_case(permission=ADD, input=Add, output=Added, shown_once=t("Add another one."))
async def add_once(work: Work, data: Add) -> Added:
    """Add something that is shown this once."""
    return await add.body(work, data)


ASKED: list[str] = []


async def ask(ctx: Ctx, data: Add) -> str:
    ASKED.append(data.title)
    return data.title


@use_case(permission=ADD, input=Add, output=Added, before=ask)
async def add_what_was_asked_for(work: Work, data: Add) -> Added:
    """Add something of which plugins are asked first."""
    return await add.body(work, data)


for made in (add, add_nothing, add_once, add_what_was_asked_for):
    del DECLARED[made.key]  # nobody's use cases: the matrix of permissions must not find them


async def count(ctx: Ctx, what: Any = AuditLine) -> int:
    async with tenant_session(ctx, read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(what)) or 0


async def test_a_second_call_with_the_same_key_gets_the_first_answer_and_does_nothing(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    first = await execute(add, ctx, Add("one"), key="k1")
    assert await execute(add, ctx, Add("one"), key="k1") == first
    assert await count(ctx) == 1
    assert await execute(add, ctx, Add("one"), key="k2") != first
    assert await execute(add, ctx, Add("one")) != first
    assert await count(ctx) == 3


async def test_the_same_key_for_something_else_is_refused(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    await execute(add, ctx, Add("one"), key="k1")
    with pytest.raises(Conflict, match="used for another request"):
        await execute(add, ctx, Add("two"), key="k1")
    with pytest.raises(Conflict, match="used for another request"):
        await execute(add_nothing, ctx, Add("one"), key="k1")
    with pytest.raises(Conflict, match="used for another request"):
        await execute(add, ctx, Add("one"), on=ctx.today, key="k1")


async def test_nobody_is_asked_again_about_what_was_done_already(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    ASKED.clear()
    answers = [await execute(add_what_was_asked_for, ctx, Add("one"), key="k1") for _ in range(3)]
    assert len({one.id for one in answers}) == 1
    assert ASKED == ["one"]
    with pytest.raises(Conflict, match="used for another request"):
        await execute(add_what_was_asked_for, ctx, Add("two"), key="k1")
    assert ASKED == ["one"]


async def test_a_digest_tells_nobody_what_was_asked(platform: Platform) -> None:
    scopes = [await platform.agency() for _ in range(2)]
    digests = []
    for scope in scopes:
        ctx = platform.ctx(scope, ADD)
        await execute(add, ctx, Add("one"), key="k1")
        async with tenant_session(ctx, read_only=True) as session:
            digests.append(await session.scalar(select(IdempotencyRow.digest)))
    asked = hashlib.sha256(msgspec.json.encode([add.key, None, Add("one")], order="sorted")).hexdigest()
    assert len({*digests, asked}) == 3


async def test_a_day_that_nobody_stated_is_the_same_request_after_midnight(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    first = await execute(add, ctx, Add("one"), key="k1")
    platform.clock.advance(timedelta(days=1))
    assert await execute(add, ctx, Add("one"), key="k1") == first


async def test_a_key_is_its_callers_own(platform: Platform) -> None:
    agency = await platform.agency()
    answers = [
        await execute(add, platform.ctx(scope, ADD), Add("one"), key="k1")
        for scope in (agency, agency, await platform.agency())
    ]
    assert len({answer.id for answer in answers}) == 3


async def test_an_empty_answer_is_an_answer(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    for _ in range(3):
        assert await execute(add_nothing, ctx, Add("one"), key="k1") is None
    assert await count(ctx) == 1


async def test_what_was_refused_may_be_tried_again_with_the_same_key(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    for _ in range(2):
        with pytest.raises(Refused):
            await execute(add, ctx, Add("refused"), key="k1")
    assert (await execute(add, ctx, Add("one"), key="k1")).title == "one"


async def test_an_answer_that_is_shown_once_is_not_stored_and_a_repeated_call_is_told_what_to_do(
    platform: Platform,
) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    await execute(add_once, ctx, Add("one"), key="k1")
    async with tenant_session(ctx, read_only=True) as session:
        stored = select(IdempotencyRow.answer).where(IdempotencyRow.tenant_id == ctx.scope.id)
        assert (await session.scalars(stored)).all() == [None]
    with pytest.raises(Refused, match=r"done already\. What it made was shown once") as refused:
        await execute(add_once, ctx, Add("one"), key="k1")
    assert refused.value.remedy is not None
    assert refused.value.remedy.id == "Add another one."
    with pytest.raises(Conflict):
        await execute(add_once, ctx, Add("two"), key="k1")
    assert await count(ctx) == 1


async def test_of_two_calls_at_once_that_show_something_once_one_shows_it(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    done = await asyncio.gather(
        *(execute(add_once, ctx, Add("one", slow=True), key="k1") for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in done) == ["Added", "Refused", "Refused"]
    assert await count(ctx) == 1


async def test_a_key_that_is_too_long_is_a_fault(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    with pytest.raises(Invalid):
        await execute(add, ctx, Add("one"), key="k" * (LONGEST_KEY + 1))


@settings(max_examples=6)
@given(calls=st.integers(2, 5), titles=st.lists(st.sampled_from(["one", "two"]), min_size=5, max_size=5))
async def test_of_calls_at_the_same_moment_one_runs_and_all_its_equals_get_its_answer(
    platform: Platform, calls: int, titles: list[str]
) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    wanted = titles[:calls]
    answers = await asyncio.gather(
        *(execute(add, ctx, Add(title, slow=True), key="k1") for title in wanted), return_exceptions=True
    )
    given_out = [answer for answer in answers if isinstance(answer, Added)]
    assert len({answer.id for answer in given_out}) == 1
    (title,) = {answer.title for answer in given_out}
    assert len(given_out) == wanted.count(title)
    assert all(isinstance(answer, Added | Conflict) for answer in answers)
    assert await count(ctx) == 1


async def test_if_the_first_of_two_fails_the_second_runs(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    BEGUN.clear()
    first = asyncio.create_task(execute(add, ctx, Add("refused", slow=True), key="k1"))
    await BEGUN.wait()
    done = await execute(add, ctx, Add("one", slow=True), key="k1")
    with pytest.raises(Refused):
        await first
    assert done.title == "one"
    assert await count(ctx) == 1


async def test_answers_are_kept_sealed_and_not_for_ever(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), ADD)
    await execute(add, ctx, Add("a name nobody else may read"), key="k1")
    async with tenant_session(ctx, read_only=True) as session:
        row = (await session.scalars(select(IdempotencyRow))).one()
    assert row.answer is not None
    assert b"nobody" not in row.answer
    platform.clock.advance(KEPT - timedelta(seconds=1))
    await forget_old_keys(ctx)
    assert await count(ctx, IdempotencyRow) == 1
    platform.clock.advance(timedelta(seconds=2))
    await forget_old_keys(ctx)
    assert await count(ctx, IdempotencyRow) == 0
