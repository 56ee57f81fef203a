"""Warnings before something ends by which people or programs come in: 60, 30 and 7 days before, once each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from auth.accounts.service import TOKEN_MANAGE
from auth.models import ApiToken, ClientKey, IdentityProvider
from auth.roles import ROLES
from auth.setup.lifecycle import ON, PROVIDER_MANAGE
from auth.setup.models import ExpiryNotice
from core.context import Ctx
from core.database.sessions import tenant_session
from core.text import Text, t
from core.use_cases.work import Work

DAYS = (60, 30, 7)
KEY_DAYS = 365
"""After how many days a key of ours should be renewed; it goes on signing, so nobody is shut out."""


class Ending(msgspec.Struct, frozen=True):
    """Something that ends on a day: what people are told, where it is renewed, and who can."""

    id: UUID
    on: date
    text: Text
    link: str
    permission: str


async def warn(ctx: Ctx) -> None:
    """Tell of what ends soon. What was told already for this day is not told again."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        found = [one async for one in _ending(work)]
        for one in found:
            reached = [days for days in DAYS if one.on - work.ctx.today <= timedelta(days=days)]
            if reached and min(reached) in await _mark(work, one, reached):
                for role in _able(work, one.permission):
                    await work.notify(one.text, link=one.link, role=role)


async def _mark(work: Work, one: Ending, reached: list[int]) -> set[int]:
    """Note what is told now, and return what was not told before; who begins late is told once, not three times."""
    rows = [
        {"tenant_id": work.ctx.scope.id, "thing_id": one.id, "ends_on": one.on, "days": days, "told_at": work.now}
        for days in reached
    ]
    marked = insert(ExpiryNotice).values(rows).on_conflict_do_nothing().returning(ExpiryNotice.days)
    return set(await work.session.scalars(marked))


def _able(work: Work, permission: str) -> list[str]:
    return [key for key, role in ROLES[work.ctx.scope.kind].items() if permission in role.permissions]


async def _ending(work: Work) -> AsyncIterator[Ending]:
    """Yield what ends from today on, within the longest of the days."""
    scope, today, zone = work.ctx.scope.id, work.ctx.today, ZoneInfo(work.ctx.scope.zone)
    until = today + timedelta(days=max(DAYS))
    used = IdentityProvider.state.in_([*ON, "tested"])
    secrets = select(IdentityProvider).where(
        IdentityProvider.tenant_id == scope, used, IdentityProvider.secret_ends_on.between(today, until)
    )
    for row in await work.session.scalars(secrets):
        assert row.secret_ends_on is not None
        text = t(
            "The client secret of %(name)s ends on %(day)s. Prepare a change with a new one before.",
            name=row.name,
            day=row.secret_ends_on,
        )
        yield Ending(row.id, row.secret_ends_on, text, f"/sign-in/{row.id}", PROVIDER_MANAGE)
    keys = (
        select(ClientKey, IdentityProvider.name)
        .join(
            IdentityProvider,
            (IdentityProvider.tenant_id == ClientKey.tenant_id) & (IdentityProvider.id == ClientKey.provider_id),
        )
        .where(ClientKey.tenant_id == scope, ClientKey.withdrawn_at.is_(None), used)
    )
    for key, name in await work.session.execute(keys):
        day = key.active_from.astimezone(zone).date() + timedelta(days=KEY_DAYS)
        if today <= day <= until:
            text = t("Our signing key for %(name)s is a year old on %(day)s. Renew it by then.", name=name, day=day)
            yield Ending(key.id, day, text, f"/sign-in/{key.provider_id}", PROVIDER_MANAGE)
    tokens = (
        select(ApiToken)
        .ext(distinct_on(ApiToken.account_id))
        .where(ApiToken.tenant_id == scope, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.account_id, ApiToken.id.desc())
    )
    for token in await work.session.scalars(tokens):
        day = token.expires_at.astimezone(zone).date()
        if work.now < token.expires_at and day <= until:
            text = (
                t(
                    "The token of your directory, %(name)s, ends on %(day)s. Replace it before.",
                    name=token.name,
                    day=day,
                )
                if token.kind == "scim"
                else t(
                    "The token of the program %(name)s ends on %(day)s. Replace it before.", name=token.name, day=day
                )
            )
            yield Ending(token.id, day, text, "/programs", TOKEN_MANAGE)
