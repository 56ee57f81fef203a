"""Use cases of the HR engine: whom to load, preview a file, apply or drop it, look at runs."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import insert, select

from core.documents.disposal import dispose
from core.documents.models import Document
from core.errors import Fault, Invalid, Refused
from core.events.notifications import packed, unpacked
from core.text import Text, t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.lifecycle import Step, move
from core.use_cases.output import shown
from core.use_cases.paging import cut
from core.use_cases.work import Work
from core.workforce.comparing import Comparison, Row, compare
from core.workforce.lifecycle import HR_LOAD, HR_READ, HR_SCOPE, OVER, RUN
from core.workforce.loading import PLUGIN, Loaded, read_file
from core.workforce.mapping import LABELS, employee_number
from core.workforce.models import HrRow, HrRun, HrSource
from core.workforce.register import bound
from core.workforce.schemas import (
    ListRuns,
    LoadIn,
    OfRun,
    RowOut,
    RunFile,
    RunList,
    RunOut,
    SourceIn,
    SourceOut,
)

PAGE = 100


@use_case(permission=HR_READ, input=ListRuns, output=RunList, reads=True)
async def list_runs(work: Work, data: ListRuns) -> RunList:
    """List the loads of worker files, the latest first, and whom the source may load."""
    query = select(HrRun).order_by(HrRun.id.desc())  # ids are made in order of time
    if data.after:
        query = query.where(HrRun.id < data.after)
    rows = (await work.session.execute(query.limit(data.limit + 1))).scalars().all()
    found = await work.session.scalar(select(HrSource).where(HrSource.plugin == PLUGIN))
    source = shown(SourceOut, found) if found else SourceOut(plugin=PLUGIN, scope="named", named=[], version=0)
    runs, following = cut([_run_out(row) for row in rows], data.limit)
    return RunList(runs, source, following)


@use_case(permission=HR_READ, input=OfRun, output=RunFile, reads=True)
async def get_run(work: Work, data: OfRun) -> RunFile:
    """Show a load: what it would do to whom, and each rejected line with its reason."""
    return await _run_file(work, await work.get(HrRun, data.id), data)


@use_case(permission=HR_SCOPE, input=SourceIn, output=SourceOut, backdated=NOW)
async def choose_scope(work: Work, data: SourceIn) -> SourceOut:
    """Say whom the source may load, before anybody is loaded."""
    source = await _source(work)
    work.check_version(source)
    lines = (data.named or "").replace(",", "\n").splitlines()
    named = sorted({number for number in map(employee_number, lines) if number})
    before = {"scope": source.scope, "named": len(source.named)}
    source.scope, source.named = data.scope, named
    await work.session.flush()
    after = {"scope": source.scope, "named": len(named)}
    await work.audit("hr_source.scope", ("hr_source", source.id), before=before, after=after)
    return shown(SourceOut, source)


@use_case(permission=HR_LOAD, input=LoadIn, output=RunFile, before=read_file, backdated=NOW)
async def preview_load(work: Work, data: LoadIn) -> RunFile:
    """Compare an uploaded worker file with the officers known, and show what it would do. Nothing is changed."""
    loaded: Loaded = work.decided
    source = await _source(work)
    document: Document = await work.get(Document, loaded.document_id)
    known = await bound().known(work)
    named = frozenset(source.named) if source.scope == "named" else None
    # Beside the event loop: a hundred thousand records take seconds, and others are served by the same process.
    found = await asyncio.to_thread(
        compare,
        loaded.records,
        known,
        ranks=await work.ctx.agencies.ranks(work.session),
        named=named,
        source_owns=await _owned(work, source),
        complete=loaded.complete and not loaded.rejected,
        on=work.on,
    )
    if found.unmapped:
        raise Invalid(
            [Fault("/document_id", t("No column holds this: %(field)s.", field=LABELS[one])) for one in found.unmapped]
        )
    run = HrRun(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        source_id=source.id,
        document_id=document.id,
        file_name=document.filename,
        state="braked" if found.braked else RUN.initial,
        counts=_counts(found, loaded) | {"dropped": found.dropped},
        braked=found.braked,
        started_by=work.ctx.actor.name,
        created_at=work.now,
    )
    work.session.add(run)
    await work.session.flush()
    await _stage(work, run, found.rows, loaded.rejected)
    run.digest = _digest(found.rows)
    await work.session.flush()
    after = {"file": document.filename, "digest": run.digest, **_counts(found, loaded)}
    await work.audit("hr_run.preview", ("hr_run", run.id), after=after)
    return await _run_file(work, run, OfRun(id=str(run.id)))


@use_case(permission=HR_LOAD, input=Step, output=RunFile, backdated=NOW)
async def move_run(work: Work, data: Step) -> RunFile:
    """Apply a previewed load, drop it, or allow one that the brake stopped."""
    run: HrRun = await work.get(HrRun, data.id)
    changes: dict[str, Any] = {}
    if data.step == "apply" and run.state == "previewed":
        changes = {"applied_at": work.now}
        await _apply(work, run)
    await move(work, run, RUN, data.step, reason=data.reason, changes=changes)
    if run.state in OVER and run.document_id is not None:
        # The file holds people outside the scope and columns that nobody mapped: nothing of it is kept.
        if await work.session.get(Document, (work.ctx.scope.id, run.document_id)):
            await dispose(work, run.document_id)
        run.document_id = None
        await work.session.flush()
    return await _run_file(work, run, OfRun(id=data.id))


async def _apply(work: Work, run: HrRun) -> None:
    """Apply every row of ``run`` that still holds; one that does not stops the whole, and nothing is saved."""
    register = bound()
    known = await register.known(work)
    query = select(HrRow).where(HrRow.run_id == run.id, HrRow.verdict.in_(("added", "changed", "missing")))
    for row in (await work.session.execute(query.order_by(HrRow.line))).scalars():
        current = known.get(row.employee_number)
        if row.verdict == "added":
            if current is not None:
                raise _outdated(row)
            values = {name: _typed(name, value) for name, value in row.values.items()}
            row.officer_id = await register.add(work, values, source=PLUGIN)
        elif current is None:
            raise _outdated(row)
        elif row.verdict == "changed":
            stale = [name for name, (old, _) in row.changes.items() if _plain(current[name]) != old]
            if stale:
                raise _outdated(row)
            changed = {name: _typed(name, new) for name, (_, new) in row.changes.items()}
            await register.change(work, current["id"], changed)
        else:
            await register.mark_missing(work, current["id"])
        row.applied_on = work.on
    await work.session.flush()
    await work.emit("workers_changed", ("hr_run", run.id))


def _outdated(row: HrRow) -> Refused:
    return Refused(
        t("%(number)s (line %(line)s) has changed since the preview.", number=row.employee_number, line=row.line),
        t("Upload the file again: the new preview takes it into account."),
    )


async def _source(work: Work) -> HrSource:
    found = await work.session.scalar(select(HrSource).where(HrSource.plugin == PLUGIN))
    if found is not None:
        return found
    made = HrSource(tenant_id=work.ctx.scope.id, id=work.new_id(), plugin=PLUGIN, named=[], created_at=work.now)
    work.session.add(made)
    await work.session.flush()
    return made


async def _owned(work: Work, source: HrSource) -> frozenset[str]:
    """Return the employee numbers that earlier loads of this source added or found."""
    query = (
        select(HrRow.employee_number)
        .join(HrRun, (HrRun.tenant_id == HrRow.tenant_id) & (HrRun.id == HrRow.run_id))
        .where(HrRun.source_id == source.id, HrRun.state == "applied", HrRow.verdict != "rejected")
        .distinct()
    )
    return frozenset((await work.session.execute(query)).scalars())


async def _stage(work: Work, run: HrRun, rows: list[Row], rejected: list[tuple[int, Text]]) -> None:
    unread = [Row(line=line, employee_number="", verdict="rejected", reasons=[reason]) for line, reason in rejected]
    values = [
        {
            "tenant_id": run.tenant_id,
            "id": work.new_id(),
            "run_id": run.id,
            "line": row.line,
            "employee_number": row.employee_number,
            "officer_id": row.officer_id,
            "verdict": row.verdict,
            "values": msgspec.to_builtins(row.values),
            "changes": row.changes,
            "reasons": packed(row.reasons),
        }
        for row in [*rows, *unread]
    ]
    for start in range(0, len(values), 1000):
        await work.session.execute(insert(HrRow), values[start : start + 1000])


async def _run_file(work: Work, run: HrRun, data: OfRun) -> RunFile:
    query = select(HrRow).where(HrRow.run_id == run.id).order_by(HrRow.line, HrRow.employee_number)
    query = query.where(HrRow.verdict == data.verdict if data.verdict else HrRow.verdict != "unchanged")
    rows = (await work.session.execute(query.offset(data.after).limit(PAGE + 1))).scalars().all()
    return RunFile(
        run=_run_out(run),
        rows=[_row_out(row) for row in rows[:PAGE]],
        next=data.after + PAGE if len(rows) > PAGE else None,
    )


def _row_out(row: HrRow) -> RowOut:
    name = f"{row.values.get('given_name', '')} {row.values.get('family_name', '')}".strip()
    return RowOut(
        line=row.line,
        employee_number=row.employee_number,
        verdict=row.verdict,
        name=name,
        changes=row.changes,
        reasons=unpacked(row.reasons),
    )


def _run_out(run: HrRun) -> RunOut:
    counts = {name: count for name, count in run.counts.items() if name != "dropped"}
    return shown(RunOut, run, counts=counts, dropped=run.counts.get("dropped", []))


def _counts(found: Comparison, loaded: Loaded) -> dict[str, Any]:
    counts = found.counts
    return counts | {"rejected": counts.get("rejected", 0) + len(loaded.rejected)}


def _digest(rows: list[Row]) -> str:
    return hashlib.sha256(msgspec.json.encode([(row.line, row.verdict, row.changes) for row in rows])).hexdigest()


def _typed(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "hire_date" and isinstance(value, str) else value


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
