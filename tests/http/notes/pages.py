from __future__ import annotations

from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.web.pages import Nav, Pages
from core.web.public_pages import PublicPages, PublicView
from core.web.view import Answer, Download, To, View
from tests.http.notes.service import (
    NOTE_READ,
    NOTE_WRITE,
    ListNotes,
    NoteChange,
    NoteFile,
    NoteIn,
    NoteOut,
    attach,
    break_down,
    change_note,
    get_note,
    list_notes,
    shut_note,
    write_note,
)

pages = Pages(
    "notes",
    nav=[
        Nav("main", t("Overview"), "/notes", NOTE_READ),
        Nav("admin", t("New note"), "/notes/new", NOTE_WRITE),
    ],
)
public = PublicPages("notes")


@pages.get("/notes", permission=NOTE_READ)
async def notes(view: View) -> Answer:
    found = await view.run(list_notes, ListNotes(q=view.query.get("q")))
    return view.render("notes/list.html", notes=found.notes)


@pages.get("/notes/new", permission=NOTE_WRITE)
async def new_note(view: View) -> Answer:
    return view.render("notes/new.html", form=view.form(NoteIn))


@pages.post("/notes/new", use_case=write_note, form=new_note)
async def note_written(view: View, result: NoteOut) -> To:
    return To(f"/notes/{result.id}", t("“%(title)s” is written.", title=result.title))


@pages.get("/notes/file", permission=None)
async def new_file(view: View) -> Answer:
    return view.render("notes/new.html", form=view.form(NoteFile))


@pages.post("/notes/file", use_case=attach, form=new_file, upload="document_id", upload_limit=2**20, purpose="evidence")
async def file_attached(view: View, result: NoteOut) -> To:
    return To(f"/notes/{result.id}")


@pages.get("/notes/export", permission=NOTE_READ)
async def export(view: View) -> Download:
    return view.download(b"a,b\n", "été.csv", "text/csv")


@pages.get("/notes/broken", permission=None)
async def broken(view: View) -> Answer:
    await view.run(break_down, Nothing())
    return view.render("notes/new.html")


@pages.get("/notes/{id}", permission=NOTE_READ)
async def note(view: View) -> Answer:
    found = await view.run(get_note, ById(view.params["id"]))
    return view.render("notes/one.html", note=found, form=view.form(NoteChange, found, version=found.version))


@pages.post("/notes/{id}", use_case=change_note, form=note)
async def note_changed(view: View, result: NoteOut) -> To:
    return To(f"/notes/{result.id}")


@pages.post("/notes/{id}/shut", use_case=shut_note)
async def note_shut(view: View, result: Nothing) -> To:
    return To("/notes")


ipob = Pages("notes_of_ipob", scopes={"program"})


@ipob.get("/secrets", permission=None)
async def secrets(view: View) -> Answer:
    return view.render("notes/list.html", notes=[])


@public.get("/hello")
async def hello(view: PublicView) -> Answer:
    return view.render("notes/hello.html", who=view.query.get("who", ""))
