"""The overview of one agency: what waits, who is where, what is missing."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.approvals.lifecycle import APPROVAL_READ
from core.approvals.listing import list_cases
from core.approvals.schemas import Inbox
from core.context import Actor
from core.deployments.lifecycle import THERE, meant_state
from core.deployments.reading import list_tours
from core.deployments.schemas import ListTours, TourList
from core.deployments.tables import tours_table
from core.extensions.lifecycle import PLUGIN_READ
from core.hooks.specs import dashboard_panels
from core.missions.calls import list_calls
from core.missions.lifecycle import CALL_READ
from core.missions.schemas import ListCalls
from core.missions.tables import calls_table
from core.nominations.lifecycle import INTEREST_DECLARE, NOMINATION_WRITE
from core.nominations.reading import list_nominations
from core.nominations.schemas import ListNominations
from core.oversight.lifecycle import OVERVIEW_READ
from core.panels.page_drawing import ask_plugins
from core.returns.describing import tell_of_open
from core.returns.lifecycle import RETURN_READ, RETURN_TRACK
from core.returns.reading import list_returns
from core.returns.schemas import ListReturns
from core.text import t
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, To, View

AT_ONCE = 10
"""Tours that the overview shows; the rest is a link away."""
MOST = 200
"""Tours that it counts: no service has as many at once."""

overview = Pages("overview", nav=[Nav("main", t("Overview"), "/", OVERVIEW_READ, "home", 10)])


@overview.get("/", permission=None)
async def agency_overview(view: View) -> PageAnswer:
    """Show what waits for the reader and where the service's officers are; a service that joins begins elsewhere."""
    actor = view.ctx.actor
    start = await view.ctx.agencies.opens_on(view.work.session, view.ctx.today)
    if start is not None and actor.may(OVERVIEW_READ) and "overview" not in view.query:
        return To(start)
    if not actor.may(OVERVIEW_READ):
        return To(_begins(actor))
    kpis: list[dict[str, Any]] = []
    todo: list[dict[str, Any]] = []
    tables: dict[str, Any] = {"calls": None, "tours": None}
    if actor.may(APPROVAL_READ):
        await _approvals(view, kpis, todo)
    if actor.may(NOMINATION_WRITE):
        await _nominations(view, kpis, todo)
    if actor.may_at_all("tour.list"):
        tours = (await view.run(list_tours, ListTours(limit=MOST))).tours
        tables["tours"] = tours_table(TourList(tours[:AT_ONCE]), view.language, program=False)
        abroad = sum(meant_state(one.state) in THERE for one in tours)
        kpis.append(
            {"title": t("In a mission"), "value": abroad, "note": t("officers of your service"), "href": "/tours"}
        )
    if actor.may_at_all(RETURN_TRACK):
        await _returns(view, kpis, todo)
    if actor.may(CALL_READ):
        calls = (await view.run(list_calls, ListCalls(state="open"))).calls
        tables["calls"] = calls_table(calls, view.language).without("state")
    gaps = await view.ctx.agencies.gaps(view.work.session, view.ctx.today) if actor.may("sharing.read") else []
    tell = partial(tell_of_open, allowed=actor.may(RETURN_READ))
    asks = partial(ask_plugins, view, dashboard_panels, tell)
    return view.render("oversight/overview.html", asks=asks, kpis=kpis, todo=todo, gaps=gaps, **tables)


def _begins(actor: Actor) -> str:
    """Return where somebody begins for whom there is no overview."""
    if actor.may_at_all(INTEREST_DECLARE):
        return "/my/nominations"
    return "/plugins" if actor.may(PLUGIN_READ) else "/notifications"


async def _approvals(view: View, kpis: list[dict[str, Any]], todo: list[dict[str, Any]]) -> None:
    found = await view.run(list_cases, Inbox())
    kpis.append(
        {
            "title": t("To decide"),
            "value": found.mine,
            "note": t("waiting for others: %(count)s", count=found.others),
            "href": "/approvals",
            "tone": "warn" if found.mine else "",
        }
    )
    todo += [
        {
            "title": one.title,
            "note": t("Case %(number)s, step %(step)s of %(steps)s", number=one.number, step=one.step, steps=one.steps),
            "tone": "warn",
            "href": f"/approvals/{one.id}",
            "label": t("Decide"),
        }
        for one in found.cases[:5]
    ]


async def _nominations(view: View, kpis: list[dict[str, Any]], todo: list[dict[str, Any]]) -> None:
    found = (await view.run(list_nominations, ListNominations())).nominations
    ready = [one for one in found if one.state == "agency_review" and one.case_state == "approved"]
    kpis.append(
        {
            "title": t("Nominations under way"),
            "value": len(found),
            "note": t("%(count)s ready to send to IPOB", count=len(ready)),
            "href": "/nominations",
        }
    )
    todo += [
        {
            "title": t("%(number)s is approved: send it to IPOB.", number=one.number),
            "note": one.name,
            "tone": "info",
            "href": f"/nominations/{one.id}",
            "label": t("Look at it"),
        }
        for one in ready[:5]
    ]


async def _returns(view: View, kpis: list[dict[str, Any]], todo: list[dict[str, Any]]) -> None:
    found = (await view.run(list_returns, ListReturns())).returns
    late = [one for one in found if one.late]
    kpis.append(
        {
            "title": t("Returns"),
            "value": len(found),
            "note": t("%(count)s late", count=len(late)),
            "href": "/returns",
            "tone": "bad" if late else "",
        }
    )
    todo += [
        {
            "title": t("1 milestone late") if one.late == 1 else t("%(count)s milestones late", count=one.late),
            "note": one.name,
            "tone": "bad",
            "href": f"/returns/{one.id}",
            "label": t("Look at it"),
        }
        for one in late[:5]
    ]
