"""Days, instants, numbers and money as a reader in Canada expects them, in English and in French."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from core.context import Language
from core.hooks.days import MONTHS, NBSP, written

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"

LOCALES: dict[Language, str] = {"en": "en_CA", "fr": "fr_CA"}


def day(value: date, language: Language, *, long: bool = False, year: bool = True) -> str:
    """Return a civil date: ``Mar 1, 2029`` and ``1ᵉʳ mars 2029``; ``long`` spells the month out."""
    return written(value, language, month=month(value, language) if long else "", year=year)


def month(value: date, language: Language, *, short: bool = False) -> str:
    """Return the month's name in lower case in French, capitalized in English."""
    if short:
        return MONTHS[language][value.month - 1]
    return str(format_date(value, "LLLL", locale=LOCALES[language]))


def period(first: date, last: date, language: Language) -> str:
    """Return both days of a period, inclusive, with the year named once where it is the same."""
    same = first.year == last.year
    if language == "fr":
        return f"du {day(first, language, year=not same)} au {day(last, language)}"
    return f"{day(first, language, year=not same)} {DASH} {day(last, language)}"


def instant(value: datetime, language: Language, zone: str) -> str:
    """Return an instant as the clock on the wall in ``zone`` (an IANA name) showed it."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), language)}, {clock_time(local, language)}"


def clock_time(local: datetime, language: Language) -> str:
    """Return the hour and minute of an instant that is already local."""
    if language == "fr":
        return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{(local.hour - 1) % 12 + 1}:{local.minute:02d}{NBSP}{half}"


def number(value: float, language: Language, *, decimals: int | None = None) -> str:
    """Return a number with its groups and decimal sign; ``decimals`` fixes how many digits follow."""
    pattern = "#,##0" if decimals == 0 else "#,##0." + ("0" * decimals if decimals else "###")
    if isinstance(value, int) and not decimals:
        if abs(value) < 1000:
            return str(value).replace("-", MINUS)
        pattern = "#,##0"
    return str(format_decimal(value, pattern, locale=LOCALES[language])).replace("-", MINUS)


def money(cents: int, language: Language) -> str:
    """Return an amount given in cents, in Canadian dollars, always with both decimals."""
    amount = number(abs(cents) / 100, language, decimals=2)
    sign = MINUS if cents < 0 else ""
    return f"{sign}{amount}{NBSP}$" if language == "fr" else f"{sign}${amount}"


def percent(share: float, language: Language, *, decimals: int = 0) -> str:
    """Return a share between 0 and 1 as a percentage."""
    shown = number(round(share * 100, decimals), language, decimals=decimals)
    return f"{shown}{NBSP}%" if language == "fr" else f"{shown}%"
