from __future__ import annotations

import pytest

from core.app import ROOMS, load_room
from tests.core.workforce.office import Office
from tests.platform import Platform


@pytest.fixture
async def office(platform: Platform) -> Office:
    """The HR office of a fresh service that loads worker files, and may load everybody in them."""
    for room in ROOMS:
        load_room(room)
    made = Office(platform, await platform.agency())
    await made.enable()
    await made.scope_is()
    return made
