"""How addresses end besides by hand: with whoever made them, and when no calendar asks for them any more."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from core.calendars.models import CalendarAddress
from core.calendars.service import SUBJECT
from core.use_cases.work import Work

UNUSED = timedelta(days=180)
"""After how long an address that no calendar fetches is taken for forgotten."""


async def end_addresses(work: Work, *which: ColumnElement[bool]) -> int:
    """End the addresses of the scope for which ``which`` holds, and return how many there were."""
    chosen = delete(CalendarAddress).where(CalendarAddress.tenant_id == work.ctx.scope.id, *which)
    return len((await work.session.scalars(chosen.returning(CalendarAddress.id))).all())


async def end_addresses_of(work: Work, seat_id: UUID) -> int:
    """End every address that the person in a seat made, and return how many there were."""
    return await end_addresses(work, CalendarAddress.seat_id == seat_id)


async def sweep_addresses(work: Work) -> int:
    """End what is of no use to anybody any more, each with its line in the log; return how many that were.

    Those of people who act for the scope no more, also where they went at the very moment they made one; those whose
    maker's account belongs to another officer file by now, or to none; those that no calendar fetches.
    """
    rows = (await work.session.scalars(select(CalendarAddress).order_by(CalendarAddress.id))).all()
    for row in (found := [one for one in rows if await _is_over(work, one)]):
        cause = {"cause": "unused" if _is_unused(work, row) else "maker"}
        await work.audit("calendar_address.revoke", (SUBJECT, row.id), after=cause)
        await work.session.delete(row)
    await work.session.flush()
    return len(found)


async def note_fetch(work: Work, id: UUID) -> None:
    """Remember when an address was fetched: once an hour is enough to know whether it is in use."""
    row = await work.session.get(CalendarAddress, (work.ctx.scope.id, id), with_for_update={"skip_locked": True})
    if row is not None and is_stale(row, work):
        row.last_fetched_at = work.now
        await work.session.flush()


def is_stale(row: CalendarAddress, work: Work) -> bool:
    """Say whether the last fetch that was noted is so long ago that the next is to be noted."""
    return row.last_fetched_at is None or work.now - row.last_fetched_at >= timedelta(hours=1)


async def _is_over(work: Work, row: CalendarAddress) -> bool:
    if _is_unused(work, row):
        return True
    person = await work.ctx.people.person(work.session, row.seat_id)
    return person is None or not person.active or (row.officer_id is not None and person.officer_id != row.officer_id)


def _is_unused(work: Work, row: CalendarAddress) -> bool:
    return work.now - (row.last_fetched_at or row.made_at) > UNUSED
