"""Warnings before something ends: 60, 30 and 7 days before, once each, to who can renew it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from auth.client_keys import add_key, renew_key
from auth.models import ApiToken, IdentityProvider
from auth.setup.expiring import warn
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.tokens import create_token
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.use_cases.work import Work
from tests.auth.setup.wizard import Wizard


def worker(wizard: Wizard) -> Ctx:
    return wizard.rig.platform.ctx(wizard.scope, PROVIDER_MANAGE)


async def told(wizard: Wizard) -> list[str]:
    """Let the task run, and return the sentences that the administrator has been told so far."""
    await warn(worker(wizard))
    async with tenant_session(wizard.rig.ctx(wizard.scope), read_only=True) as session:
        chosen = select(NotificationRow).where(NotificationRow.tenant_id == wizard.scope.id)
        rows = list(await session.scalars(chosen.order_by(NotificationRow.id)))
        assert {row.seat_id for row in rows} <= {wizard.seat}
        return [row.sentence for row in rows]


async def change(wizard: Wizard, **values: Any) -> None:
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        chosen = update(IdentityProvider).where(IdentityProvider.tenant_id == wizard.scope.id)
        await session.execute(chosen.values(**values))


async def test_a_secret_is_told_of_three_times_and_once_each(wizard: Wizard) -> None:
    ends = worker(wizard).today + timedelta(days=61)
    await change(wizard, secret_ends_on=ends)
    counts = []
    for days in (0, 1, 0, 29, 1, 0, 22, 1, 0, 7, 1):
        wizard.rig.platform.clock.advance(timedelta(days=days))
        counts.append(len(await told(wizard)))
    assert counts == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]


async def test_who_begins_late_is_told_once_and_anew_when_the_day_changes(wizard: Wizard) -> None:
    today = worker(wizard).today
    await change(wizard, secret_ends_on=today + timedelta(days=5))
    assert len(await told(wizard)) == 1
    assert len(await told(wizard)) == 1
    await change(wizard, secret_ends_on=today + timedelta(days=29))
    assert len(await told(wizard)) == 2


async def test_what_is_switched_off_or_past_is_not_told_of(wizard: Wizard) -> None:
    today = worker(wizard).today
    await change(wizard, secret_ends_on=today + timedelta(days=5), state="off")
    assert await told(wizard) == []
    await change(wizard, secret_ends_on=today - timedelta(days=1), state="enforced")
    assert await told(wizard) == []


async def test_of_a_programs_tokens_the_newest_counts(wizard: Wizard) -> None:
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        made = {}
        for name, kind, days in (("payroll", "api", 6), ("directory", "scim", 29), ("long", "api", 90)):
            row, _ = await create_token(
                session,
                wizard.rig.platform.clock,
                wizard.scope,
                name=name,
                roles=[] if kind == "scim" else ["auditor"],
                days=days,
                kind=kind,  # type: ignore[arg-type]
                reads_only=False,
                created_by=wizard.seat,
            )
            made[name] = row.account_id
    found = await told(wizard)
    assert len(found) == 2
    assert sorted("directory" in one for one in found) == [False, True]
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        await session.execute(
            update(ApiToken)
            .where(ApiToken.account_id == made["long"])
            .values(revoked_at=wizard.rig.platform.clock.now())
        )
    wizard.rig.platform.clock.advance(timedelta(days=84))
    assert len(await told(wizard)) == 2


async def test_a_key_of_ours_is_to_be_renewed_after_a_year(wizard: Wizard) -> None:
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        ctx = worker(wizard)
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        provider = (
            await session.scalars(select(IdentityProvider.id).where(IdentityProvider.tenant_id == wizard.scope.id))
        ).one()
        await add_key(work, provider, "ES256")
    assert await told(wizard) == []
    wizard.rig.platform.clock.advance(timedelta(days=360))
    assert len(await told(wizard)) == 1
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        ctx = worker(wizard)
        await renew_key(Work(ctx, session, ctx.today, ctx.clock.now()), provider)
    wizard.rig.platform.clock.advance(timedelta(days=4))
    assert len(await told(wizard)) == 1
