"""The pages of returns, the agency's side: tracker, file, milestones, health, the officer's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.hooks.specs import officer_panels
from core.lists.showing import show_list
from core.panels.acting import gather_action
from core.panels.drawing import told
from core.panels.page_drawing import ask_plugins
from core.panels.schemas import Acted
from core.returns.acting import act_on_return, rights_on
from core.returns.check_in_pages import check_in_pages
from core.returns.describing import tell_of
from core.returns.health import as_followed, complete_health_milestone, get_follow_up
from core.returns.lifecycle import (
    CHECK_IN_RECORD,
    COMPETENCY_WRITE,
    CONTACT_ANSWER,
    CONTACT_ASK,
    MILESTONE_HEALTH,
    MILESTONE_SUPERVISE,
    RETURN,
    RETURN_CLOSE,
    RETURN_MANAGE,
    RETURN_READ,
    RETURN_TRACK,
)
from core.returns.program_pages import RETURNS, program, returns_form
from core.returns.reading import get_return, list_returns, own_return
from core.returns.schemas import (
    CHOICES,
    OWNERS,
    CheckInIn,
    CompetencyIn,
    CompleteIn,
    ContactIn,
    HealthIn,
    ListReturns,
    MilestoneOut,
    OfReturn,
    PlanIn,
    ReturnFileOut,
)
from core.returns.service import (
    add_competency,
    answer_contact,
    ask_contact,
    close_return,
    complete_as_supervisor,
    complete_milestone,
    move_return,
    plan_return,
    record_check_in,
)
from core.returns.tables import CHECK_INS, milestone_badge, progress, returns_table
from core.text import t
from core.web.pages import Nav, Pages
from core.web.view import Answer, Asks, PageAnswer, To, View

__all__ = ["check_in_pages", "mine", "pages", "program"]


async def late(view: View) -> int:
    """Return how many returns have a milestone that is late."""
    return len((await view.run(list_returns, ListReturns(state="late"))).returns)


pages = Pages("returns", nav=[Nav("field", t("Return tracker"), "/returns", RETURN_TRACK, "heart", 30, late)])
mine = Pages("my-return", nav=[Nav("main", t("My return"), "/my/return", f"{CONTACT_ASK}:own", "heart", 47)])


@pages.get("/returns", permission=RETURN_READ, listing=RETURNS)
async def returns(view: View) -> PageAnswer:
    """List the service's returns, the late ones first."""
    asked = view.read(ListReturns)
    found = await view.listed(list_returns, asked, "returns")
    table = returns_table(found.returns, view.language, found.next)
    return await show_list(view, "returns/returns.html", table, form=returns_form(view, asked))


@pages.get("/returns/{id}", permission=RETURN_READ)
async def file(view: View) -> Answer:
    """Show one return file."""
    found = await view.run(get_return, OfReturn(id=view.params["id"]))
    return view.render("returns/return.html", asks=_plugins(view, found), **await _values(view, found))


@mine.get("/my/return", permission=CONTACT_ASK)
async def my_return(view: View) -> Answer:
    """Show the reader's own return."""
    current = await own_return(view.work)
    if current is None:
        return view.render("returns/no_return.html")
    whole = await view.run(get_return, OfReturn(id=str(current.id)))
    return view.render("returns/my_return.html", asks=_plugins(view, whole), **await _values(view, whole))


@pages.post("/returns/{id}/plan", use_case=plan_return, form=file)
async def planned(view: View, result: ReturnFileOut) -> To:
    """Show the file with its plan."""
    return _back(result, "")


@pages.post("/returns/{id}/step", use_case=move_return, form=file)
async def moved(view: View, result: ReturnFileOut) -> To:
    """Show the file in its new state."""
    return _back(result, "")


@pages.post("/returns/{id}/closing", use_case=close_return, form=file)
async def closed(view: View, result: ReturnFileOut) -> To:
    """Show the closed file."""
    return _back(result, "")


@pages.post("/returns/{id}/milestones/{milestone_id}", use_case=complete_milestone, form=file)
async def completed(view: View, result: ReturnFileOut) -> To:
    """Show the file with the milestone done."""
    return _back(result, "#milestones")


@pages.post("/returns/{id}/milestones/{milestone_id}/supervision", use_case=complete_as_supervisor, form=file)
async def supervised(view: View, result: ReturnFileOut) -> To:
    """Show the file with the supervisor's milestone done."""
    return _back(result, "#milestones")


@pages.post("/returns/{id}/follow-up/{milestone_id}", use_case=complete_health_milestone, form=file)
async def followed_up(view: View, result: Any) -> To:
    """Show the file with the health outcome."""
    return To(f"/returns/{view.params['id']}", t("The outcome is recorded. Others see one line: on track or late."))


@pages.post("/returns/{id}/check-ins/{check_in_id}", use_case=record_check_in, form=file)
async def checked_in(view: View, result: ReturnFileOut) -> To:
    """Show the file with the check-in."""
    return _back(result, "#check-ins")


