"""The steps of a nomination and of a return that ask plugins are taken only with what the gate asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import select

from core.database.sessions import tenant_session
from core.errors import Refused
from core.extensions.consenting import with_consent
from core.extensions.schemas import ConfigurePlugin, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.nominations.models import Dossier
from core.nominations.schemas import OfNomination
from core.nominations.service import release_nomination, withdraw_nomination
from core.personnel.qualifications import add_qualification
from core.personnel.schemas import QualificationIn
from core.returns.schemas import CompleteIn
from core.returns.service import complete_milestone, move_return
from core.use_cases.lifecycle import Step
from tests.core.nominations.test_leaving import with_a_call_until
from tests.core.returns.test_the_way_home import came_home
from tests.way import World

PLUGIN = "qualification_gate"
Need = Callable[..., Awaitable[None]]


@pytest.fixture
async def need(world: World) -> AsyncIterator[Need]:
    async def ask(step: str, kind: str) -> None:
        administrator = await world.ctx("administrator")
        settings = {"needs": [{"step": step, "kind": kind}]}
        await world.cast.run(administrator, configure_plugin, ConfigurePlugin(PLUGIN, settings))

    administrator = await world.ctx("administrator")
    await world.cast.run(administrator, enable_plugin, with_consent(administrator, PLUGIN))
    yield ask
    await world.cast.run(await world.ctx("administrator"), disable_plugin, WithReason(PLUGIN, "For the test."))


async def test_a_nomination_leaves_only_with_the_passport_and_is_withdrawn_without(world: World, need: Need) -> None:
    await need("release", "passport")
    coordinator = await world.ctx("coordinator")
    here = await with_a_call_until(world, coordinator.today)
    kept, sent = (await here.at("approved")).nomination, (await here.at("approved")).nomination
    with pytest.raises(Refused, match="Qualification gate") as refused:
        await world.cast.run(await world.ctx("coordinator"), release_nomination, OfNomination(id=str(sent)))
    assert "passport (not in the file)" in str(refused.value.remedy)
    async with tenant_session(coordinator, read_only=True) as session:
        officer = await session.scalar(select(Dossier.officer_id).where(Dossier.id == sent))
    held = QualificationIn(id=str(officer), kind="passport", expires_on=coordinator.today)
    await world.cast.run(coordinator, add_qualification, held)
    done = await world.cast.run(await world.ctx("coordinator"), release_nomination, OfNomination(id=str(sent)))
    assert done.nomination.state == "nominated"
    gone = OfNomination(id=str(kept), reason="For the test.")
    withdrawn = await world.cast.run(await world.ctx("coordinator"), withdraw_nomination, gone)
    assert withdrawn.nomination.state == "withdrawn"


async def test_an_officer_is_back_on_duty_only_with_first_aid(world: World, need: Need) -> None:
    await need("adjust", "first_aid")
    _, file = await came_home(world)
    coordinator = await world.ctx("coordinator")
    for one in file.milestones:
        if one.before_duty:
            done = CompleteIn(id=str(file.summary.id), milestone_id=str(one.id))
            await world.cast.run(coordinator, complete_milestone, done)
    step = Step(id=str(file.summary.id), step="adjust")
    with pytest.raises(Refused) as refused:
        await world.cast.run(await world.ctx("coordinator"), move_return, step)
    assert "first aid (not in the file)" in str(refused.value.remedy)
    held = QualificationIn(id=str(file.summary.officer_id), kind="first_aid")
    await world.cast.run(coordinator, add_qualification, held)
    assert (await world.cast.run(await world.ctx("coordinator"), move_return, step)).summary.state == "adjusting"
