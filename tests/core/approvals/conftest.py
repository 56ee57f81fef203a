from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.approvals.subjects import SUBJECTS
from tests.core.approvals.bench import Bench
from tests.platform import Platform


@pytest.fixture
async def bench(platform: Platform) -> AsyncIterator[Bench]:
    """A fresh service with nobody in it yet."""
    made = Bench(platform, await platform.agency())
    yield made
    del SUBJECTS[made.kind]
