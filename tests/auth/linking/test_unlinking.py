"""Unlinking an account: what ends, what is made good after a killed process, and whom nobody unlinks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from auth import sign_in
from auth.linking.schemas import Unlink
from auth.linking.service import get_links, unlink
from auth.red_button.stops import check_account
from auth.relying_party.identities import sit_down
from core.database.sessions import identity_session
from core.errors import Refused
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.dying import dies_at
from tests.auth.hostile import ISSUER, OTHER_ISSUER
from tests.auth.linking.test_invitations import WHY, administrator, lines
from tests.auth.red_button.scene import work_off
from tests.auth.rig import Rig
from tests.standing_still import go_on


async def test_unlinking_ends_sessions_and_the_way_in_and_leaves_the_seat(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await rig.seat(scope, "member"), rig.browser()
    await rig.sign_in(browser, scope)
    (account,) = (await execute(get_links, ctx, ById(str(seat)))).accounts
    left = await execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY))
    assert left.accounts == []
    gone = await browser.get(f"/en/{scope.slug}/session")
    assert gone.headers["location"].startswith(f"/t/{scope.slug}/auth/start")
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 403
    (line,) = await lines(rig, scope, "identity.unlink")
    assert (line.before, line.after, line.reason) == (
        {"issuer": ISSUER, "subject": "person-1", "origin": "command"},
        {"sessions_ended": 1},
        WHY,
    )
    with pytest.raises(Refused, match="not linked"):
        await execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY))


@pytest.mark.parametrize("which", [1, 2])
async def test_a_process_that_dies_while_it_unlinks_leaves_nothing_or_a_line_that_is_made_good(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    scope = await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await rig.seat(scope, "member"), rig.browser()
    await rig.sign_in(browser, scope)
    (account,) = (await execute(get_links, ctx, ById(str(seat)))).accounts
    with monkeypatch.context() as patched:
        dies_at(patched, which)
        with pytest.raises(ConnectionError):
            await execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY))
    told = which == 2
    assert len(await lines(rig, scope, "identity.unlink")) == told
    assert (await execute(get_links, ctx, ById(str(seat)))).accounts == [account]
    assert ((await browser.get(f"/en/{scope.slug}/session")).status_code == 200) == (not told)
    again = rig.browser()
    await rig.sign_in(again, scope)
    await work_off(rig, scope)
    assert ((await again.get(f"/en/{scope.slug}/session")).status_code == 200) == (not told)
    assert (await execute(get_links, ctx, ById(str(seat)))).accounts == ([] if told else [account])
    assert len(await lines(rig, scope, "identity.unlink")) == told


async def test_a_sign_in_that_was_under_way_while_its_account_was_unlinked_does_not_last(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await rig.seat(scope, "member"), rig.browser()
    (account,) = (await execute(get_links, ctx, ById(str(seat)))).accounts
    seated, unlinked = asyncio.Event(), asyncio.Event()

    async def waiting(*args: Any) -> None:
        seated.set()
        await unlinked.wait()
        await check_account(*args)

    monkeypatch.setattr(sign_in, "check_account", waiting)
    coming = asyncio.create_task(rig.sign_in(browser, scope))
    await seated.wait()
    unlinking = asyncio.create_task(execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY)))
    await go_on(ctx, unlinking)
    unlinked.set()
    await asyncio.gather(coming, unlinking)
    assert (await browser.get(f"/en/{scope.slug}/session")).status_code != 200


async def test_a_link_that_is_made_after_an_unlinking_is_not_taken_for_the_old_one(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope, "member")
    (account,) = (await execute(get_links, ctx, ById(str(seat)))).accounts
    await execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY))
    rig.platform.clock.advance(timedelta(seconds=1))
    async with identity_session(rig.platform.database) as session:
        assert await sit_down(session, rig.platform.clock, account.id, scope.id, seat, "invitation")
    await work_off(rig, scope)
    assert [one.id for one in (await execute(get_links, ctx, ById(str(seat)))).accounts] == [account.id]


async def test_the_last_administrator_who_can_come_in_is_not_unlinked(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    (own,) = (await execute(get_links, ctx, ById(str(ctx.actor.id)))).accounts
    asked = Unlink(id=str(ctx.actor.id), identity_id=str(own.id), reason=WHY)
    with pytest.raises(Refused, match="Nobody who can give roles"):
        await execute(unlink, ctx, asked)
    other = await rig.seat(scope, "administrator", subject="person-2", issuer=OTHER_ISSUER)
    with pytest.raises(Refused, match="Nobody who can give roles"):
        await execute(unlink, ctx, asked)
    await rig.accept(scope, issuer=OTHER_ISSUER)
    (theirs,) = (await execute(get_links, ctx, ById(str(other)))).accounts
    both = [asked, Unlink(id=str(other), identity_id=str(theirs.id), reason=WHY)]
    done = await asyncio.gather(*(execute(unlink, ctx, one) for one in both), return_exceptions=True)
    assert [type(one) for one in done if isinstance(one, Exception)] == [Refused]
