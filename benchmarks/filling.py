"""A database the size of the country: 27 agencies, 40 missions, 5,000 tours, all invented, for a figure to be taken.

The real structure, from the migrations, on a PostgreSQL in a temporary folder; rows are copied
in past the policies (a superuser's), but with every key and check in force. The same numbers
come out each time: nothing is drawn by chance.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid5

import asyncpg
from sqlalchemy import Table

from core.clock import SystemClock
from core.database import embedded, migrating
from core.database.cluster import BOOTSTRAP
from core.database.rooms import load_models
from core.database.target import find_target
from core.settings import Settings
from core.tokens import digest, new_secret

AGENCIES, MISSIONS, TOURS = 27, 40, 5_000
SMALLEST = {"TOURS": 50, "OFFICERS": 2}
CLOSED_MISSIONS = 10
OFFICERS = 2_000
"""Of the agency that somebody is signed in to."""
POSITIONS = 3
"""Of each mission."""
YEARS = 6
"""Over which the tours begin, the last of them in half a year from today."""
AGENCY = "service-00"
MONTH = timedelta(days=30)
SPACE = UUID("6f3f6f2e-0b86-4a6a-9d2d-6d1c7b1c5f00")
"""From which every id is derived."""


Rows: TypeAlias = dict[str, list[dict[str, Any]]]
"""By table."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The folder of the running database, and the secret of two sessions.

    One is of an analyst at IPOB, one of an approver of ``AGENCY`` who has an officer file there.
    """

    settings: Settings
    secret: str


@asynccontextmanager
async def filled(make: Callable[[datetime, str], Rows] | None = None) -> AsyncIterator[Filled]:
    """Start a PostgreSQL, fill it, and remove both in the end.

    ``make`` returns the rows, of this instant and with sessions of this secret; without it they are the country's.
    """
    folder = Path(tempfile.mkdtemp(prefix="contingent-bench-"))
    try:
        server = await asyncio.to_thread(embedded.start, folder / "var", durable=False)
        try:
            settings = Settings(data_folder=folder / "var")
            await migrating.upgrade(find_target(settings))
            secret = new_secret()
            connection = await asyncpg.connect(
                host=str(server.home.sockets), port=server.port, user=BOOTSTRAP, database=embedded.DATABASE
            )
            try:
                async with connection.transaction():
                    await _copy(connection, (make or country)(SystemClock().now(), secret))
                await connection.execute("ANALYZE")
            finally:
                await connection.close()
            yield Filled(settings, secret)
        finally:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(embedded.erase, folder / "var")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _copy(connection: Any, rows: Rows) -> None:
    for table in load_models().sorted_tables:
        if table.name in rows:
            names = [column.name for column in table.columns if column.identity is None]
            records = [_completed(table, names, row) for row in rows[table.name]]
            await connection.copy_records_to_table(table.name, records=records, columns=names)


def _completed(table: Table, names: list[str], row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the row's values in order, with what the model gives where it says nothing."""
    unknown = row.keys() - set(names)
    if unknown:
        raise KeyError(f"{table.name} has no {', '.join(sorted(unknown))}")
    values = []
    for name in names:
        default = table.columns[name].default
        value = row.get(name, getattr(default, "arg", None))
        value = value(None) if callable(value) else value  # SQLAlchemy gives a default that is made its context.
        values.append(json.dumps(value) if isinstance(value, list | dict) else value)
    return tuple(values)


def id_of(*words: object) -> UUID:
    """Return the id that these words always have."""
    return uuid5(SPACE, ".".join(map(str, words)))


def scopes(now: datetime, agencies: Sequence[str]) -> Rows:
    """Return the rows of the operator, of IPOB and of agencies of these slugs."""
    kinds = [("platform", "operator"), ("program", "ipob"), *(("agency", slug) for slug in agencies)]
    rows: Rows = defaultdict(list)
    rows["scope"] = [
        {"id": id_of(slug), "kind": kind, "slug": slug, "name_en": f"Service {slug}", "name_fr": f"Service {slug}",
         "created_at": now}
        for kind, slug in kinds
    ]  # fmt: skip
    return rows


