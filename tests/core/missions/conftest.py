from __future__ import annotations

from uuid import UUID

import pytest

from contingent.demo.acting import Cast
from contingent.demo.workers import load_workers
from tests.way import AGENCY


@pytest.fixture(scope="session")
async def officer(cast: Cast) -> UUID:
    """Somebody of a service who could go."""
    return (await load_workers(cast, AGENCY, 1, start=300))[0]
