"""``ctx.store`` on PostgreSQL. Each call is a transaction of its own in the tenant's session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx
from core.database.sessions import tenant_session
from core.hooks.manifest import Manifest
from core.hooks.models import PluginDocument, PluginDocumentField, PluginEnablement
from core.hooks.store import (
    Document,
    Query,
    StoreRefused,
    Value,
    check_key,
    check_query,
    check_room,
    check_writable,
    decode,
    encode,
    indexed,
)

_COLUMNS: Mapping[str, str] = {"text": "as_text", "int": "as_int", "date": "as_date"}
"""By the kind that the manifest declares a field as."""


class DatabaseStore:
    """The documents of one plugin in one tenant."""

    def __init__(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> None:
        # Names that a plugin does not reach by accident; in-process code cannot be confined.
        self.__ctx = ctx
        self.__manifest = manifest
        self.__writable = writable

    async def get(self, key: str) -> dict[str, Any] | None:
        check_key(key)
        async with tenant_session(self.__ctx, read_only=True) as session:
            return await session.scalar(select(PluginDocument.document).filter_by(**self.__owner, key=key))

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        check_key(key)
        document = decode(encode(value))
        check_writable(writable=self.__writable)
        fields = indexed(self.__manifest, document)
        now = self.__ctx.clock.now()
        write = insert(PluginDocument).values(**self.__owner, key=key, document=document, written_at=now)
        write = write.on_conflict_do_update(
            index_elements=["tenant_id", "plugin", "key"],
            set_={"document": write.excluded.document, "written_at": write.excluded.written_at},
        )
        async with tenant_session(self.__ctx) as session:
            await self.__hold(session)
            known = await session.scalar(select(PluginDocument.key).filter_by(**self.__owner, key=key))
            if known is None:
                held = await session.scalar(select(func.count()).select_from(PluginDocument).filter_by(**self.__owner))
                check_room(held or 0)
            await session.execute(write)
            await session.execute(delete(PluginDocumentField).filter_by(**self.__owner, key=key))
            for name, given in fields.items():
                row = {**self.__owner, "key": key, "field": name, self.__column(name): given}
                await session.execute(insert(PluginDocumentField).values(row))

    async def delete(self, key: str) -> None:
        check_key(key)
        check_writable(writable=self.__writable)
        async with tenant_session(self.__ctx) as session:
            await self.__hold(session)
            await session.execute(delete(PluginDocumentField).filter_by(**self.__owner, key=key))
            await session.execute(delete(PluginDocument).filter_by(**self.__owner, key=key))

    async def find(
        self,
        field: str | None = None,
        *,
        equals: Value | None = None,
        prefix: str | None = None,
        at_least: Value | None = None,
        below: Value | None = None,
        limit: int = 100,
    ) -> list[Document]:
        query = check_query(
            self.__manifest, field, equals=equals, prefix=prefix, at_least=at_least, below=below, limit=limit
        )
        statement = select(PluginDocument.key, PluginDocument.document).filter_by(**self.__owner)
        if query.field is None:
            statement = _within(statement, PluginDocument.key, query).order_by(PluginDocument.key)
        else:
            column = getattr(PluginDocumentField, self.__column(query.field))
            statement = statement.join(
                PluginDocumentField,
                (PluginDocumentField.tenant_id == PluginDocument.tenant_id)
                & (PluginDocumentField.plugin == PluginDocument.plugin)
                & (PluginDocumentField.key == PluginDocument.key),
            ).where(
                PluginDocumentField.tenant_id == self.__ctx.scope.id,
                PluginDocumentField.plugin == self.__manifest.name,
                PluginDocumentField.field == query.field,
            )
            statement = _within(statement, column, query).order_by(column, PluginDocumentField.key)
        async with tenant_session(self.__ctx, read_only=True) as session:
            rows = await session.execute(statement.limit(query.limit))
            return [Document(key, document) for key, document in rows]

    def __column(self, field: str) -> str:
        return _COLUMNS[self.__manifest.store_fields[field]]

    async def __hold(self, session: AsyncSession) -> None:
        """Keep the plugin switched on until the transaction ends; raise ``StoreRefused`` if it is not.

        A call may go on after its plugin was switched off. What it then wrote would come after the export and
        the erasure of all that the plugin keeps.
        """
        on = select(PluginEnablement.plugin).filter_by(**self.__owner, state="enabled")
        if await session.scalar(on.with_for_update(key_share=True, read=True)) is None:
            raise StoreRefused("the plugin is not switched on: it keeps nothing more")

    @property
    def __owner(self) -> dict[str, Any]:
        return {"tenant_id": self.__ctx.scope.id, "plugin": self.__manifest.name}


def _within(statement: Any, column: Any, query: Query) -> Any:
    if query.low is not None:
        statement = statement.where(column >= query.low)
    if query.high is not None:
        statement = statement.where(column <= query.high if query.inclusive else column < query.high)
    return statement
