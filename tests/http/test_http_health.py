"""Readiness on a database that was migrated, on one that was not, and on none at all."""

from __future__ import annotations

import pytest

from core.database import migrating
from core.database.embedded import Server
from core.database.engines import Database
from core.database.target import Target
from core.settings import Settings
from tests.http.ring import make_ring
from tests.platform import Platform
from tests.servers import empty_database

pytestmark = pytest.mark.http


async def ready(platform: Platform, database: Database) -> tuple[int, dict[str, bool]]:
    """Ask the application on ``database`` whether it is ready."""
    settings = database.settings
    ring = make_ring(Platform(database, platform.host, platform.operator, platform.program), settings, ())
    async with ring.client() as browser:
        answer = await browser.get("/health/ready")
    return answer.status_code, answer.json()["checks"]


async def test_a_migrated_database_is_ready_and_one_behind_is_not(server: Server, platform: Platform) -> None:
    with empty_database(server, "contingent_health") as target:
        await migrating.upgrade(target)
        database = Database(target, Settings(data_folder=server.folder))
        assert await ready(platform, database) == (200, {"database": True, "migrations": True})
        await migrating.downgrade(target, migrating.revisions()[-2])
        assert await ready(platform, database) == (503, {"database": True, "migrations": False})
        await database.close()


async def test_without_a_database_it_lives_and_is_not_ready(platform: Platform, server: Server) -> None:
    nowhere = Target("127.0.0.1", 1, "nothing", {}, {})
    database = Database(nowhere, Settings(data_folder=server.folder))
    assert await ready(platform, database) == (503, {"database": False, "migrations": False})
    lost = Platform(database, platform.host, platform.operator, platform.program)
    ring = make_ring(lost, database.settings, ("tests.http.notes",))
    async with ring.client() as browser:
        assert (await browser.get("/health/live")).status_code == 200
        page = await browser.get("/fr/qc-spvm/notes")
        route = await browser.get("/api/v1/notes", headers={"authorization": "Bearer ctg_qc-spvm_x"})
    assert page.status_code == route.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert route.json()["type"] == "/problems/unavailable"
    await database.close()
