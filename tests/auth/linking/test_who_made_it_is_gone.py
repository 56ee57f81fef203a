"""A link to a seat ends with whoever made it, and with whoever it is for, whoever says that they come in no more."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from auth.leaving import end_all_of
from auth.linking.schemas import Invite
from auth.linking.service import invite
from auth.schemas import SwitchSeat
from auth.service import SEAT_MANAGE, SEAT_READ, switch_seat
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.hostile import OTHER_ISSUER
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.auth.test_people import WHY


async def test_shutting_somebody_out_withdraws_what_they_made_and_what_is_for_them_and_nothing_else(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    maker, keeper = await rig.seat(scope, "administrator"), await rig.seat(scope, "administrator", subject="person-2")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE)
    theirs, mine = (replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=one)) for one in (maker, keeper))
    seats = [await rig.seat(scope, subject=f"away-{number}", issuer=OTHER_ISSUER) for number in range(2)]
    await execute(invite, theirs, Invite(id=str(seats[0]), days=7, reason=WHY))
    await execute(invite, mine, Invite(id=str(seats[1]), days=7, reason=WHY))
    async with tenant_session(rig.ctx(other)) as session:
        elsewhere = rig.ctx(other)
        ended = await end_all_of(Work(elsewhere, session, elsewhere.today, elsewhere.clock.now()), maker)
    assert ended == {"sessions_ended": 0, "tokens_ended": 0}, "another service ends nothing here"
    await execute(switch_seat, mine, SwitchSeat(id=str(maker), active=False, reason=WHY))
    await execute(switch_seat, mine, SwitchSeat(id=str(seats[1]), active=False, reason=WHY))
    ended_here = {"active": False, "sessions_ended": 0, "tokens_ended": 0, "invitations_withdrawn": 1}
    assert await lines(rig, scope, "seat.switch") == [ended_here, ended_here]
