"""What a plugin keeps for a scope: written out as lines, counted and digested, and erased.

A file begins with a manifest, one line of JSON: how many of what there are, and the SHA-256 of the lines after it.
The next line holds the settings, each one after it a document. Secrets are in none of them, nor what an older version
kept as a setting and the one that is there by now (``struct``: of its settings) takes for a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from sqlalchemy import CursorResult, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.database.writing import Writing
from core.errors import Conflict
from core.hooks.models import (
    PluginAllowance,
    PluginChange,
    PluginDifference,
    PluginDocument,
    PluginDocumentField,
    PluginEnablement,
    PluginFailure,
    PluginLine,
    PluginOpening,
    PluginRemoval,
    PluginRun,
    PluginSecret,
    PluginStanding,
    PluginStop,
    PluginTiming,
)
from core.hooks.service import find, mark_removed
from core.hooks.settings_values import Struct, found_at, secret_paths, without_secrets
from core.hooks.standing import look_up

FORMAT = "contingent plugin data 1"
"""The first member of the manifest."""
AT_ONCE = 100
"""Documents that are read at once: 6 MB at most."""

ERASED: tuple[Any, ...] = (
    PluginDocumentField,
    PluginDocument,
    PluginSecret,
    PluginDifference,
    PluginFailure,
    PluginLine,
    PluginOpening,
    PluginTiming,
    PluginRun,
)
"""What is erased, in this order; the settings are emptied besides."""
LEFT: frozenset[Any] = frozenset(
    {PluginEnablement, PluginStanding, PluginStop, PluginAllowance, PluginChange, PluginRemoval}
)
"""What stays: the state, what is stopped or allowed, who changed something and when, and the receipts."""
ELSEWHERE: dict[Any, str] = {}
"""What later rooms keep for a plugin and is erased, too: the table, and the column that names the plugin."""


def keeps(table: Any, column: str = "plugin") -> None:
    """Let the rows of ``table`` be erased with the plugin that ``column`` names."""
    ELSEWHERE[table] = column


class Kept(msgspec.Struct, frozen=True):
    """How much a plugin keeps. ``secrets`` are not among what ``sha256`` (hex) digests."""

    settings: int
    secrets: int
    documents: int


class Measured(msgspec.Struct, frozen=True):
    """The counts and the digest of a plugin's lines."""

    settings: int
    documents: int
    sha256: str


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a file."""

    format: str = FORMAT
    plugin: str
    version: str
    scope: str
    made_at: str
    settings: int
    documents: int
    secrets_left_out: list[str]
    sha256: str


async def count_kept(session: AsyncSession, scope: Scope, plugin: str, struct: Struct | None) -> Kept:
    """Return how much the plugin keeps for the scope."""
    row = await look_up(session, scope, plugin)
    settings = without_secrets(struct, row.settings) if row else {}
    counts = [
        await session.scalar(select(func.count()).select_from(table).filter_by(tenant_id=scope.id, plugin=plugin))
        for table in (PluginSecret, PluginDocument)
    ]
    return Kept(len(settings), *[found or 0 for found in counts])


async def measure(session: AsyncSession, scope: Scope, plugin: str, struct: Struct | None) -> Measured:
    """Count and digest what would be written out now."""
    row = await look_up(session, scope, plugin)
    settings = without_secrets(struct, row.settings) if row else {}
    digest, documents, after = hashlib.sha256(_settings_line(settings)), 0, ""
    while batch := await _documents(session, scope, plugin, after):
        for line in map(_line, batch):
            digest.update(line)
        documents, after = documents + len(batch), batch[-1]["key"]
    return Measured(len(settings), documents, digest.hexdigest())


async def write_out(ctx: Ctx, plugin: str, struct: Struct | None, measured: Measured) -> AsyncIterator[bytes]:
    """Yield the file by lines, with no transaction open between; raise ``Conflict`` if it is not as ``measured``."""
    async with tenant_session(ctx, read_only=True) as session:
        row = await look_up(session, ctx.scope, plugin)
        sealed = select(PluginSecret.field).filter_by(tenant_id=ctx.scope.id, plugin=plugin)
        left_out = set(await session.scalars(sealed))
    if row is None:
        raise Conflict
    left_out |= {path for path in secret_paths(struct) if found_at(row.settings, path)[1] is not None}
    heading = Heading(
        plugin=plugin,
        version=row.plugin_version,
        scope=ctx.scope.slug,
        made_at=ctx.clock.now().isoformat(timespec="seconds"),
        settings=measured.settings,
        documents=measured.documents,
        secrets_left_out=sorted(left_out),
        sha256=measured.sha256,
    )
    yield msgspec.json.encode(heading) + b"\n"
    settings = _settings_line(without_secrets(struct, row.settings))
    digest, after = hashlib.sha256(settings), ""
    yield settings
    while True:
        async with tenant_session(ctx, read_only=True) as session:
            batch = await _documents(session, ctx.scope, plugin, after)
        if not batch:
            break
        for line in map(_line, batch):
            digest.update(line)
            yield line
        after = batch[-1]["key"]
    if digest.hexdigest() != measured.sha256:
        raise Conflict


async def erase(writing: Writing, removal: PluginRemoval, struct: Struct | None) -> bool:
    """Erase what the plugin keeps and complete the receipt; return whether what there is was what was exported.

    If it is not, or if the plugin is not switched off, nothing is erased.
    """
    scope, session = writing.ctx.scope, writing.session
    row = await find(writing, removal.plugin)  # locked: nothing is kept for a plugin from here on
    if row.state != "disabled":
        return False
    now = await measure(session, scope, removal.plugin, struct)
    if now.sha256 != removal.sha256:
        return False
    gone = {}
    for table, column in {**ELSEWHERE, **dict.fromkeys(ERASED, "plugin")}.items():
        of_scope, *_ = table.__table__.primary_key.columns  # the scope comes first in every key
        removed: CursorResult[Any] = await session.execute(  # type: ignore[assignment] # what a DELETE returns
            delete(table).where(of_scope == scope.id, getattr(table, column) == removal.plugin)
        )
        gone[_name(table)] = removed.rowcount
    await mark_removed(writing, row)
    removal.erased_at, removal.erased_by = writing.now, writing.ctx.actor.id
    removal.erased_by_name = writing.ctx.actor.name
    removal.secrets, removal.fields = gone[_name(PluginSecret)], gone[_name(PluginDocumentField)]
    removal.failures = gone[_name(PluginFailure)]
    await session.flush()
    return True


async def removals(session: AsyncSession, scope: Scope, plugin: str) -> list[PluginRemoval]:
    """Return the exports and receipts of the plugin in the scope, the latest first."""
    found = select(PluginRemoval).where(PluginRemoval.tenant_id == scope.id, PluginRemoval.plugin == plugin)
    return list(await session.scalars(found.order_by(PluginRemoval.exported_at.desc(), PluginRemoval.id.desc())))


async def _documents(session: AsyncSession, scope: Scope, plugin: str, after: str) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(PluginDocument.key, PluginDocument.written_at, PluginDocument.document)
        .where(PluginDocument.tenant_id == scope.id, PluginDocument.plugin == plugin, PluginDocument.key > after)
        .order_by(PluginDocument.key)
        .limit(AT_ONCE)
    )
    return [{"key": key, "written_at": at, "document": document} for key, at, document in rows]


def _settings_line(settings: dict[str, Any]) -> bytes:
    return _line({"settings": settings})


def _line(content: dict[str, Any]) -> bytes:
    return msgspec.json.encode(content, order="deterministic") + b"\n"


def _name(table: Any) -> str:
    assert isinstance(table.__table__, Table)
    return table.__table__.name
