"""The chain is asked for with no transaction open; what is written is what it was asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec
import pytest

from core.approvals.chain import digest_of
from core.approvals.models import ApprovalCase
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict
from core.missions.calls import create_call, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn, PositionIn
from core.missions.service import add_position
from core.nominations.asking import describe
from core.nominations.schemas import NominationChange, NominationFile, OfNomination
from core.nominations.service import change_nomination, submit_nomination
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from tests.way import World


@dataclass
class Draft:
    """A draft in a call with two positions, of which one is armed."""

    world: World
    ctx: Ctx
    id: str
    armed: str
    unarmed: str
    asked: int = 0

    async def change(self, position: str) -> None:
        data = NominationChange(id=self.id, position_id=position)
        await self.world.cast.run(self.ctx, change_nomination, data)

    async def submit(self, *changes: str) -> NominationFile:
        """Send it for approval, while somebody makes one change after each time the plugin was asked."""
        asking = submit_nomination.before
        assert asking is not None
        waiting = list(changes)

        async def ask_and_change(ctx: Ctx, data: OfNomination) -> Any:
            self.asked += 1
            chain = await asking(ctx, data)
            if waiting:
                await self.change(waiting.pop(0))
            return chain

        return await execute(replace(submit_nomination, before=ask_and_change), self.ctx, OfNomination(id=self.id))


@pytest.fixture
async def draft(world: World) -> Draft:
    planner, run = await world.ipob("planner"), world.cast.run
    armed = PositionIn(id=str(world.mission), title_en="Guard", title_fr="Garde", seats=9, armed=True)
    position = await run(planner, add_position, armed)
    data = CallIn(mission_id=str(world.mission), closes_on=date(2026, 12, 20), tour_starts_on=date(2027, 3, 1))
    call = await run(planner, create_call, data)
    for one in (position.id, world.position):
        await run(planner, offer_position, CallPositionIn(id=str(call.id), position_id=str(one)))
    await run(planner, move_call, Step(id=str(call.id), step="open"))
    travelled = await replace(world, call=call.id).at("draft")
    ctx = await world.ctx("coordinator")
    return Draft(world, ctx, str(travelled.nomination), str(position.id), str(world.position))


async def test_a_change_between_the_question_and_the_write_is_asked_about_anew(draft: Draft) -> None:
    sent = await draft.submit(draft.armed)
    assert (draft.asked, sent.nomination.state, str(sent.position_id)) == (2, "agency_review", draft.armed)
    async with tenant_session(draft.ctx, read_only=True) as session:
        case = await session.get(ApprovalCase, (draft.ctx.scope.id, sent.case_id))
    assert case is not None
    seen = await describe(draft.ctx, sent.nomination.id)
    assert seen.nomination is not None
    assert seen.nomination.armed
    as_draft = msgspec.structs.replace(seen.nomination, state="draft")
    assert case.digest == digest_of(msgspec.structs.replace(seen, nomination=as_draft))


async def test_what_changes_twice_is_refused_and_stays_a_draft(draft: Draft) -> None:
    with pytest.raises(Conflict):
        await draft.submit(draft.armed, draft.unarmed)
    assert draft.asked == 2
    assert (await draft.submit()).nomination.state == "agency_review"
