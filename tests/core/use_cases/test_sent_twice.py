"""What hooks are asked first is asked of them once, though the same is sent twice in one instant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from core.audit.models import AuditLine
from core.clock import ManualClock
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, Refused
from core.text import t
from core.use_cases.declaration import DECLARED, use_case
from core.use_cases.execution import PATIENCE, execute
from core.use_cases.idempotency import LEASE, IdempotencyRow, remembered
from core.use_cases.work import Moved, Work
from tests.core.use_cases.test_idempotency import ADD, Add, Added, add
from tests.platform import NOW, Platform


class Watched(ManualClock):
    """A clock that tells that somebody waits by it."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.waited = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waited.set()
        await super().sleep(seconds)


class Plugin:
    """What is asked: how often it was, what it waits for, what it does then."""

    def __init__(self) -> None:
        self.asked = 0
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.answer: Callable[[int], Any] = lambda times: times


PLUGIN = Plugin()
RAISED: list[Exception] = []


@pytest.fixture(autouse=True)
def plugin() -> Iterator[Plugin]:
    PLUGIN.__init__()  # type: ignore[misc]
    RAISED.clear()
    yield PLUGIN
    PLUGIN.go_on.set()


async def ask(ctx: Ctx, data: Add) -> Any:
    PLUGIN.asked += 1
    PLUGIN.entered.set()
    times = PLUGIN.asked
    await PLUGIN.go_on.wait()
    return PLUGIN.answer(times)


@use_case(permission=ADD, input=Add, output=Added, before=ask)
async def add_asked(work: Work, data: Add) -> Added:
    """Add something of which a plugin is asked first."""
    if RAISED:
        raise RAISED.pop()
    return await add.body(work, data)


@use_case(permission=ADD, input=Add, output=Added, before=ask, forgets=True)
async def add_forgotten(work: Work, data: Add) -> Added:
    """Add something and forget who sent it."""
    return await add.body(work, data)


for made in (add_asked, add_forgotten):
    del DECLARED[made.key]  # nobody's use cases: the matrix of permissions must not find them


@pytest.fixture
async def ctx(platform: Platform) -> Ctx:
    return replace(platform.ctx(await platform.agency(), ADD), clock=Watched())


async def count(ctx: Ctx, table: Any = AuditLine) -> int:
    async with tenant_session(ctx, read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def send(ctx: Ctx, title: str = "one") -> asyncio.Task[Added]:
    return asyncio.create_task(execute(add_asked, ctx, Add(title), key="k1"))


def clock_of(ctx: Ctx) -> Watched:
    assert isinstance(ctx.clock, Watched)
    return ctx.clock


async def two_at_once(ctx: Ctx, plugin: Plugin) -> list[asyncio.Task[Added]]:
    """Send the same twice; the second waits for the first, which waits for the plugin."""
    plugin.go_on.clear()
    first = send(ctx)
    async with asyncio.timeout(20):
        await plugin.entered.wait()
        second = send(ctx)
        await clock_of(ctx).waited.wait()
    return [first, second]


async def test_the_plugin_is_asked_once_and_both_get_its_answer(ctx: Ctx, plugin: Plugin) -> None:
    calls = await two_at_once(ctx, plugin)
    with pytest.raises(Conflict, match="used for another request"):
        await send(ctx, "two")
    plugin.go_on.set()
    first, second = await asyncio.gather(*calls)
    assert first == second
    assert (plugin.asked, await count(ctx)) == (1, 1)


async def test_many_at_once_are_one(ctx: Ctx, plugin: Plugin) -> None:
    done = await asyncio.gather(*(send(ctx) for _ in range(5)))
    assert len({one.id for one in done}) == 1
    assert (plugin.asked, await count(ctx)) == (1, 1)


async def test_where_the_first_is_refused_the_second_has_it_done(ctx: Ctx, plugin: Plugin) -> None:
    calls = await two_at_once(ctx, plugin)
    RAISED.append(Refused(t("No."), t("Say yes.")))
    plugin.go_on.set()
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, Refused)
    assert isinstance(second, Added)
    assert (plugin.asked, await count(ctx)) == (2, 1)


async def test_where_the_first_is_given_up_its_key_is_free(ctx: Ctx, plugin: Plugin) -> None:
    plugin.go_on.clear()
    first = send(ctx)
    await plugin.entered.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await count(ctx, IdempotencyRow) == 0
    plugin.go_on.set()
    assert (await send(ctx)).title == "one"


async def test_a_claim_whose_process_is_gone_is_waited_for_in_vain_and_given_up_in_the_end(
    ctx: Ctx, plugin: Plugin
) -> None:
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        assert await remembered(work, add_asked, "k1", Add("one")) is None
    began = ctx.clock.monotonic()
    with pytest.raises(Conflict, match="sent before and is not finished"):
        await send(ctx)
    assert ctx.clock.monotonic() - began >= PATIENCE
    assert plugin.asked == 0
    clock_of(ctx).advance(LEASE)
    assert (await send(ctx)).title == "one"
    assert plugin.asked == 1


async def test_whoever_lost_their_claim_changes_nothing(ctx: Ctx, plugin: Plugin) -> None:
    plugin.go_on.clear()
    late = send(ctx)
    await plugin.entered.wait()
    clock_of(ctx).advance(LEASE)
    plugin.entered.clear()
    other = send(ctx)
    async with asyncio.timeout(20):
        await plugin.entered.wait()
    plugin.go_on.set()
    done = await asyncio.gather(late, other, return_exceptions=True)
    assert [type(one).__name__ for one in done] == ["Conflict", "Added"]
    assert await send(ctx) == done[1]
    assert await count(ctx) == 1


async def test_it_is_asked_anew_only_where_what_it_was_asked_about_has_moved(ctx: Ctx, plugin: Plugin) -> None:
    RAISED.append(Moved())
    assert (await send(ctx)).title == "one"
    assert plugin.asked == 2


async def test_what_is_forgotten_leaves_no_trace_of_its_key(ctx: Ctx, plugin: Plugin) -> None:
    done = [await execute(add_forgotten, ctx, Add("one"), key="k1") for _ in range(2)]
    assert done[0].id != done[1].id
    assert (plugin.asked, await count(ctx, IdempotencyRow)) == (2, 0)
