"""However sign-in is set up, the last administrator stays in."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import update

from auth.models import IdentityProvider, RoleGrant
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.setup.service import (
    link_tested,
    list_providers,
)
from core.database.sessions import tenant_session
from core.errors import ContingentError, Refused
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import sent_with
from tests.auth.setup.wizard import Wizard, add_rule_of, first


async def test_nobody_is_locked_out_by_putting_it_in_force(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    await wizard.move("confirm")
    file = await wizard.file()
    assert [(gate.key, gate.met) for gate in file.enforcing] == [
        ("test", True),
        ("administrator", False),
        ("break_glass", True),
    ]
    with pytest.raises(Refused) as refused:
        await wizard.move("enforce")
    assert "link your own to your seat" in str(refused.value.remedy)
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    assert (await wizard.move("enforce")).provider.state == "enforced"


async def test_the_only_way_in_of_administrators_is_not_switched_off(wizard: Wizard) -> None:
    old = await first(wizard)
    with pytest.raises(Refused) as refused:
        await wizard.move("switch_off", old)
    assert "Put another provider in force first" in str(refused.value.remedy)
    await wizard.enforced()
    await wizard.move("retire", old)
    assert (await wizard.file(old)).leaving[0].met
    assert (await wizard.move("switch_off", old)).provider.state == "off"
    with pytest.raises(Refused):
        await wizard.move("switch_off")
    assert (await wizard.row()).state == "enforced"


async def test_an_administrator_by_a_claim_of_the_old_provider_is_none_at_the_new_one(wizard: Wizard) -> None:
    """At the first sign-in through the new one the role would end: it cannot keep the service open."""
    manager = wizard.rig.platform.ctx(wizard.scope, SEAT_READ, SEAT_MANAGE)
    old = await first(wizard)
    await wizard.enforced()
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        rule = await add_rule_of(wizard, old, manager)
        grants = update(RoleGrant).where(RoleGrant.tenant_id == wizard.scope.id, RoleGrant.seat_id == wizard.seat)
        await session.execute(grants.values(origin="claim", source_id=rule))
    with pytest.raises(Refused):
        await wizard.move("switch_off", old)
    assert (await wizard.move("switch_off")).provider.state == "off"


async def test_a_second_registration_at_the_same_issuer_is_another_way_in(wizard: Wizard) -> None:
    """Each registration knows people by subjects of its own: the account of the first does not open the second."""
    old = await first(wizard)
    rig = wizard.rig
    await wizard.add(issuer=ISSUER, client_id="second")

    async def test() -> None:
        rig.hostile.claims = sets(sub="pairwise-2", aud="second")
        rig.hostile.userinfo = sets(sub="pairwise-2")
        await rig.finish(wizard.browser, wizard.scope, sent_with(await wizard.start()))

    await test()
    await wizard.move("confirm")
    with pytest.raises(Refused) as refused:
        await wizard.move("enforce")
    assert "link your own to your seat" in str(refused.value.remedy)
    # As the operator's command line does it, which asks nobody.
    async with tenant_session(rig.ctx(wizard.scope)) as session:
        row = update(IdentityProvider).where(IdentityProvider.id == UUID(wizard.id))
        await session.execute(row.values(state="enforced"))
    with pytest.raises(Refused) as refused:
        await wizard.move("switch_off", old)
    assert "make a test sign-in there" in str(refused.value.remedy)

    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    async with tenant_session(rig.ctx(wizard.scope)) as session:
        await session.execute(row.values(state="tested"))
    assert (await wizard.move("enforce")).provider.state == "enforced"
    assert (await wizard.move("switch_off", old)).provider.state == "off"
    with pytest.raises(Refused, match="no fresh test"):
        await execute(link_tested, wizard.ctx, ById(id=wizard.id))


async def test_an_account_of_the_same_registration_is_not_linked_beside_another(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    await wizard.test(sub="new-2")
    with pytest.raises(Refused, match="another account of this provider"):
        await execute(link_tested, wizard.ctx, ById(id=wizard.id))


async def test_who_signed_in_through_the_registration_that_is_left_keeps_it_open(wizard: Wizard) -> None:
    """A draft beside it changes nothing for those who come in through the one in force."""
    old = await first(wizard)
    await wizard.enforced()
    await wizard.add(issuer=ISSUER, client_id="second")
    assert (await wizard.file(old)).leaving[0].met
    others = await execute(list_providers, wizard.ctx, Nothing())
    new = next(str(one.id) for one in others.providers if one.issuer == OTHER_ISSUER)
    assert (await wizard.move("switch_off", new)).provider.state == "off"


async def test_of_two_administrators_who_each_switch_off_one_provider_one_is_refused(wizard: Wizard) -> None:
    old = await first(wizard)
    await wizard.enforced()
    answers = await asyncio.gather(wizard.move("switch_off", old), wizard.move("switch_off"), return_exceptions=True)
    assert sorted(isinstance(one, ContingentError) for one in answers) == [False, True]
