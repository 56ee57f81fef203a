"""The pages of tours: IPOB plans, orders and moves them; an agency and the officer report."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from core.context import Actor
from core.deployments.acting import act_on_tour, rights_on, tell_of
from core.deployments.lifecycle import (
    MOVEMENT_REPORT,
    MOVEMENTS,
    STATES,
    TOUR,
    TOUR_LIST,
    TOUR_MOVE,
    TOUR_ORDER,
    TOUR_PLAN,
    TOUR_READ,
    meant_state,
    told_state,
)
from core.deployments.reading import MyTours, get_tour, list_tours, my_tours
from core.deployments.recording import list_tour_records
from core.deployments.schemas import KINDS, ListTours, MovementIn, OfTour, OrderIn, TourFile, TourIn, TourStep
from core.deployments.service import DATES, move_tour, order_tour, plan_tour, report_movement
from core.deployments.tables import TOUR_TONES, tours_table
from core.errors import Refused
from core.hooks.specs import tour_panels
from core.lists.showing import show_list
from core.nominations.candidacies import open_candidacy
from core.nominations.candidacy_schemas import OfCandidacy
from core.panels.acting import gather_action
from core.panels.drawing import told
from core.panels.page_drawing import ask_plugins
from core.panels.schemas import Acted
from core.text import Text, t
from core.use_cases.conflicts import SOMEBODY_ELSE, TOUCHED
from core.use_cases.lifecycle import Transition
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.tables import Badge
from core.web.view import Answer, Asks, PageAnswer, To, View
from core.workforce.record_tables import RECORD_KINDS, content_of, receipt_of, state_of, why

TOURS = Listing(t("Tours"), {"state": "all"})
MAIN_WAY = ("order", "depart", "arrive", "leave_mission", "end")

pages = Pages(
    "tours",
    scopes={"program"},
    nav=[Nav("field", t("Tours"), "/tours", TOUR_READ, "plane", 10)],
)
agency = Pages("agency-tours", nav=[Nav("field", t("Tours"), "/tours", TOUR_LIST, "plane", 10)])
mine = Pages("my-tour", nav=[Nav("main", t("My tour"), "/my/tour", f"{MOVEMENT_REPORT}:own", "globe", 46)])


@pages.get("/tours", permission=TOUR_READ, listing=TOURS)
async def tours(view: View) -> PageAnswer:
    """List tours of all agencies."""
    return await _list(view)


@agency.get("/tours", permission=TOUR_READ, listing=TOURS)
async def agency_tours(view: View) -> PageAnswer:
    """List the service's own tours."""
    return await _list(view)


@pages.get("/nominations/{agency}/{id}/tour", permission=TOUR_PLAN)
async def new_tour(view: View) -> Answer:
    """Ask when the tour begins and ends."""
    params = view.params
    found = await view.run(open_candidacy, OfCandidacy(agency=params["agency"], id=params["id"]))
    if found.touched:
        raise Refused(TOUCHED, SOMEBODY_ELSE)
    given = {
        "agency": params["agency"],
        "id": params["id"],
        "starts_on": found.tour_starts_on.isoformat(),
        "ends_on": found.tour_ends_on.isoformat(),
    }
    return view.render("deployments/tour_form.html", candidacy=found.summary, form=view.form(TourIn, given))


@pages.post("/nominations/{agency}/{id}/tour", use_case=plan_tour, form=new_tour)
async def tour_planned(view: View, result: TourFile) -> To:
    """Go to the new tour."""
    return To(f"/tours/{result.tour.agency}/{result.tour.id}", t("The tour is planned. Give it its order."))


@pages.get("/tours/{agency}/{id}", permission=TOUR_READ)
async def tour(view: View) -> Answer:
    """Show one tour with what can be done next."""
    return await _show(view)


@pages.post("/tours/{agency}/{id}/order", use_case=order_tour, form=tour)
async def ordered(view: View, result: TourFile) -> To:
    """Show the ordered tour."""
    return To(f"/tours/{result.tour.agency}/{result.tour.id}", t("The tour is ordered."))


@pages.post("/tours/{agency}/{id}/step", use_case=move_tour, form=tour)
async def moved(view: View, result: TourFile) -> To:
    """Show the tour in its new state."""
    said = t("Done: %(state)s.", state=STATES[result.tour.state])
    return To(f"/tours/{result.tour.agency}/{result.tour.id}", said)


@agency.get("/tours/{agency}/{id}", permission=TOUR_READ)
async def agency_tour(view: View) -> Answer:
    """Show one of the service's tours with what can be reported."""
    return await _show(view)


async def reporting(view: View) -> Answer:
    """Show where the form was: on the tour's page, or among the reader's own tours."""
    slug, reads = view.ctx.scope.slug, view.ctx.actor.may(TOUR_READ)
    view.path = f"/tours/{slug}/{view.params['id']}" if reads else "/my/tour"
    return await _tour_page(view, slug) if reads else await my_tour(view)


@agency.post("/tours/{id}/movements", use_case=report_movement, form=reporting)
async def reported(view: View, result: TourFile) -> To:
    """Show the tour with the report; IPOB's side applies it in a moment."""
    said = t("Reported. IPOB’s side of the tour follows in a moment.")
    return To("/my/tour" if result.own else f"/tours/{result.tour.agency}/{result.tour.id}", said)


