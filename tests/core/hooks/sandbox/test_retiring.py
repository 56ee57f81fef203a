"""What is switched off is ended, whenever it was begun; what goes on is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from contingent import Answered, Ctx, NoApproval
from core.hooks.host import PluginHost
from core.hooks.sandbox import hosts as sandbox_hosts
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.linking import Link
from core.hooks.sandbox.starting import own_zygote
from core.hooks.specs import approval_chain, check_in_advice
from tests.core.hooks.sandbox.conftest import QUIET, SUBJECT, Cell, until
from tests.core.hooks.sandbox.test_health import HEAD, HOME
from tests.core.hooks.sandbox.test_hosts import PLUGIN, gone, said

pytestmark = pytest.mark.sandbox

MakeCell = Callable[[str, str], Cell]

WAITS = (
    HEAD.format(name="waits")
    + """
import asyncio

@hookimpl
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice] | None:
    await asyncio.sleep(0.3)
    return [Advice(key="heard", text={"en": "E", "fr": "F"})]
"""
)


def ways(cell: Cell, ctx: Ctx) -> list[Link]:
    found: dict[str, Link] = cell.host.hosts._ways  # type: ignore[attr-defined]
    return [link for key, link in found.items() if key.startswith(str(ctx.scope.id))]


def under_way(cell: Cell, ctx: Ctx) -> bool:
    return any(link._pending for link in ways(cell, ctx))


async def test_a_call_of_health_goes_on_while_something_else_is_switched_off(make_cell: MakeCell) -> None:
    cell = make_cell("waits", WAITS)
    ctx = cell.tenant("ours")
    asked = asyncio.create_task(ctx.hooks.all(check_in_advice, answered=Answered(homecoming=HOME, answers={})))
    await until(lambda: under_way(cell, ctx))
    cell.records.put(ctx.scope.id, "other", "disabled")
    await cell.host.plugins_of(ctx)
    answers = await asked
    assert not answers.failures
    assert len(answers.results) == 1


async def test_a_host_that_is_being_made_for_what_is_switched_off_ends(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    asked = asyncio.create_task(cell.ask(ctx, QUIET))
    await until(lambda: any(one.startswith(str(ctx.scope.id)) for one in cell.host.hosts._asked))  # type: ignore[attr-defined]
    cell.records.put(ctx.scope.id, "witness", "disabled")
    await cell.host.plugins_of(ctx)
    await asked
    assert not ways(cell, ctx)


async def test_what_was_bound_before_it_was_switched_off_leaves_no_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    cell.records.put(ctx.scope.id, "witness", "disabled")
    await cell.host.plugins_of(ctx)
    process = int((await said(cell, ctx))[0])
    assert not ways(cell, ctx)
    await asyncio.to_thread(gone, process)


async def test_what_is_tried_before_it_is_switched_on_leaves_no_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    cell.records.put(ctx.scope.id, "witness", "disabled")
    trying = cell.again(ctx.scope).hooks.trying("witness", None)
    answers = await trying.one("witness", approval_chain, subject=SUBJECT)
    assert not ways(cell, ctx)
    (result,) = answers.results
    assert isinstance(result, NoApproval)
    await asyncio.to_thread(gone, int(result.reason["en"].split()[0]))


async def test_a_page_opens_though_the_zygote_of_what_was_switched_off_is_gone(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    zygote = cell.start_zygote()
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    zygote.kill()
    zygote.wait()
    cell.records.put(ctx.scope.id, "witness", "disabled")
    assert [one.cause for one in (await cell.ask(cell.again(ctx.scope))).failures] == ["disabled"]
    await cell.host.hosts.close()


async def test_where_every_other_host_is_busy_a_new_one_is_kept(
    make_cell: MakeCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_hosts, "MOST_WAYS", 1)
    cell = make_cell("witness", PLUGIN)
    with own_zygote() as way:
        hosts = Hosts(way)
        cell.host = PluginHost(cell.registry, cell.records, hosts=hosts)
        ours, theirs = cell.tenant("ours"), cell.tenant("theirs")
        await said(cell, ours)
        asked = asyncio.create_task(cell.ask(ours, QUIET))
        await until(lambda: under_way(cell, ours))
        answers = await cell.ask(theirs)
        await asked
        await hosts.close()
    assert not answers.failures
