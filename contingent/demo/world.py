"""The world of the demonstration: the scopes, their people, and the missions since 1989."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from uuid import UUID

from contingent.assembly import Assembly
from contingent.demo.acting import Cast
from contingent.demo.issuers import COMMANDED, library, places
from contingent.demo.seats import seat_everybody, seat_people
from core.database.sessions import tenant_session
from core.missions.models import Mission
from core.missions.schemas import PositionIn
from core.missions.service import add_position
from core.use_cases.work import Work
from tenants.opening import Opener
from tenants.resolving import resolve

DATA = Path(__file__).with_name("data")
LANGUAGES = {"CPMU": ["en"], "EUPOL COPPS": ["en"], "MONUSCO": ["fr"], "BINUH": ["fr"], "MINUSMA": ["fr"]}
ARMED = {"BINUH", "MINUSMA", "MINUSTAH"}
HAZARDOUS = {"BINUH", "MONUSCO", "MINUSMA", "MINUSTAH", "KPRT", "NTM-A"}
FORCE_2008 = {
    "note": "Spring 2008: 76 officers stated of 100 authorized, the listed figures add up to 75; 7 women in all, not "
    "known by service; 19 contracted agents without a home service are not counted (House of Commons, foreign affairs, "
    "39-2).",
    "note_fr": "Printemps 2008\N{NO-BREAK SPACE}: 76 membres déclarés sur 100 autorisés, les chiffres énumérés "
    "totalisent 75 ; 7 femmes en tout, sans répartition connue par service ; 19 personnes engagées à contrat, sans "
    "service d’attache, ne sont pas comptées (Chambre des communes, affaires étrangères, 39-2).",
}


async def open_world(assembly: Assembly) -> None:
    """Open every scope from its file and give each its people."""
    known = library()
    opener = Opener(assembly.database, assembly.clock, assembly.host.registry)
    await opener.open_scopes(known.scopes.values())
    for agency in known.agencies.values():
        await opener.open_agency(resolve(agency, known, assembly.host.registry))
    await seat_everybody(assembly.database, assembly.settings, assembly.clock)


async def open_missions(assembly: Assembly) -> None:
    """Open the scopes of the missions that somebody of the demonstration commands a contingent in, and seat them."""
    opener = Opener(assembly.database, assembly.clock, assembly.host.registry)
    for acronym, _ in COMMANDED.values():
        scope = await opener.open_mission(acronym.en)
        await seat_people(assembly.database, places(assembly.settings), assembly.clock, scope)


async def load_missions(cast: Cast) -> dict[str, UUID]:
    """Load the missions since 1989 and return their ids by English acronym."""
    ctx = await cast.ctx("ipob", "planner")
    ids: dict[str, UUID] = {}
    with (DATA / "missions.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        for row in rows:
            mission = _mission(work, row)
            session.add(mission)
            ids[mission.acronym_en] = mission.id
        await session.flush()
        loaded = {"missions": len(ids), "source": "missions.tsv"}
        await work.audit("mission.load", ("mission", ids["UNTAG"]), after=loaded)
    return ids


def _mission(work: Work, row: dict[str, str]) -> Mission:
    acronym = row["acronym_en"]
    current = row["status"] == "current"
    # The force of 2008 goes through the front door: its mission is open until it has.
    active = current or acronym == "MINUSTAH"
    ends_on = date(int(row["end_year"]), 12, 31) if row["end_year"] and not active else None
    told = FORCE_2008 if acronym == "MINUSTAH" else row
    return Mission(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        acronym_en=acronym,
        acronym_fr=row["acronym_fr"],
        name_en=row["name_en"],
        name_fr=row["name_fr"],
        organization=row["organization"],
        country=row["country"],
        seat=row["seat"],
        latitude=float(row["lat"]),
        longitude=float(row["lon"]),
        languages=LANGUAGES.get(acronym, ["en", "fr"] if row["organization"] == "UN" else ["en"]),
        armed=acronym in ARMED if active else None,
        hazardous=acronym in HAZARDOUS,
        authorized=int(row["authorized"]) if row["authorized"] else None,
        state="active" if active else "closed",
        starts_on=date(int(row["start_year"]), 1, 1),
        ends_on=ends_on,
        end_known=row["status"] != "unknown",
        evidence=row["evidence"],
        note_en=told["note"] or None,
        note_fr=told["note_fr"] or None,
        published_at=work.now,
        created_at=work.now,
    )


async def add_positions(cast: Cast, mission: UUID, positions: list[tuple[str, str, int]]) -> list[UUID]:
    """Add positions (title in English and French, seats) to a mission and return their ids."""
    ctx = await cast.ctx("ipob", "planner")
    made = []
    for title_en, title_fr, seats in positions:
        data = PositionIn(id=str(mission), title_en=title_en, title_fr=title_fr, seats=seats)
        made.append((await cast.run(ctx, add_position, data)).id)
    return made
