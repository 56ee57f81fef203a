"""The pages of worker files: whom to load, upload, preview, apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from core.agencies import Rank
from core.lists.showing import show_list
from core.text import Text, t
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table, cursor
from core.web.view import Answer, PageAnswer, To, View
from core.workforce.lifecycle import HR_LOAD, HR_READ, HR_SCOPE, RUN
from core.workforce.mapping import LABELS
from core.workforce.record_pages import record_pages
from core.workforce.schemas import ListRuns, LoadIn, OfRun, RowOut, RunFile, RunOut, SourceIn, SourceOut
from core.workforce.service import choose_scope, get_run, list_runs, move_run, preview_load

VERDICTS = {
    "added": t("Added"),
    "changed": t("Changed"),
    "missing": t("Missing"),
    "rejected": t("Rejected"),
    "unchanged": t("Unchanged"),
    "out_of_scope": t("Not loaded: out of scope"),
}
ROW_VERDICTS = VERDICTS | {
    "added": t("New"),
    "changed": t("Changes"),
    "missing": t("Not in the file"),
    "rejected": t("Not accepted"),
}
"""What becomes of one line, beside ``VERDICTS`` for their number."""
WORDS: dict[str, dict[str, Text]] = {
    "status": {
        "active": t("On active duty"),
        "leave": t("On leave"),
        "seconded": t("Seconded"),
        "suspended": t("Suspended from duty"),
        "retired": t("Retired"),
        "left": t("Left the service"),
    },
    "language": {"en": t("English"), "fr": t("French")},
}
"""The values of fields that are kept as a word of the platform's."""
TONES: dict[str, Tone] = {"added": "ok", "changed": "info", "missing": "warn", "rejected": "bad"}
RUN_TONES: dict[str, Tone] = {"previewed": "info", "braked": "warn", "applied": "ok", "dropped": "idle"}

__all__ = ["pages", "record_pages"]

pages = Pages("workforce", nav=[Nav("admin", t("Worker files"), "/hr", HR_READ, "sync", 20)])


@pages.get("/hr", permission=HR_READ, listing=Listing(t("Loads so far")))
async def runs(view: View) -> PageAnswer:
    """List the loads; offer to upload a file and to say whom it may load."""
    found = await view.listed(list_runs, view.read(ListRuns), "runs")
    actor, source = view.ctx.actor, found.source
    return await show_list(
        view,
        "workforce/runs.html",
        _runs_table(found.runs, found.next),
        source=source,
        upload=view.form(LoadIn) if actor.may(HR_LOAD) else None,
        scope=view.form(
            SourceIn, {"scope": source.scope, "named": "\n".join(source.named)}, version=source.version or None
        )
        if actor.may(HR_SCOPE)
        else None,
    )


@pages.post("/hr", use_case=preview_load, form=runs, upload="document_id", upload_limit=50 * 2**20, purpose="hr_upload")
async def previewed(view: View, result: RunFile) -> To:
    """Go to the preview."""
    return To(f"/hr/{result.run.id}", t("Nothing is changed yet. Look at the preview, then apply it."))


@pages.post("/hr/scope", use_case=choose_scope, form=runs)
async def scope_chosen(view: View, result: SourceOut) -> To:
    """Show whom the next file loads."""
    return To("/hr", t("Saved. The next file loads only these people."))


@pages.get("/hr/{id}", permission=HR_READ)
async def run(view: View) -> Answer:
    """Show a load: added, changed, missing and rejected, each line with its reason."""
    asked = view.read(OfRun, id=view.params["id"])
    found = await view.run(get_run, asked)
    one = found.run
    tabs = [{"title": t("All that changes"), "path": f"/hr/{one.id}", "current": asked.verdict is None}]
    tabs += [
        {
            "title": VERDICTS[name],
            "path": f"/hr/{one.id}?verdict={name}",
            "count": one.counts.get(name, 0),
            "current": asked.verdict == name,
        }
        for name in ("added", "changed", "missing", "rejected", "unchanged")
    ]
    return view.render(
        "workforce/run.html",
        run=one,
        RUN=RUN,
        tone=RUN_TONES[one.state],
        tabs=tabs,
        table=_rows_table(found, view, await view.ctx.agencies.ranks(view.work.session)),
        steps=RUN.offered(one.state, view.ctx.actor),
        nothing=not any(one.counts.get(name) for name in ("added", "changed", "missing")),
    )


@pages.post("/hr/{id}/step", use_case=move_run, form=run)
async def moved(view: View, result: RunFile) -> To:
    """Show the load in its new state."""
    return To(f"/hr/{result.run.id}", t("Done: %(state)s.", state=RUN.states[result.run.state]))


def _runs_table(found: list[RunOut], next: UUID | None) -> Table:
    return Table(
        name="runs",
        caption=t("Loads so far"),
        columns=[
            Column("at", t("When"), "instant"),
            Column("file", t("File"), "link", heads=True),
            Column("who", t("Who")),
            *(Column(name, VERDICTS[name], "number") for name in ("added", "changed", "missing", "rejected")),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "at": one.created_at,
                "file": Link(one.file_name or t("a file"), f"/hr/{one.id}"),
                "who": one.started_by,
                **{name: one.counts.get(name, 0) for name in ("added", "changed", "missing", "rejected")},
                "state": Badge(RUN.states[one.state], RUN_TONES[one.state]),
            }
            for one in found
        ],
        next=cursor(next),
        empty=t("No file was loaded yet."),
    )


def _rows_table(found: RunFile, view: View, ranks: Mapping[str, Rank]) -> Table:
    return Table(
        name="rows",
        caption=t("What this file would do"),
        columns=[
            Column("line", t("Line"), "number"),
            Column("number", t("Employee number")),
            Column("name", t("Name"), heads=True),
            Column("verdict", t("Result"), "badge"),
            Column("why", t("What and why")),
        ],
        rows=[
            {
                "line": row.line or None,
                "number": row.employee_number,
                "name": row.name,
                "verdict": Badge(ROW_VERDICTS[row.verdict], TONES.get(row.verdict, "idle")),
                "why": _why(row, view, ranks),
            }
            for row in found.rows
        ],
        next=str(found.next) if found.next else None,
        after=view.query.get("after"),
        empty=t("No line to show."),
    )


def _why(row: RowOut, view: View, ranks: Mapping[str, Rank]) -> str:
    if row.reasons:
        return " ".join(view.say(reason) for reason in row.reasons)

    def say(name: str, value: str | None) -> Text | str | date:
        rank = ranks.get(value or "") if name == "rank_code" else None
        return rank.title(view.language, None) if rank else _value(name, value)

    return " ".join(
        view.say(t("%(field)s: %(old)s → %(new)s", field=LABELS[name], old=say(name, old), new=say(name, new)))
        for name, (old, new) in row.changes.items()
    )


def _value(name: str, value: str | None) -> Text | str | date:
    """Return a field's value as a reader knows it: a status or language in words, a day as a day."""
    if not value:
        return "–"
    if name == "hire_date":
        return date.fromisoformat(value)
    return WORDS.get(name, {}).get(value, value)
