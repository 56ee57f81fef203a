"""What a plugin keeps is exported, then erased: all of it, only it, and never what the export does not hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contingent import Ctx, Secret, StoreRefused, field, t
from core.database.rooms import load_models
from core.database.sessions import tenant_session
from core.database.tables import Base
from core.errors import Conflict, NotFound
from core.events.models import ChannelAddress, ChannelCodes
from core.hooks import models, removal, service, standing
from core.hooks.answers import Failure
from core.hooks.consent import Asks, read_asks
from core.hooks.database_records import DatabaseRecords, SystemWriting
from core.hooks.measuring import Counted, Measured
from core.hooks.models import PluginEnablement, PluginRemoval
from core.hooks.records import Line, Notes, Opening
from core.hooks.registry import Plugin
from core.ids import new_id
from core.secret import made_of
from tests.core.hooks.workshop import manifest
from tests.platform import Platform

OF_OTHERS = {"approval_case", "audit_line", "chain_provider", "hr_entry", "hr_keeper", "hr_source", "milestone"}
"""Tables of what is the service's own, which name the plugin that had a part in it."""
SEALED = "Zürich-77-marker"


class Settings(msgspec.Struct, frozen=True):
    days: Annotated[int, field(t("Days"))] = 30
    password: Annotated[Secret, field(t("Password"))] | None = None


class Plain(msgspec.Struct, frozen=True):
    """The same, of a version that took the password for a setting like any other."""

    days: Annotated[int, field(t("Days"))] = 30
    password: Annotated[str, field(t("Password"))] = ""


MANIFEST = manifest("keeper", settings=Settings, store_fields={"name": "text"})
KEEPER = Plugin(MANIFEST, object(), frozenset())
OTHER = Plugin(manifest("other_keeper", settings=Settings, store_fields={"name": "text"}), object(), frozenset())


@asynccontextmanager
async def writing(ctx: Ctx) -> AsyncIterator[SystemWriting]:
    async with tenant_session(ctx) as session:
        yield SystemWriting(ctx, session, ctx.today, ctx.clock.now())


