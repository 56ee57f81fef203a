"""The pages of a change of provider: what was previewed, a new preview, and what becomes of each person."""

from __future__ import annotations

from collections.abc import Mapping

from auth.linking.pages import LINKING
from auth.linking.providers import list_linking
from auth.relinking.comparing import DONE, OUTCOMES, WHY, Row
from auth.relinking.lifecycle import RELINK
from auth.relinking.schemas import SOURCES, OfRelink, RelinkFile, RelinkIn, RelinkOut
from auth.relinking.service import get_relink, list_relinks, move_relink, preview_relink
from auth.service import SEAT_MANAGE, SEAT_READ
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.pages import Pages
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table
from core.web.view import Answer, To, View

RELINKING = "/people/relinking"
TONES: dict[str, Tone] = {"previewed": "info", "applied": "warn", "finished": "ok", "dropped": "idle"}
MOVED = {
    "applied": t("The new accounts are linked."),
    "finished": t("The old accounts are unlinked."),
    "dropped": t("The preview is dropped."),
}
"""What is said of a step, by the state that it led to."""
OUTCOME_TONES: dict[str, Tone] = {
    "matched": "ok",
    "by_number": "info",
    "linked": "idle",
    "missing": "warn",
    "ambiguous": "bad",
    "rejected": "bad",
}

pages = Pages("relinking", under=LINKING)


@pages.get(RELINKING, permission=SEAT_READ)
async def relinks(view: View) -> Answer:
    """List the changes that were previewed; offer to preview another."""
    found = await view.run(list_relinks, Nothing())
    known = (await view.run(list_linking, Nothing())).providers
    names: dict[str, Text | str] = {str(one.id): f"{one.name} ({one.issuer})" for one in known}
    form = view.form(RelinkIn).offering("old_provider_id", names).offering("new_provider_id", names)
    return view.render(
        "relinking/relinks.html",
        table=_relinks(found.relinks),
        form=form if view.ctx.actor.may(SEAT_MANAGE) else None,
        several=len(known) > 1,
    )


@pages.post(
    RELINKING, use_case=preview_relink, form=relinks, upload="document_id", upload_limit=2 * 2**20, purpose="relink"
)
async def previewed(view: View, result: RelinkFile) -> To:
    """Go to the preview."""
    return To(
        f"{RELINKING}/{result.relink.id}", t("Nothing is linked yet. Look at the preview, then link the accounts.")
    )


@pages.get(f"{RELINKING}/{{id}}", permission=SEAT_READ)
async def relink(view: View) -> Answer:
    """Show a change: what becomes of each line and of each person."""
    after = view.query.get("after", "")
    outcome = view.query.get("outcome")
    asked = OfRelink(
        id=view.params["id"],
        outcome=outcome if outcome in OUTCOMES else None,
        after=int(after) if after.isdecimal() and len(after) < 7 else 0,
        limit=100,
    )
    found = await view.run(get_relink, asked)
    one = found.relink
    home = f"{RELINKING}/{one.id}"
    outcomes = OUTCOMES if one.applied_at is None else DONE
    tabs = [{"title": t("All"), "path": home, "current": asked.outcome is None}]
    tabs += [
        {"title": title, "path": f"{home}?outcome={name}", "count": one.counts[name], "current": asked.outcome == name}
        for name, title in outcomes.items()
        if name in one.counts
    ]
    steps = RELINK.offered(one.state, view.ctx.actor)
    possible = {"apply": "matched" in one.counts, "finish": one.old_state == "off"}
    return view.render(
        "relinking/relink.html",
        relink=one,
        source=SOURCES[one.source],
        state=RELINK.states[one.state],
        tone=TONES[one.state],
        steps=[step for step in steps if possible.get(step.name, True)],
        tabs=tabs,
        table=_rows(found.rows, outcomes, str(found.next) if found.next else None),
    )


@pages.post(f"{RELINKING}/{{id}}/step", use_case=move_relink, form=relink)
async def relink_moved(view: View, result: RelinkFile) -> To:
    """Show the change as it is now."""
    return To(f"{RELINKING}/{result.relink.id}", MOVED[result.relink.state])


def _relinks(found: list[RelinkOut]) -> Table:
    return Table(
        name="relinks",
        caption=t("Changes of sign-in service"),
        columns=[
            Column("name", t("From the old to the new"), "link"),
            Column("state", t("State"), "badge"),
            Column("made_by", t("Previewed by")),
            Column("created_at", t("When"), "instant"),
        ],
        rows=[
            {
                "name": Link(f"{one.old_provider} → {one.new_provider}", f"{RELINKING}/{one.id}"),
                "state": Badge(RELINK.states[one.state], TONES[one.state]),
                "made_by": one.made_by,
                "created_at": one.created_at,
            }
            for one in found
        ],
        empty=t("No change was previewed yet."),
    )


def _who(one: Row) -> Link | str | None:
    """Return the person, with the page on which their account is linked by hand; else the number of the line."""
    return Link(one.name, f"/people/{one.seat_id}/sign-in") if one.seat_id and one.name else one.employee_number or None


def _rows(found: list[Row], outcomes: Mapping[str, Text], next: str | None) -> Table:
    return Table(
        name="relink",
        caption=t("What becomes of each line and of each person"),
        columns=[
            Column("name", t("Name or number")),
            Column("line", t("Line"), "number"),
            Column("number", t("Employee number")),
            Column("subject", t("New account")),
            Column("outcome", t("Outcome"), "badge"),
            Column("why", t("Why")),
        ],
        rows=[
            {
                "name": _who(one),
                "line": one.line,
                "number": one.employee_number or None,
                "subject": one.subject,
                "outcome": Badge(outcomes[one.outcome], OUTCOME_TONES[one.outcome]),
                "why": WHY[one.why] if one.why else None,
            }
            for one in found
        ],
        next=next,
        empty=t("Nobody."),
    )
