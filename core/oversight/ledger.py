"""Reading the ledger of facts: who was in which mission on a day, as it was known on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Subquery, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.database.directory import ScopeRow
from core.deployments.facts import IN_MISSION
from core.deployments.models import TourFact
from core.missions.models import Mission

NOT_STATED = "not_stated"


def end_of_day(day: date, zone: str) -> datetime:
    """Return the first instant after ``day`` in ``zone``; of the calendar's last days, the last instant there is."""
    if day >= date.max - timedelta(days=1):
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def holding(before: datetime) -> Subquery:
    """Return the fact of each tour that held at ``before``: the latest recorded until then."""
    latest = (
        select(TourFact)
        .where(TourFact.recorded_at < before)
        .ext(distinct_on(TourFact.tenant_id, TourFact.tour_id))
        .order_by(TourFact.tenant_id, TourFact.tour_id, TourFact.recorded_at.desc(), TourFact.id.desc())
    )
    return latest.subquery("holding")


def present(fact: Subquery, as_of: date) -> Select[Any]:
    """Return a select of those in a mission on ``as_of`` by ``fact``, one row a tour, scope and mission joined."""
    return (
        select()
        .select_from(fact)
        .join(ScopeRow, ScopeRow.id == fact.c.tenant_id)
        .join(Mission, (Mission.tenant_id == fact.c.program_id) & (Mission.id == fact.c.mission_id))
        .where(
            fact.c.kind == IN_MISSION,
            fact.c.valid_from <= as_of,
            func.coalesce(fact.c.valid_to, date.max) >= as_of,
        )
    )


def dimensions(fact: Any) -> dict[str, Any]:
    """Return the columns by which strength is counted: a person's attribute left out counts as not stated."""
    return {
        "agency": ScopeRow.slug,
        "mission": Mission.acronym_en,
        "gender": func.coalesce(fact.c.gender, NOT_STATED),
        "rank": case((fact.c.band.is_(None), NOT_STATED), else_=func.concat("band_", fact.c.band)),
        "affiliation": func.coalesce(fact.c.affiliation, NOT_STATED),
    }


PERSONAL = frozenset({"gender", "rank", "affiliation"})
"""Attributes of a person: counts by them under the threshold are suppressed."""
