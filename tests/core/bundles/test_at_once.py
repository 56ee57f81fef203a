"""Of two who decide on a version at the same moment the second waits, and decides on what the first left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.bundles.service import choose_bundle, get_bundle, list_own_plugins, withdraw_bundle
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, NotFound, Refused
from core.extensions.consenting import with_consent
from core.extensions.service import enable_plugin
from core.use_cases.declaration import ById, Nothing, UseCase
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.bundles.conftest import Yard, bundled
from tests.standing_still import go_on

pytestmark = pytest.mark.sandbox


async def while_open(ctx: Ctx, case: UseCase[Any, Any], data: Any, other: Any) -> Any:
    """Do ``case`` in a transaction that ends once ``other`` waits for it; return what ``other`` comes to."""
    async with tenant_session(ctx) as session:
        await case(Work(ctx, session, ctx.today, ctx.clock.now()), data)
        task = asyncio.ensure_future(other)
        await go_on(ctx, task)
    return (await asyncio.gather(task, return_exceptions=True))[0]


async def states(yard: Yard) -> dict[str, str]:
    found = await execute(list_own_plugins, yard.ctx(), Nothing())
    return {one.plugin_version: one.state for one in found.bundles}


async def test_a_version_that_is_chosen_meanwhile_is_not_taken_away(yard: Yard) -> None:
    await yard.run(bundled("1.0"))
    which = ById(str((await yard.bring(bundled("1.1"))).bundle.id))
    came = await while_open(yard.ctx(), choose_bundle, which, execute(withdraw_bundle, yard.ctx("alix"), which))
    assert isinstance(came, Refused), came
    assert await states(yard) == {"1.0": "former", "1.1": "chosen"}
    assert await yard.answer(yard.worker) == "Delegated 1.1"


async def test_a_version_that_is_taken_away_meanwhile_is_not_chosen(yard: Yard) -> None:
    await yard.run(bundled("1.0"))
    which = ById(str((await yard.bring(bundled("1.1"))).bundle.id))
    came = await while_open(yard.ctx(), withdraw_bundle, which, execute(choose_bundle, yard.ctx("alix"), which))
    assert isinstance(came, NotFound), came
    assert await states(yard) == {"1.0": "chosen"}
    assert await yard.answer(yard.worker) == "Delegated 1.0"


async def test_a_version_that_is_switched_on_meanwhile_is_not_taken_away(yard: Yard) -> None:
    which = ById(str((await yard.bring(bundled("1.0"))).bundle.id))
    await yard.choose(await execute(get_bundle, yard.ctx(), which))
    ctx = yard.ctx()
    await yard.answer()  # this process knows of it from now on
    came = await while_open(
        ctx, enable_plugin, with_consent(ctx, "own_chain"), execute(withdraw_bundle, yard.ctx("alix"), which)
    )
    assert isinstance(came, Refused), came
    assert await yard.answer(yard.worker) == "Delegated 1.0"


async def test_a_version_that_is_taken_away_meanwhile_is_not_switched_on(yard: Yard) -> None:
    which = ById(str((await yard.bring(bundled("1.0"))).bundle.id))
    await yard.choose(await execute(get_bundle, yard.ctx(), which))
    ctx = yard.ctx()
    await yard.answer()
    came = await while_open(
        yard.ctx("alix"), withdraw_bundle, which, execute(enable_plugin, ctx, with_consent(ctx, "own_chain"))
    )
    assert isinstance(came, Conflict), came
    assert await states(yard) == {}
    assert await yard.answer(yard.worker) == "missing"


async def test_of_two_versions_that_are_chosen_at_once_the_later_one_runs(yard: Yard) -> None:
    await yard.run(bundled("1.0"))
    first, second = [ById(str((await yard.bring(bundled(one))).bundle.id)) for one in ("1.1", "1.2")]
    await while_open(yard.ctx(), choose_bundle, first, execute(choose_bundle, yard.ctx("alix"), second))
    assert await states(yard) == {"1.0": "former", "1.1": "former", "1.2": "chosen"}
    assert await yard.answer(yard.worker) == "Delegated 1.2"
