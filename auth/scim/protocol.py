"""SCIM 2.0 (RFC 7644) as ``scim2-server`` speaks it, and where we differ from its defaults.

Loads pydantic: import this only where a SCIM request is answered.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

from scim2_models import Context, Resource, ResponseParameters
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from auth.scim.asking import StorageOnLoop
from auth.scim.description import describe
from auth.scim.storage import Storage
from core.use_cases.work import Work


class Service(ScimService):
    """The protocol; a PATCH is answered 200 with the whole resource, as identity teams expect to see it."""

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """Return the changed resource rather than 204."""
        published = self.publish(base_url, resource)
        return self.resource_response(published, Context.RESOURCE_REPLACEMENT_RESPONSE, response_parameters)


SERVICE = Service(describe())
THREADS = ThreadPoolExecutor(4, thread_name_prefix="scim")
"""In which the protocol is worked: a group of 30,000 takes seconds, in which the loop answers everybody else."""


def only_reads(request: ScimRequest) -> bool:
    """Say whether a request changes nothing: a search may come as a POST."""
    return request.method == "GET" or request.path.endswith("/.search")


async def handle(work: Work, request: ScimRequest) -> ScimResponse:
    """Answer one request in ``work``'s transaction. Raises ``SCIMException``: then nothing may be kept."""
    loop = asyncio.get_running_loop()
    storage = StorageOnLoop(Storage(work, writes=not only_reads(request)), loop)
    try:
        answering = partial(copy_context().run, ScimHandler(SERVICE, storage).handle, request)
        return await loop.run_in_executor(THREADS, answering)
    finally:
        await storage.close()
