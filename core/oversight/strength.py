"""The use case behind every head count: strength by any of five dimensions, as of a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import func, select

from core.database.directory import ScopeRow
from core.errors import Fault, Invalid
from core.missions.models import Mission
from core.oversight.ledger import PERSONAL, dimensions, end_of_day, holding, present
from core.oversight.lifecycle import STRENGTH_READ
from core.oversight.schemas import Note
from core.oversight.suppression import COUNT, Row, suppress
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.fields import field
from core.use_cases.work import Work

BY = ("agency", "mission", "gender", "rank", "affiliation")

Band = Literal["band_1", "band_2", "band_3", "band_4", "band_5", "band_6", "band_7", "not_stated"]


class StrengthIn(msgspec.Struct, frozen=True, kw_only=True):
    """How to count, and of whom. ``known_on`` is what had been recorded by the end of that day, as IPOB's days go."""

    by: Annotated[str, field(t("Count by"), help=t("Any of agency, mission, gender, rank, affiliation."))] = "agency"
    as_of: Annotated[date | None, field(t("As of"), widget="date")] = None
    known_on: Annotated[date | None, field(t("As known on"), widget="date")] = None
    mission: Annotated[str | None, field(t("Mission"), help=t("Its acronym in either language."))] = None
    agency: Annotated[str | None, field(t("Service"))] = None
    gender: Annotated[Literal["woman", "man", "another", "not_stated"] | None, field(t("Gender"))] = None
    rank: Annotated[Band | None, field(t("Rank band"))] = None
    affiliation: Annotated[
        Literal["serving", "retired", "contracted", "not_stated"] | None, field(t("Affiliation"))
    ] = None


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
    wanted = {name: {value} for name in BY if (value := getattr(data, name))}
    if data.mission:
        wanted["mission"] = {await english_acronym(work, data.mission)}
    # A filter cuts rows out of the whole table after its small counts are hidden: what is shown of a part must not
    # give back, together with what is shown of the whole, what was hidden there.
    axes = [*by, *(name for name in wanted if name not in by)]
    shown, hidden = suppress(await _counted(work, axes, as_of, known_on), PERSONAL.intersection(axes))

    def asked(row: Row) -> bool:
        return all(row[name] in values for name, values in wanted.items())

    rows = [{name: row[name] for name in (*by, COUNT)} for row in shown if asked(row)]
    return Strength(as_of=as_of, known_on=known_on, by=by, rows=rows, suppressed=sum(asked(row) for row in hidden))


async def _counted(work: Work, axes: Sequence[str], as_of: date, known_on: date) -> list[Row]:
    """Return the whole table by ``axes``, one row for each combination that occurs."""
    fact = holding(end_of_day(known_on, work.ctx.scope.zone))
    columns = dimensions(fact)
    chosen = [columns[name].label(name) for name in axes]
    query = present(fact, as_of).add_columns(*chosen, func.count().label(COUNT)).group_by(*chosen).order_by(*chosen)
    return [dict(row) for row in (await work.session.execute(query)).mappings()]


async def english_acronym(work: Work, acronym: str) -> str | None:
    """Return the English acronym of the mission that has this one in either language."""
    either = (Mission.acronym_en == acronym) | (Mission.acronym_fr == acronym)
    english_first = (Mission.acronym_en != acronym, Mission.acronym_en)
    found: str | None = await work.session.scalar(select(Mission.acronym_en).where(either).order_by(*english_first))
    return found


async def mission_notes(work: Work, found: Strength, asked: StrengthIn) -> list[Note]:
    """Return acronyms and note of the missions counted that are over: what their figures leave out, and their source.

    Of a mission that goes on, only where it was asked for.
    """
    fact = holding(end_of_day(found.known_on, work.ctx.scope.zone))
    over = Mission.state == "closed"
    named = Mission.acronym_en == await english_acronym(work, asked.mission) if asked.mission else over
    query = present(fact, found.as_of).where(named, Mission.note_en.is_not(None)).distinct()
    if asked.agency:
        query = query.where(ScopeRow.slug == asked.agency)
    columns = (Mission.acronym_en, Mission.acronym_fr, Mission.note_en, Mission.note_fr)
    return [Note(*row) for row in await work.session.execute(query.add_columns(*columns))]