def country(now: datetime, secret: str) -> Rows:
    """Return the rows of every table that has some."""
    rows = scopes(now, [f"service-{number:02}" for number in range(AGENCIES)])
    ipob = id_of("ipob")
    sign_in(rows, ipob, now, secret, "analyst")
    sign_in(rows, id_of(AGENCY), now, secret, "approver")
    furnish(rows, id_of(AGENCY), now)
    _personnel(rows, id_of(AGENCY), now)
    rows["seat"][-1]["officer_id"] = rows["officer"][0]["id"]
    for number in range(MISSIONS):
        _mission(rows, ipob, number, now)
    for number in range(TOURS):
        _tour(rows, ipob, number, now)
    return rows


def sign_in(rows: Rows, scope: UUID, now: datetime, secret: str, role: str) -> None:
    """Add a seat of this role, and a session of it."""
    own, today, seat = {"tenant_id": scope, "created_at": now}, now.date(), id_of("seat", role)
    rows["seat"].append(own | {"id": seat, "name": "Alix Tremblay"})
    rows["role_grant"].append(
        own | {"id": id_of("grant", role), "seat_id": seat, "role": role, "starts_on": today - MONTH,
               "reason": "benchmark", "granted_by": seat}
    )  # fmt: skip
    until = now + timedelta(hours=1)
    rows["session"].append(
        own | {"id": id_of("session", role), "seat_id": seat, "secret_digest": digest(secret),
               "provider_id": id_of("provider"), "issuer": "https://id.example/realm",
               "idle_until": until, "expires_at": until}
    )  # fmt: skip


def furnish(rows: Rows, agency: UUID, now: datetime) -> None:
    """Add what an agency is and shows on its pages."""
    own = {"tenant_id": agency, "created_at": now}
    rows["agency_settings"].append(
        own | {"id": id_of("settings"), "colour": "#1d4f7c", "marking_en": "Protected B", "marking_fr": "Protégé B",
               "ladder": "municipal", "chain": "short", "regime": "none", "regime_en": "None", "regime_fr": "Aucun",
               "needs": [], "acts": [], "issuer": "id"}
    )  # fmt: skip


def _personnel(rows: Rows, agency: UUID, now: datetime) -> None:
    """Add an agency's officers."""
    own = {"tenant_id": agency, "created_at": now}
    rows["officer"] += [
        own | {"id": id_of("officer", number), "employee_number": f"{number}", "given_name": f"Given{number}",
               "family_name": f"Family{number}", "rank_code": "constable", "folded": f"family{number} given{number}"}
        for number in range(OFFICERS)
    ]  # fmt: skip


def _mission(rows: Rows, ipob: UUID, number: int, now: datetime) -> None:
    today, closed = now.date(), number < CLOSED_MISSIONS
    of = {"tenant_id": ipob, "created_at": now, "published_at": now}
    mission, call = id_of("mission", number), id_of("call", number)
    named = {f"{one}_{language}": f"M{number:02}" for one in ("acronym", "name") for language in ("en", "fr")}
    rows["mission"].append(
        of | named | {"id": mission, "organization": "UN", "country": "Country", "seat": "Town",
                      "latitude": float(number * 3 % 60 - 20), "longitude": float(number * 17 % 300 - 150),
                      "languages": ["fr"], "authorized": 40, "state": "closed" if closed else "active",
                      "starts_on": today - MONTH * 120, "ends_on": today - MONTH if closed else None}
    )  # fmt: skip
    rows["call"].append(
        of | {"id": call, "number": f"C-{number}", "mission_id": mission,
              "state": "closed" if closed else "open", "closes_on": today + timedelta(days=number),
              "tour_starts_on": today + MONTH * 6}
    )  # fmt: skip
    for place in range(POSITIONS):
        position = id_of("position", number, place)
        rows["position"].append(
            of | {"id": position, "mission_id": mission, "title_en": f"Post {place}", "title_fr": f"Poste {place}",
                  "languages": ["fr"]}
        )  # fmt: skip
        offered = {"id": id_of("offer", number, place), "call_id": call, "position_id": position, "wanted": 3}
        rows["call_position"].append({"tenant_id": ipob, "published_at": now} | offered)


