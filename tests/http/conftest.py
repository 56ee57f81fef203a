"""The HTTP ring has a database of its own: it holds one more table, the test room's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auth.parts import make_parts
from contingent.assembly import ALL_ROOMS, Assembly
from core.app import create_app
from core.database import embedded
from core.database.engines import Database
from core.documents.service import PluginFiles
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.settings import Settings
from tenants.answers import TenantAnswers
from tests.http.land import Whole, make_land
from tests.http.ring import Anybody, Ring, add_notes, make_ring
from tests.platform import found
from tests.servers import copy_database
from tests.wall.conftest import superuser
from tests.wall.rows import settle


@pytest.fixture(scope="session")
async def ring(server: embedded.Server, worker_id: str) -> AsyncIterator[Ring]:
    """The application with the test room alone."""
    name = f"contingent_http_{worker_id}"
    target = copy_database(server, name)
    add_notes(server, name)
    settings = Settings(data_folder=server.folder)
    database = Database(target, settings)
    yield make_ring(await found(database), settings, ("core.documents", "tests.http.notes"))
    await database.close()


@pytest.fixture(scope="session")
async def whole(server: embedded.Server, worker_id: str) -> AsyncIterator[Whole]:
    """The whole application, with all rooms, tenants, auth and plugins, over tables that are all filled."""
    name = f"contingent_whole_{worker_id}"
    target = copy_database(server, name)
    land = make_land()
    async with superuser(server, name) as connection, connection.transaction():
        await settle(connection, land)
    settings = Settings(data_folder=server.folder)
    database = Database(target, settings)
    host = PluginHost(Registry().load(), DatabaseRecords(), files=PluginFiles)
    platform = await found(database, host)
    parts = make_parts(settings, platform.clock)
    assembly = Assembly(settings, platform.clock, database, host, parts, TenantAnswers())
    callers = Anybody()
    app = create_app(
        settings,
        database,
        clock=platform.clock,
        callers=callers,
        people=parts.people,
        wire=assembly.wire,
        rooms=ALL_ROOMS,
        handlers=parts.handlers,
    )
    yield Whole(Ring(platform, app, callers), land)
    await host.close()
    await parts.party.close()
    await database.close()
