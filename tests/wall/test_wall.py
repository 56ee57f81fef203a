"""Every table × every operation × everybody who can have a session, on rows of other tenants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.database.engines import Database
from core.database.rooms import load_models
from tests.wall.attempts import Findings, try_everything
from tests.wall.rows import Land

pytestmark = pytest.mark.wall
TABLES = [table for table in load_models().sorted_tables if "tenant_id" in table.columns]


@pytest.mark.parametrize("name", [table.name for table in TABLES])
async def test_nobody_reaches_a_row_of_another_tenant(
    name: str, walled: Database, land: Land, record_property: Callable[[str, object], None]
) -> None:
    findings = Findings()
    await try_everything(walled, land, land.metadata.tables[name], findings=findings)
    record_property("wall_attempts", findings.attempts)
    record_property("wall_findings", len(findings.found))
    assert findings.attempts > 100
    assert not findings.found, "\n".join(findings.found)
