"""The fixture ``wizard``: an agency whose sign-in is being set up."""

from __future__ import annotations

import pytest

from tests.auth.rig import Rig
from tests.auth.setup.wizard import Wizard, open_wizard


@pytest.fixture
async def wizard(rig: Rig) -> Wizard:
    return await open_wizard(rig)
