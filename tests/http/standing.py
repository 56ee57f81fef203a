"""The whole application, standing on a database of its own in which every table is filled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from auth.parts import make_parts
from contingent.assembly import ALL_ROOMS, Assembly
from contingent.kit.rehearsing import rehearse
from core.app import create_app
from core.database import embedded
from core.database.engines import Database
from core.documents.service import PluginFiles
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.settings import Settings
from tenants.answers import TenantAnswers
from tests.http.land import OneId, Whole, make_land
from tests.http.ring import Anybody, Ring
from tests.platform import found
from tests.servers import copy_database
from tests.wall.conftest import superuser
from tests.wall.rows import settle


@asynccontextmanager
async def whole_application(
    server: embedded.Server, name: str, make: Callable[[], OneId] = make_land
) -> AsyncIterator[Whole]:
    """Give the application with all rooms, tenants, auth and plugins, on a new database called ``name``."""
    target = copy_database(server, name)
    land = make()
    async with superuser(server, name) as connection, connection.transaction():
        await settle(connection, land)
    settings = Settings(data_folder=server.folder)
    database = Database(target, settings)
    effects = {"files": PluginFiles}
    host = PluginHost(Registry().load(), DatabaseRecords(), effects=effects, rehearsing=rehearse)
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
