"""A database of its own for the wall: every table filled, for several tenants of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import asyncpg
import pytest

from core.database import embedded
from core.database.cluster import BOOTSTRAP
from core.database.engines import Database
from core.database.rooms import load_models
from core.database.target import Target
from core.settings import Settings
from tests.servers import copy_database
from tests.wall.rows import Land, Tenant, settle

AGENCIES = ("agency-a", "agency-b")
OTHERS = ("program", "department", "mission", "platform")


@asynccontextmanager
async def superuser(server: embedded.Server, database: str) -> AsyncIterator[Any]:
    """A connection past every policy, to fill and to break what is tested."""
    connection = await asyncpg.connect(
        host=str(server.home.sockets), port=server.port, user=BOOTSTRAP, database=database
    )
    try:
        yield connection
    finally:
        await connection.close()


async def fill(server: embedded.Server, database: str, agencies: Sequence[str] = AGENCIES) -> Land:
    """Make ``database`` with every table filled for these agencies and one tenant of each other kind."""
    names = (*agencies, *OTHERS)
    ids = {name: uuid5(NAMESPACE_URL, name) for name in names}
    ids["mission"] = uuid5(NAMESPACE_URL, "mission.id.program.0")  # a mission's scope has the mission's id
    made = Land(load_models(), [Tenant(ids[name], name.split("-")[0], name) for name in names])
    copy_database(server, database)
    async with superuser(server, database) as connection:
        async with connection.transaction():
            await settle(connection, made)
        await connection.execute("ANALYZE")
    return made


@pytest.fixture(scope="session")
async def land(server: embedded.Server, worker_id: str) -> Land:
    """What is in the wall's database, and in the template of which it and every broken one is a copy."""
    return await fill(server, f"land_{worker_id}")


@pytest.fixture(scope="session")
def wall_target(server: embedded.Server, land: Land, worker_id: str) -> Target:
    return copy_database(server, f"wall_{worker_id}", template=f"land_{worker_id}")


@pytest.fixture
async def broken(server: embedded.Server, land: Land, worker_id: str) -> AsyncIterator[Database]:
    """A copy that a test may break."""
    target = copy_database(server, f"broken_{worker_id}", template=f"land_{worker_id}")
    database = Database(target, Settings(data_folder=server.folder, pool_size=1))
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def walled(server: embedded.Server, wall_target: Target, land: Land) -> AsyncIterator[Database]:
    database = Database(wall_target, Settings(data_folder=server.folder, pool_size=2))
    yield database
    await database.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Publish the figure: attempts, findings, and the bound that no finding leaves."""
    told = [
        dict(report.user_properties)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
    ]
    attempts = sum(one.get("wall_attempts", 0) for one in told)
    if attempts:
        findings = sum(one.get("wall_findings", 0) for one in told)
        terminalreporter.section("tenant wall")
        terminalreporter.line(
            f"{attempts} attempts on other tenants' rows, {findings} findings; "
            f"with none, at most {3 / attempts:.1e} of such attempts succeed (95 %, 3/N)"
        )
