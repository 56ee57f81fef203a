"""The application with the journal alone, on the ordinary database."""

from __future__ import annotations

import pytest

from core.settings import Settings
from tests.http.ring import Ring, make_ring
from tests.platform import Platform


@pytest.fixture
def ring(platform: Platform) -> Ring:
    """The journal's pages and routes, with callers who are whoever a test says."""
    settings: Settings = platform.database.settings
    return make_ring(platform, settings, ("core.audit", "core.events", "core.documents", "core.journal"))
