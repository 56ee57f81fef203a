from __future__ import annotations

import pytest

from tests.auth.rig import Rig, lend_rig
from tests.platform import Platform


@pytest.fixture
def rig(platform: Platform) -> Rig:
    return lend_rig(platform)
