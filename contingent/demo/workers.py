"""Invented officers: names, ranks and the worker file through which an agency loads them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import cycle
from uuid import UUID

from sqlalchemy import select

from contingent.demo.acting import Cast, cells, upload
from contingent.demo.issuers import library
from contingent.demo.personas import further_names, personas_for
from contingent.demo.seats import link_officers
from core.context import Language
from core.database.sessions import tenant_session
from core.personnel.models import Officer
from core.use_cases.lifecycle import Step
from core.workforce.schemas import LoadIn, SourceIn
from core.workforce.service import choose_scope, move_run, preview_load

UNITS: dict[Language, tuple[str, ...]] = {
    "en": ("Patrol", "Investigations", "Community policing", "Training", "Operations"),
    "fr": ("Patrouille", "Enquêtes", "Police communautaire", "Formation", "Opérations"),
}
"""Units as a service's own worker file names them: in its own language, the first of them for whoever has none."""


async def load_workers(cast: Cast, slug: str, count: int, *, start: int) -> list[UUID]:
    """Load ``count`` invented officers of ``slug`` through a worker file, and return their ids in its order.

    ``start`` says where in the list of names to begin. Those of the agency's people who are
    officers come last.
    """
    agency = library().agencies[slug]
    ladder = library().ladders[agency.governance.ladder]
    ranks = cycle([one.code for one in ladder.ranks if one.band <= 4] or [ladder.ranks[0].code])
    seated = [one for one in personas_for(slug) if one.officer]
    units = UNITS[agency.languages[0]]
    numbers = [f"{10001 + number}" for number in range(count)]
    lines = [cells("Employee number", "Given name", "Family name", "Rank", "Language", "Unit", "Status", "Hire date")]
    names = further_names(agency.languages[0])[start : start + count]
    for number, name in zip(numbers, names, strict=True):
        given, family = name.split(" ", 1)
        hired = date(2001, 1, 15) + timedelta(days=int(number) % 97 * 11)
        unit = units[int(number) % len(units)]
        lines.append(cells(number, given, family, next(ranks), agency.languages[0], unit, "active", hired.isoformat()))
    for one in seated:
        given, family = one.name.split(" ", 1)
        hired = date(2012, 5, 7)
        lines.append(
            cells(one.employee_number, given, family, next(ranks), one.language, one.unit or units[0], "active", hired)
        )
    clerk = await cast.ctx(slug, "hr_clerk")
    everybody = [*numbers, *(one.employee_number for one in seated)]
    await cast.run(clerk, choose_scope, SourceIn(scope="named", named="\n".join(everybody)))
    document = await upload(clerk, f"{slug}-demonstration.csv", "\r\n".join(lines).encode("utf-8-sig"))
    preview = await cast.run(clerk, preview_load, LoadIn(document_id=str(document)))
    await cast.run(clerk, move_run, Step(id=str(preview.run.id), step="apply"))
    await link_officers(cast.assembly.database, cast.assembly.clock, await cast.scope(slug))
    async with tenant_session(clerk, read_only=True) as session:
        rows = (await session.execute(select(Officer.employee_number, Officer.id))).all()
    ids: dict[str, UUID] = {row.employee_number: row.id for row in rows}
    return [ids[number] for number in everybody]
