"""Civil dates, reckoned from another and written for a reader: what plugins need for deadlines and for reasons."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from core.context import Language
from core.hooks.data import Words

NBSP = "\N{NO-BREAK SPACE}"
MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avril", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."),
}
"""Short names of the months."""


def shift(day: date, *, days: int = 0, weeks: int = 0, months: int = 0) -> date:
    """Return ``day`` moved on by calendar ``months``, then ``weeks`` and ``days``; negative goes back.

    A day that the month has not becomes its last: a month after 31 January is 28 February.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    moved = day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
    return moved + timedelta(weeks=weeks, days=days)


def written(day: date, language: Language, *, month: str = "", year: bool = True) -> str:
    """Return a civil date: ``Mar 1, 2029`` and ``1ᵉʳ mars 2029``; ``month`` stands in place of its short name."""
    name = month or MONTHS[language][day.month - 1]
    if language == "fr":
        number = "1ᵉʳ" if day.day == 1 else str(day.day)
        return f"{number}{NBSP}{name}" + (f"{NBSP}{day.year}" if year else "")
    return f"{name}{NBSP}{day.day}" + (f", {day.year}" if year else "")


def day_in_words(day: date) -> Words:
    """Return a civil date as pages write it in each language, to be put into a sentence."""
    return {"en": written(day, "en"), "fr": written(day, "fr")}
