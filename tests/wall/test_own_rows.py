"""The other half of the proof: what is one's own can be reached, so that the wall's silence means something."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from core.database.engines import Database
from core.database.grants import WRITTEN_ONCE
from core.database.rooms import load_models
from core.database.tables import DataClass, TableClass
from tests.wall.attempts import Caller, callers
from tests.wall.case import Case
from tests.wall.reads import count
from tests.wall.rows import SHOWN, Land
from tests.wall.writes import update

pytestmark = pytest.mark.wall
TABLES = [table.name for table in load_models().sorted_tables if "tenant_id" in table.columns]


def keepers(table: Table, land: Land) -> list[Caller]:
    """Return who reads and writes the rows of this table as their own, by its class."""
    table_class = table.info["class"]
    kinds = {
        TableClass.PROGRAM: {"program"},
        TableClass.AGENCY: {"agency", "health"},
        TableClass.SUBMITTED: {"agency", "health"},
        TableClass.ASSIGNED: {"agency", "health"},
        TableClass.FACT: {"agency", "health"},
        TableClass.MISSION: {"program"},
        TableClass.SCOPE: {"agency", "health", "program", "department", "mission", "platform"},
        TableClass.PLATFORM: set(),
    }[table_class]
    if any(column.info["class"] is DataClass.HEALTH for column in table.columns):
        kinds = {"health"}
    return [caller for caller in callers(land) if caller.kind in kinds and caller.tenant is not None]


def changes(table: Table) -> bool:
    fixed = table.info["append_only"] or table.info["worker_writes"] or table.name in WRITTEN_ONCE
    return not fixed and table.info["class"] not in {TableClass.FACT, TableClass.ASSIGNED}


@pytest.mark.parametrize("name", TABLES)
async def test_whoever_keeps_a_table_reaches_their_own_rows(name: str, walled: Database, land: Land) -> None:
    table = land.metadata.tables[name]
    for caller in keepers(table, land):
        assert caller.tenant is not None
        row = land.rows.get((name, caller.tenant.id, SHOWN))
        if row is None:
            continue
        case = Case(table, row, row, row)
        async with caller.opening(walled) as session:
            connection = (await (await session.connection()).get_raw_connection()).driver_connection
            assert await count(connection, case) == 1, f"{caller.name} does not see its own row"
            if changes(table):
                assert await update(connection, case) == 1, f"{caller.name} cannot change its own row"
