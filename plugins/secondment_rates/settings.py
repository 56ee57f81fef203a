"""What an agency sets: the rates of its cost agreement, as they are valid."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

import msgspec

from contingent import field, t

CATEGORIES = {
    "salary": t("Salary"),
    "overtime": t("Overtime"),
    "backfill": t("Backfill"),
    "other": t("Other"),
}
DAYS = {"calendar": t("Every day"), "weekdays": t("Monday to Friday")}

_AMOUNT = re.compile(r"\s*(\d{1,6})(?:[.,](\d{2}))?\s*")


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What may be claimed for each day served while the rate is valid."""

    title_en: Annotated[str, field(t("Title in English"), longest=120)]
    title_fr: Annotated[str, field(t("Title in French"), longest=120)]
    category: Annotated[Literal["salary", "overtime", "backfill", "other"], field(t("Category"), choices=CATEGORIES)]
    a_day: Annotated[
        str, field(t("Dollars for one day"), longest=12, help=t("With cents, if there are any: 412.50 or 412,50."))
    ]
    days: Annotated[Literal["calendar", "weekdays"], field(t("Paid for"), choices=DAYS)] = "weekdays"
    starts: Annotated[date, field(t("Valid from"), widget="date")]
    ends: Annotated[date | None, field(t("Valid until"), widget="date", help=t("The last day; open if empty."))] = None
    hazardous_only: Annotated[bool, field(t("In hazardous missions alone"), widget="checkbox")] = False

    def __post_init__(self) -> None:
        if not (self.title_en.strip() and self.title_fr.strip()):
            raise ValueError(t("A title is needed in both languages.").id)
        if not _AMOUNT.fullmatch(self.a_day):
            raise ValueError(t("The amount for one day is no amount: write dollars and cents, such as 412.50.").id)
        if self.ends is not None and self.ends < self.starts:
            raise ValueError(t("The rate ends before it starts.").id)

    @property
    def cents(self) -> int:
        """Return the rate in cents."""
        found = _AMOUNT.fullmatch(self.a_day)
        assert found is not None
        return int(found[1]) * 100 + int(found[2] or 0)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The rates. Without any, the plugin reckons nothing."""

    rates: Annotated[list[Rate], field(t("Rates"))] = []
    benefits: Annotated[
        int,
        field(
            t("Benefits, per cent of salary"),
            widget="number",
            least=0,
            most=100,
            help=t("A line of its own for each line of salary; 0 for none."),
        ),
    ] = 0
