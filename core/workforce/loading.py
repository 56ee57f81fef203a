"""Reading a source through its plugin, with no transaction open; what is out of scope is never stored."""

from __future__ import annotations

from contextlib import aclosing
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault, Invalid, Refused
from core.hooks.answers import PluginFailed
from core.hooks.marking import Rejected
from core.hooks.specs import hr_fetch
from core.hooks.titles import with_title
from core.hooks.types import Source
from core.text import Text, t
from core.workforce.comparing import Record
from core.workforce.models import HrSource
from core.workforce.schemas import LoadIn

PLUGIN = "hr_file"
MOST_RECORDS = 250_000


class Loaded(msgspec.Struct, frozen=True):
    """What a plugin read: records in the source's own columns, and those it could not read."""

    plugin: str
    document_id: UUID
    records: list[Record]
    rejected: list[tuple[int, Text]]
    complete: bool


async def read_file(ctx: Ctx, data: LoadIn) -> Loaded:
    """Read an uploaded worker file: the ``before`` of previewing a load."""
    try:
        document_id = UUID(data.document_id)
    except ValueError:
        raise Invalid([Fault("/document_id", t("Choose a file."))]) from None
    async with tenant_session(ctx, read_only=True) as session:
        source_id = await session.scalar(select(HrSource.id).where(HrSource.plugin == PLUGIN))
    source = Source(id=source_id or document_id, upload=document_id)
    records: list[Record] = []
    rejected: list[tuple[int, Text]] = []
    complete = False
    try:
        async with aclosing(ctx.hooks.stream(PLUGIN, hr_fetch, source=source, cursor=None)) as pages:
            async for page in pages:
                lines = page.lines or range(len(records) + 2, len(records) + 2 + page.rows)
                names = list(page.columns)
                rows = zip(*page.columns.values(), strict=True)
                records += [
                    Record(line, dict(zip(names, row, strict=True))) for line, row in zip(lines, rows, strict=True)
                ]
                rejected += [(one.line, Text(one.reason[ctx.language])) for one in page.rejected]
                complete = page.complete
                if len(records) > MOST_RECORDS:
                    raise Invalid(
                        [Fault("/document_id", t("A file holds at most %(most)s people.", most=MOST_RECORDS))]
                    )
    except Rejected as refusal:
        raise Invalid([Fault("/document_id", Text(refusal.reason[ctx.language]))]) from None
    except PluginFailed as failed:
        said = with_title(ctx, failed.failure.text)
        raise Refused(said, t("An administrator sees why on the page of plugins.")) from None
    if not records and not rejected:
        raise Invalid([Fault("/document_id", t("The file has no rows below its heading."))])
    return Loaded(PLUGIN, document_id, records, rejected, complete)
