"""The matrix is tried on the whole application, with rows in every table, none of which any try changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from core.context import SCOPE_KINDS
from core.database import embedded
from tests.http.standing import whole_application
from tests.matrix.telling import make_telling
from tests.matrix.trial import Trial, nothing_kept
from tests.wall.conftest import superuser


@pytest.fixture(scope="session")
async def stage(server: embedded.Server, worker_id: str) -> AsyncIterator[Trial]:
    """The application and, of each kind, a scope that has rows and one that has none."""
    async with whole_application(server, f"contingent_matrix_{worker_id}") as whole:
        slugs = {tenant.kind: tenant.slug for tenant in whole.land.tenants}
        filled = {kind: await whole.site.scope(slugs[kind]) for kind in SCOPE_KINDS}
        yield Trial(whole, filled, {kind: await whole.scope(kind) for kind in SCOPE_KINDS})


@pytest.fixture
def trial(stage: Trial) -> Iterator[Trial]:
    """The same, where nothing that is done is kept: for as long as one test, whatever runs beside it."""
    with nothing_kept(stage.seen):
        yield stage


@pytest.fixture(scope="session")
async def told(server: embedded.Server, worker_id: str) -> AsyncIterator[Trial]:
    """The application over rows that say where they are from, and can be shown."""
    name = f"contingent_fields_{worker_id}"
    async with whole_application(server, name, make_telling) as whole:
        async with superuser(server, name) as connection:
            await _name_agencies(connection, whole.land)
        slugs = {tenant.kind: tenant.slug for tenant in whole.land.tenants}
        filled = {kind: await whole.site.scope(slugs[kind]) for kind in SCOPE_KINDS}
        yield Trial(whole, filled, filled)


@pytest.fixture
def telling(told: Trial) -> Iterator[Trial]:
    """The same, where nothing that is done is kept."""
    with nothing_kept(told.seen):
        yield told


async def _name_agencies(connection: Any, land: Any) -> None:
    """Give the agency what the directory knows of it: these rows belong to no tenant."""
    agency, now = land.of_kind("agency")[0], datetime(2026, 11, 1, tzinfo=UTC)
    names = (agency.slug, "A", "A", "Service", "Service")
    await connection.execute(
        "INSERT INTO scope_name VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *(uuid4(), agency.id, date(2020, 1, 1), *names, now),
    )
    await connection.execute(
        "INSERT INTO standing (id, scope_id, since, state, set_by, reason, recorded_at)"
        " VALUES ($1, $2, $3, 'active', 'operator', 'Opened.', $4)",
        *(uuid4(), agency.id, date(2020, 1, 1), now),
    )
