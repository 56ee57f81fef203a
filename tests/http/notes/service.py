"""A small room: notes that are written, changed and shut."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.database.reading import Reading
from core.errors import Fault, Invalid, Refused
from core.text import t
from core.use_cases.declaration import DECLARED, ById, Nothing, use_case
from core.use_cases.fields import field
from core.use_cases.output import shown
from core.use_cases.step_up import APPROVE
from core.use_cases.work import Work
from tests.http.notes.models import Note

NOTE_READ = "note.read"
NOTE_WRITE = "note.write"


class NoteIn(msgspec.Struct, frozen=True, kw_only=True):
    title: Annotated[str, field(t("Title"), longest=40)]
    body: Annotated[str, field(t("Text"), widget="area", longest=400)] = ""
    due: Annotated[date | None, field(t("Due"))] = None
    urgent: Annotated[bool, field(t("Urgent"), widget="checkbox")] = True
    tags: Annotated[list[str], field(t("Tags"), widget="choices", choices={"a": t("A"), "b": t("B")})] = []


class NoteChange(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, field(t("Note"), widget="hidden")]
    title: Annotated[str, field(t("Title"), longest=40)]
    body: Annotated[str, field(t("Text"), widget="area", longest=400)] = ""


class NoteFile(msgspec.Struct, frozen=True, kw_only=True):
    title: Annotated[str, field(t("Title"), longest=40)]
    document_id: Annotated[str | None, field(t("File"), widget="file")] = None


class NoteOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    body: str
    state: str
    document_id: UUID | None
    version: int


class ListNotes(msgspec.Struct, frozen=True, kw_only=True):
    q: Annotated[str | None, field(t("Search"), longest=20)] = None
    tags: Annotated[list[str], field(t("Tags"))] = []


class NoteList(msgspec.Struct, frozen=True):
    notes: list[NoteOut]


@use_case(permission=NOTE_READ, input=ListNotes, output=NoteList, reads=True)
async def list_notes(work: Work, data: ListNotes) -> NoteList:
    """List the notes by title."""
    rows = await work.session.execute(select(Note).order_by(Note.title))
    return NoteList([shown(NoteOut, row) for row in rows.scalars() if not data.q or data.q in row.title])


@use_case(permission=NOTE_READ, input=ById, output=NoteOut, reads=True)
async def get_note(work: Work, data: ById) -> NoteOut:
    """Show one note."""
    return shown(NoteOut, await work.get(Note, data.id))


@use_case(permission=NOTE_WRITE, input=NoteIn, output=NoteOut, step_up=APPROVE)
async def write_note(work: Work, data: NoteIn) -> NoteOut:
    """Write a note.

    Its title need not be unique.
    """
    if data.title == "forbidden":
        raise Invalid([Fault("/title", t("Not this title."))])
    note = Note(tenant_id=work.ctx.scope.id, id=work.new_id(), title=data.title, body=data.body, created_at=work.now)
    work.session.add(note)
    await work.session.flush()
    await work.audit("note.write", ("note", note.id), after={"title": data.title, "urgent": data.urgent})
    return shown(NoteOut, note)


@use_case(permission=NOTE_WRITE, input=NoteChange, output=NoteOut)
async def change_note(work: Work, data: NoteChange) -> NoteOut:
    """Change a note."""
    note = await work.get(Note, data.id)
    work.check_version(note)
    if note.state == "shut":
        raise Refused(t("The note is shut."), t("Write another one."))
    note.title, note.body = data.title, data.body
    await work.session.flush()
    await work.audit("note.change", ("note", note.id), after={"title": data.title})
    return shown(NoteOut, note)


@use_case(permission=NOTE_WRITE, input=ById, output=Nothing)
async def shut_note(work: Work, data: ById) -> Nothing:
    """Shut a note."""
    note = await work.get(Note, data.id)
    work.check_version(note)
    note.state = "shut"
    await work.session.flush()
    await work.audit("note.shut", ("note", note.id), after={"state": "shut"})
    return Nothing()


@use_case(permission=NOTE_WRITE, input=NoteFile, output=NoteOut)
async def attach(work: Work, data: NoteFile) -> NoteOut:
    """Write a note with a file."""
    note = Note(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        title=data.title,
        document_id=UUID(data.document_id) if data.document_id else None,
        created_at=work.now,
    )
    work.session.add(note)
    await work.session.flush()
    await work.audit("note.attach", ("note", note.id), after={"title": data.title})
    return shown(NoteOut, note)


class TitleOut(msgspec.Struct, frozen=True):
    id: UUID
    title: str


TITLES = Reading(select(Note.id, Note.title).order_by(Note.title).limit(50), TitleOut)


@use_case(permission=NOTE_READ, input=Nothing, output=list[TitleOut], reads=True)
async def list_titles(work: Work, data: Nothing) -> list[TitleOut]:
    """List the titles, the short way."""
    return await TITLES.rows(work.session)


@use_case(permission=NOTE_READ, input=Nothing, output=Nothing, reads=True)
async def break_down(work: Work, data: Nothing) -> Nothing:
    """Fail as only a fault of ours would."""
    raise RuntimeError("the secret words of somebody")


for name in [key for key in DECLARED if key.startswith("notes.")]:
    # Tests that look at every use case of the project look at the project's.
    del DECLARED[name]
