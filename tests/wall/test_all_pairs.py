"""The long proof: twenty-seven agencies, everybody on everybody; every table with its wall broken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from core.database import embedded
from core.database.engines import Database
from core.database.rooms import load_models
from core.settings import Settings
from tests.servers import copy_database
from tests.wall.attempts import Findings, try_everything
from tests.wall.conftest import fill, superuser
from tests.wall.rows import Land

pytestmark = [pytest.mark.wall, pytest.mark.prove]
AGENCIES = [f"agency-{number}" for number in range(27)]
TABLES = [table.name for table in load_models().sorted_tables if "tenant_id" in table.columns]
BREAKS = {
    "row security is off": ({"select", "insert"}, "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY"),
    "reading is open": (
        {"select"},
        "ALTER POLICY tenant_wall ON {0} USING (true); ALTER POLICY own_rows ON {0} USING (true)",
    ),
    "writing is open": (
        {"insert"},
        "ALTER POLICY tenant_wall ON {0} WITH CHECK (true); ALTER POLICY own_rows ON {0} WITH CHECK (true)",
    ),
}
"""What is broken, and which rights of those behind the wall make a difference to notice."""
RIGHTS = """
SELECT DISTINCT o FROM pg_policies p, unnest(p.roles) r, unnest(ARRAY['select', 'insert']) o
 WHERE p.tablename = $1 AND p.policyname = 'tenant_wall' AND has_table_privilege(r, $1, o)
"""


@pytest.fixture(scope="module")
async def whole_land(server: embedded.Server, worker_id: str) -> Land:
    return await fill(server, f"all_{worker_id}", AGENCIES)


@pytest.fixture(scope="module")
async def whole(server: embedded.Server, whole_land: Land, worker_id: str) -> AsyncIterator[Database]:
    target = copy_database(server, f"whole_{worker_id}", template=f"all_{worker_id}")
    database = Database(target, Settings(data_folder=server.folder, pool_size=2, statement_timeout_ms=60_000))
    yield database
    await database.close()


@pytest.mark.parametrize("name", TABLES)
async def test_nobody_reaches_a_row_of_anybody(
    name: str, whole: Database, whole_land: Land, record_property: Callable[[str, object], None]
) -> None:
    findings = Findings()
    await try_everything(whole, whole_land, whole_land.metadata.tables[name], findings=findings, everybody=True)
    record_property("wall_attempts", findings.attempts)
    record_property("wall_findings", len(findings.found))
    assert not findings.found, "\n".join(findings.found)


@pytest.mark.parametrize("what", BREAKS)
@pytest.mark.parametrize("name", TABLES)
async def test_a_break_of_any_table_s_wall_is_noticed(
    name: str, what: str, broken: Database, server: embedded.Server, land: Land
) -> None:
    matters, change = BREAKS[what]
    async with superuser(server, broken.target.database) as connection:
        rights = {row[0] for row in await connection.fetch(RIGHTS, name)}
        await connection.execute(change.format(f'"{name}"'))
    findings = Findings()
    await try_everything(broken, land, land.metadata.tables[name], findings=findings)
    assert bool(findings.found) == bool(rights & matters), f"{findings.attempts} attempts noticed nothing"
