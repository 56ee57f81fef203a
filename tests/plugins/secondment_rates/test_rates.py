"""Lines by the agreed rates, against a count of days made one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import ClaimLine, Period, Tour, specs
from contingent.kit.platform import Tenant
from plugins.secondment_rates.service import lines
from plugins.secondment_rates.settings import Rate, Settings

NEW_YEAR = date(2026, 1, 1)
days = st.integers(0, 500).map(lambda number: NEW_YEAR + timedelta(days=number))


def tour(start: date, end: date, *, hazardous: bool = False) -> Tour:
    return Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="M", start=start, end=end, hazardous=hazardous)


def rate(**given_: object) -> Rate:
    said = {"title_en": "Salary", "title_fr": "Salaire", "category": "salary", "a_day": "400.10", "starts": NEW_YEAR}
    return msgspec.convert(said | given_, Rate)


def claimed(agency: Tenant, settings: Settings, served: Tour, period: Period, today: date) -> list[ClaimLine]:
    agency.platform.clock.set(datetime(today.year, today.month, today.day, 17, tzinfo=UTC))
    agency.enable("secondment_rates", settings)
    (found,) = agency.ask(specs.claim_lines, tour=served, period=period)
    return found


def test_a_quarter_of_salary_and_its_benefits(agency: Tenant) -> None:
    settings = Settings(rates=[rate()], benefits=20)
    quarter = Period(first=date(2026, 4, 1), last=date(2026, 6, 30))
    served = tour(date(2026, 4, 6), date(2026, 9, 30))
    salary, benefits = claimed(agency, settings, served, quarter, date(2026, 12, 1))
    assert (salary.first, salary.last, salary.quantity) == (date(2026, 4, 6), date(2026, 6, 30), 62)
    assert (salary.amount_cents, benefits.amount_cents) == (62 * 40010, 496124)
    assert (benefits.category, benefits.rate_cents, benefits.key) == ("benefits", None, "rate-1-benefits")
    assert benefits.title["fr"] == "Avantages sociaux, 20\N{NO-BREAK SPACE}% de Salaire"


@given(days, days, days, days, days, days, st.booleans())
def test_each_day_that_was_served_under_the_rate_is_claimed_once(  # noqa: PLR0917 - two days for each of three spans
    a: date, b: date, c: date, d: date, starts: date, today: date, weekdays: bool
) -> None:
    served, asked = tour(min(a, b), max(a, b)), Period(first=min(c, d), last=max(c, d))
    settings = Settings(rates=[rate(starts=starts, days="weekdays" if weekdays else "calendar")])
    counted = [
        day
        for day in (NEW_YEAR + timedelta(days=number) for number in range(501))
        if served.start <= day <= served.end and asked.first <= day <= asked.last and starts <= day <= today
        if not weekdays or day.isoweekday() < 6
    ]
    found = lines(settings, served, asked, today)
    assert [(one.first, one.last, one.quantity) for one in found] == (
        [(counted[0], counted[-1], len(counted))] if counted else []
    )
    assert sum(one.amount_cents for one in found) == 40010 * len(counted)


@given(days, days, days)
def test_two_periods_that_follow_one_another_claim_what_both_together_do(a: date, b: date, cut: date) -> None:
    served, settings = tour(min(a, b), max(a, b)), Settings(rates=[rate(days="calendar")])
    last = NEW_YEAR + timedelta(days=501)
    halves = [Period(first=NEW_YEAR, last=cut), Period(first=cut + timedelta(days=1), last=last)]
    whole = lines(settings, served, Period(first=NEW_YEAR, last=last), last)
    parts = [one for half in halves for one in lines(settings, served, half, last)]
    assert sum(one.amount_cents for one in whole) == sum(one.amount_cents for one in parts)


def test_one_rate_follows_another_and_a_supplement_is_for_hazardous_missions(agency: Tenant) -> None:
    rates = [
        rate(ends="2026-03-31", days="calendar"),
        rate(a_day="410,00", starts="2026-04-01", days="calendar"),
        rate(category="other", a_day="15", hazardous_only=True, days="calendar"),
    ]
    period = Period(first=date(2026, 3, 31), last=date(2026, 4, 1))
    home, away = tour(NEW_YEAR, date(2026, 12, 31)), tour(NEW_YEAR, date(2026, 12, 31), hazardous=True)
    found = claimed(agency, Settings(rates=rates), home, period, date(2026, 6, 1))
    assert [one.amount_cents for one in found] == [40010, 41000]
    found = claimed(agency, Settings(rates=rates), away, period, date(2026, 6, 1))
    assert [one.amount_cents for one in found] == [40010, 41000, 3000]


@pytest.mark.parametrize("wrong", [{"a_day": "a lot"}, {"a_day": "-4"}, {"a_day": "4.5"}, {"ends": "2025-12-31"}])
def test_a_rate_that_says_nothing_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        rate(**wrong)
