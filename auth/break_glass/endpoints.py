"""Where both halves are entered, ``/t/{scope}/auth/break-glass``: without a provider, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auth.break_glass.entering import enter
from auth.break_glass.halves import read_half
from auth.break_glass.schemas import BothHalves
from auth.devices import device_of
from auth.endpoints import EntrancePage, language_of, site_of
from auth.red_button.pressing import PAGE
from auth.red_button.service import ANSWERED
from auth.renewals import SIGN_IN
from auth.secrets import LAST_COOKIE, session_cookie, set_cookie
from core.errors import Fault
from core.limits.policies import BREAK_GLASS
from core.settings import Settings
from core.text import Text, t
from core.web.bodies import read_form
from core.web.environment import render
from core.web.forms import build_form
from core.web.handlers import handler
from core.web.problems import StaleForm
from core.web.replies import page_reply, redirect

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.context import Ctx
    from core.web.incoming import Incoming

ADDRESS = "/t/{scope:str}/auth/break-glass"
FIELDS = BothHalves.__struct_fields__
LAST_SECONDS = 400 * 24 * 60 * 60
EMPTY = t("Fill this in.")
SLIP = t("This half was not typed as it is printed: compare it sign by sign.")
REFUSED = t("These two halves do not open this service.")


class BreakGlassEndpoints:
    """The handlers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def handlers(self) -> list[HTTPRouteHandler]:
        """Return what the application adds to its routes."""
        return [
            handler("GET", [ADDRESS], self.ask, "GET break-glass"),
            handler("POST", [ADDRESS], self.take, "POST break-glass"),
        ]

    async def ask(self, incoming: Incoming) -> ASGIResponse:
        """Ask for both halves; the page is the same whether or not the service has such an account."""
        return self._page(incoming, await self._context(incoming))

    async def take(self, incoming: Incoming) -> ASGIResponse:
        """Let in whoever has both halves. What was wrong is not said, but for a slip, which the half itself shows."""
        ctx = await self._context(incoming)
        if incoming.headers.get("sec-fetch-site") == "cross-site":
            raise StaleForm
        who = f"{ctx.scope.slug}/{incoming.network}"
        incoming.note_allowance(await site_of(incoming).limiter.allow(BREAK_GLASS, who))
        sent = dict(await read_form(incoming))
        typed = [sent.get(name, "").strip() for name in FIELDS]
        read = [read_half(text) for text in typed]
        faults = [
            Fault(f"/{name}", SLIP if text else EMPTY)
            for name, text, half in zip(FIELDS, typed, read, strict=True)
            if half is None
        ]
        first, second = read
        if first is None or second is None:
            return self._page(incoming, ctx, faults, status=422)
        cookie = session_cookie(ctx.scope.slug)
        secret = await enter(
            ctx,
            self._settings,
            (first, second),
            before=incoming.cookies.get(cookie),
            device=device_of(incoming.headers.get("user-agent", "")),
        )
        if secret is None:
            return self._page(incoming, ctx, refused=REFUSED, status=403)
        kept = [set_cookie(cookie, secret), set_cookie(LAST_COOKIE, ctx.scope.slug, seconds=LAST_SECONDS)]
        return redirect(f"/{ctx.language}/{ctx.scope.slug}{PAGE}", headers=[("set-cookie", one) for one in kept])

    async def _context(self, incoming: Incoming) -> Ctx:
        site = site_of(incoming)
        scope = await site.scope(incoming.params["scope"], ANSWERED)
        incoming.note_scope(scope)
        return site.context(scope, language_of(incoming), incoming.request_id, SIGN_IN)

    @staticmethod
    def _page(
        incoming: Incoming, ctx: Ctx, faults: Sequence[Fault] = (), *, refused: Text | None = None, status: int = 200
    ) -> ASGIResponse:
        """Answer the form. What was typed is not shown again: it stays in no page that a browser keeps."""
        site = site_of(incoming)
        address = f"{site.settings.address}/t/{ctx.scope.slug}/auth/break-glass"
        shell = EntrancePage(
            language=ctx.language,
            path="/",
            address=address,
            today=ctx.today,
            demonstration=site.settings.demonstration,
            version=site.version,
        )
        values = {
            "service": ctx.scope.name(ctx.language),
            "action": f"{address}?language={ctx.language}",
            "form": build_form(BothHalves, faults=faults),
            "refused": refused,
        }
        return page_reply(incoming, render("break_glass/enter.html", shell, values), status=status)
