"""An agency whose administrator sets up a second provider, and the steps of doing so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from sqlalchemy import select

from auth.break_glass.schemas import CustodianIn, DrawIn
from auth.break_glass.service import BREAK_GLASS_MANAGE, add_break_glass, draw_half
from auth.claim_rules.schemas import RuleIn
from auth.claim_rules.service import add_rule
from auth.models import IdentityProvider
from auth.secrets import form_secret, session_cookie
from auth.service import SEAT_READ
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.setup.schemas import ProviderFile, ProviderIn
from auth.setup.service import add_provider, get_provider, link_tested, list_providers, move_provider
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from core.web import protection
from tests.auth.hostile import CLIENT, ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Browser, Rig, sent_with

WHY = "our provider changes"
NEW: dict[str, Any] = {
    "name": "Annuaire 2027",
    "issuer": OTHER_ISSUER,
    "client_id": CLIENT,
    "client_auth": "none",
    "algorithm": "ES256",
}


@dataclass
class Wizard:
    """The agency, its administrator in a browser, and the provider that is being set up."""

    rig: Rig
    scope: Scope
    ctx: Ctx
    browser: Browser
    id: str = ""

    @property
    def seat(self) -> UUID:
        return self.ctx.actor.id

    async def add(self, **changes: Any) -> ProviderFile:
        """Begin to set up the provider."""
        made = await execute(add_provider, self.ctx, ProviderIn(**(NEW | changes)))
        self.id = str(made.provider.id)
        return made

    async def file(self, id: str | None = None) -> ProviderFile:
        return await execute(get_provider, self.ctx, ById(id=id or self.id))

    async def move(self, step: str, id: str | None = None) -> ProviderFile:
        return await execute(move_provider, self.ctx, Step(id=id or self.id, step=step, reason=WHY))

    async def row(self, id: str | None = None) -> IdentityProvider:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            found: IdentityProvider = (
                await session.scalars(select(IdentityProvider).where(IdentityProvider.id == UUID(id or self.id)))
            ).one()
            return found

    async def start(self, browser: Browser | None = None, id: str | None = None) -> httpx2.Response:
        address = f"/t/{self.scope.slug}/auth/test?provider={id or self.id}&language=en"
        return await (browser or self.browser).get(address, sec_fetch_site="same-origin")

    async def come_back(self, start: httpx2.Response, **claims: Any) -> httpx2.Response:
        """Come back from the new provider, which vouches for the administrator's new account."""
        said = {"sub": "new-1"} | claims
        self.rig.other.claims = sets(**said)
        self.rig.other.userinfo = sets(sub=said["sub"])
        return await self.rig.finish(self.browser, self.scope, sent_with(start), iss=OTHER_ISSUER)

    async def test(self, **claims: Any) -> httpx2.Response:
        """Make a test sign-in from beginning to end."""
        return await self.come_back(await self.start(), **claims)

    async def look(self) -> httpx2.Response:
        """Press the button that looks at the provider."""
        token = protection.make_token(form_secret(self.browser.cookies[session_cookie(self.scope.slug)]))
        address = f"/t/{self.scope.slug}/auth/look?language=en"
        return await self.browser.post(address, {"_token": token, "id": self.id})

    async def send(self, fields: dict[str, str], at: str = "/new") -> httpx2.Response:
        """Send the form of a new provider, or of a change, as a browser does."""
        token = protection.make_token(form_secret(self.browser.cookies[session_cookie(self.scope.slug)]))
        return await self.browser.post(f"/en/{self.scope.slug}/sign-in{at}", {"_token": token, **fields})

    async def enforced(self) -> ProviderFile:
        """Go all the way into force."""
        await self.add()
        await self.test()
        await execute(link_tested, self.ctx, ById(id=self.id))
        await self.move("confirm")
        return await self.move("enforce")


async def open_wizard(rig: Rig) -> Wizard:
    """Return a fresh agency whose administrator is signed in through its first provider."""
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator", name="Uriel Labonté")
    ctx = rig.platform.ctx(scope, SEAT_READ, PROVIDER_MANAGE)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    await hand_out_break_glass(
        ctx, await rig.seat(scope, "coordinator", subject=f"colleague-{token_hex(6)}", name="Ilse Roy")
    )
    return Wizard(rig, scope, ctx, browser)


async def hand_out_break_glass(ctx: Ctx, other: UUID) -> None:
    """Have a break-glass account ready, without which no provider is put in force; ``other`` draws a half of it."""
    able = replace(ctx, actor=msgspec.structs.replace(ctx.actor, permissions=frozenset({BREAK_GLASS_MANAGE})))
    colleague = replace(able, actor=msgspec.structs.replace(able.actor, id=other))
    (account,) = (await execute(add_break_glass, able, CustodianIn(custodian="Safe", reason=WHY))).accounts
    await execute(draw_half, able, DrawIn(id=str(account.id), half="first"))
    await execute(draw_half, colleague, DrawIn(id=str(account.id), half="second"))


async def first(wizard: Wizard) -> str:
    """Return the id of the provider that the agency began with."""
    found = await execute(list_providers, wizard.ctx, Nothing())
    return next(str(one.id) for one in found.providers if one.issuer == ISSUER)


async def add_rule_of(wizard: Wizard, provider: str, manager: Any) -> Any:
    """Add a rule by which a claim of the provider makes people administrators, and return its id."""
    acting = replace(manager, actor=msgspec.structs.replace(manager.actor, id=wizard.seat))
    given = RuleIn(claim="groups", value="admins", role="administrator", reason=WHY, provider_id=provider)
    made = await execute(add_rule, acting, given)
    return next(one.id for one in made.rules if str(one.provider_id) == provider)
