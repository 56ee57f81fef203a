"""The HTTP ring has a database of its own: it holds one more table, the test room's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.database import embedded
from core.database.engines import Database
from core.settings import Settings
from tests.http.land import Whole
from tests.http.ring import Ring, add_notes, make_ring
from tests.http.standing import whole_application
from tests.platform import found
from tests.servers import copy_database


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
    async with whole_application(server, f"contingent_whole_{worker_id}") as made:
        yield made