def _tour(rows: Rows, ipob: UUID, number: int, now: datetime) -> None:
    """Add one officer's way: nominated, selected, and as far on tour as the day says."""
    today, agency = now.date(), id_of(f"service-{number % AGENCIES:02}")
    place = number * 7 % MISSIONS
    begins = today + MONTH * 6 - timedelta(days=number * YEARS * 365 // TOURS)
    ends = begins + MONTH * 12
    home = ends + timedelta(days=7)
    waiting = number % 50 == 0 and begins > today
    own = {"tenant_id": agency, "created_at": now}
    person, nomination, tour = id_of("person", number), id_of("nomination", number), id_of("tour", number)
    there = {"program_id": ipob, "mission_id": id_of("mission", place),
             "position_id": id_of("position", place, number % POSITIONS)}  # fmt: skip
    gender = "woman" if number % 4 == 0 else "man"
    rows["released_person"].append(
        own | {"id": person, "submitted_at": now, "contract_version": 1, "given_name": f"Given{number}",
               "family_name": f"Family{number}", "rank_en": "Constable", "rank_fr": "Agent", "band": number % 7 + 1,
               "gender": gender, "language": "fr"}
    )  # fmt: skip
    put = {"call_id": id_of("call", place), "person_id": person, **there}
    rows["nomination"].append(
        own | put | {"id": nomination, "number": f"N-{number}", "state": "nominated", "submitted_at": now,
                     "nominated_on": min(begins - MONTH * 4, today)}
    )  # fmt: skip
    rows["candidacy"].append(own | put | {"id": nomination, "state": "training" if waiting else "assigned"})
    if waiting:
        begins, ends = begins + MONTH, ends + MONTH
    state = _state(number, today, begins, ends, home)
    arrived = begins if begins <= today else None
    left = ends if ends < today else None
    # One rotation a mission and quarter: each is a bar of the timeline, so this number weighs on the dashboard.
    rotation = f"R{begins.year % 100}-{(begins.month + 2) // 3}"
    rows["tour"].append(
        own | there | {"id": tour, "candidacy_id": nomination, "person_id": person, "state": state,
                       "order_number": None if state == "planned" else f"O-{number}", "starts_on": begins,
                       "ends_on": ends, "arrived_on": arrived, "left_on": left,
                       "home_on": home if home < today else None, "rotation": rotation}
    )  # fmt: skip
    if arrived:
        for known, until in itertools.islice(_known(arrived, left, now), 2 if left else 1):
            rows["tour_fact"].append(
                {"tenant_id": agency, "id": id_of("fact", number, until), "tour_id": tour, "person_key": person,
                 "kind": "in_mission", "valid_from": arrived, "valid_to": until, "recorded_at": known,
                 "recorded_by": id_of("seat", "analyst"), "band": number % 7 + 1, "gender": gender} | there
            )  # fmt: skip
    if state in ("returning", "ended") or (arrived and ends < today + MONTH * 3 and number % 9):
        closed = "closed" if home + MONTH * 12 < today else "late" if number % 20 == 0 else "open"
        rows["return_status"].append(own | {"id": tour, "state": closed, "submitted_at": now})
        rows["program_milestone"].append(
            own | {"id": id_of("milestone", number), "tour_id": tour, "key": "report", "title_en": "Report",
                   "title_fr": "Rapport", "owner": "program", "due_on": home + MONTH,
                   "state": "done" if closed == "closed" else "open"}
        )  # fmt: skip


def _known(arrived: date, left: date | None, now: datetime) -> list[tuple[datetime, date | None]]:
    """Return what is recorded of a presence, and when: that it began, and then that it ended."""
    return [
        (datetime.combine(day, time(12), now.tzinfo), until) for day, until in ((arrived, None), (left, left)) if day
    ]


def _state(number: int, today: date, begins: date, ends: date, home: date) -> str:
    if begins > today:
        return "planned" if begins > today + MONTH else "ordered"
    if ends >= today:
        return "on_leave" if number % 15 == 0 else "in_mission"
    return "returning" if home >= today else "ended"
