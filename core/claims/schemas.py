"""What goes in and out of the use cases on claims. Amounts are whole cents, in Canadian dollars."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.hooks.answers import Cause
from core.hooks.types import CostCategory
from core.text import t
from core.use_cases.fields import field


class ReadStatement(msgspec.Struct, frozen=True, kw_only=True):
    """The days to claim for, both included; the quarter of the fiscal year that today is in, if none are given."""

    first: Annotated[date | None, field(t("First day"), widget="date")] = None
    last: Annotated[date | None, field(t("Last day"), widget="date")] = None


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    """One line, and the plugin that gave it, with its version."""

    key: str
    category: CostCategory
    title_en: str
    title_fr: str
    first: date
    last: date
    quantity: int
    unit: Literal["day", "hour", "item"]
    rate_cents: int | None
    amount_cents: int
    plugin: str
    plugin_version: str


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that gave no lines for one tour, or none that can be used, and why."""

    plugin: str
    cause: Cause


class ClaimedTour(msgspec.Struct, frozen=True, kw_only=True):
    """A tour that somebody served in the period."""

    tour_id: UUID
    name: str | None
    rank_en: str | None
    rank_fr: str | None
    mission_en: str
    mission_fr: str


class ClaimedTours(msgspec.Struct, frozen=True, kw_only=True):
    """The tours of the agency that have a day in the period, by their last day."""

    first: date
    last: date
    tours: list[ClaimedTour]


class TourClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What may be claimed for one tour. ``total_cents`` is ``None`` where a plugin failed: something is missing."""

    tour: ClaimedTour
    lines: list[LineOut]
    failed: list[Unanswered]
    total_cents: int | None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What may be claimed for a period, tour by tour. ``asked`` counts the plugins that reckon it.

    ``total_cents`` is ``None`` as soon as one tour's is.
    """

    asked: int
    tours: list[TourClaim]
    total_cents: int | None
