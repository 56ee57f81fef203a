"""The end of a change of provider: the old accounts go once they are not needed, and nothing else goes with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auth.linking.schemas import Unlink
from auth.linking.service import get_links, unlink
from auth.relying_party.identities import identity_of, sit_down
from core.database.sessions import identity_session
from core.errors import Refused
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.hostile import ISSUER, OTHER_ISSUER
from tests.auth.relinking.changing import service
from tests.auth.rig import Rig
from tests.auth.test_people import WHY, link, officer


async def test_while_the_old_accounts_are_the_only_way_in_they_are_not_unlinked(rig: Rig) -> None:
    at = await service(rig)
    await at.person("A-1")
    file = await at.step(await at.preview("A-1,new-A"), "apply")
    await at.switch(1, state="draft")
    await at.switch(0, state="off")
    with pytest.raises(Refused, match="lets nobody in yet"):
        await at.step(file, "finish")
    await at.switch(1, state="enforced")
    await rig.accept(at.scope, name="Copy of the old one", issuer=ISSUER, client_id="renewed")
    with pytest.raises(Refused, match="Another set-up of the old"):
        await at.step(file, "finish")
    assert (ISSUER, "old A-1") in {(issuer, subject) for issuer, subject, _ in await at.accounts()}


async def test_an_account_that_was_corrected_since_stays_where_both_are_of_one_issuer(rig: Rig) -> None:
    at = await service(rig, issuer=ISSUER)
    seat = await at.person("A-1")
    file = await at.step(await at.preview("A-1,wrong-1"), "apply")
    accounts = (await execute(get_links, at.ctx, ById(str(seat)))).accounts
    wrong = next(one for one in accounts if one.subject == "wrong-1")
    await execute(unlink, at.ctx, Unlink(id=str(seat), identity_id=str(wrong.id), reason=WHY))
    rig.platform.clock.advance(timedelta(minutes=1))
    async with identity_session(rig.platform.database) as session:
        right = await identity_of(session, rig.platform.clock, ISSUER, f"right of {at.scope.slug}")
        assert await sit_down(session, rig.platform.clock, right, at.scope.id, seat, "invitation")
    await at.switch(0, state="off")
    await at.step(file, "finish")
    assert [one for one in await at.accounts() if one[2] == seat] == [(ISSUER, f"right of {at.scope.slug}", seat)]


async def test_sessions_of_the_old_accounts_end_with_them(rig: Rig) -> None:
    at = await service(rig)
    await at.person("A-1")
    await link(rig, at.scope, at.ctx.actor.id, await officer(rig, at.scope, "A-9"))
    assert await at.comes_in(0, "old A-1")
    file = await at.step(await at.preview("A-1,new-A", "A-9,new-9"), "apply")
    assert await at.comes_in(1, "new-A")
    await at.switch(0, state="off")
    await at.step(file, "finish")
    lines = {line.before["subject"]: line.after for line in await at.lines("identity.unlink") if line.before}
    assert lines["old A-1"] == {"sessions_ended": 1}


@pytest.mark.parametrize("issuer", [OTHER_ISSUER, ISSUER])
async def test_a_copy_of_the_new_set_up_that_took_its_place_is_the_new_one(rig: Rig, issuer: str) -> None:
    at = await service(rig, issuer=issuer)
    await at.person("A-1")
    await link(rig, at.scope, at.ctx.actor.id, await officer(rig, at.scope, "A-9"))
    file = await at.step(await at.preview("A-1,new-A", "A-9,new-9"), "apply")
    client = {} if issuer != ISSUER else {"client_id": "another-client"}
    await rig.accept(at.scope, name="New, with another secret", issuer=issuer, **client)
    await at.comes_in(1, "new-9")
    await at.switch(1, state="off")
    await at.switch(0, state="off")
    await at.step(file, "finish")
    assert "old A-1" not in {subject for _, subject, _ in await at.accounts()}


async def test_sessions_through_a_copy_of_the_old_set_up_end_with_its_accounts(rig: Rig) -> None:
    at = await service(rig)
    await at.person("A-1")
    await link(rig, at.scope, at.ctx.actor.id, await officer(rig, at.scope, "A-9"))
    file = await at.step(await at.preview("A-1,new-A", "A-9,new-9"), "apply")
    await rig.accept(at.scope, name="Old, with another secret")
    given, at.providers = at.providers, (await at.named("Old, with another secret"), at.providers[1])
    assert await at.comes_in(0, "old A-1")
    await at.switch(0, state="off")
    at.providers = given
    await at.switch(0, state="off")
    await at.step(file, "finish")
    lines = {line.before["subject"]: line.after for line in await at.lines("identity.unlink") if line.before}
    assert lines["old A-1"] == {"sessions_ended": 1}
