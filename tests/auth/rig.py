"""An application that people sign in to: real database, real pages, a provider that can be told to lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.cookies import SimpleCookie
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx2
from litestar import Litestar
from sqlalchemy import delete

from auth.models import IdentityProvider, LogoutSeen, RoleGrant, Seat
from auth.parts import Parts, make_parts
from auth.plugin import ROOMS
from auth.refreshing import Refreshing
from auth.relying_party.identities import give_seat, identity_of
from core.app import create_app
from core.clock import Clock
from core.context import Actor, Ctx, Language, Scope
from core.database.engines import Database
from core.database.sessions import identity_session, tenant_session
from core.ids import new_id
from core.limits.limiter import Limiter
from core.settings import Settings
from tenants.answers import TenantAnswers
from tests.auth.hostile import CLIENT, ISSUER, OTHER_ISSUER, Hostile
from tests.platform import Platform

SETTINGS = Settings(port=8000, demonstration=True)


def new_network() -> str:
    """Return the first 64 bits of an address, as no other test has them: limits count over all tests of a database."""
    return f"2001:db8:{token_hex(2)}:{token_hex(2)}"


class Browser:
    """Keeps cookies as a browser does on ``http://localhost``, and follows nothing by itself."""

    def __init__(self, app: Any, base: str = "http://localhost:8000", address: str | None = None) -> None:
        transport = httpx2.ASGITransport(app=app, client=(address or f"{new_network()}::1", 1))
        self._client = httpx2.AsyncClient(
            transport=transport, base_url=base, headers={"Accept-Encoding": "identity"}, trust_env=False
        )
        self.cookies: dict[str, str] = {}
        self.user_agent = "tests"

    async def get(self, address: str, **headers: str) -> httpx2.Response:
        """Ask for a page."""
        return self._kept(await self._client.get(address, headers=self._headers(headers)))

    async def post(self, address: str, data: dict[str, str], **headers: str) -> httpx2.Response:
        """Send a form."""
        return self._kept(await self._client.post(address, data=data, headers=self._headers(headers)))

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        carried = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"User-Agent": self.user_agent} | named | ({"Cookie": carried} if carried else {})

    def _kept(self, response: httpx2.Response) -> httpx2.Response:
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return response


@dataclass
class Rig:
    """The application and its surroundings."""

    platform: Platform
    hostile: Hostile
    other: Hostile
    parts: Parts
    app: Litestar
    seats: dict[str, UUID] = field(default_factory=dict)

    def renew(self) -> None:
        """Put new, honest providers in the place of those there were, and forget what was learned from them."""
        self.hostile, self.other = _providers(self.platform)
        self.parts.sign_ins.party = self.parts.refreshing.party = self.hostile.party()

    def stand_apart(self) -> None:
        """Be another client of the provider's from here on than the services of all other tests.

        A logout concerns every service that is the same client: without this, those of all tests before.
        """
        self.hostile.client = f"{CLIENT}-{token_hex(4)}"

    def browser(self) -> Browser:
        """Return a fresh browser."""
        return Browser(self.app)

    def ctx(self, scope: Scope) -> Ctx:
        """Return a context of the scope in which nobody acts."""
        return Ctx(
            scope=scope,
            actor=Actor(id=UUID(int=0), name="test", kind="system"),
            clock=self.platform.clock,
            database=self.platform.database,
        )

    async def agency(self, **provider: Any) -> Scope:
        """Return a fresh agency that accepts the provider."""
        scope = await self.platform.agency()
        await self.accept(scope, **provider)
        return scope

    async def accept(self, scope: Scope, **provider: Any) -> None:
        """Let a scope accept the provider."""
        values = {
            "name": "Example",
            "issuer": ISSUER,
            "client_id": self.hostile.client,
            "client_auth": "none",
            "algorithms": ["ES256"],
            "state": "enforced",
        } | provider
        async with tenant_session(self.ctx(scope)) as session:
            # Other tests, whose clocks may be ahead, may have told of logouts at a scope that all tests share.
            await session.execute(delete(LogoutSeen).where(LogoutSeen.tenant_id == scope.id))
            session.add(
                IdentityProvider(
                    tenant_id=scope.id,
                    id=new_id(self.platform.clock),
                    created_at=self.platform.clock.now(),
                    **values,
                )
            )

    async def seat(
        self,
        scope: Scope,
        *roles: str,
        subject: str = "person-1",
        name: str = "Maëlle Fafard",
        issuer: str = ISSUER,
        active: bool = True,
    ) -> UUID:
        """Return the seat of the provider's ``subject``, newly made with ``roles``."""
        clock = self.platform.clock
        seat_id = new_id(clock)
        async with tenant_session(self.ctx(scope)) as session:
            session.add(
                Seat(tenant_id=scope.id, id=seat_id, name=name, language="fr", active=active, created_at=clock.now())
            )
            await session.flush()
            for role in roles:
                session.add(
                    RoleGrant(
                        tenant_id=scope.id,
                        id=new_id(clock),
                        seat_id=seat_id,
                        role=role,
                        origin="manual",
                        starts_on=clock.now().date(),
                        reason="a test",
                        granted_by=seat_id,
                        created_at=clock.now(),
                    )
                )
        async with identity_session(self.platform.database) as session:
            identity = await identity_of(session, clock, issuer, subject)
            await give_seat(session, clock, identity, scope.id, seat_id)
        return seat_id

    async def start(
        self, browser: Browser, scope: Scope, wanted: str = "", language: Language = "en"
    ) -> httpx2.Response:
        """Take the first step and return its answer."""
        return await browser.get(f"/t/{scope.slug}/auth/start?language={language}&next={wanted}")

    async def begin(
        self, browser: Browser, scope: Scope, wanted: str = "", language: Language = "en"
    ) -> dict[str, str]:
        """Begin a sign-in and return what the browser was sent to the provider with."""
        return sent_with(await self.start(browser, scope, wanted, language))

    async def finish(
        self, browser: Browser, scope: Scope, sent: dict[str, str], *, accept_language: str = "en", **changes: str
    ) -> httpx2.Response:
        """Come back from the provider, which vouches for ``person-1`` unless its claims say otherwise.

        ``changes`` is what comes back otherwise than an honest provider sends it; empty removes a name.
        """
        self.hostile.nonce = self.other.nonce = sent["nonce"]
        answer = {"code": "c0de", "state": sent["state"], "iss": ISSUER} | changes
        query = urlencode({name: value for name, value in answer.items() if value})
        return await browser.get(f"/t/{scope.slug}/auth/callback?{query}", accept_language=accept_language)

    async def sign_in(
        self, browser: Browser, scope: Scope, language: Language = "en", **changes: str
    ) -> httpx2.Response:
        """Sign in and return the answer to the callback, or to the first step if it went no further."""
        start = await self.start(browser, scope, language=language)
        return start if start.status_code != 303 else await self.finish(browser, scope, sent_with(start), **changes)


