"""The address of an agency's directory, ``/t/{scope}/scim/v2``: translation between HTTP and SCIM.

``scim2-server`` and pydantic are loaded with the first request that carries a valid token, so that
processes which no directory calls stay small.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import DBAPIError

from auth.callers import TOKEN, stale
from auth.endpoints import site_of
from auth.renewals import Renewals
from auth.scim.leniency import eased
from auth.tokens import bearer_token
from core.clock import Clock
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.errors import ContingentError, Invalid, NotFound, Unauthenticated, Unavailable
from core.limits.policies import DIRECTORY, FAILED_TOKEN
from core.text import t
from core.tokens import digest
from core.use_cases.execution import PASSING
from core.use_cases.work import Work
from core.web import request_log
from core.web.handlers import handler
from core.web.i18n import say
from core.web.languages import preferred
from core.web.problems import Internal, headers_of, problem_of
from core.web.replies import reply

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse
    from scim2_server.responses import ScimResponse
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.web.incoming import Incoming

BASE = "/t/{scope:str}/scim/v2"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LONGEST_BODY = 2**20
CONTENT_TYPE = "Content-Type"
ATTEMPTS = 3
"""How often a transaction is begun that the database breaks off for the sake of another."""


class ScimEndpoints:
    """The handlers."""

    def __init__(self, clock: Clock, renewals: Renewals) -> None:
        self._clock = clock
        self._renewals = renewals

    def handlers(self) -> list[HTTPRouteHandler]:
        """Return what the application adds to its routes."""
        return [handler(method, [BASE, f"{BASE}/{{path:path}}"], self.answer, f"{method} SCIM") for method in METHODS]

    async def answer(self, incoming: Incoming) -> ASGIResponse:
        """Answer one request of a directory; whatever refuses it is told as SCIM tells errors (RFC 7644, 3.12)."""
        try:
            return await self._counted(incoming)
        except Exception as error:  # noqa: BLE001 - whatever it is, a directory reads nothing but SCIM
            refused = problem_of(error)
            if refused is not error and refused.status >= Internal.status:
                request_log.failed(incoming, error, site_of(incoming).settings.demonstration)
            return _refusal(incoming, refused)

    async def _counted(self, incoming: Incoming) -> ASGIResponse:
        """Count every refused token for its address, whatever was wrong with it: guessing has an end."""
        try:
            return await self._answer(incoming)
        except Unauthenticated:
            incoming.note_allowance(await site_of(incoming).limiter.allow(FAILED_TOKEN, incoming.network))
            raise

    async def _answer(self, incoming: Incoming) -> ASGIResponse:
        site = site_of(incoming)
        ctx, secret = await self._context(incoming)
        async with tenant_session(ctx, read_only=True) as session:
            token = await self._token(session, ctx, secret)
        incoming.note_allowance(await site.limiter.allow(DIRECTORY, f"{ctx.scope.slug}/{token.id}"))
        body = await asyncio.to_thread(eased, await incoming.body(LONGEST_BODY))
        # Only from here on: what is imported takes 0.3 seconds and 30 MB.
        from scim2_models import SCIMException  # noqa: PLC0415 - heavy, and few requests need it
        from scim2_server.requests import ScimRequest  # noqa: PLC0415 - loaded only where it is needed

        from auth.scim.protocol import SERVICE, handle, only_reads  # noqa: PLC0415 - loaded only where it is needed

        request = ScimRequest(
            method=incoming.method,
            base_url=site.settings.address + BASE.replace("{scope:str}", ctx.scope.slug),
            path=incoming.params.get("path", "/"),
            query=dict(incoming.query),
            headers=incoming.headers,
            body=body,
        )
        for _ in range(ATTEMPTS):
            try:
                async with tenant_session(ctx, read_only=only_reads(request)) as session:
                    # Again: the body may have taken its time, and the token may have ended meanwhile.
                    actor = await self._token(session, ctx, secret)
                    work = Work(ctx.acting_as(actor), session, ctx.today, ctx.clock.now())
                    answer = await handle(work, request)
                return _reply(incoming, answer)
            except SCIMException as refused:
                return _reply(incoming, SERVICE.error_response(refused))
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in PASSING:
                    raise
        raise Unavailable(t("Other changes came at the same moment, and nothing was saved. Send this one again."))

    async def _context(self, incoming: Incoming) -> tuple[Ctx, str]:
        """Return the context of the agency in the address, and the token's secret, if the token is written for it."""
        site = site_of(incoming)
        found = bearer_token(incoming.headers.get("authorization", ""))
        if found is None or found[0] != incoming.params["scope"]:
            raise _not_let_in()
        try:
            scope = await site.scope(found[0])
        except NotFound:
            raise _not_let_in() from None
        incoming.note_scope(scope)
        ctx = site.context(scope, preferred(incoming.headers.get("accept-language")), incoming.request_id)
        return ctx, found[1]

    async def _token(self, session: AsyncSession, ctx: Ctx, secret: str) -> Actor:
        """Return who acts. Raises ``Unauthenticated``, always the same, unless the token is a directory's and lasts."""
        now = self._clock.now()
        rows = await TOKEN.rows(session, scope=ctx.scope.id, secret=digest(secret), kind="scim")
        if not rows or not rows[0].works(now):
            raise _not_let_in()
        if stale(rows[0].last_used_at, now):
            self._renewals.token(ctx.scope, rows[0].id)
        return Actor(id=rows[0].account_id, name=rows[0].name, kind="token")


def _not_let_in() -> Unauthenticated:
    return Unauthenticated(t("Send, as a bearer token, the token that this agency’s directory was given."))


def _reply(incoming: Incoming, response: ScimResponse) -> ASGIResponse:
    headers = [(name.lower(), value) for name, value in response.headers.items() if name != CONTENT_TYPE]
    body = b"" if response.body is None else msgspec.json.encode(response.body)
    return reply(
        incoming, body, MEDIA_TYPE, status=int(response.status), headers=[("cache-control", "no-store"), *headers]
    )


def _refusal(incoming: Incoming, refused: ContingentError) -> ASGIResponse:
    language = preferred(incoming.headers.get("accept-language"))
    faults = [one.text for one in refused.faults] if isinstance(refused, Invalid) else []
    status = 400 if faults else refused.status
    told = {
        "schemas": [ERROR],
        "status": str(status),
        "detail": " ".join(say(one, language) for one in faults or (refused.text, refused.remedy) if one is not None),
    }
    if faults:
        told["scimType"] = "invalidValue"
    headers = [("cache-control", "no-store"), ("content-language", language), *headers_of(refused).items()]
    return reply(incoming, msgspec.json.encode(told), MEDIA_TYPE, status=status, headers=headers)
