"""Serving the static files: from memory, packed once, for ever under an address that names their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.response.base import ASGIResponse

from core.errors import NotFound
from core.web.assets import CACHE_CONTROL, PREFIX, by_address
from core.web.handlers import handler
from core.web.replies import takes_gzip

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from core.web.incoming import Incoming


def static_handler() -> HTTPRouteHandler:
    """Return the handler of ``/static/``."""
    return handler("GET", [PREFIX + "{name:str}"], serve, "GET /static")


async def serve(incoming: Incoming) -> ASGIResponse:
    """Answer with a static file. Raises ``NotFound``."""
    found = by_address().get(incoming.params["name"])
    if found is None:
        raise NotFound
    headers = [("content-type", found.media_type), ("cache-control", CACHE_CONTROL), ("vary", "Accept-Encoding")]
    body = found.body
    if takes_gzip(incoming):
        body = found.packed
        headers.append(("content-encoding", "gzip"))
    return ASGIResponse(body=body, headers=headers, media_type=found.media_type)
