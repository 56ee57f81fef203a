"""The steps of setting up that ask a provider: looking at it, and the test sign-in in a second window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth.endpoints import PREFIX, SIGN_IN_SECONDS, caller_of, check_form, counted, site_of, still_of
from auth.models import IdentityProvider
from auth.relying_party.conversing import asking
from auth.relying_party.examining import Finding
from auth.relying_party.refusals import SignInRefused
from auth.secrets import SIGN_IN_COOKIE, set_cookie
from auth.setup.schemas import Reported
from auth.setup.service import keep_report
from auth.setup.sharing import PROVEN, beside
from auth.setup.testing import begin_test, described
from auth.sign_in import SignIns
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Unauthenticated
from core.use_cases.execution import acting_now, execute
from core.use_cases.work import Still, Work
from core.web.handlers import handler
from core.web.problems import StaleForm
from core.web.replies import redirect

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.web.incoming import Incoming


class SetupEndpoints:
    """The handlers. Who is not signed in is led to signing in, and back to the pages."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins

    def handlers(self) -> list[HTTPRouteHandler]:
        """Return what the application adds to its routes."""
        return [
            handler("GET", [f"{PREFIX}/test"], self.test, "GET test sign-in"),
            handler("POST", [f"{PREFIX}/look"], self.look, "POST look at a provider"),
        ]

    async def test(self, incoming: Incoming) -> ASGIResponse:
        """Send a second window to a provider that is being tested: only from a page of our own."""
        ctx = await counted(incoming)
        if incoming.headers.get("sec-fetch-site") == "cross-site":
            raise StaleForm
        caller = await caller_of(incoming, ctx)
        if caller is None:
            return self._to_sign_in(incoming, ctx)
        begun = await begin_test(
            ctx.acting_as(caller.actor),
            self._sign_ins.party,
            self._sign_ins.redirect_uri(ctx),
            dict(incoming.query).get("provider", ""),
            browser=incoming.cookies.get(SIGN_IN_COOKIE),
        )
        kept = set_cookie(SIGN_IN_COOKIE, begun.browser, seconds=SIGN_IN_SECONDS)
        return redirect(begun.address, headers=[("set-cookie", kept)])

    async def look(self, incoming: Incoming) -> ASGIResponse:
        """Ask a provider what it is, keep what was found, and show its page."""
        ctx = await counted(incoming)
        caller = await caller_of(incoming, ctx)
        if caller is None:
            return self._to_sign_in(incoming, ctx)
        provider_id = (await check_form(incoming, caller)).get("id", "")
        try:
            await self._look_at(ctx, provider_id, still_of(incoming, ctx, caller))
        except Unauthenticated:
            return self._to_sign_in(incoming, ctx)
        return redirect(f"{_page(ctx)}/{provider_id}#checks")

    async def _look_at(self, ctx: Ctx, provider_id: str, still: Still) -> None:
        """Ask with no transaction open: the form and the provider take their time, so who asks is asked before each."""
        async with tenant_session(ctx, read_only=True) as session:
            ctx = await acting_now(keep_report, ctx, session, still=still)
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            row: IdentityProvider = await work.get(IdentityProvider, provider_id)
            provider, proven = described(row), row.state in PROVEN
        try:
            async with asking():
                found = await self._sign_ins.party.examine(provider)
            found += await beside(ctx, provider) if proven else []
        except SignInRefused as refused:
            found = [Finding("document", "bad", refused.detail)]
        await execute(keep_report, ctx, Reported(id=provider_id, findings=found), still=still)

    @staticmethod
    def _to_sign_in(incoming: Incoming, ctx: Ctx) -> ASGIResponse:
        return redirect(site_of(incoming).callers.sign_in(ctx.scope, ctx.language, _page(ctx)))


def _page(ctx: Ctx) -> str:
    return f"/{ctx.language}/{ctx.scope.slug}/sign-in"
