"""The plugins' log: what they wrote and where they failed, for whoever keeps it running."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from sqlalchemy import Text as SqlText
from sqlalchemy import cast, or_, select

from core.extensions.lifecycle import PLUGIN_LOG
from core.hooks.models import PluginLine
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.fields import field
from core.use_cases.output import shown
from core.use_cases.paging import AT_ONCE, MOST, cut
from core.use_cases.periods import within
from core.use_cases.work import Work


class ListPluginLines(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines. ``start`` and ``end`` are civil days, both included; ``after`` a cursor."""

    plugin: Annotated[str, field(t("Plugin"), widget="choice", longest=40)] | None = None
    text: Annotated[str, field(t("Text"), longest=100)] | None = None
    level: Annotated[str, field(t("Level"), widget="choice", longest=20)] | None = None
    hook: Annotated[str, field(t("Hook"), widget="choice", longest=60)] | None = None
    start: Annotated[date, field(t("From"), widget="date")] | None = None
    end: Annotated[date, field(t("Until"), widget="date")] | None = None
    after: Annotated[UUID, field(t("After"), widget="hidden")] | None = None
    limit: Annotated[int, field(t("Rows"), widget="hidden", least=1, most=MOST)] = AT_ONCE


class PluginLineOut(msgspec.Struct, frozen=True, kw_only=True):
    """One line. ``cause``: why it failed, where the line is a failure; ``message`` is then its kind and place."""

    id: UUID
    at: datetime
    plugin: str
    plugin_version: str
    hook: str
    level: str
    cause: str | None
    message: str
    fields: dict[str, Any]
    request_id: str


class PluginLineList(msgspec.Struct, frozen=True):
    """Lines, the latest first; ``next`` is the cursor of those before them."""

    lines: list[PluginLineOut]
    next: UUID | None


@use_case(permission=PLUGIN_LOG, input=ListPluginLines, output=PluginLineList, reads=True)
async def list_plugin_lines(work: Work, data: ListPluginLines) -> PluginLineList:
    """Search what plugins wrote into their log and where they failed, the latest first."""
    scope = work.ctx.scope
    query = select(PluginLine).where(PluginLine.tenant_id == scope.id)
    if data.plugin:
        query = query.where(PluginLine.plugin == data.plugin)
    if data.text:
        texts = (PluginLine.message, PluginLine.request_id, PluginLine.cause, cast(PluginLine.fields, SqlText))
        query = query.where(or_(*(text.icontains(data.text, autoescape=True) for text in texts)))
    if data.level:
        query = query.where(PluginLine.level == data.level)
    if data.hook:
        query = query.where(PluginLine.hook == data.hook)
    query = query.where(*within(PluginLine, scope.zone, data.start, data.end))
    if data.after:
        query = query.where(PluginLine.id < data.after)
    found = (await work.session.scalars(query.order_by(PluginLine.id.desc()).limit(data.limit + 1))).all()
    return PluginLineList(*cut([shown(PluginLineOut, row) for row in found], data.limit))
