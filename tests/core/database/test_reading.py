"""The short way reads what the long way reads, behind the same wall."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from core.context import Scope
from core.database.reading import Reading
from core.database.sessions import tenant_session
from core.ids import new_id
from core.workforce.models import HrSource
from tests.platform import NOW, Platform


class Source(msgspec.Struct):
    id: UUID
    plugin: str
    scope: str
    named: list[str]


COLUMNS = (HrSource.id, HrSource.plugin, HrSource.scope, HrSource.named)
ALL = Reading(select(*COLUMNS).order_by(HrSource.plugin).limit(10), Source)
BY_PLUGIN = Reading(select(*COLUMNS).where(HrSource.plugin == bindparam("plugin")), Source)
BY_ID = Reading(select(*COLUMNS).where(HrSource.id == any_(bindparam("ids", type_=ARRAY(Uuid())))), Source)


async def add(platform: Platform, scope: Scope, plugin: str) -> UUID:
    key = new_id(platform.clock)
    async with tenant_session(platform.ctx(scope)) as session:
        session.add(HrSource(tenant_id=scope.id, id=key, plugin=plugin, named=["1001", "é"], created_at=NOW))
    return key


async def test_rows_come_as_structs(platform: Platform) -> None:
    scope = await platform.agency()
    key = await add(platform, scope, "hr_file")
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        assert await ALL.rows(session) == [Source(key, "hr_file", "named", ["1001", "é"])]
        assert await BY_PLUGIN.rows(session, plugin="other") == []
        assert [row.id for row in await BY_ID.rows(session, ids=[key])] == [key]


async def test_it_sees_no_other_scope_s_rows(platform: Platform) -> None:
    scope, other = await platform.agency(), await platform.agency()
    key = await add(platform, other, "hr_file")
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        assert await ALL.rows(session) == []
        assert await BY_ID.rows(session, ids=[key]) == []


async def test_it_sees_what_the_session_has_written(platform: Platform) -> None:
    scope = await platform.agency()
    async with tenant_session(platform.ctx(scope)) as session:
        session.add(HrSource(tenant_id=scope.id, id=new_id(platform.clock), plugin="new", named=[], created_at=NOW))
        assert len(await BY_PLUGIN.rows(session, plugin="new")) == 1


async def test_an_unknown_parameter_is_refused(platform: Platform) -> None:
    async with tenant_session(platform.ctx(await platform.agency())) as session:
        with pytest.raises(TypeError, match="colour"):
            await BY_PLUGIN.rows(session, colour="red")


def test_what_cannot_be_compiled_once_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="ANY"):
        Reading(select(*COLUMNS).where(HrSource.id.in_([UUID(int=1)])), Source)

    class Short(msgspec.Struct):
        day: date

    with pytest.raises(ValueError, match="1 fields for 4 columns"):
        Reading(select(*COLUMNS), Short)
