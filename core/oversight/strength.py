"""The use case behind every head count: strength by any of five dimensions, as of a date."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from sqlalchemy import func, select

from core.errors import Fault, Invalid
from core.missions.models import Mission
from core.oversight.ledger import PERSONAL, dimensions, holding, present
from core.oversight.lifecycle import STRENGTH_READ
from core.oversight.suppression import suppress
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.fields import field
from core.use_cases.work import Work

BY = ("agency", "mission", "gender", "rank", "affiliation")


class StrengthIn(msgspec.Struct, frozen=True, kw_only=True):
    """How to count, and of whom. ``known_on`` is what had been recorded by the end of that day."""

    by: Annotated[str, field(t("Count by"), help=t("Any of agency, mission, gender, rank, affiliation."))] = "agency"
    as_of: Annotated[date | None, field(t("As of"), widget="date")] = None
    known_on: Annotated[date | None, field(t("As known on"), widget="date")] = None
    mission: Annotated[str | None, field(t("Mission"), help=t("Its acronym in either language."))] = None
    agency: Annotated[str | None, field(t("Service"))] = None
    gender: str | None = None
    rank: str | None = None
    affiliation: str | None = None


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """Officers in missions: one row for each combination that occurs; ``suppressed`` rows are not shown."""

    as_of: date
    known_on: date
    by: list[str]
    rows: list[dict[str, Any]]
    suppressed: int


@use_case(permission=STRENGTH_READ, input=StrengthIn, output=Strength, scopes={"program"}, reads=True)
async def count_strength(work: Work, data: StrengthIn) -> Strength:
    """Count the officers in missions by agency, mission, gender, rank band or affiliation."""
    by = [name.strip() for name in data.by.split(",") if name.strip()]
    unknown = [name for name in by if name not in BY]
    if unknown or not by:
        raise Invalid([Fault("/by", t("Choose one of: %(choices)s.", choices=list(BY)))])
    by = list(dict.fromkeys(by))
    as_of, known_on = data.as_of or work.on, data.known_on or work.on
    fact = holding(known_on)
    query, columns = present(fact, as_of), dimensions(fact)
    chosen = [columns[name].label(name) for name in by]
    query = query.add_columns(*chosen, func.count().label("officers")).group_by(*chosen).order_by(*chosen)
    filters = _filters(data)
    for name, value in filters.items():
        query = query.where(columns[name] == value)
    if data.mission:
        query = query.where((Mission.acronym_en == data.mission) | (Mission.acronym_fr == data.mission))
    rows = [dict(row._mapping) for row in await work.session.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name
    personal = [name for name in by if name in PERSONAL]
    shown, hidden = suppress(rows, personal, filtered=bool(PERSONAL & filters.keys()))
    return Strength(as_of=as_of, known_on=known_on, by=by, rows=shown, suppressed=hidden)


async def mission_note(work: Work, acronym: str | None) -> str | None:
    """Return what is noted of the mission counted: what a figure leaves out, and where it is from."""
    if not acronym:
        return None
    named = select(Mission.note).where((Mission.acronym_en == acronym) | (Mission.acronym_fr == acronym))
    note: str | None = await work.session.scalar(named.limit(1))
    return note


def _filters(data: StrengthIn) -> dict[str, str]:
    given = {"agency": data.agency, "gender": data.gender, "rank": data.rank, "affiliation": data.affiliation}
    return {name: value for name, value in given.items() if value}
