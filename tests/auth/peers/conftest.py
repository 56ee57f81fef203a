from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from contingent.demo.issuers import issuer_name, library
from core.clock import ManualClock, SystemClock
from tests.auth.peers.node import Peers, running
from tests.auth.rig import Rig, make_rig
from tests.platform import Platform

OPERATOR = "operator"


def issuer_names() -> list[str]:
    """Return the issuers that the scopes of the project's files name; the operator's own is another matter."""
    known = library()
    return sorted({issuer_name(slug) for slug in (*known.agencies, *known.scopes) if slug != OPERATOR})


@pytest.fixture(scope="session")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """A real provider for each issuer."""
    with running(issuer_names(), tmp_path_factory.mktemp("peers") / "complaints.txt") as peers:
        yield peers


@pytest.fixture
async def rig(platform: Platform) -> AsyncIterator[Rig]:
    """The application on the machine's hour, for real providers know no other."""
    rig = make_rig(replace(platform, clock=ManualClock(SystemClock().now())), real=True)
    yield rig
    await rig.parts.party.close()
