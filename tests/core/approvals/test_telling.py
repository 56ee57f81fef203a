"""Whom a step is told of, by which label, and until when it stays unread."""

from __future__ import annotations

from msgspec import structs
from sqlalchemy import select

from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.events.notifications import text_of
from tests.core.approvals.bench import Bench, step


async def unread(bench: Bench, name: str) -> list[str]:
    async with tenant_session(bench.ctx(), read_only=True) as session:
        chosen = select(NotificationRow).where(
            NotificationRow.seat_id == bench.seats[name], NotificationRow.read_at.is_(None)
        )
        return [str(text_of(row)) for row in await session.scalars(chosen.order_by(NotificationRow.id))]


async def test_each_step_is_told_by_its_label_and_is_done_once_anybody_decided_it(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ann", "approver")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("Division"), step("Chief", "coordinator"))
    other = await bench.open(step("Bureau"))
    asked = ["Division", "Bureau"]
    assert [next(one for one in asked if f"“{one}”" in said) for said in await unread(bench, "Ann")] == asked
    await bench.decide("Ana", case)
    for name in ("Ana", "Ann"):
        (left,) = await unread(bench, name)
        assert "“Bureau”" in left
    (told,) = await unread(bench, "Ben")
    assert "“Chief”" in told
    await bench.decide("Ben", case, "refuse", "not now")
    assert await unread(bench, "Ben") == []
    await bench.decide("Ana", other)
    assert await unread(bench, "Ann") == []


async def test_who_decided_has_nothing_to_read_while_the_step_waits_for_others(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "approver")
    case = await bench.open(step("Board", how_many=2))
    await bench.decide("Ana", case)
    assert await unread(bench, "Ana") == []
    assert len(await unread(bench, "Ben")) == 1


async def test_the_label_is_in_the_language_of_whoever_is_told(bench: Bench) -> None:
    bench.person("Ana", "approver")
    seat = bench.person("Luc", "approver")
    bench.folk.seats[seat] = structs.replace(bench.folk.seats[seat], language="fr")
    await bench.open(structs.replace(step("chief"), title={"en": "Chief", "fr": "Chefferie"}))
    assert ["“Chief”" in said for said in await unread(bench, "Ana")] == [True]
    assert ["“Chefferie”" in said for said in await unread(bench, "Luc")] == [True]
