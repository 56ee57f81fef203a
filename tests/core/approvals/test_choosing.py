"""The administrator chooses who gives the chain, and who decides when nobody else is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.approvals import choosing
from core.approvals.chain import ask
from core.approvals.choosing import choose_chain, get_chain, list_chains
from core.approvals.schemas import ChainFile, ChooseChain, OfKind
from core.approvals.service import get_case
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.hooks import service
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.hooks.stops import stop
from core.hooks.types import Step, Subject
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.approvals.bench import Bench, step
from tests.core.approvals.test_chains import NOBODY, plugin

PLUGIN = "chain_under_test"


async def office(bench: Bench, answer: Callable[[], Any], *, on: bool = True) -> Ctx:
    """Return the context of an administrator of a service that runs a plugin with this answer."""
    registry, records = Registry(), MemoryRecords()
    assert registry.register(plugin(answer)) is None
    ctx = PluginHost(registry, records).bind(bench.ctx("Admin"))
    if on:
        records.put(bench.scope.id, PLUGIN)
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            await service.enable(work, registry.plugins[PLUGIN])
    return ctx


async def choose(ctx: Ctx, *, expected: int | None = None, **more: Any) -> ChainFile:
    data = ChooseChain(**{"kind": "nomination", "plugin": PLUGIN, **more})
    return await execute(choose_chain, ctx, data, expected=expected)


async def faults(ctx: Ctx, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        await choose(ctx, **more)
    return [(fault.pointer, str(fault.text)) for fault in refused.value.faults]


def chief() -> Sequence[Step]:
    return [step("chief")]


async def test_whoever_is_named_decides_when_nobody_else_is_left(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Ana", "approver", officer=officer)
    olive = bench.person("Olive", "coordinator")
    ctx = await office(bench, chief)
    made = await choose(ctx, outside_seat=str(olive))
    assert (made.choice.plugin, made.choice.outside, made.choice.runs) == (PLUGIN, "Olive", True)
    chain = await ask(ctx, Subject(kind="nomination", id=uuid4()))
    assert [one.key for one in chain.steps] == ["chief"]
    case = await bench.open(chain=chain, concerns=officer)
    assert (await execute(get_case, ctx, ById(case))).outside == "Olive"
    assert (await bench.decide("Olive", case)).state == "approved"


async def test_a_choice_is_kept_with_who_made_it_and_what_was_before(bench: Bench) -> None:
    bench.person("Ana", "approver")
    olive = bench.person("Olive", "coordinator")
    ctx = await office(bench, chief)
    await choose(ctx)
    changed = await choose(ctx, outside_seat=str(olive), nobody_allowed=True)
    assert [(one.by, one.outside, one.nobody_allowed) for one in changed.history] == [
        ("Admin", "Olive", True),
        ("Admin", None, False),
    ]
    first, second = sorted(await bench.lines("chain_provider.choose"), key=lambda line: line.id)
    assert first.before is None
    assert second.before == first.after
    assert (await execute(get_chain, ctx, OfKind("release"))).history == []
    assert [one.plugin for one in (await execute(list_chains, ctx, Nothing())).chains] == [PLUGIN, None, None]


async def test_a_choice_that_could_leave_somebody_waiting_for_ever_is_refused(bench: Bench) -> None:
    bench.person("Ana", "approver", officer=uuid4())
    olive = bench.person("Olive", "coordinator")
    ctx = await office(bench, chief)
    assert await faults(ctx) == [("/plugin", "“chief” could never be decided for Ana: nobody else is left.")]
    await choose(ctx, outside_seat=str(olive))


async def test_in_safe_mode_nobody_gives_a_chain_and_not_even_settings_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.person("Ana", "approver")
    ctx = await office(bench, chief)
    assert (await choose(ctx)).choice.runs
    async with tenant_session(ctx) as session:
        await stop(Work(ctx, session, ctx.today, ctx.clock.now()), bench.scope.id, None, "For the test")
    monkeypatch.setattr(choosing, "read_settings", lambda *_: pytest.fail("a plugin's own code is run"))
    found = await execute(get_chain, ctx, OfKind("nomination"))
    assert (found.choice.plugin, found.choice.runs, list(found.plugins)) == (PLUGIN, False, [])


@pytest.mark.parametrize("seat", [str(UUID(int=9)), "not an id"])
async def test_every_fault_of_a_choice_is_said_at_once(bench: Bench, seat: str) -> None:
    ctx = await office(bench, chief, on=False)
    assert [pointer for pointer, _ in await faults(ctx, outside_seat=seat)] == ["/plugin", "/outside_seat"]


async def test_a_choice_made_on_an_old_page_is_refused(bench: Bench) -> None:
    bench.person("Ana", "approver")
    ctx = await office(bench, chief)
    version = (await choose(ctx)).choice.version
    await choose(ctx, nobody_allowed=True)
    with pytest.raises(Conflict):
        await choose(ctx, expected=version)


async def test_that_nobody_need_approve_is_allowed_by_the_choice(bench: Bench) -> None:
    ctx = await office(bench, lambda: NOBODY)
    assert [pointer for pointer, _ in await faults(ctx)] == ["/plugin"]
    await choose(ctx, nobody_allowed=True)
    assert (await ask(ctx, Subject(kind="nomination", id=uuid4()))).nobody == NOBODY


async def test_there_are_three_kinds_and_one_permission(bench: Bench) -> None:
    ctx = await office(bench, chief)
    for data in (OfKind("promotion"), OfKind("")):
        with pytest.raises(NotFound):
            await execute(get_chain, ctx, data)
    with pytest.raises(NotFound):
        await choose(ctx, kind="promotion")
    with pytest.raises(Forbidden):
        await choose(bench.platform.ctx(bench.scope, "approval.manage"))
