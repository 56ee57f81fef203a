"""Some of the demonstration's services and people on the tests' database."""

from __future__ import annotations

import pytest

from auth.parts import make_parts
from contingent.assembly import Assembly
from contingent.demo.acting import Cast
from contingent.demo.issuers import library, places
from contingent.demo.seats import seat_people
from core.clock import ManualClock
from core.database.engines import Database
from core.hooks.host import PluginHost
from core.settings import Settings
from tenants.answers import TenantAnswers
from tenants.opening import Opener
from tenants.resolving import resolve
from tests.platform import NOW

AGENCIES = ("on-durham", "qc-saguenay", "qc-riviere-du-loup", "qc-bromont")


@pytest.fixture(scope="session")
async def cast(database: Database, host: PluginHost) -> Cast:
    """The people of four services and IPOB, ready to act; a service is opened once for all tests of a worker."""
    settings = Settings(data_folder=database.settings.data_folder, demonstration=True)
    clock = ManualClock(NOW)
    assembly = Assembly(settings, clock, database, host, make_parts(settings, clock), TenantAnswers())
    assembly.load_rooms()
    known = library()
    opener = Opener(database, clock, host.registry)
    await opener.open_scopes(known.scopes.values())
    made = Cast(assembly)
    for slug in AGENCIES:
        await opener.open_agency(resolve(known.agencies[slug], known, host.registry))
    for slug in (*AGENCIES, "ipob"):
        await seat_people(database, places(settings), clock, await made.scope(slug))
    return made
