"""The outermost layer of every request: its number, the host it names, the headers all answers have, its log line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse

from core.limits.limiter import headers_of
from core.web import request_log
from core.web.handlers import error_reply
from core.web.incoming import Incoming
from core.web.metrics import Metrics
from core.web.problems import WrongHost
from core.web.protection import POLICY, SECURITY_HEADERS, TRANSPORT_HEADER
from core.web.replies import redirect

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

    from core.web.site import Site

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
UNMATCHED = "(no route)"
_POLICY_HEADER = (b"content-security-policy", POLICY.encode())


class Edge:
    """Wraps the whole application, so that also what no route answers is numbered, guarded, logged and counted."""

    def __init__(self, app: ASGIApp, site: Site, metrics: Metrics) -> None:
        self.app = app
        self.site = site
        self.metrics = metrics
        self.host = (urlsplit(site.settings.address).hostname or "localhost").lower()
        self.headers = [*SECURITY_HEADERS, *([TRANSPORT_HEADER] if site.secure else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        # The server's own copy keeps its method: by it the server knows that an answer has no body.
        request: Any = {**scope, "method": "GET" if head else scope["method"]}
        request_id = request["request_id"] = os.urandom(8).hex()
        started = self.site.clock.monotonic()
        status = 500

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._completed(message["headers"], request, request_id)
            elif head:
                message = {**message, "body": b""}
            await send(message)

        self.metrics.open_requests += 1
        try:
            await self._guarded(request, receive, sending)
        finally:
            self.metrics.open_requests -= 1
            seconds = self.site.clock.monotonic() - started
            route = self._route(request)
            scope_id = request.get("log_scope")
            self.metrics.note(route, status, seconds)
            request_log.written(request_id, None if scope_id is None else str(scope_id), route, status, seconds * 1000)

    async def _guarded(self, scope: Scope, receive: Receive, send: Any) -> None:
        """Answer even where the error page itself fails, unless an answer has begun already."""
        begun = False

        async def sending(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except Exception as error:
            request_log.failed(Incoming(scope, receive, {}, self.site), error, self.site.settings.demonstration)
            if begun:
                raise
            body = b"Something failed on our side. / Une erreur s'est produite de notre c\xc3\xb4t\xc3\xa9."
            await ASGIResponse(body=body, status_code=500, media_type="text/plain")(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Any) -> None:
        host = self._named_host(scope)
        incoming = Incoming(scope, receive, {}, self.site)
        if host != self.host and host not in LOOPBACK:
            await error_reply(self.site, incoming, WrongHost())(scope, receive, send)
        elif host != self.host and self._belongs_elsewhere(incoming):
            query = scope["query_string"].decode("latin-1")
            address = self.site.settings.address + incoming.path + (f"?{query}" if query else "")
            await redirect(address, status=307)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _belongs_elsewhere(self, incoming: Incoming) -> bool:
        """Say whether a page was asked for under a bare address, where signing in cannot work."""
        first = incoming.path.split("/", 2)[1] if "/" in incoming.path else ""
        return incoming.method == "GET" and first in ("", "en", "fr")

    def _completed(self, headers: Any, request: Any, request_id: str) -> list[tuple[bytes, bytes]]:
        sent = [*headers, *self.headers, (b"x-request-id", request_id.encode())]
        allowance = request.get("allowance")
        if allowance is not None:
            sent += [(name.encode(), value.encode()) for name, value in headers_of(allowance)]
        if not any(name == b"content-security-policy" for name, _ in sent):
            sent.append(_POLICY_HEADER)
        return sent

    @staticmethod
    def _named_host(scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
                return host if host.endswith("]") else host.rpartition(":")[0] or host
        return ""

    @staticmethod
    def _route(request: Any) -> str:
        if "log_route" in request:
            return str(request["log_route"])
        matched = request.get("route_handler")
        return getattr(matched, "name", None) or request.get("path_template") or UNMATCHED