@agency.post("/tours/{id}/actions/{plugin}/{action}", use_case=act_on_tour, form=reporting, gather=gather_action)
async def acted(view: View, result: Acted) -> To:
    """Show the tour, and what the plugin says."""
    reads = view.ctx.actor.may(TOUR_READ)
    path = f"/tours/{view.ctx.scope.slug}/{view.params['id']}" if reads else "/my/tour"
    return To(path, told(result.said, view.language))


@mine.get("/my/tour", permission=MOVEMENT_REPORT)
async def my_tour(view: View) -> Answer:
    """Show the reader's own tours, the current one with what can be reported."""
    found = (await view.run(my_tours, MyTours())).tours
    current = next((one for one in found if one.state not in ("ended", "cancelled")), None)
    shown = await _values(view, view.ctx.scope.slug, str(current.id)) if current else {}
    earlier = [one for one in found if current is None or one.id != current.id]
    linked = view.ctx.actor.officer_id is not None
    asks = _plugins(view, shown["file"]) if current else None
    return view.render(
        "deployments/my_tour.html", asks=asks, current=current, earlier=earlier, linked=linked, STATES=STATES, **shown
    )


async def _list(view: View) -> PageAnswer:
    asked = view.read(ListTours)
    found = await view.listed(list_tours, asked, "tours")
    table = tours_table(found, view.language, program=view.ctx.scope.kind == "program")
    states = {"current": t("Current"), "all": t("All"), **_askable(view.ctx.actor)}
    form = view.form(ListTours, asked).only("q", "state").offering("state", states)
    return await show_list(view, "deployments/tours.html", table, form=form)


async def _show(view: View) -> Answer:
    return await _tour_page(view, view.params["agency"])


async def _tour_page(view: View, agency: str) -> Answer:
    values = await _values(view, agency, view.params["id"])
    return view.render("deployments/tour.html", asks=_plugins(view, values["file"]), **values)


def _plugins(view: View, found: TourFile) -> Asks | None:
    """Return what asks the service's plugins for panels and actions on its own tour; IPOB has none of its plugins."""
    if view.ctx.scope.kind != "agency" or found.officer_id is None:
        return None
    id = found.tour.id
    rights, path = rights_on(found.officer_id), f"/tours/{id}/actions"
    return partial(ask_plugins, view, tour_panels, partial(tell_of, id=id), rights=rights, path=path)


async def _values(view: View, slug: str, tour_id: str) -> dict[str, Any]:
    found = await view.run(get_tour, OfTour(agency=slug, id=tour_id))
    summary, actor = found.tour, view.ctx.actor
    state = meant_state(summary.state)
    given = {"agency": slug, "id": tour_id}
    program = view.ctx.scope.kind == "program"
    if found.touched:
        actor = msgspec.structs.replace(actor, permissions=frozenset())
    offered = [one for one in TOUR.offered(state, actor) if one.name != "order"] if program else []
    reports = {kind: words for kind, words in KINDS.items() if state in TOUR.find(MOVEMENTS[kind]).sources}
    report = view.form(MovementIn, {"id": tour_id, "happened_on": view.ctx.today.isoformat()}, prefix="report-")
    may_report = not program and actor.may(MOVEMENT_REPORT, owner=found.officer_id) and bool(reports)
    kept = [] if program else (await view.run(list_tour_records, OfTour(agency=slug, id=tour_id))).records
    return {
        "file": found,
        "records": [
            {
                "title": RECORD_KINDS[one.kind],
                "state": state_of(one),
                "said": content_of(one, view.language),
                "why": why(one, view.language),
                "receipt": receipt_of(one, view.language),
                "path": f"/hr/records/{one.id}",
            }
            for one in kept
        ],
        "tour": summary,
        "KINDS": KINDS,
        "badge": Badge(STATES[summary.state], TOUR_TONES.get(summary.state, "idle")),
        "stations": _stations(found),
        "dated": [
            (one, view.form(TourStep, given | {"step": one.name}, version=summary.version))
            for one in offered
            if one.name in DATES
        ],
        "steps": [one for one in offered if one.name not in DATES],
        "order": view.form(OrderIn, given, version=summary.version, prefix="order-")
        if program and summary.state == "planned" and actor.may(TOUR_ORDER)
        else None,
        "report": report.offering("kind", reports) if may_report else None,
        "program": program,
        "touched": (TOUCHED, SOMEBODY_ELSE) if found.touched else None,
        "may_move": program and actor.may(TOUR_MOVE),
        "path": f"/tours/{slug}/{tour_id}",
    }


def _askable(actor: Actor) -> dict[str, Text]:
    """Return the states that ``actor`` may filter by."""
    return {told_state(state, actor): words for state, words in TOUR.states.items()}


def _stations(found: TourFile) -> list[dict[str, Any]]:
    """Return the way of a tour with the day of each station."""
    one = found.tour
    days = [one.starts_on, None, one.arrived_on, one.left_on, one.home_on]
    place = {
        "planned": 0, "ordered": 1, "in_transit": 1, "in_mission": 2, "on_leave": 2, "medical_hold": 2, "evacuated": 2,
        "returning": 3, "ended": 5, "cancelled": 0,
    }[meant_state(one.state)]  # fmt: skip
    titles: list[Transition] = [TOUR.find(name) for name in MAIN_WAY]
    return [
        {
            "title": transition.title if index else TOUR.states["ordered"],
            "state": "done" if index < place else "current" if index == place else "open",
            "note": t("%(day)s", day=day) if index and day else one.order_number if not index else None,
        }
        for index, (transition, day) in enumerate(zip(titles, days, strict=True))
    ]
