from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.app import ROOMS, load_room
from tests.core.extensions.conftest import plugin
from tests.core.workforce.hr_system import Desk, HrSystem, hr_desk, taking
from tests.core.workforce.office import Office
from tests.platform import Platform
from tests.way import World


@pytest.fixture
async def office(platform: Platform) -> Office:
    """The HR office of a fresh service that loads worker files, and may load everybody in them."""
    for room in ROOMS:
        load_room(room)
    made = Office(platform, await platform.agency())
    await made.enable()
    await made.scope_is()
    return made


@pytest.fixture
def system() -> HrSystem:
    return HrSystem()


@pytest.fixture
async def desk(world: World, system: HrSystem) -> AsyncIterator[Desk]:
    keeping = [plugin("keeping", "hr_write_back", taking(system)), plugin("other", "hr_write_back", taking(system))]
    async with hr_desk(world, "keeping", keeping) as made:
        system.told.clear()
        yield made
