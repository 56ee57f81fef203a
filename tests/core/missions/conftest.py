from __future__ import annotations

from uuid import UUID

import pytest

from tests.way import World


@pytest.fixture(scope="session")
def officer(world: World) -> UUID:
    """Somebody of a service who could go."""
    return world.officers.pop()
