"""The pages of missions and calls: IPOB plans them, agencies read what is published."""

from __future__ import annotations

from typing import Any

from core.lists.showing import show_list
from core.missions.calls import create_call, get_call, list_calls, move_call, offer_position
from core.missions.lifecycle import CALL, CALL_READ, CALL_WRITE, MISSION, MISSION_READ, MISSION_WRITE
from core.missions.schemas import (
    ORGANIZATIONS,
    CallIn,
    CallOut,
    CallPositionIn,
    ListCalls,
    ListMissions,
    MissionFile,
    MissionIn,
    MissionOut,
    PositionIn,
    PositionOut,
)
from core.missions.service import add_position, create_mission, get_mission, list_missions, move_mission
from core.missions.tables import calls_table, missions_table, positions_table
from core.text import t
from core.use_cases.declaration import ById
from core.use_cases.listings import Listing
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View

MISSIONS = Listing(t("Missions"), {"state": "all"})
MISSION_STATES = {"current": t("Current"), "all": t("All since 1989"), **MISSION.states}
CALLS = Listing(t("Calls for nominations"), {"state": "all"})

pages = Pages(
    "missions",
    scopes={"program"},
    nav=[
        Nav("main", t("Missions"), "/missions", MISSION_READ, "globe", 20),
        Nav("main", t("Calls"), "/calls", CALL_READ, "megaphone", 30),
    ],
)
published = Pages("published-missions", scopes={"agency"}, under="/calls")
departments = Pages(
    "department-missions",
    scopes={"department"},
    nav=[Nav("main", t("Missions"), "/missions", MISSION_READ, "globe", 20)],
)


@pages.get("/missions", permission=MISSION_READ, listing=MISSIONS)
@published.get("/missions", permission=MISSION_READ, listing=MISSIONS)
@departments.get("/missions", permission=MISSION_READ, listing=MISSIONS)
async def missions(view: View) -> PageAnswer:
    """List missions."""
    asked = view.read(ListMissions)
    found = await view.run(list_missions, asked)
    form = view.form(ListMissions, asked).only("q", "state").offering("state", MISSION_STATES)
    return await show_list(
        view,
        "missions/missions.html",
        missions_table(found.missions, view.language),
        form=form,
        may_write=view.ctx.actor.may(MISSION_WRITE),
    )


@pages.get("/missions/new", permission=MISSION_WRITE)
async def new_mission(view: View) -> Answer:
    """Ask what is to be planned."""
    return view.render("missions/mission_form.html", form=view.form(MissionIn))


@pages.post("/missions/new", use_case=create_mission, form=new_mission)
async def mission_created(view: View, result: MissionOut) -> To:
    """Go to the new mission."""
    return To(f"/missions/{result.id}", t("The mission is planned. Add the positions of its establishment."))


@pages.get("/missions/{id}", permission=MISSION_READ)
async def mission(view: View) -> Answer:
    """Show a mission with its establishment and calls."""
    found = await view.run(get_mission, ById(view.params["id"]))
    return view.render("missions/mission.html", **_file(view, found))


@pages.post("/missions/{id}/step", use_case=move_mission, form=mission)
async def mission_moved(view: View, result: MissionOut) -> To:
    """Show the mission in its new state."""
    return To(f"/missions/{result.id}", t("Done: %(state)s.", state=MISSION.states[result.state]))


@pages.post("/missions/{id}/positions", use_case=add_position, form=mission)
async def position_added(view: View, result: PositionOut) -> To:
    """Show the mission with its new position."""
    return To(f"/missions/{result.mission_id}", t("The position is added."))


@pages.get("/calls", permission=CALL_READ, listing=CALLS)
async def calls(view: View) -> PageAnswer:
    """List calls."""
    asked = view.read(ListCalls)
    found = await view.listed(list_calls, asked, "calls")
    return await show_list(
        view,
        "missions/calls.html",
        calls_table(found.calls, view.language, found.next),
        form=calls_form(view, asked),
        may_write=view.ctx.actor.may(CALL_WRITE),
    )


@pages.get("/calls/new", permission=CALL_WRITE)
async def new_call(view: View) -> Answer:
    """Ask what the call is for."""
    found = await view.run(list_missions, ListMissions(state="current"))
    open_ones = [one for one in found.missions if one.state in ("planned", "active")]
    names = {str(one.id): one.acronym_fr if view.language == "fr" else one.acronym_en for one in open_ones}
    form = view.form(CallIn, {"mission_id": view.query.get("mission", "")})
    return view.render("missions/call_form.html", form=form.offering("mission_id", names))


@pages.post("/calls/new", use_case=create_call, form=new_call)
async def call_created(view: View, result: CallOut) -> To:
    """Go to the draft."""
    return To(f"/calls/{result.id}", t("The call is drafted. Offer positions, then open it."))


@pages.get("/calls/{id}", permission=CALL_READ)
async def call(view: View) -> Answer:
    """Show a call; a draft can still be given positions."""
    found = await view.run(get_call, ById(view.params["id"]))
    whole = await view.run(get_mission, ById(str(found.mission.id)))
    names = {str(one.id): one.title_fr if view.language == "fr" else one.title_en for one in whole.positions}
    form = view.form(CallPositionIn, {"id": str(found.id)}).offering("position_id", names)
    return view.render(
        "missions/call.html",
        call=found,
        CALL=CALL,
        steps=CALL.offered(found.state, view.ctx.actor),
        form=form if names else None,
        may_write=view.ctx.actor.may(CALL_WRITE),
    )


@pages.post("/calls/{id}/positions", use_case=offer_position, form=call)
async def position_offered(view: View, result: CallOut) -> To:
    """Show the call with the position."""
    return To(f"/calls/{result.id}", t("The position is offered in this call."))


@pages.post("/calls/{id}/step", use_case=move_call, form=call)
async def call_moved(view: View, result: CallOut) -> To:
    """Show the call in its new state."""
    return To(f"/calls/{result.id}", t("Done: %(state)s.", state=CALL.states[result.state]))


@departments.get("/missions/{id}", permission=MISSION_READ)
@published.get("/missions/{id}", permission=MISSION_READ)
async def published_mission(view: View) -> Answer:
    """Show an agency or a department a mission that is published."""
    found = await view.run(get_mission, ById(view.params["id"]))
    return view.render("missions/mission.html", **_file(view, found))


def calls_form(view: View, asked: ListCalls) -> Form:
    """Return the filters of a list of calls; a service sees no drafts."""
    program = view.ctx.scope.kind == "program"
    states = {"current": t("Draft and open") if program else t("Open"), "all": t("All")}
    states |= {name: words for name, words in CALL.states.items() if program or name not in ("draft", "open")}
    return view.form(ListCalls, asked).only("q", "state").offering("state", states)


def _file(view: View, found: MissionFile) -> dict[str, Any]:
    return {
        "mission": found.mission,
        "positions": positions_table(found.positions, view.language),
        "calls": calls_table(found.calls, view.language, linked=view.ctx.actor.may(CALL_READ)),
        "MISSION": MISSION,
        "organization": ORGANIZATIONS[found.mission.organization],
        "steps": MISSION.offered(found.mission.state, view.ctx.actor),
        "form": view.form(PositionIn, {"id": str(found.mission.id)}),
        "may_write": view.ctx.actor.may(MISSION_WRITE),
    }
