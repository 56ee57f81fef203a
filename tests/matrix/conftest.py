"""The matrix is tried on the whole application, with rows in every table, none of which any try changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from core.context import SCOPE_KINDS
from core.database import embedded
from tests.http.land import Whole
from tests.http.standing import whole_application
from tests.matrix.meaning import make_meaning, stop_and_fail, tell_of_agencies
from tests.matrix.telling import make_telling
from tests.matrix.trial import Trial, nothing_kept
from tests.wall.conftest import superuser


@pytest.fixture(scope="session")
async def stage(server: embedded.Server, worker_id: str) -> AsyncIterator[Trial]:
    """The application over rows in the middle of their lives, for every kind of scope."""
    name = f"contingent_matrix_{worker_id}"
    async with whole_application(server, name, make_meaning) as whole:
        async with superuser(server, name) as connection:
            await tell_of_agencies(connection, whole.land)
            await stop_and_fail(connection, whole.land)
        yield await _trial(whole)


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
            await tell_of_agencies(connection, whole.land)
        yield await _trial(whole)


@pytest.fixture
def telling(told: Trial) -> Iterator[Trial]:
    """The same, where nothing that is done is kept."""
    with nothing_kept(told.seen):
        yield told


async def _trial(whole: Whole) -> Trial:
    slugs = {tenant.kind: tenant.slug for tenant in whole.land.tenants}
    return Trial(whole, {kind: await whole.site.scope(slugs[kind]) for kind in SCOPE_KINDS})
