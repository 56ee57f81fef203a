"""Worker records from a file, written back; costs by the day. Written for contingent 1.0, never changed."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import time
from typing import Annotated, Literal

import msgspec

from contingent import (
    ClaimLine,
    ConnectionStep,
    Ctx,
    Event,
    HrRecord,
    Manifest,
    Officer,
    Period,
    Receipt,
    Rejected,
    RejectedRecord,
    Run,
    Source,
    SourcePage,
    Task,
    Tour,
    field,
    hookimpl,
    t,
)


class Settings(msgspec.Struct, frozen=True):
    daily: Annotated[int, field(t("Cents a day"), least=0, most=1_000_000)] = 12_000
    separator: Annotated[Literal[",", ";"], field(t("Separator"), choices={",": t("Comma"), ";": t("Semicolon")})] = ","


manifest = Manifest(
    name="old_records",
    version="1.0",
    title={"en": "Records of old", "fr": "Dossiers d’autrefois"},
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"files"}),
    data_classes=frozenset({"public", "agency"}),
    store_fields={"unit": "text", "seen": "date"},
)


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep]:
    there = source.upload is not None
    return [ConnectionStep(title={"en": "A file is there", "fr": "Un fichier est là"}, done=there)]


@hookimpl
async def hr_fetch(ctx: Ctx, source: Source, cursor: str | None) -> AsyncIterator[SourcePage]:
    if source.upload is None:
        raise Rejected({"en": "There is no file.", "fr": "Il n’y a pas de fichier."})
    file = await ctx.files.open(source.upload)
    header, *rows = csv.reader(io.StringIO(file.content.decode()), delimiter=ctx.settings.separator)
    whole = [(number, row) for number, row in enumerate(rows, start=2) if len(row) == len(header)]
    short = [number for number, row in enumerate(rows, start=2) if len(row) != len(header)]
    yield SourcePage(
        columns={name: [row[place] or None for _, row in whole] for place, name in enumerate(header)},
        lines=[number for number, _ in whole],
        rejected=[RejectedRecord(line=one, reason={"en": "Too short", "fr": "Trop court"}) for one in short],
        complete=True,
    )


@hookimpl
async def hr_write_back(ctx: Ctx, record: HrRecord) -> Receipt:
    if record.withdrawn:
        raise Rejected({"en": "It is kept.", "fr": "Il est conservé."}, final=True)
    await ctx.store.put(f"record/{record.key}", {"kind": record.kind, "revision": record.revision})
    return Receipt(reference=f"{record.kind}-{record.revision}", at=ctx.clock.now())


@hookimpl
async def officer_changed(ctx: Ctx, event: Event, officer: Officer) -> None:
    await ctx.store.put(f"officer/{officer.id}", {"unit": officer.unit, "seen": event.on.isoformat()})
    ctx.log.info("an officer changed", band=officer.band)


@hookimpl
async def claim_lines(ctx: Ctx, tour: Tour, period: Period) -> list[ClaimLine]:
    first, last = max(tour.start, period.first), min(tour.end, period.last)
    days = (last - first).days + 1
    if days < 1:
        return []
    return [
        ClaimLine(
            key="salary",
            category="salary",
            title={"en": "Salary", "fr": "Salaire"},
            first=first,
            last=last,
            quantity=days,
            unit="day",
            amount_cents=days * ctx.settings.daily,
            rate_cents=ctx.settings.daily,
        )
    ]


@hookimpl
def scheduled_tasks(ctx: Ctx) -> list[Task]:
    return [Task(key="count", title={"en": "Count", "fr": "Compter"}, daily_at=time(4, 30))]


@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    found = await ctx.store.find("unit", prefix="H")
    await ctx.store.put("count", {"found": len(found), "due": run.due.isoformat()})
