"""The page of one account: what it decided, did and saw since an instant, and what of that is put on hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from auth.red_button.pressing import PAGE, open_stop
from auth.red_button.schemas import AccountDay, Part, TrailIn, TrailOut
from auth.red_button.service import ANSWERED, RED_BUTTON_PRESS, RED_BUTTON_READ
from auth.red_button.trail import account_trail
from core.approvals.holding import hold_decisions, list_made, release_decisions
from core.approvals.lifecycle import APPROVAL_HOLD, CASE
from core.approvals.pages import VERDICTS
from core.approvals.schemas import HoldIn, Made, MadeList
from core.context import ScopeKind
from core.database.directory import ScopeRow
from core.errors import Invalid
from core.journal.schemas import LineOut
from core.journal.tables import lines_table
from core.journal.words import A_LIST, FIELDS, PURPOSES, deed_words, subject_words
from core.text import Text, t
from core.use_cases.intake import read
from core.web.pages import Pages
from core.web.shell import Alert
from core.web.tables import Column, Link, Table, cursor
from core.web.view import Answer, To, View

FEW = 20
"""How many rows of each part the page shows before one part is chosen."""
FIRST_DAYS = 7
"""Since how many days ago the page tells at first."""
TITLES: dict[Part, Text] = {
    "decided": t("What it decided or set going"),
    "did": t("What it did besides"),
    "saw": t("What it saw"),
}
PARTS = {"decided": t("decided"), "entered": t("entered from paper"), "confirmed": t("confirmed a paper")}
PLACES: dict[tuple[str, str], tuple[Text, str]] = {
    ("agency", "approval_case"): (t("Approvals"), "/approvals/%s"),
    ("agency", "nomination"): (t("Nominations"), "/nominations/%s"),
    ("agency", "contract"): (t("Agreement, sharing, privacy"), "/agreements"),
    ("agency", "delegation"): (t("Delegations"), "/delegations"),
    ("program", "nomination"): (t("Nominations"), "/nominations"),
    ("program", "candidacy"): (t("Nominations"), "/nominations"),
    ("program", "contract"): (t("Agencies"), "/agencies"),
}
"""Where a decision is taken back, by kind of scope and of subject."""
ROLE_PLACE = (t("People and roles"), "/people/%s")
"""Where a role is taken back, in every kind of scope."""


class Since(msgspec.Struct, frozen=True):
    """An instant as a use case would take it."""

    since: datetime


account_pages = Pages("account_trail", scopes=ANSWERED)
hold_pages = Pages("account_hold", scopes={"agency"})


@account_pages.get(f"{PAGE}/accounts/{{seat}}", permission=RED_BUTTON_READ)
async def account(view: View) -> Answer:
    """Show what an account decided, did and saw since an instant; the decisions come first."""
    seat, since = view.params["seat"], _since(view)
    asked = {"day": _local(view, since).date(), "time": f"{_local(view, since):%H:%M}"}
    part = next((one for one in TITLES if one == view.query.get("part")), None)
    trails = {
        one: await view.run(account_trail, TrailIn(id=seat, since=since, part=one, **_paging(view, part)))
        for one in ([part] if part else TITLES)
    }
    name = next(iter(trails.values())).account
    may_hold = view.ctx.actor.may(APPROVAL_HOLD)
    made = await view.run(list_made, Made(seat=seat, since=since)) if may_hold else MadeList([])
    stop = await open_stop(view.work, view.ctx.scope.id, UUID(seat))
    return view.render(
        "red_button/account.html",
        name=name,
        seat=seat,
        since=since,
        asking=view.form(AccountDay, asked),
        asked=urlencode(asked),
        stop=stop,
        may_press=view.ctx.actor.may(RED_BUTTON_PRESS),
        may_hold=may_hold,
        own=seat == str(view.ctx.actor.id),
        made=made.decisions,
        standing=[one for one in made.decisions if one.held_at is None and one.recalled_at is None],
        held=[one for one in made.decisions if one.held_at is not None],
        parts=PARTS,
        verdicts=VERDICTS,
        states=CASE.states,
        hold_form=view.form(HoldIn, {"since": since}, prefix="hold-").without("seat"),
        cards=[(one, TITLES[one], await _table(view, one, found, part)) for one, found in trails.items()],
        more={one for one, found in trails.items() if found.next is not None and part is None},
        part=part,
        program=view.ctx.scope.kind == "program",
    )


@hold_pages.post(f"{PAGE}/accounts/{{seat}}/hold", use_case=hold_decisions, form=account)
async def held(view: View, result: MadeList) -> To:
    """Show what is on hold now."""
    return To(_here(view), t("On hold: %(count)s. They no longer count.", count=result.changed))


@hold_pages.post(f"{PAGE}/accounts/{{seat}}/release", use_case=release_decisions, form=account)
async def released(view: View, result: MadeList) -> To:
    """Show what is left on hold."""
    return To(_here(view), t("These count again: %(count)s.", count=result.changed))


def _here(view: View) -> str:
    """Return the page of the account, telling since the same instant as the form that was sent."""
    asked: dict[str, str] = {name: view.query[name] for name in ("day", "time") if name in view.query}
    return f"{PAGE}/accounts/{view.params['seat']}?{urlencode(asked)}"


def _since(view: View) -> datetime:
    """Return since when the page tells: as it was asked, as a form that was refused had it, or a week ago."""
    with suppress(Invalid):
        return read(Since, {"since": (view.values or {}).get("since")}).since
    now = view.ctx.clock.now()
    zone = ZoneInfo(view.ctx.scope.zone)
    try:
        day = date.fromisoformat(view.query.get("day", ""))
        hour = time.fromisoformat(view.query.get("time", "") or "00:00")
        return read(Since, {"since": datetime.combine(day, hour.replace(tzinfo=None), zone)}).since
    except (ValueError, Invalid):
        if "day" in view.query:
            view.alert(Alert(t("This day and time cannot be read: what follows is of the last week."), "bad"))
        return (now - timedelta(days=FIRST_DAYS)).replace(second=0, microsecond=0)


def _local(view: View, instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(view.ctx.scope.zone))


def _paging(view: View, part: Part | None) -> dict[str, Any]:
    """Return how much of a part is shown: a few rows of each, or a page of the one that was asked for."""
    if part is None:
        return {"limit": FEW}
    with suppress(ValueError):
        return {"after": UUID(view.query.get("after", ""))}
    return {}


async def _table(view: View, part: Part, found: TrailOut, chosen: Part | None) -> Table:
    following = cursor(found.next) if chosen is not None else None
    if part == "saw":
        return await _seen_table(view, found, following)
    table = replace(lines_table(found.lines, next=following), name=part, caption=TITLES[part], note=None)
    return table if part == "did" else _with_places(table, view.ctx.scope.kind, found.lines)


def _with_places(table: Table, kind: ScopeKind, lines: Sequence[LineOut]) -> Table:
    """Add to each row of decisions the page at which it is taken back: only those on cases can be put on hold here."""

    def place(line: LineOut) -> Link | None:
        found = ROLE_PLACE if line.subject_kind == "seat" else PLACES.get((kind, line.subject_kind))
        return Link(found[0], found[1].replace("%s", str(line.subject_id))) if found else None

    rows = [{**row, "place": place(line)} for row, line in zip(table.rows, lines, strict=True)]
    return replace(table, columns=[*table.columns, Column("place", t("Its own page"), "link")], rows=rows)


async def _seen_table(view: View, found: TrailOut, following: str | None) -> Table:
    """Return looks at agencies' people and lines about one's own scope, by time."""
    scope = view.ctx.scope
    wanted = select(ScopeRow).where(ScopeRow.id.in_({one.agency for one in found.seen}))
    names = {row.id: row.scope().name(view.language) for row in await view.work.session.scalars(wanted)}
    looks = {
        one.id: {
            "at": one.at,
            "agency": names.get(one.agency, ""),
            "purpose": PURPOSES.get(one.purpose, one.purpose),
            "subject": A_LIST if one.subject_id is None else subject_words(one.subject_kind),
            "fields": [FIELDS.get(name, name) for name in one.fields],
        }
        for one in found.seen
    }
    lines = {
        one.id: {
            "at": one.at,
            "agency": scope.name(view.language),
            "purpose": deed_words(one.action),
            "subject": Link(subject_words(one.subject_kind), f"/audit/{one.id}"),
            "fields": _told(one),
        }
        for one in found.lines
    }
    return Table(
        name="saw",
        caption=TITLES["saw"],
        columns=[
            Column("at", t("When"), "instant"),
            Column("agency", t("Whose people"), heads=True),
            Column("purpose", t("Purpose")),
            Column("subject", t("About")),
            Column("fields", t("What was shown")),
        ],
        rows=[{"id": str(id_), **row} for id_, row in sorted((looks | lines).items(), reverse=True)],
        next=following,
        empty=t("Nothing that is recorded was opened since then."),
    )


def _told(line: LineOut) -> str:
    """Return whose file, or which file, a line says that somebody was shown."""
    told = line.after if isinstance(line.after, dict) else {}
    return str(told.get("officer") or told.get("list") or told.get("filename") or "")
