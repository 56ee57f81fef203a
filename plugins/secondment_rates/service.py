"""From the rates to the lines of one tour: days served, times the rate that was valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from contingent import ClaimLine, Period, Tour
from plugins.secondment_rates.settings import Rate, Settings

FRIDAY = 4


def lines(settings: Settings, tour: Tour, period: Period, today: date) -> list[ClaimLine]:
    """Return the lines for the days of the period that were served by ``today``, and benefits on those of salary."""
    found: list[ClaimLine] = []
    for number, rate in enumerate(settings.rates, start=1):
        line = line_of(rate, number, tour, period, today)
        if line is None:
            continue
        found.append(line)
        if rate.category == "salary" and settings.benefits:
            found.append(_benefits(line, settings.benefits))
    return found


def line_of(rate: Rate, number: int, tour: Tour, period: Period, today: date) -> ClaimLine | None:
    """Return the line of one rate, whose place in the settings is ``number``; ``None`` if no day falls to it."""
    if rate.hazardous_only and not tour.hazardous:
        return None
    first = max(tour.start, period.first, rate.starts)
    last = min(tour.end, period.last, today, rate.ends or date.max)
    paid = [day for day in _days(first, last) if rate.days == "calendar" or day.weekday() <= FRIDAY]
    if not paid:
        return None
    return ClaimLine(
        key=f"rate-{number}",
        category=rate.category,
        title={"en": rate.title_en, "fr": rate.title_fr},
        first=paid[0],
        last=paid[-1],
        quantity=len(paid),
        unit="day",
        rate_cents=rate.cents,
        amount_cents=rate.cents * len(paid),
    )


def _benefits(salary: ClaimLine, share: int) -> ClaimLine:
    return ClaimLine(
        key=f"{salary.key}-benefits",
        category="benefits",
        title={
            "en": f"Benefits, {share}% of {salary.title['en']}",
            "fr": f"Avantages sociaux, {share}\N{NO-BREAK SPACE}% de {salary.title['fr']}",
        },
        first=salary.first,
        last=salary.last,
        quantity=salary.quantity,
        unit="day",
        # Half a cent counts as a whole one.
        amount_cents=(salary.amount_cents * share + 50) // 100,
    )


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
