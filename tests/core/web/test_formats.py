from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.context import Language
from core.web import i18n_formats as formats

NBSP = "\N{NO-BREAK SPACE}"
FIRST = date(2029, 3, 1)
EVENING = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(("language", "expected"), [("en", f"Mar{NBSP}1, 2029"), ("fr", f"1ᵉʳ{NBSP}mars{NBSP}2029")])
def test_the_first_of_a_month_is_raised_in_french(language: Language, expected: str) -> None:
    assert formats.day(FIRST, language) == expected


def test_a_long_day_spells_the_month_out() -> None:
    assert formats.day(date(2026, 11, 23), "fr", long=True) == f"23{NBSP}novembre{NBSP}2026"
    assert formats.day(date(2026, 11, 23), "en", long=True) == f"November{NBSP}23, 2026"


def test_an_instant_is_shown_as_the_clock_of_the_zone_showed_it() -> None:
    assert formats.instant(EVENING, "en", "America/Toronto") == f"Nov{NBSP}23, 2026, 9:05{NBSP}p.m."
    assert formats.instant(EVENING, "fr", "America/Toronto") == f"23{NBSP}nov.{NBSP}2026, 21{NBSP}h{NBSP}05"


def test_noon_and_midnight_are_twelve() -> None:
    assert formats.clock_time(datetime(2026, 1, 1, 0, 30, tzinfo=UTC), "en") == f"12:30{NBSP}a.m."
    assert formats.clock_time(datetime(2026, 1, 1, 12, 0, tzinfo=UTC), "en") == f"12:00{NBSP}p.m."


def test_a_period_names_its_year_once() -> None:
    within = formats.period(date(2027, 1, 19), date(2027, 12, 30), "en")
    across = formats.period(date(2026, 12, 20), date(2027, 11, 30), "fr")
    assert within == f"Jan{NBSP}19 – Dec{NBSP}30, 2027"
    assert across == f"du 20{NBSP}déc.{NBSP}2026 au 30{NBSP}nov.{NBSP}2027"


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (999, "999", "999"),
        (1234567, "1,234,567", f"1{NBSP}234{NBSP}567"),
        (-5, "−5", "−5"),
        (0.5, "0.5", "0,5"),
    ],
)
def test_numbers_have_each_languages_signs(value: float, english: str, french: str) -> None:
    assert formats.number(value, "en") == english
    assert formats.number(value, "fr") == french


def test_money_is_given_in_cents_and_always_shows_them() -> None:
    assert formats.money(123456789, "en") == "$1,234,567.89"
    assert formats.money(123456789, "fr") == f"1{NBSP}234{NBSP}567,89{NBSP}$"
    assert formats.money(-99, "en") == "−$0.99"


def test_a_share_becomes_a_percentage() -> None:
    assert formats.percent(0.415, "en", decimals=1) == "41.5%"
    assert formats.percent(0.41, "fr") == f"41{NBSP}%"
