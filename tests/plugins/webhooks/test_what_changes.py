"""What the rooms do reaches a built-in plugin: each event of theirs, with the subject that they describe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE
from core.extensions.models import Delivery
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.telling import DELIVERED
from core.personnel.models import Officer
from core.returns.models import ReturnFile
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.returns.test_the_way_home import came_home, work_off
from tests.way import World


@pytest.fixture
async def listened(world: World) -> AsyncIterator[Ctx]:
    """The context of an agency that has webhooks switched on, and nowhere to send to."""
    administrator = await world.ctx("administrator")
    assert PLUGIN_MANAGE in administrator.actor.permissions
    await work_off(world)
    await execute(enable_plugin, administrator, with_consent(administrator, "webhooks"))
    yield administrator
    await execute(disable_plugin, administrator, WithReason(name="webhooks"))


async def told(ctx: Ctx, hook: str) -> list[tuple[Delivery, dict[str, Any]]]:
    """Return the deliveries of the hook, with what the plugin is told of each now."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        rows = select(Delivery).where(Delivery.tenant_id == ctx.scope.id, Delivery.hook == hook)
        found = []
        for row in await session.scalars(rows.order_by(Delivery.created_at, Delivery.id)):
            given = await DELIVERED[row.hook][row.subject_kind].read(work, row)
            assert isinstance(given, dict)
            found.append((row, dict(given)))
        return found


async def test_nomination_changed_tour_changed_and_return_changed_follow_an_officer_all_the_way(
    world: World, listened: Ctx
) -> None:
    tour_id, _ = await came_home(world)
    await work_off(world)
    async with tenant_session(listened, read_only=True) as session:
        file = await session.scalar(select(ReturnFile).where(ReturnFile.tour_id == tour_id))
        assert file is not None
        officer = await session.get(Officer, (listened.scope.id, file.officer_id))
    assert officer is not None
    mine = {
        hook: [(row, given) for row, given in await told(listened, hook) if officer_in(given) == officer.id]
        for hook in ("nomination_changed", "tour_changed", "return_changed")
    }
    assert all(mine.values())
    for row, given in [one for each in mine.values() for one in each]:
        assert (row.state, row.attempts) == ("done", 1)
        assert given["event"].id == row.event_id
        content = msgspec.json.encode(given).decode()
        assert officer.family_name not in content
        assert officer.employee_number not in content
    tour = mine["tour_changed"][-1][1]["tour"]
    assert (tour.id, tour.mission, tour.ended_early) == (tour_id, world.acronym, True)
    returned = mine["return_changed"][-1][1]["return_file"]
    assert (returned.id, returned.tour_id) == (file.id, tour_id)
    assert len({row.event_id for row, _ in mine["nomination_changed"]}) > 1, "each step is told of"


def officer_in(given: dict[str, Any]) -> Any:
    about = next(value for name, value in given.items() if name != "event")
    return about.officer.id if hasattr(about, "officer") else about.officer_id
