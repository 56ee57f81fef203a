"""The day on which nobody can sign in any more: whoever came in by two halves puts another set-up in force."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec
import pytest

from auth.relying_party.identities import give_seat, identity_of
from auth.service import SEAT_READ
from auth.setup.lacks import UNLINKED
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.setup.service import link_tested
from core.context import Scope
from core.database.sessions import identity_session
from core.errors import Refused
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.break_glass.accounts import rows
from tests.auth.hostile import OTHER_ISSUER
from tests.auth.red_button.scene import came_in, come, halves
from tests.auth.rig import Rig
from tests.auth.setup.wizard import Wizard


async def broken_in(rig: Rig) -> tuple[Wizard, UUID]:
    """Return the wizard of somebody who came in by two halves, and the seat of the administrator who cannot."""
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    used = await halves(rig, browser, scope)
    await halves(rig, browser, scope, "Safe")
    (account, _) = await rows(rig, scope)
    ctx = rig.platform.ctx(scope, SEAT_READ, PROVIDER_MANAGE)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=account.seat_id))
    wizard = Wizard(rig, scope, ctx, await came_in(rig, scope, *used))
    await wizard.add()
    return wizard, seat


async def link(rig: Rig, scope: Scope, seat: UUID) -> None:
    async with identity_session(rig.platform.database) as session:
        identity = await identity_of(session, rig.platform.clock, OTHER_ISSUER, "new-1")
        await give_seat(session, rig.platform.clock, identity, scope.id, seat)


async def test_a_test_with_an_administrators_account_lets_it_be_put_in_force(rig: Rig) -> None:
    wizard, seat = await broken_in(rig)
    await link(rig, wizard.scope, seat)
    assert (await wizard.test()).status_code == 303
    await wizard.move("confirm")
    assert (await wizard.move("enforce")).provider.state == "enforced"


async def test_the_account_of_somebody_who_does_not_run_sign_in_is_not_enough(rig: Rig) -> None:
    wizard, _ = await broken_in(rig)
    await link(rig, wizard.scope, await rig.seat(wizard.scope, "coordinator", subject="person-2"))
    await wizard.test()
    await wizard.move("confirm")
    with pytest.raises(Refused):
        await wizard.move("enforce")


async def test_nobodys_account_is_linked_to_the_break_glass_accounts_seat(rig: Rig) -> None:
    wizard, _ = await broken_in(rig)
    await wizard.test()
    file = await wizard.file()
    assert file.test is not None
    assert (UNLINKED in file.test.missing, file.test.linkable) == (True, False)
    with pytest.raises(Refused, match="break-glass"):
        await execute(link_tested, wizard.ctx, ById(id=wizard.id))
