"""Somebody who is signed in at a provider that is asked again, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from auth.models import RefreshGrant, Session
from auth.refresh_grants import EVERY
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Browser, Rig


async def signed_in(rig: Rig, *roles: str, **provider: Any) -> tuple[Scope, UUID, Browser]:
    """Return an agency, a seat there and the browser of whoever is signed in to it."""
    scope = await rig.agency(**{"refresh": "given"} | provider)
    seat = await rig.seat(scope, *roles)
    return scope, seat, await come(rig, scope)


async def come(rig: Rig, scope: Scope) -> Browser:
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return browser


async def is_in(browser: Browser, scope: Scope) -> bool:
    answer = await browser.get(f"/en/{scope.slug}/session")
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


async def ask(rig: Rig, scope: Scope, *, after: timedelta = EVERY) -> int:
    """Let time pass and the beat come; return how many sessions were asked about."""
    rig.platform.clock.advance(after)
    return await rig.parts.refreshing.run(rig.platform.database, rig.platform.clock, only={scope.id})


async def grants(rig: Rig, scope: Scope) -> list[RefreshGrant]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return list(await session.scalars(select(RefreshGrant).where(RefreshGrant.tenant_id == scope.id)))


async def limits(rig: Rig, scope: Scope) -> list[Session]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return list(await session.scalars(select(Session).where(Session.tenant_id == scope.id).order_by(Session.id)))