@pages.post("/returns/{id}/contacts", use_case=ask_contact, form=file)
async def contact_asked(view: View, result: ReturnFileOut) -> To:
    """Show one's own return with the request."""
    return To("/my/return", t("Your request is with them. You will be called."))


@pages.post("/returns/{id}/contacts/{request_id}", use_case=answer_contact, form=file)
async def contact_answered(view: View, result: ReturnFileOut) -> To:
    """Show the file with the request answered."""
    return _back(result, "")


async def acting(view: View) -> Answer:
    """Show the page on which the action was chosen: the file, or to the officer their own return."""
    reads = view.ctx.actor.may(RETURN_READ)
    view.path = f"/returns/{view.params['id']}" if reads else "/my/return"
    return await file(view) if reads else await my_return(view)


@pages.post("/returns/{id}/actions/{plugin}/{action}", use_case=act_on_return, form=acting, gather=gather_action)
async def acted(view: View, result: Acted) -> To:
    """Show the file, and what the plugin says."""
    path = f"/returns/{view.params['id']}" if view.ctx.actor.may(RETURN_READ) else "/my/return"
    return To(path, told(result.said, view.language))


@pages.post("/returns/{id}/competencies", use_case=add_competency, form=file)
async def competency_added(view: View, result: ReturnFileOut) -> To:
    """Show the file with the competency."""
    return _back(result, "#competencies")


def _back(result: ReturnFileOut, place: str) -> To:
    path = "/my/return" if result.own else f"/returns/{result.summary.id}"
    return To(path + place, t("Saved."))


def _plugins(view: View, found: ReturnFileOut) -> Asks:
    """Return what asks plugins for panels and actions on this return."""
    summary = found.summary
    tell = partial(tell_of, id=summary.id)
    rights, path = rights_on(summary.officer_id), f"/returns/{summary.id}/actions"
    return partial(ask_plugins, view, officer_panels, tell, rights=rights, path=path)


async def _values(view: View, found: ReturnFileOut) -> dict[str, Any]:
    actor, summary = view.ctx.actor, found.summary
    given = {"id": str(summary.id)}
    health = None
    if actor.may(MILESTONE_HEALTH):
        health = await view.run(get_follow_up, OfReturn(id=str(summary.id)))
    outcomes = {one.id: one for one in (health.milestones if health else [])}
    milestones = [
        as_followed(one, outcomes[one.id], view.ctx.today) if one.id in outcomes else one for one in found.milestones
    ]
    supervisors = await view.ctx.people.holders(view.work.session, "supervisor") if actor.may(RETURN_MANAGE) else []
    plan = view.form(
        PlanIn,
        given
        | {
            "supervisor_seat": str(found.supervisor_seat) if found.supervisor_seat else "",
            "target_unit": found.target_unit or "",
        },
        version=summary.version,
        prefix="plan-",
    )
    steps = RETURN.offered(summary.state, actor)
    return {
        "file": found,
        "summary": summary,
        "RETURN": RETURN,
        "OWNERS": OWNERS,
        "CHOICES": CHOICES,
        "CHECK_INS": CHECK_INS,
        "progress": progress(summary, milestones, health=health is not None),
        "milestones": [(one, milestone_badge(one), _path(view, found, one)) for one in milestones],
        "completing": CompleteIn,
        "health": health,
        "health_forms": {
            str(one.id): view.form(
                HealthIn,
                given | {"milestone_id": str(one.id), "done_on": view.ctx.today.isoformat()},
                prefix=f"health-{one.id}-",
            )
            for one in (health.milestones if health else [])
        },
        "plan": plan.offering("supervisor_seat", {str(one.id): one.name for one in supervisors})
        if actor.may(RETURN_MANAGE)
        else None,
        "steps": [one for one in steps if one.permission != RETURN_CLOSE],
        "closing": [one for one in steps if one.permission == RETURN_CLOSE],
        "contact": view.form(ContactIn, given, prefix="contact-")
        if actor.may(CONTACT_ASK, owner=summary.officer_id)
        else None,
        "may_answer": actor.may(CONTACT_ANSWER),
        "may_check_in": actor.may(CHECK_IN_RECORD),
        "check_in": CheckInIn,
        "competency": view.form(CompetencyIn, given, prefix="competency-")
        if actor.may(COMPETENCY_WRITE, owner=summary.officer_id)
        else None,
        "open": summary.state != "closed",
    }


def _path(view: View, found: ReturnFileOut, one: MilestoneOut) -> str | None:
    """Return where completing this milestone is posted to, or ``None`` where the reader may not."""
    if not one.mine or one.owner == "health" or one.side == "program":
        return None
    base = f"/returns/{found.summary.id}/milestones/{one.id}"
    supervisor = one.owner == "supervisor" and view.ctx.actor.may(MILESTONE_SUPERVISE)
    return f"{base}/supervision" if supervisor else base
