"""The whole application over the demonstration's people, with callers who are whoever a test says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import httpx
import pytest
from litestar import Litestar

from auth.roles import EVERYBODY, permissions_of
from contingent.assembly import ALL_ROOMS
from core.app import create_app
from core.context import Ctx
from tests.http.ring import Anybody, Ring
from tests.platform import Platform
from tests.way import World

if TYPE_CHECKING:
    from contingent.demo.acting import Cast


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
    callers, app = _application(world.cast)
    return Desk(Ring(platform, app, callers), world)


@cache
def _application(cast: Cast) -> tuple[Anybody, Litestar]:
    """Return the application of all tests of a worker, whose addresses take longer to make than a test takes.

    What completes a context is looked up at each request: a test may have other plugins.
    """
    assembly, callers = cast.assembly, Anybody()

    def wire(ctx: Ctx) -> Ctx:
        return cast.assembly.wire(ctx)

    app = create_app(
        assembly.settings,
        assembly.database,
        clock=assembly.clock,
        callers=callers,
        people=assembly.parts.people,
        wire=wire,
        rooms=ALL_ROOMS,
    )
    return callers, app
