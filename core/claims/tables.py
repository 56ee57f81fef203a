"""A statement as a table: one row a line, and what is missing where a plugin failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.claims.lifecycle import CATEGORIES
from core.claims.schemas import LineOut, Statement, TourClaim
from core.context import Language
from core.text import Text, t
from core.web.tables import Badge, Column, Link, Table

UNITS: Mapping[str, Text] = {"day": t("Day"), "hour": t("Hour"), "item": t("Item")}


def statement_table(found: Statement, slug: str, language: Language) -> Table:
    """Return the statement, with its sum at the foot where nothing is missing from it."""
    rows = [_row(tour, line, slug, language) for tour in found.tours for line in tour.lines]
    rows += [_missing(tour, slug, language) for tour in found.tours if tour.failed]
    return Table(
        name="claims",
        caption=t("What may be claimed"),
        columns=[
            Column("officer", t("Officer"), "link"),
            Column("mission", t("Mission")),
            Column("category", t("Category")),
            Column("title", t("Line")),
            Column("first", t("First day"), "date"),
            Column("last", t("Last day"), "date"),
            Column("quantity", t("Quantity"), "number"),
            Column("unit", t("Unit of count")),
            Column("rate", t("Rate"), "money"),
            Column("amount", t("Amount"), "money"),
        ],
        rows=rows,
        totals=None if found.total_cents is None or not rows else {"officer": t("In all"), "amount": found.total_cents},
        empty=t("Nothing may be claimed for these days."),
        hint=t("Lines come from the plugins that your administrator has switched on for claims.")
        if found.asked or not found.tours
        else t("No plugin that reckons claims is switched on. Your administrator can switch one on."),
    )


def _row(tour: TourClaim, line: LineOut, slug: str, language: Language) -> dict[str, Any]:
    return {
        **_whose(tour, slug, language),
        "category": CATEGORIES[line.category],
        "title": line.title_fr if language == "fr" else line.title_en,
        "first": line.first,
        "last": line.last,
        "quantity": line.quantity,
        "unit": UNITS[line.unit],
        "rate": line.rate_cents,
        "amount": line.amount_cents,
    }


def _missing(tour: TourClaim, slug: str, language: Language) -> dict[str, Any]:
    return {**_whose(tour, slug, language), "category": Badge(t("Incomplete"), "bad")}


def _whose(claim: TourClaim, slug: str, language: Language) -> dict[str, Any]:
    french, tour = language == "fr", claim.tour
    name = " ".join(word for word in (tour.rank_fr if french else tour.rank_en, tour.name) if word)
    return {
        "id": str(tour.tour_id),
        "officer": Link(name or t("name not shared"), f"/tours/{slug}/{tour.tour_id}"),
        "mission": tour.mission_fr if french else tour.mission_en,
    }
