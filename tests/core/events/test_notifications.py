from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.events.notifications import notify, text_of, unread_count
from core.people import Person
from core.text import t
from core.use_cases.work import Work
from tests.platform import Platform


class Holders:
    """Answers who holds a role; asks nobody else anything."""

    def __init__(self, *seats: UUID) -> None:
        self.seats = seats

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        return [Person(seat, "A. Person") for seat in self.seats if role == "approver"]


async def tell(ctx: Ctx, sentence: str = "A case waits for you.", **more: Any) -> int:
    async with tenant_session(ctx) as session:
        return await notify(Work(ctx, session, ctx.today, ctx.clock.now()), sentence, link="/approvals", **more)


async def count(ctx: Ctx, seat: UUID) -> int:
    async with tenant_session(ctx, read_only=True) as session:
        return await unread_count(session, ctx.scope.id, seat)


async def test_everybody_who_holds_the_role_is_told_once(platform: Platform) -> None:
    first, second = uuid4(), uuid4()
    ctx = replace(platform.ctx(await platform.agency()), people=Holders(first, second, first))  # type: ignore[arg-type]
    assert await tell(ctx, role="approver") == 2
    assert await tell(ctx, role="nobody") == 0
    assert [await count(ctx, seat) for seat in (first, second, uuid4())] == [1, 1, 0]


async def test_what_is_read_no_longer_counts(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    await tell(ctx, seat=ctx.actor.id)
    await tell(ctx, seat=ctx.actor.id)
    async with tenant_session(ctx) as session:
        await session.execute(update(NotificationRow).values(read_at=ctx.clock.now()))
    await tell(ctx, seat=ctx.actor.id)
    assert await count(ctx, ctx.actor.id) == 1


async def test_a_sentence_comes_back_with_its_dates_and_sentences_as_they_were(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    params = {
        "day": date(2026, 3, 1),
        "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "step": t("Step %(number)s", number=2),
        "names": ["A", t("B")],
        "count": 3,
    }
    await tell(ctx, "%(step)s on %(day)s", seat=ctx.actor.id, params=params)
    async with tenant_session(ctx, read_only=True) as session:
        row = (await session.scalars(select(NotificationRow))).one()
    assert text_of(row) == t("%(step)s on %(day)s", **params)
    assert str(text_of(row)) == "Step 2 on 2026-03-01"


async def test_another_scope_has_no_part_in_it(platform: Platform) -> None:
    ctx, other = platform.ctx(await platform.agency()), platform.ctx(await platform.agency())
    await tell(ctx, seat=ctx.actor.id)
    async with tenant_session(other, read_only=True) as session:
        assert await unread_count(session, ctx.scope.id, ctx.actor.id) == 0


async def test_it_takes_a_role_or_a_seat(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    with pytest.raises(TypeError, match="a role or a seat"):
        await tell(ctx)
