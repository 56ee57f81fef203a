from __future__ import annotations

import pytest

from tests.auth.approval_links.desk import Desk, make_desk
from tests.auth.rig import Rig


@pytest.fixture
async def desk(rig: Rig) -> Desk:
    return await make_desk(rig)
