"""The storage as the protocol's threads ask it: they wait, and what touches the database is done on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from scim2_models import Resource, ResourceType, ResponseParameters, SearchRequest
from scim2_server.storage import ScimStorage, SearchPage

from auth.scim.storage import Storage

Found = TypeVar("Found")


class StorageOnLoop(ScimStorage):
    """Hands each call of one thread to ``storage``, on ``loop``, until it is closed there."""

    def __init__(self, storage: Storage, loop: asyncio.AbstractEventLoop) -> None:
        self._storage = storage
        self._loop = loop
        self._busy = asyncio.Lock()
        self._asked: Future[Any] | None = None
        self._closed = False

    async def close(self) -> None:
        """Let a thread that nobody waits for any more touch the session no more; return once it does not."""
        self._closed = True
        if self._asked is not None:
            self._asked.cancel()
        async with self._busy:
            pass

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return a resource."""
        return self._ask(self._storage.get(resource_type, resource_id, response_parameters=response_parameters))

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """Return one page of what matches."""
        return self._ask(self._storage.search(resource_types, search_request, position=position))

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Keep a new resource."""
        return self._ask(self._storage.create(resource_type, resource))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """Replace a resource."""
        return self._ask(self._storage.update(resource_type, resource, expected_version=expected_version))

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """Forget a resource."""
        return self._ask(self._storage.delete(resource_type, resource_id, expected_version=expected_version))

    def _ask(self, asked: Coroutine[Any, Any, Found]) -> Found:
        waiting = asyncio.run_coroutine_threadsafe(self._done(asked), self._loop)
        self._asked = waiting
        return waiting.result()

    async def _done(self, asked: Coroutine[Any, Any, Found]) -> Found:
        async with self._busy:
            if self._closed:
                asked.close()
                raise CancelledError
            return await asked
