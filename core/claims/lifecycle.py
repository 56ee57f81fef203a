"""Who may read what may be claimed, the words of its categories, and the year by which it is reckoned."""

from __future__ import annotations

from datetime import date, timedelta

from core.hooks.days import shift
from core.hooks.types import CostCategory, Period
from core.text import Text, t

CLAIM_READ = "claim.read"

LONGEST = 366
"""Days in one statement."""

CATEGORIES: dict[CostCategory, Text] = {
    "salary": t("Salary"),
    "benefits": t("Benefits"),
    "overtime": t("Overtime"),
    "backfill": t("Backfill"),
    "travel": t("Travel"),
    "training": t("Training"),
    "equipment": t("Equipment"),
    "other": t("Other"),
}


def quarter_of(day: date) -> Period:
    """Return the quarter of the federal fiscal year, which begins on 1 April, in which ``day`` is.

    Quarters of the fiscal year are those of the calendar year under other numbers.
    """
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return Period(first=first, last=shift(first, months=3) - timedelta(days=1))
