"""The fixture ``cast``: some of the demonstration's services and IPOB, with their people, on the tests' database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.clock import ManualClock
from tests.platform import NOW

if TYPE_CHECKING:
    from contingent.demo.acting import Cast
    from core.database.engines import Database
    from core.hooks.host import PluginHost
    from tests.way import World

AGENCIES = ("on-durham", "qc-saguenay", "qc-riviere-du-loup", "qc-bromont", "on-peel")


@pytest.fixture(scope="session")
async def cast(database: Database, host: PluginHost) -> Cast:
    """The people of some services and IPOB, ready to act; a service is opened once for all tests of a worker."""
    from auth.parts import make_parts  # noqa: PLC0415 - most tests need none of this
    from contingent.assembly import Assembly  # noqa: PLC0415 - loaded only where it is needed
    from contingent.demo.acting import Cast  # noqa: PLC0415 - loaded only where it is needed
    from contingent.demo.issuers import library, places  # noqa: PLC0415 - loaded only where it is needed
    from contingent.demo.seats import seat_people  # noqa: PLC0415 - loaded only where it is needed
    from core.settings import Settings  # noqa: PLC0415 - loaded only where it is needed
    from tenants.answers import TenantAnswers  # noqa: PLC0415 - loaded only where it is needed
    from tenants.opening import Opener  # noqa: PLC0415 - loaded only where it is needed
    from tenants.resolving import resolve  # noqa: PLC0415 - loaded only where it is needed

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


@pytest.fixture(scope="session")
async def world(cast: Cast) -> World:
    """A mission with an open call, and officers of one service to take along the way."""
    from tests.way import make_world  # noqa: PLC0415 - most tests need none of this

    return await make_world(cast)
