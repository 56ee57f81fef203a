"""Writing audit lines and looks, in the transaction of what they tell about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert

from core.audit.chain import LINE, LOOK
from core.audit.models import AuditLine, AuditPending, Look
from core.context import Assurance
from core.database.tables import Base, DataClass
from core.database.writing import Writing
from core.ids import new_id

Subject = tuple[str, UUID]

WITHHELD = "withheld"
"""The key of what stands for a value that the log must not hold: ``{"withheld": "health"}``."""

_CLOSED = (DataClass.HEALTH, DataClass.SECRET)


async def record(
    writing: Writing,
    action: str,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    behalf_of: UUID | None = None,
    plugin: tuple[str, str] | None = None,
    assurance: Assurance | None = None,
) -> UUID:
    """Write the audit line of one change and return its id.

    ``subject`` is its kind (the table's name) and id; ``behalf_of`` the seat a delegate acts
    for; ``plugin`` the name and version of the plugin whose answer led here; ``assurance`` how and
    when the actor had proved who they are, where a rule asked for it. Values of columns classed
    ``health`` or ``secret`` are replaced by a mark that says so.
    """
    ctx, kind = writing.ctx, subject[0]
    id = new_id(ctx.clock)
    line = insert(AuditLine).values(
        tenant_id=ctx.scope.id,
        id=id,
        at=writing.now,
        on_day=writing.on,
        seat_id=ctx.actor.id,
        behalf_of=behalf_of,
        actor_name=ctx.actor.name,
        actor_kind=ctx.actor.kind,
        action=action,
        subject_kind=kind,
        subject_id=subject[1],
        before=_tellable(kind, before),
        after=_tellable(kind, after),
        reason=(reason or "").strip() or None,
        request_id=ctx.request_id,
        plugin=plugin[0] if plugin else ctx.plugin,
        plugin_version=plugin[1] if plugin else None,
        assurance=None if assurance is None else msgspec.to_builtins(assurance),
    )
    await writing.session.execute(line.add_cte(_pending(ctx.scope.id, LINE, id)))
    return id


async def record_look(
    writing: Writing,
    tenant: UUID,
    subject: tuple[str, UUID | None],
    purpose: str,
    fields: Sequence[str],
    *,
    by: str | None = None,
) -> UUID:
    """Write that the caller was shown ``fields`` of ``tenant``'s people, and return the row's id.

    One row per request and agency: ``subject`` is a kind and the id where one file was opened,
    or ``None`` where a list of them was. ``purpose`` is a stable word such as ``selection``. ``by``
    names who was, where the caller showed it to somebody else.
    """
    ctx = writing.ctx
    id = new_id(ctx.clock)
    look = insert(Look).values(
        tenant_id=tenant,
        id=id,
        at=writing.now,
        by_scope=ctx.scope.id,
        by_seat=ctx.actor.id,
        by_name=by or ctx.actor.name,
        purpose=purpose,
        subject_kind=subject[0],
        subject_id=subject[1],
        fields=sorted(fields),
        request_id=ctx.request_id,
    )
    await writing.session.execute(look.add_cte(_pending(tenant, LOOK, id)))
    return id


async def record_looks(
    writing: Writing, tenants: Iterable[UUID], kind: str, purpose: str, fields: Sequence[str]
) -> None:
    """Write one look for each service whose people the caller was shown in a list of ``kind``; none at one's own."""
    for tenant in sorted(set(tenants) - {writing.ctx.scope.id}):
        await record_look(writing, tenant, (kind, None), purpose, fields)


def _pending(tenant: UUID, row_kind: str, row_id: UUID) -> Any:
    return insert(AuditPending).values(tenant_id=tenant, row_kind=row_kind, row_id=row_id).cte("pending")


def _tellable(kind: str, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    told: dict[str, Any] = {}
    for name, value in values.items():
        closed = closed_class(kind, name)
        told[name] = {WITHHELD: closed.value} if closed else msgspec.to_builtins(value, enc_hook=str)
    return told


@cache
def closed_class(kind: str, name: str) -> DataClass | None:
    """Return ``HEALTH`` or ``SECRET`` if the log may not hold values called ``name`` of such a subject.

    A name that is not a column of the subject's table is withheld if any table closes it: a
    use case that tells of a related row must not open what that row's table keeps.
    """
    tables = Base.metadata.tables
    if kind in tables and name in tables[kind].columns:
        own: DataClass = tables[kind].columns[name].info["class"]
        return own if own in _CLOSED else None
    for table in tables.values():
        if name in table.columns and table.columns[name].info["class"] in _CLOSED:
            found: DataClass = table.columns[name].info["class"]
            return found
    return None