def sent_with(start: httpx2.Response) -> dict[str, str]:
    """Return what the browser is sent to the provider with."""
    assert start.status_code == 303, start.text
    location = urlsplit(start.headers["location"])
    assert location.path == "/authorize"
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def make_rig(platform: Platform, *, real: bool = False, rooms: Sequence[str] = ROOMS) -> Rig:
    """Return an application on the platform's database and clock.

    ``real`` lets it ask real providers; ``rooms`` are those it has, sign-in's own if no others are named.
    """
    hostile, other = _providers(platform)
    parts = make_parts(SETTINGS, platform.clock, transport=None if real else hostile.transport)
    return Rig(platform, hostile, other, parts, _application(platform, platform.clock, parts, rooms))


class LentClock:
    """The clock of the test to which an application is lent."""

    def __init__(self, owner: Clock) -> None:
        self.owner = owner

    def now(self) -> datetime:
        return self.owner.now()

    def monotonic(self) -> float:
        return self.owner.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.owner.sleep(seconds)


_standing: dict[Database, tuple[LentClock, Parts, Litestar]] = {}


def lend_rig(platform: Platform) -> Rig:
    """Return an application with sign-in's rooms, to be given back when the test ends: the next one has it then.

    Its addresses are made once, which takes longer than most tests. What it learned and counted is forgotten.
    """
    if platform.database not in _standing:
        clock = LentClock(platform.clock)
        parts = make_parts(SETTINGS, clock)
        _standing[platform.database] = clock, parts, _application(platform, clock, parts, ROOMS)
    clock, parts, app = _standing[platform.database]
    clock.owner = platform.clock
    app.state.site.limiter = Limiter(platform.database, clock)
    parts.renewals._due.clear()
    rig = Rig(platform, *_providers(platform), parts, app)
    parts.sign_ins.party = rig.hostile.party()
    parts.refreshing = Refreshing(parts.sign_ins.party, parts.people)
    return rig


def _application(platform: Platform, clock: Clock, parts: Parts, rooms: Sequence[str]) -> Litestar:
    return create_app(
        SETTINGS,
        platform.database,
        clock=clock,
        callers=parts.callers,
        people=parts.people,
        wire=lambda ctx: platform.host.bind(replace(ctx, agencies=TenantAnswers())),
        rooms=rooms,
        handlers=parts.handlers,
        lifespan=[parts.lifespan],
    )


def _providers(platform: Platform) -> tuple[Hostile, Hostile]:
    hostile, other = Hostile(platform.clock), Hostile(platform.clock, OTHER_ISSUER)
    hostile.beside[other.host] = other
    return hostile, other
