"""What the application is given by ``auth``: who asks, who holds a role, where one signs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from litestar import Litestar

from auth.approval_links.endpoints import link_handlers
from auth.break_glass.endpoints import BreakGlassEndpoints
from auth.callers import TheCallers
from auth.endpoints import Endpoints
from auth.member.endpoints import handlers as member_handlers
from auth.people import ThePeople
from auth.refreshing import Refreshing
from auth.relying_party.party import RelyingParty
from auth.renewals import Renewals
from auth.scim.endpoints import ScimEndpoints
from auth.setup.endpoints import SetupEndpoints
from auth.sign_in import SignIns
from core.clock import Clock
from core.settings import Settings
from core.web.site import Site


@dataclass(slots=True)
class Parts:
    """One process's sign-in: pass its members to ``core.app.create_app``."""

    callers: TheCallers
    people: ThePeople
    party: RelyingParty
    renewals: Renewals
    refreshing: Refreshing
    sign_ins: SignIns
    directories: ScimEndpoints
    break_glass: BreakGlassEndpoints

    @property
    def handlers(self) -> list[Any]:
        """The addresses of signing in and out, of setting it up, of officers' own way in, directories and links."""
        signing_in = [*Endpoints(self.sign_ins).handlers(), *SetupEndpoints(self.sign_ins).handlers()]
        of_their_own = [*self.break_glass.handlers(), *member_handlers()]
        return [*signing_in, *of_their_own, *self.directories.handlers(), *link_handlers()]

    def lifespan(self, app: Litestar) -> AbstractAsyncContextManager[None]:
        """Live as long as the application: write what was used, and close the way to the providers."""
        return self._alive(app.state.site)

    @asynccontextmanager
    async def _alive(self, site: Site) -> AsyncIterator[None]:
        writing = asyncio.create_task(self.renewals.keep_writing(site.database))
        try:
            yield
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await self.party.close()


def make_parts(settings: Settings, clock: Clock, *, transport: httpx2.AsyncBaseTransport | None = None) -> Parts:
    """Return the sign-in of one process; ``transport`` stands for the network in tests.

    Only the demonstration may ask a provider on this machine, or without TLS.
    """
    renewals, people = Renewals(clock, settings), ThePeople(clock)
    party = RelyingParty(clock, loopback=settings.demonstration, transport=transport)
    return Parts(
        callers=TheCallers(clock, settings, renewals),
        people=people,
        party=party,
        renewals=renewals,
        refreshing=Refreshing(party, people),
        sign_ins=SignIns(settings, party),
        directories=ScimEndpoints(clock, renewals),
        break_glass=BreakGlassEndpoints(settings),
    )
