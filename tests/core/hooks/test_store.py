"""``ctx.store``: the same in the process and on PostgreSQL, and nobody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from contingent import StoreRefused
from core.context import Ctx
from core.database.sessions import tenant_session
from core.hooks import store as limits
from core.hooks.database_records import DatabaseRecords, SystemWriting
from core.hooks.manifest import Manifest
from core.hooks.memory import MemoryRecords
from core.hooks.records import Records
from core.hooks.registry import Plugin
from core.hooks.service import enable
from core.hooks.store import Store, after_prefix
from tests.core.hooks.workshop import manifest
from tests.platform import Platform

KEEPER = manifest("keeper", store_fields={"name": "text", "size": "int", "day": "date"})

Opened = Callable[..., Awaitable[Store]]


async def switch_on(ctx: Ctx, of: Manifest) -> None:
    async with tenant_session(ctx) as session:
        await enable(SystemWriting(ctx, session, ctx.today, ctx.clock.now()), Plugin(of, object(), frozenset()))


@pytest.fixture(params=["memory", "database"])
async def opened(request: pytest.FixtureRequest, platform: Platform) -> Opened:
    records: Records = MemoryRecords() if request.param == "memory" else DatabaseRecords()
    contexts: dict[str, Ctx] = {}

    async def store(tenant: str = "one", of: Manifest = KEEPER, *, writable: bool = True) -> Store:
        if tenant not in contexts:
            contexts[tenant] = platform.ctx(await platform.agency())
        if isinstance(records, DatabaseRecords):
            await switch_on(contexts[tenant], of)
        return records.store(contexts[tenant], of, writable=writable)

    return store


async def test_a_document_is_read_as_it_was_written(opened: Opened) -> None:
    store = await opened()
    assert await store.get("a") is None
    await store.put("a", {"name": "Ébène", "deep": {"list": [1, None, True]}, "day": date(2026, 1, 2)})
    assert await store.get("a") == {"name": "Ébène", "deep": {"list": [1, None, True]}, "day": "2026-01-02"}
    await store.put("a", {"name": "other"})
    assert await store.get("a") == {"name": "other"}
    await store.delete("a")
    await store.delete("a")
    assert await store.get("a") is None
    assert await store.find() == []


async def test_documents_are_one_tenants_and_one_plugins(opened: Opened) -> None:
    mine, theirs, others = await opened("one"), await opened("two"), await opened("one", manifest("other_one"))
    await mine.put("a", {"name": "mine"})
    assert await theirs.get("a") is None
    assert await theirs.find() == []
    assert await others.get("a") is None
    await theirs.put("a", {"name": "theirs"})
    await others.delete("a")
    assert await mine.get("a") == {"name": "mine"}


async def test_documents_are_found_by_one_declared_field(opened: Opened) -> None:
    store = await opened()
    for key, name, size, day in [
        ("k1", "Roy", 3, "2026-01-01"),
        ("k2", "Royer", 1, "2026-03-01"),
        ("k3", "Rivard", 2, "2026-02-01"),
        ("k4", "roy", 2, None),
    ]:
        await store.put(key, {"name": name, "size": size, "day": day})

    async def keys(*args: Any, **more: Any) -> list[str]:
        return [found.key for found in await store.find(*args, **more)]

    assert await keys("name", equals="Roy") == ["k1"]
    assert await keys("name", prefix="Ro") == ["k1", "k2"]
    assert await keys("name") == ["k3", "k1", "k2", "k4"]
    assert await keys("size", at_least=2) == ["k3", "k4", "k1"]
    assert await keys("size", at_least=1, below=2) == ["k2"]
    assert await keys("size", equals=2) == ["k3", "k4"]
    assert await keys("day", below=date(2026, 2, 2)) == ["k1", "k3"]
    assert await keys("day") == ["k1", "k3", "k2"]
    assert await keys(prefix="k", limit=3) == ["k1", "k2", "k3"]
    assert await keys(equals="k2") == ["k2"]
    assert (await store.find("name", equals="Roy"))[0].value["size"] == 3
    await store.put("k1", {"name": "Renamed"})
    assert await keys("name", equals="Roy") == []
    assert await keys("size", equals=3) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"field": "colour"},
        {"field": "size", "equals": "3"},
        {"field": "size", "prefix": "3"},
        {"field": "name", "equals": "a", "prefix": "a"},
        {"field": "name", "equals": "a\0"},
        {"field": "day", "equals": "2026-01-01"},
        {"field": "size", "equals": True},
    ],
)
async def test_a_search_for_what_is_not_declared_is_refused(opened: Opened, bad: dict[str, Any]) -> None:
    with pytest.raises(StoreRefused):
        await (await opened()).find(**bad)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", {}),
        ("k" * 201, {}),
        ("a\0b", {}),
        ("a", {"text": "\0"}),
        ("a", {"big": "x" * limits.LARGEST_DOCUMENT}),
        ("a", {"thing": object()}),
        ("a", [1, 2]),
        ("a", {"size": "three"}),
        ("a", {"size": True}),
        ("a", {"name": 3}),
        ("a", {"day": "soon"}),
        ("a", {"text": "\ud800"}),
    ],
)
async def test_what_cannot_be_kept_is_refused_and_nothing_is_written(opened: Opened, key: str, value: Any) -> None:
    store = await opened()
    with pytest.raises(StoreRefused):
        await store.put(key, value)
    assert await store.find() == []


async def test_a_hook_that_decides_may_only_read(opened: Opened) -> None:
    await (await opened()).put("a", {"name": "kept"})
    store = await opened(writable=False)
    assert await store.get("a") == {"name": "kept"}
    with pytest.raises(StoreRefused, match="only read"):
        await store.put("a", {})
    with pytest.raises(StoreRefused, match="only read"):
        await store.delete("a")


async def test_a_full_store_takes_no_new_document_but_still_changes_old_ones(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_DOCUMENTS", 2)
    store = await opened()
    await store.put("a", {})
    await store.put("b", {})
    with pytest.raises(StoreRefused, match="full"):
        await store.put("c", {})
    await store.put("b", {"name": "changed"})
    await store.delete("a")
    await store.put("c", {})


def test_the_end_of_a_prefix_is_the_next_text() -> None:
    assert after_prefix("ab") == "ac"
    assert after_prefix("a\U0010ffff") == "b"
    assert after_prefix("\ud7ff") == "\ue000"
    assert after_prefix("\U0010ffff") is None


async def test_a_search_by_field_walks_the_index_inside_the_wall(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    await switch_on(ctx, KEEPER)
    store = DatabaseRecords().store(ctx, KEEPER, writable=True)
    for number in range(30):
        await store.put(f"k{number:03}", {"name": f"name {number:03}"})
    query = """explain select key from plugin_document_field
        where tenant_id = :tenant and plugin = 'keeper' and field = 'name'
        and as_text >= 'name 00' and as_text < 'name 01' order by as_text, key limit 10"""
    async with tenant_session(ctx) as session:
        await session.execute(text("set local enable_seqscan = off"))
        await session.execute(text("set local enable_bitmapscan = off"))
        rows = await session.execute(text(query), {"tenant": ctx.scope.id})
        plan = "\n".join(row[0] for row in rows)
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "as_text >= 'name 00'" in condition, plan
    assert "as_text < 'name 01'" in condition, plan
