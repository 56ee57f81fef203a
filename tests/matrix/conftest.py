"""The matrix is tried on the whole application, with rows in every table, none of which any try changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from core.context import SCOPE_KINDS
from core.database import embedded
from tests.http.standing import whole_application
from tests.matrix.trial import Trial, nothing_kept


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