async def keep(ctx: Ctx, plugin: Plugin, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Have a plugin switched on, with a secret, a failure and these documents, and off again."""
    async with writing(ctx) as work:
        await service.enable(work, plugin)
        await service.configure(work, plugin, Settings(7), {"password": made_of(SEALED)})
    records = DatabaseRecords()
    await records.failed(ctx, [(Failure(ctx.scope.id, plugin.name, "findings", "raised"), 1)])
    store = records.store(ctx, plugin.manifest, writable=True)
    for key, document in documents.items():
        await store.put(key, document)
    async with writing(ctx) as work:
        await service.disable(work, plugin.name)


async def export(
    ctx: Ctx, plugin: str = "keeper", struct: type[msgspec.Struct] = Settings
) -> tuple[PluginRemoval, bytes]:
    async with tenant_session(ctx, read_only=True) as session:
        measured = await removal.measure(session, ctx.scope, plugin, struct)
    content = b"".join([line async for line in removal.write_out(ctx, plugin, struct, measured)])
    async with writing(ctx) as work:
        row = PluginRemoval(
            tenant_id=ctx.scope.id,
            id=new_id(ctx.clock),
            plugin=plugin,
            plugin_version="1.0",
            document_id=new_id(ctx.clock),
            exported_at=work.now,
            exported_by=ctx.actor.id,
            exported_by_name=ctx.actor.name,
            **msgspec.structs.asdict(measured),
        )
        work.session.add(row)
    return row, content


async def erase(ctx: Ctx, row: PluginRemoval) -> bool:
    async with writing(ctx) as work:
        return await removal.erase(work, await work.session.merge(row), Settings)


async def rows(ctx: Ctx, plugin: str) -> dict[str, int]:
    """Return how many rows of the plugin the scope has, by table."""
    found = {}
    async with tenant_session(ctx, read_only=True) as session:
        for table in removal.ERASED:
            count = select(func.count()).select_from(table).filter_by(tenant_id=ctx.scope.id, plugin=plugin)
            found[table.__tablename__] = await session.scalar(count) or 0
    return found


async def row_of(ctx: Ctx, plugin: str = "keeper") -> PluginEnablement:
    async with tenant_session(ctx, read_only=True) as session:
        row = await standing.look_up(session, ctx.scope, plugin)
    assert row is not None
    return row


@pytest.fixture
async def ctx(platform: Platform) -> Ctx:
    return platform.ctx(await platform.agency(), name="Dominique Cyr")


def test_every_table_of_plugins_is_erased_or_named_as_what_stays() -> None:
    load_models()
    of_plugins = {
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__module__ == models.__name__ and "plugin" in mapper.local_table.columns
    }
    here = of_plugins - removal.ELSEWHERE.keys()
    assert here == set(removal.ERASED) | removal.LEFT, "say in core/hooks/removal.py whether it is erased"
    elsewhere = {
        mapper.class_
        for mapper in Base.registry.mappers
        if "plugin" in mapper.local_table.columns
        and mapper.class_ not in here
        and mapper.class_.__tablename__ not in OF_OTHERS
    }
    assert elsewhere == removal.ELSEWHERE.keys() - {ChannelAddress, ChannelCodes}, (
        "say whether it is erased (core.hooks.removal.keeps)"
    )


async def test_what_is_exported_is_erased_with_secrets_and_index_and_nothing_else(platform: Platform, ctx: Ctx) -> None:
    other = platform.ctx(await platform.agency())
    documents = {f"k{number}": {"name": f"n{number}", "number": number} for number in range(3)}
    await keep(ctx, KEEPER, documents)
    await keep(ctx, OTHER, documents)
    await keep(other, KEEPER, documents)
    whole = {
        "plugin_document_field": 3,
        "plugin_document": 3,
        "plugin_secret": 1,
        "plugin_difference": 2,
        "plugin_failure": 1,
        "plugin_line": 0,
        "plugin_opening": 0,
        "plugin_run": 0,
        "plugin_timing": 0,
    }
    assert await rows(ctx, "keeper") == whole
    row, content = await export(ctx)
    heading, settings_line, *lines = map(json.loads, content.splitlines())
    assert heading["settings"] == 1
    assert heading["documents"] == 3
    assert heading["secrets_left_out"] == ["password"]
    assert heading["sha256"] == row.sha256 == hashlib.sha256(content.split(b"\n", 1)[1]).hexdigest()
    assert settings_line == {"settings": {"days": 7}}
    assert {line["key"]: line["document"] for line in lines} == documents
    assert SEALED.encode() not in content
    assert await erase(ctx, row)
    assert await rows(ctx, "keeper") == dict.fromkeys(whole, 0)
    assert await rows(ctx, "other_keeper") == whole
    assert await rows(other, "keeper") == whole
    left = await row_of(ctx)
    assert (left.state, left.settings) == ("removed", {})
    async with tenant_session(ctx) as session:
        (receipt,) = await removal.removals(session, ctx.scope, "keeper")
        assert (receipt.secrets, receipt.documents, receipt.fields, receipt.failures) == (1, 3, 3, 1)
        assert (receipt.erased_by_name, receipt.erased_at) == ("Dominique Cyr", ctx.clock.now())
        actions = [change.row.action for change in await standing.history(session, ctx.scope, "keeper")]
    assert actions == ["remove", "disable", "configure", "enable"]


async def test_no_value_of_a_setting_is_left_in_the_history_of_what_was_removed(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {})
    async with writing(ctx) as work:
        await service.configure(work, KEEPER, Settings(8), {"password": made_of(f"{SEALED}-2")})
        before = [change.difference for change in await standing.history(work.session, ctx.scope, "keeper")]
    assert before[0] == {"days": [7, 8], "password": {"secret": [True, True]}}
    assert SEALED not in str(before), "of a secret nothing was ever there"
    row, _ = await export(ctx)
    assert await erase(ctx, row)
    async with tenant_session(ctx, read_only=True) as session:
        left = await standing.history(session, ctx.scope, "keeper")
    assert [change.row.action for change in left] == ["remove", "configure", "disable", "configure", "enable"]
    assert {change.row.actor_name for change in left} == {"Dominique Cyr"}
    assert [dict(change.difference) for change in left] == [{}] * 5


async def test_what_an_older_version_kept_as_a_setting_is_in_no_history_once_it_is_a_secret(ctx: Ctx) -> None:
    older = Plugin(manifest("keeper", settings=Plain), object(), frozenset())
    async with writing(ctx) as work:
        await service.enable(work, older, Plain(7, "opensesame-old"))
        difference = await service.configure(work, KEEPER, Settings(7), {"password": made_of(SEALED)})
        row = await service.find(work, "keeper")
    assert difference == {"password": {"secret": [False, True]}}
    assert row.settings == {"days": 7}
    async with writing(ctx) as work:
        await service.enable(work, older, Plain(9, "opensesame-old"))
        await service.configure(work, KEEPER, Settings(9))
        latest, *_ = await standing.history(work.session, ctx.scope, "keeper")
        assert (await service.find(work, "keeper")).settings == {"days": 9}
    assert "opensesame" not in str(latest.difference)


async def test_what_an_older_version_kept_as_a_setting_is_in_no_export_once_it_is_a_secret(ctx: Ctx) -> None:
    older = Plugin(manifest("keeper", settings=Plain), object(), frozenset())
    async with writing(ctx) as work:
        await service.enable(work, older, Plain(7, "opensesame-old"))
        await service.disable(work, "keeper")
    before, content = await export(ctx, struct=Plain)
    assert b"opensesame-old" in content, "it was a setting like any other"
    assert not await erase(ctx, before), "the file holds what is none of the settings by now"
    row, content = await export(ctx)
    heading, settings_line = map(json.loads, content.splitlines())
    assert settings_line == {"settings": {"days": 7}}
    assert (heading["settings"], heading["secrets_left_out"]) == (1, ["password"])
    assert b"opensesame" not in content
    async with tenant_session(ctx, read_only=True) as session:
        kept = await removal.count_kept(session, ctx.scope, "keeper", Settings)
    assert (kept.settings, kept.secrets) == (1, 0)
    assert await erase(ctx, row)
    assert (await row_of(ctx)).settings == {}


async def test_what_came_after_the_export_is_not_erased(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {"a": {"name": "old"}})
    row, _ = await export(ctx)
    await keep(ctx, KEEPER, {"a": {"name": "new"}})
    before = await rows(ctx, "keeper")
    assert not await erase(ctx, row)
    assert await rows(ctx, "keeper") == before
    again, content = await export(ctx)
    assert b'"new"' in content
    assert await erase(ctx, again)


async def test_nothing_is_erased_of_a_plugin_that_is_on(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {"a": {"name": "kept"}})
    row, _ = await export(ctx)
    async with writing(ctx) as work:
        await service.enable(work, KEEPER)
    assert not await erase(ctx, row)
    assert (await rows(ctx, "keeper"))["plugin_document"] == 1


async def test_a_file_that_changes_while_it_is_written_is_none(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {"a": {"name": "old"}})
    async with tenant_session(ctx, read_only=True) as session:
        measured = await removal.measure(session, ctx.scope, "keeper", Settings)
    lines = removal.write_out(ctx, "keeper", Settings, measured)
    await anext(lines)
    await keep(ctx, KEEPER, {"b": {"name": "new"}})
    with pytest.raises(Conflict):
        [line async for line in lines]


async def test_a_call_that_outlives_its_plugin_keeps_nothing(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {"a": {"name": "kept"}})
    store = DatabaseRecords().store(ctx, MANIFEST, writable=True)
    for work in (store.put("b", {"name": "late"}), store.put("a", {"name": "late"}), store.delete("a")):
        with pytest.raises(StoreRefused, match="not switched on"):
            await work
    assert await store.get("a") == {"name": "kept"}
    row, _ = await export(ctx)
    assert await erase(ctx, row)
    with pytest.raises(StoreRefused, match="not switched on"):
        await store.put("b", {})


async def test_what_is_written_down_late_of_a_plugin_that_was_removed_is_kept_no_more(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {})
    await keep(ctx, OTHER, {})
    row, _ = await export(ctx)
    assert await erase(ctx, row)
    records = DatabaseRecords()
    for name, left in (("keeper", 0), ("other_keeper", 1)):
        line = Line(name, "1.0", "findings", "info", None, "…", {}, "", ctx.clock.now())
        opening = Opening(name, "findings", "raised", suspended=False, at=ctx.clock.now())
        measured = Measured(Counted(ctx.scope.id, name, "1.0", "findings"), {0: 1})
        await records.noted(ctx, Notes([measured], [opening], [line]))
        await records.failed(ctx, [(Failure(ctx.scope.id, name, "findings", "raised"), 1)])
        found = await rows(ctx, name)
        late = ("plugin_failure", "plugin_line", "plugin_opening", "plugin_run", "plugin_timing")
        assert [found[table] for table in late] == [left] * len(late)


async def test_a_consent_does_not_outlast_removal(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        await service.enable(work, KEEPER, consented=Asks(frozenset({"files"})))
    await keep(ctx, KEEPER, {})
    assert (await row_of(ctx)).consented_by_name == "Dominique Cyr"
    row, _ = await export(ctx)
    assert await erase(ctx, row)
    left = await row_of(ctx)
    assert (left.consented, left.consented_at, left.consented_by_name) == ({}, None, None)


async def test_who_consents_to_nothing_consents_to_no_more_than_that(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        await service.enable(work, KEEPER, consented=Asks(frozenset({"files"})))
        await service.disable(work, "keeper")
        await service.enable(work, KEEPER, consented=Asks())
    assert not read_asks((await row_of(ctx)).consented)


async def test_what_was_removed_begins_anew(ctx: Ctx) -> None:
    await keep(ctx, KEEPER, {})
    row, _ = await export(ctx)
    assert await erase(ctx, row)
    async with writing(ctx) as work:
        with pytest.raises(NotFound):
            await service.configure(work, KEEPER, Settings(9), {"password": made_of(SEALED)})
        await service.disable(work, "keeper")
    assert (await row_of(ctx)).state == "removed"
    async with writing(ctx) as work:
        await service.enable(work, KEEPER)
    assert (await row_of(ctx)).settings == {"days": 30}
    assert (await rows(ctx, "keeper"))["plugin_secret"] == 0


LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text("aé\n", max_size=3), one))
DOCUMENTS = st.dictionaries(
    st.text("abcé/", min_size=1, max_size=4),
    st.dictionaries(st.text("xyz", max_size=3), VALUES, max_size=3),
    max_size=5,
)


@settings(max_examples=20)
@given(documents=DOCUMENTS, at_once=st.integers(1, 3))
async def test_any_documents_come_out_as_they_went_in(
    platform: Platform, documents: dict[str, dict[str, Any]], at_once: int
) -> None:
    ctx = platform.ctx(await platform.agency())
    kept = {key: value for key, value in documents.items() if "\\u0000" not in json.dumps(value)}
    await keep(ctx, KEEPER, kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(removal, "AT_ONCE", at_once)
        row, content = await export(ctx)
    _, _, *lines = map(json.loads, content.decode().removesuffix("\n").split("\n"))
    assert {line["key"]: line["document"] for line in lines} == kept
    assert await erase(ctx, row)
    assert set((await rows(ctx, "keeper")).values()) == {0}
