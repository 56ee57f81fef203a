"""The whole application over the demonstration's people, with callers who are whoever a test says."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from auth.roles import EVERYBODY, permissions_of
from contingent.assembly import ALL_ROOMS
from core.app import create_app
from tests.http.ring import Anybody, Ring
from tests.platform import Platform
from tests.way import World


@dataclass
class Desk:
    """Browsers of people who hold a role."""

    ring: Ring
    world: World

    async def browser(self, slug: str, role: str) -> httpx.AsyncClient:
        """Return the browser of somebody new in a role."""
        scope = await self.world.cast.scope(slug)
        return self.ring.browser(scope, *EVERYBODY, *permissions_of(scope.kind, frozenset({role})))

    async def page(self, slug: str, role: str, path: str, language: str = "en") -> httpx.Response:
        """Return a page as somebody in a role sees it."""
        async with await self.browser(slug, role) as browser:
            answer = await browser.get(f"/{language}/{slug}{path}")
        assert answer.status_code == 200, answer.text[:400]
        return answer


@pytest.fixture
def desk(platform: Platform, world: World) -> Desk:
    return make_desk(platform, world)


def make_desk(platform: Platform, world: World) -> Desk:
    """Return browsers of the application as the world is put together now."""
    assembly = world.cast.assembly
    callers = Anybody()
    app = create_app(
        assembly.settings,
        assembly.database,
        clock=assembly.clock,
        callers=callers,
        people=assembly.parts.people,
        wire=assembly.wire,
        rooms=ALL_ROOMS,
    )
    return Desk(Ring(platform, app, callers), world)
