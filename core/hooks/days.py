"""Civil dates reckoned from another: what plugins need for deadlines."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def shift(day: date, *, days: int = 0, weeks: int = 0, months: int = 0) -> date:
    """Return ``day`` moved on by calendar ``months``, then ``weeks`` and ``days``; negative goes back.

    A day that the month has not becomes its last: a month after 31 January is 28 February.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    moved = day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
    return moved + timedelta(weeks=weeks, days=days)
