"""The library's own rules for a storage, on PostgreSQL: each call in a transaction of a fresh agency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from scim2_models import Resource, ResourceType, ScimProvider
from scim2_server.storage import AsyncScimStorage, SearchPage
from scim2_server.testing import AsyncScimStorageContract, BlockingStorage

from auth.scim.description import describe
from auth.scim.storage import Storage
from core.database import embedded
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.database.target import Target
from core.settings import Settings
from core.use_cases.work import Work
from tests.platform import Platform, found


class EachInItsTransaction(AsyncScimStorage):
    """Opens a transaction for each call, as the endpoint does for each request."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.agency: Any = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Storage]:
        self.agency = self.agency or await self.platform.agency()
        ctx = self.platform.ctx(self.agency)
        async with tenant_session(ctx) as session:
            yield Storage(Work(ctx, session, ctx.today, ctx.clock.now()))

    async def get(
        self, resource_type: ResourceType, resource_id: str, *, response_parameters: Any = None
    ) -> Resource[Any]:
        async with self.opened() as storage:
            return await storage.get(resource_type, resource_id, response_parameters=response_parameters)

    async def search(
        self, resource_types: list[ResourceType], search_request: Any, *, position: Any = None
    ) -> SearchPage:
        async with self.opened() as storage:
            return await storage.search(resource_types, search_request, position=position)

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        async with self.opened() as storage:
            return await storage.create(resource_type, resource)

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        async with self.opened() as storage:
            return await storage.update(resource_type, resource, expected_version=expected_version)

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        async with self.opened() as storage:
            await storage.delete(resource_type, resource_id, expected_version=expected_version)


class TestTheLibrarysContract(AsyncScimStorageContract):
    """Run on a loop of its own, with engines of its own: the suite's tests are not coroutines."""

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return describe()

    @pytest.fixture
    def storage(self, target: Target, server: embedded.Server) -> Iterator[BlockingStorage]:
        with asyncio.Runner() as runner:
            database = Database(target, Settings(data_folder=server.folder))
            platform = runner.run(found(database))
            yield BlockingStorage(EachInItsTransaction(platform), runner)
            runner.run(database.close())

    # Pages are announced by number alone: what the suite asks of cursors is not ours to answer.
    test_cursor_pages_every_resource_once: Any = None
    test_cursor_pages_in_sort_order: Any = None
    test_cursor_pages_equal_sort_values_once: Any = None
    test_cursor_pages_back: Any = None
    test_cursor_gives_stable_pages_when_a_resource_of_the_page_is_deleted: Any = None
    test_cursor_gives_stable_pages_when_a_resource_is_created: Any = None
    test_cursor_pages_back_after_a_deletion: Any = None
    test_cursor_with_count_zero: Any = None
    test_cursor_at_the_root: Any = None
