"""Running a use case on a real database: permission, one transaction, retries, conflicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.models import AuditLine, Look
from core.audit.recording import record_look
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.documents.models import Document, DocumentChunk
from core.errors import Conflict, Forbidden, NotFound, Refused, StepUpNeeded, Unavailable
from core.text import t
from core.use_cases.declaration import DECLARED, ById, Nothing, use_case
from core.use_cases.execution import execute
from core.use_cases.step_up import APPROVE
from core.use_cases.work import Work
from tests.platform import Platform

RENAME = "tested.rename"
meddling: list[Ctx] = []
"""Contexts of others who change the row between its reading and its writing, one an attempt."""


class Rename(msgspec.Struct, frozen=True):
    id: str
    name: str


@use_case(permission=RENAME, input=Rename, output=Nothing)
async def rename(work: Work, data: Rename) -> Nothing:
    """Give a document another name."""
    row = await work.get(Document, data.id)
    work.check_version(row)
    if meddling:
        await meddle(meddling.pop(), row.id)
    row.filename = data.name
    await work.audit("document.rename", ("document", row.id), after={"filename": data.name})
    if data.name == "forbidden":
        raise Refused(t("Not this one."), t("Choose another."))
    return Nothing()


@use_case(permission=RENAME, input=Nothing, output=Nothing)
async def change_in_silence(work: Work, data: Nothing) -> Nothing:
    """Change something without a line in the log."""
    return Nothing()


@use_case(permission=RENAME, input=ById, output=Nothing, reads=True)
async def change_while_reading(work: Work, data: ById) -> Nothing:
    """Say that it reads, and write."""
    (await work.get(Document, data.id)).filename = "changed"
    return Nothing()


@use_case(permission=RENAME, input=ById, output=Nothing, scopes={"program"}, looks={"program"})
async def look(work: Work, data: ById) -> Nothing:
    """Read something whose reading is recorded."""
    await record_look(work, UUID(data.id), ("nomination", None), "selection", ["name"])
    return Nothing()


@use_case(permission=RENAME, input=ById, output=Nothing)
async def add_twice(work: Work, data: ById) -> Nothing:
    """Add a row that is there already, or that belongs to nothing."""
    await work.audit("document.add", ("document", UUID(data.id)))
    sealed: dict[str, Any] = {"tenant_id": work.ctx.scope.id, "document_id": UUID(data.id), "sealed": b""}
    work.session.add(DocumentChunk(number=0, **sealed))
    await work.session.flush()
    return Nothing()


for made in (rename, change_in_silence, change_while_reading, look, add_twice):
    del DECLARED[made.key]  # nobody's use cases: the matrix of permissions must not find them


async def meddle(ctx: Ctx, id: UUID) -> None:
    async with tenant_session(ctx) as session:
        mine = update(Document).where(Document.tenant_id == ctx.scope.id, Document.id == id)
        await session.execute(mine.values(version=Document.version + 1))


async def document(ctx: Ctx, *, chunk: bool = False) -> UUID:
    id = uuid4()
    async with tenant_session(ctx) as session:
        session.add(
            Document(
                tenant_id=ctx.scope.id,
                id=id,
                filename="old",
                media_type="text/plain",
                purpose="evidence",
                uploaded_by=ctx.actor.id,
                created_at=ctx.clock.now(),
            )
        )
        await session.flush()
        if chunk:
            session.add(DocumentChunk(tenant_id=ctx.scope.id, document_id=id, number=0, sealed=b""))
    return id


async def name_of(ctx: Ctx, id: UUID) -> str:
    async with tenant_session(ctx, read_only=True) as session:
        return str(await session.scalar(select(Document.filename).where(Document.id == id)))


async def lines_of(ctx: Ctx) -> list[str]:
    async with tenant_session(ctx, read_only=True) as session:
        return list((await session.scalars(select(AuditLine.action))).all())


async def test_a_change_and_its_line_are_one(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    id = await document(ctx)
    assert await execute(rename, ctx, Rename(str(id), "new")) == Nothing()
    assert (await name_of(ctx, id), await lines_of(ctx)) == ("new", ["document.rename"])
    with pytest.raises(Refused):
        await execute(rename, ctx, Rename(str(id), "forbidden"))
    assert (await name_of(ctx, id), await lines_of(ctx)) == ("new", ["document.rename"])


async def test_without_the_permission_or_in_another_kind_of_scope_nothing_runs(platform: Platform) -> None:
    agency = await platform.agency()
    with pytest.raises(Forbidden):
        await execute(rename, platform.ctx(agency, "tested.other"), Rename(str(uuid4()), "new"))
    with pytest.raises(NotFound):
        await execute(rename, platform.ctx(platform.program, RENAME), Rename(str(uuid4()), "new"))


async def test_what_is_asked_before_and_what_is_done_are_done_by_whoever_acts_by_then(platform: Platform) -> None:
    agency = await platform.agency()
    ctx, later = platform.ctx(agency, RENAME), platform.ctx(agency, RENAME, name="Noor Roy").actor
    id = await document(ctx)
    seen = []

    async def still(session: AsyncSession) -> Actor:
        return later

    async def ask(ctx: Ctx, data: Rename) -> None:
        seen.append(ctx.actor)

    async def note(work: Work, data: Rename) -> Nothing:
        seen.extend([work.ctx.actor, work.session.info["ctx"].actor])
        return await rename.body(work, data)

    await execute(replace(rename, before=ask, body=note), ctx, Rename(str(id), "new"), still=still)
    assert seen == [later] * 3


async def test_whoever_may_no_more_is_refused_before_the_hooks_are_asked(platform: Platform) -> None:
    agency = await platform.agency()
    ctx, lesser = platform.ctx(agency, RENAME), platform.ctx(agency, "tested.other").actor
    reader = msgspec.structs.replace(ctx.actor, reads_only=True)
    unproven = msgspec.structs.replace(ctx.actor, ruled=frozenset({APPROVE}))
    id = await document(ctx)

    async def ask(ctx: Ctx, data: Rename) -> None:
        raise AssertionError("the hooks were asked")

    for case in (rename, replace(rename, before=ask)):
        for actor, refusal in ((lesser, Forbidden), (reader, Forbidden), (unproven, StepUpNeeded)):

            async def still(session: AsyncSession, actor: Actor = actor) -> Actor:
                return actor

            with pytest.raises(refusal):
                await execute(replace(case, step_up=APPROVE), ctx, Rename(str(id), "new"), still=still)
    assert await name_of(ctx, id) == "old"


async def test_not_yours_and_not_there_and_no_identifier_at_all_are_one_answer(platform: Platform) -> None:
    mine, theirs = platform.ctx(await platform.agency(), RENAME), platform.ctx(await platform.agency(), RENAME)
    answers = set()
    for id in (await document(theirs), uuid4(), "no-id", ""):
        with pytest.raises(NotFound) as caught:
            await execute(rename, mine, Rename(str(id), "new"))
        answers.add(str(caught.value))
    assert len(answers) == 1


async def test_a_row_that_moved_once_under_us_is_tried_again(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    id = await document(ctx)
    meddling[:] = [ctx]
    await execute(rename, ctx, Rename(str(id), "new"))
    assert (await name_of(ctx, id), await lines_of(ctx)) == ("new", ["document.rename"])


async def test_a_row_that_moved_twice_is_a_conflict_and_nothing_is_saved(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    id = await document(ctx)
    meddling[:] = [ctx, ctx]
    with pytest.raises(Conflict):
        await execute(rename, ctx, Rename(str(id), "new"))
    assert (await name_of(ctx, id), await lines_of(ctx)) == ("old", [])


async def test_who_saw_another_version_is_told_and_never_retried(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    id = await document(ctx)
    with pytest.raises(Conflict):
        await execute(rename, ctx, Rename(str(id), "new"), expected=7)
    meddling[:] = [ctx, ctx]
    with pytest.raises(Conflict):
        await execute(rename, ctx, Rename(str(id), "new"), expected=1)
    assert len(meddling) == 1
    meddling.clear()


async def test_a_change_without_a_line_in_the_log_does_not_pass(platform: Platform) -> None:
    with pytest.raises(AssertionError, match="wrote nothing to the audit log"):
        await execute(change_in_silence, platform.ctx(await platform.agency(), RENAME), Nothing())


async def test_who_says_that_it_reads_cannot_write(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    id = await document(ctx)
    with pytest.raises(Exception, match="read-only transaction"):
        await execute(change_while_reading, ctx, ById(str(id)))
    assert await name_of(ctx, id) == "old"


async def test_who_looks_reads_and_writes_only_that_it_looked(platform: Platform) -> None:
    agency = await platform.agency()
    await execute(look, platform.ctx(platform.program, RENAME), ById(str(agency.id)))
    async with tenant_session(platform.ctx(agency), read_only=True) as session:
        assert (await session.scalars(select(Look.purpose))).all() == ["selection"]


async def test_somebody_adding_the_same_at_the_same_moment_is_a_conflict_and_no_breakdown(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    with pytest.raises(Conflict, match="added the same"):
        await execute(add_twice, ctx, ById(str(await document(ctx, chunk=True))))
    assert await lines_of(ctx) == []


async def test_an_identifier_that_nobody_looked_up_is_not_found_whoevers_it_is(platform: Platform) -> None:
    mine, theirs = platform.ctx(await platform.agency(), RENAME), platform.ctx(await platform.agency(), RENAME)
    for id in (await document(theirs), uuid4()):
        with pytest.raises(NotFound):
            await execute(add_twice, mine, ById(str(id)))


async def test_a_statement_that_takes_too_long_is_unavailable(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), RENAME)
    with pytest.raises(Unavailable):
        await sleep_too_long(ctx)


async def sleep_too_long(ctx: Ctx) -> None:
    async with tenant_session(ctx) as session:
        await session.execute(text("set local statement_timeout = 20"))
        await session.execute(text("select pg_sleep(10)"))
