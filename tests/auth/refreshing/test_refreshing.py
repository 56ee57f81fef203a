"""Asking a provider again while a session lasts: whom, with what, how often, and what follows from the answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

import auth.refreshing
from auth.claim_rules.service import add_rule
from auth.models import RoleGrant
from auth.refresh_grants import EVERY, LEASE, Leased, lease, store_next
from auth.refreshing import SIDE_BY_SIDE, Refreshing
from auth.relying_party.providers import Provider
from auth.schemas import SwitchSeat
from auth.service import SEAT_MANAGE, SEAT_READ, switch_seat
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Unavailable
from core.text import t
from core.use_cases.execution import execute
from tests.auth.cases.faulty_refreshes import saying
from tests.auth.cases.faulty_tokens import later
from tests.auth.claim_rules.test_sign_in_by_claims import administrator, rule
from tests.auth.hostile import sets
from tests.auth.refreshing.asked import ask, come, grants, is_in, limits, signed_in
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.rig import Rig


@pytest.mark.parametrize(
    ("refresh", "scopes", "kept"),
    [("never", "openid profile", 0), ("given", "openid profile", 1), ("offline", "openid profile offline_access", 1)],
)
async def test_offline_access_is_asked_for_and_a_token_kept_only_where_the_provider_s_row_says_so(
    rig: Rig, refresh: str, scopes: str, kept: int
) -> None:
    scope = await rig.agency(refresh=refresh)
    await rig.seat(scope)
    browser = rig.browser()
    sent = await rig.begin(browser, scope)
    assert sent["scope"] == scopes
    assert (await rig.finish(browser, scope, sent)).status_code == 303
    assert len(await grants(rig, scope)) == kept
    assert await ask(rig, scope) == kept


async def test_a_provider_that_gives_no_token_is_not_asked(rig: Rig) -> None:
    rig.hostile.token = sets(refresh_token=None)
    scope, _, browser = await signed_in(rig, refresh="offline")
    assert await ask(rig, scope) == 0
    assert await is_in(browser, scope)


async def test_the_token_is_kept_sealed_for_its_session_alone(rig: Rig) -> None:
    scope, _, _ = await signed_in(rig)
    (row,) = await grants(rig, scope)
    (session,) = await limits(rig, scope)
    assert row.id == session.id
    assert next(iter(rig.hostile.families)).encode() not in row.sealed
    assert b"person-1" not in row.sealed


async def test_it_is_asked_every_five_minutes_each_time_with_the_token_it_gave_last(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    assert await ask(rig, scope, after=EVERY - timedelta(seconds=1)) == 0
    assert await ask(rig, scope, after=timedelta(seconds=1)) == 1
    for _ in range(3):
        assert await ask(rig, scope) == 1
        assert await is_in(browser, scope)
    assert rig.hostile.refreshed == 4
    assert "scope" not in rig.hostile.form
    assert (await grants(rig, scope))[0].generation == 5
    assert await lines(rig, scope, "session.end") == []


async def test_one_that_dates_its_tokens_five_minutes_back_is_believed(rig: Rig) -> None:
    rig.hostile.claims = later(iat=-300, nbf=-300)
    scope, _, browser = await signed_in(rig)
    for _ in range(2):
        assert await ask(rig, scope) == 1
        assert await is_in(browser, scope)


async def test_one_that_gives_no_new_token_is_asked_with_the_same_again(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)

    def keep(told: dict[str, object]) -> None:
        told.pop("refresh_token")
        rig.hostile.living[0] = next(iter(rig.hostile.families))

    rig.hostile.token = keep
    for _ in range(2):
        assert await ask(rig, scope) == 1
    assert await is_in(browser, scope)


async def test_asking_does_not_make_a_session_last(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    (before,) = await limits(rig, scope)
    await ask(rig, scope)
    (after,) = await limits(rig, scope)
    assert (after.idle_until, after.expires_at) == (before.idle_until, before.expires_at)
    # Nobody came back: its token is dropped, and nobody asks.
    asked = rig.hostile.refreshed
    assert await ask(rig, scope, after=before.idle_until - rig.platform.clock.now()) == 0
    assert (await grants(rig, scope), rig.hostile.refreshed) == ([], asked)
    assert not await is_in(browser, scope)


async def test_a_provider_that_stays_silent_is_asked_more_and_more_seldom(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    saying("server_error", 500)(rig.hostile)
    await ask(rig, scope)
    pauses = []
    for _ in range(6):
        (row,) = await grants(rig, scope)
        pause = row.due_at - rig.platform.clock.now()
        pauses.append(pause.total_seconds())
        assert await is_in(browser, scope)
        assert await ask(rig, scope, after=pause) == 1
    assert pauses == [30, 60, 120, 240, 480, 600]


async def test_the_token_goes_with_the_session_however_it_ends(rig: Rig) -> None:
    scope, seat, browser = await signed_in(rig)
    again = await rig.sign_in(browser, scope)
    assert again.status_code == 303
    assert len(await grants(rig, scope)) == 1, "a new session takes the place of the one before, and so does its token"
    await come(rig, scope)
    assert len(await grants(rig, scope)) == 2
    ctx = rig.platform.ctx(scope, SEAT_MANAGE, SEAT_READ)
    await execute(switch_seat, ctx, SwitchSeat(id=str(seat), active=False, reason="They left."))
    assert await grants(rig, scope) == []
    assert await ask(rig, scope) == 0


async def test_a_provider_that_is_not_to_be_asked_any_more_is_not_and_its_tokens_go(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    await change_provider(rig, scope, refresh="never")
    await ask(rig, scope)
    assert (rig.hostile.refreshed, await grants(rig, scope)) == (0, [])
    assert await is_in(browser, scope)


async def test_a_provider_that_is_switched_off_ends_nothing_by_that(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    await change_provider(rig, scope, state="off")
    assert await ask(rig, scope) == 1
    assert (rig.hostile.refreshed, await is_in(browser, scope)) == (0, True)


async def roles(rig: Rig, seat: UUID, scope: Scope) -> set[str]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(RoleGrant.role).where(
            RoleGrant.tenant_id == scope.id, RoleGrant.seat_id == seat, RoleGrant.ends_on.is_(None)
        )
        return set(await session.scalars(chosen))


async def test_a_group_that_somebody_has_left_takes_its_role_along_without_a_sign_in(rig: Rig) -> None:
    rig.hostile.claims = sets(groups=["peace", "audit"])
    scope = await rig.agency(refresh="given")
    ctx = await administrator(rig, scope)
    await execute(add_rule, ctx, rule("peace", "coordinator"))
    await execute(add_rule, ctx, rule("audit", "auditor"))
    seat = await rig.seat(scope, "approver")
    browser = await come(rig, scope)
    assert await roles(rig, seat, scope) == {"approver", "coordinator", "auditor"}
    rig.hostile.claims = sets(groups=["audit"])
    await ask(rig, scope)
    assert await roles(rig, seat, scope) == {"approver", "auditor"}
    rig.hostile.claims = sets(groups=None)
    rig.hostile.token = sets(id_token=None)
    await ask(rig, scope)
    assert await roles(rig, seat, scope) == {"approver", "auditor"}, "no id token says nothing"
    rig.hostile.token = sets()
    await ask(rig, scope)
    assert await roles(rig, seat, scope) == {"approver"}
    assert await is_in(browser, scope)
    assert [line["role"] for line in await lines(rig, scope, "seat.revoke")] == ["coordinator", "auditor"]


async def test_somebody_who_signs_out_while_the_provider_is_asked_stays_signed_out(rig: Rig) -> None:
    scope, seat, browser = await signed_in(rig)
    ctx = rig.platform.ctx(scope, SEAT_MANAGE, SEAT_READ)

    async def answer() -> httpx2.Response:
        await execute(switch_seat, ctx, SwitchSeat(id=str(seat), active=False, reason="They left."))
        return httpx2.Response(200, json=rig.hostile.tokens_told())

    rig.hostile.answers["/token"] = answer
    assert await ask(rig, scope) == 1
    assert (await grants(rig, scope), await is_in(browser, scope)) == ([], False)
    assert await lines(rig, scope, "session.end") == []


async def test_what_another_process_has_leased_is_let_alone_until_the_lease_is_over(rig: Rig) -> None:
    scope, _, browser = await signed_in(rig)
    rig.platform.clock.advance(EVERY)
    async with tenant_session(rig.ctx(scope)) as session:
        (leased,) = await lease(rig.ctx(scope), session)
    assert leased.generation == 1
    assert await ask(rig, scope, after=LEASE) == 0
    assert await ask(rig, scope, after=timedelta(seconds=1)) == 1
    assert rig.hostile.refreshed == 1
    assert await is_in(browser, scope)


async def test_whoever_comes_back_after_its_lease_stores_nothing(rig: Rig) -> None:
    scope, _, _ = await signed_in(rig)

    def slowly() -> httpx2.Response:
        rig.platform.clock.advance(LEASE + timedelta(seconds=1))
        return httpx2.Response(200, json=rig.hostile.tokens_told())

    rig.hostile.answers["/token"] = slowly
    await ask(rig, scope)
    (row,) = await grants(rig, scope)
    assert row.generation == 1


async def test_a_provider_that_hangs_holds_up_its_own_service_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, _, _ = await signed_in(rig)
    quick, _, browser = await signed_in(rig)
    provider = auth.refreshing._provider
    goes_on = asyncio.Event()
    hanging = 0

    async def hangs(ctx: Ctx, leased: Leased) -> Provider | None:
        nonlocal hanging
        if ctx.scope.id == slow.id:
            hanging += 1
            await goes_on.wait()
        return await provider(ctx, leased)

    monkeypatch.setattr(auth.refreshing, "_provider", hangs)
    monkeypatch.setattr(auth.refreshing, "SECONDS", 0.2)
    refreshing = rig.parts.refreshing
    for _ in range(3):
        rig.platform.clock.advance(EVERY)
        asked = await refreshing.run(rig.platform.database, rig.platform.clock, only={slow.id, quick.id})
        assert asked >= 1
    assert rig.hostile.refreshed == 3
    assert hanging == 1
    goes_on.set()
    assert await ask(rig, slow, after=timedelta(0)) == 0
    assert refreshing._under_way == {}
    assert await is_in(browser, quick)


async def test_what_is_under_way_when_the_worker_stops_is_left_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    scope, _, browser = await signed_in(rig)

    async def hangs(ctx: Ctx, leased: Leased) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(auth.refreshing, "SECONDS", 0.05)
    with monkeypatch.context() as changed:
        changed.setattr(auth.refreshing, "_provider", hangs)
        assert await ask(rig, scope) == 1
        await rig.parts.refreshing.beat.end()
    assert await ask(rig, scope, after=LEASE + timedelta(seconds=1)) == 1
    assert rig.hostile.refreshed == 1
    assert await is_in(browser, scope)


async def test_whoever_finds_its_lease_nearly_over_does_not_ask_any_more(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, _, browser = await signed_in(rig)
    provider = auth.refreshing._provider
    late: list[Leased] = []

    async def after_a_pause(ctx: Ctx, leased: Leased) -> Provider | None:
        if not late:
            late.append(leased)
            # This process stood still meanwhile, and another one has asked with the same token.
            rig.platform.clock.advance(LEASE + timedelta(seconds=1))
            other = Refreshing(rig.parts.refreshing.party, rig.parts.refreshing.people)
            assert await other.run(rig.platform.database, rig.platform.clock, only={scope.id}) == 1
        return await provider(ctx, leased)

    monkeypatch.setattr(auth.refreshing, "_provider", after_a_pause)
    assert await ask(rig, scope) == 1
    assert rig.hostile.refreshed == 1
    assert await ask(rig, scope) == 1
    assert await is_in(browser, scope)


async def test_a_database_that_is_away_for_a_moment_costs_nobody_the_session(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, _, browser = await signed_in(rig)
    times = 2

    async def away(*given: Any) -> Leased | None:
        nonlocal times
        times -= 1
        if times >= 0:
            raise Unavailable(t("The database does not answer. Try again in a moment."))
        return await store_next(*given)

    monkeypatch.setattr(auth.refreshing, "store_next", away)
    assert await ask(rig, scope) == 1
    assert [row.generation for row in await grants(rig, scope)] == [2]
    assert await ask(rig, scope) == 1
    assert await is_in(browser, scope)


async def test_a_database_that_stays_away_is_waited_for_no_longer_than_the_lease(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, _, _ = await signed_in(rig)

    async def away(*_: Any) -> Leased | None:
        raise Unavailable(t("The database does not answer. Try again in a moment."))

    monkeypatch.setattr(auth.refreshing, "store_next", away)
    before = rig.platform.clock.now() + EVERY
    with pytest.raises(ExceptionGroup):
        await ask(rig, scope)
    assert timedelta() < rig.platform.clock.now() - before <= LEASE


async def test_of_one_service_only_a_few_are_asked_about_at_once(rig: Rig) -> None:
    scope, _, _ = await signed_in(rig)
    for _ in range(SIDE_BY_SIDE + 1):
        await come(rig, scope)
    arrived, go = asyncio.Semaphore(0), asyncio.Event()

    async def answer() -> httpx2.Response:
        rig.hostile.refreshed += 1
        arrived.release()
        await go.wait()
        return httpx2.Response(200, json=rig.hostile.tokens_told())

    rig.hostile.answers["/token"] = answer
    asking = asyncio.create_task(ask(rig, scope))
    for _ in range(SIDE_BY_SIDE):
        await arrived.acquire()
    # Whoever else wanted to ask would be there by the time all these have been read.
    for _ in range(3):
        assert len(await grants(rig, scope)) == SIDE_BY_SIDE + 2
    assert rig.hostile.refreshed == SIDE_BY_SIDE
    go.set()
    assert await asking == rig.hostile.refreshed == SIDE_BY_SIDE + 2
