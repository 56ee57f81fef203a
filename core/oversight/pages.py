"""The pages of oversight: IPOB's dashboard and timeline, strength as of a date, each agency's overview."""

from __future__ import annotations

from sqlalchemy import select

from core.database.directory import ScopeRow
from core.missions.lifecycle import CALL_WRITE
from core.oversight.agency_pages import overview
from core.oversight.dashboard import read_dashboard
from core.oversight.drawing import agency_heat, funnel_of, key_figures, map_of, missions_table, timeline_of
from core.oversight.lifecycle import DASHBOARD_READ, STRENGTH_READ
from core.oversight.schemas import Dashboard, DashboardIn
from core.oversight.strength import BY, StrengthIn, count_strength, mission_note
from core.oversight.strength_table import DIMENSIONS, strength_table
from core.text import t
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, To, View

__all__ = ["counted", "departments", "operator", "overview", "pages"]

MOST_AGENCIES = 14

pages = Pages(
    "oversight",
    scopes={"program"},
    nav=[
        Nav("main", t("Overview"), "/", DASHBOARD_READ, "home", 10),
        Nav("main", t("Timeline"), "/timeline", DASHBOARD_READ, "timeline", 50),
    ],
)
counted = Pages(
    "strength",
    scopes={"program"},
    nav=[Nav("main", t("Strength"), "/strength", STRENGTH_READ, "people", 55)],
)
departments = Pages("departments", scopes={"department"})
operator = Pages("operator", scopes={"platform"})


@pages.get("/", permission=DASHBOARD_READ)
async def dashboard(view: View) -> PageAnswer:
    """Show the consolidated picture."""
    asked = view.read(DashboardIn)
    found = await view.run(read_dashboard, asked)
    missions = missions_table(found, view.language, view.query)
    heat = agency_heat(found, view.language, None if "agencies" in view.query else MOST_AGENCIES)
    return view.exported(missions) or view.render(
        "oversight/dashboard.html",
        found=found,
        form=_filters(view, found, asked),
        kpis=key_figures(found),
        map=map_of(found, view),
        missions=missions,
        timeline=timeline_of(found, view),
        heat=heat,
        more="agencies" not in view.query and len(found.agencies) > MOST_AGENCIES,
        funnel=funnel_of(found),
        may_call=view.ctx.actor.may(CALL_WRITE),
    )


@pages.get("/timeline", permission=DASHBOARD_READ)
async def timeline(view: View) -> PageAnswer:
    """Show the rotations of all missions over time."""
    asked = view.read(DashboardIn)
    found = await view.run(read_dashboard, asked)
    drawn = timeline_of(found, view)
    return view.exported(drawn.table) or view.render(
        "oversight/timeline.html", form=_filters(view, found, asked).without("as_of"), timeline=drawn
    )


@counted.get("/strength", permission=STRENGTH_READ)
async def strength(view: View) -> PageAnswer:
    """Count officers by any of five dimensions, as of a date and as known on a date."""
    asked = view.read(StrengthIn)
    found = await view.run(count_strength, asked)
    scopes = (await view.work.session.execute(select(ScopeRow).where(ScopeRow.kind == "agency"))).scalars()
    names = {row.slug: row.name_fr if view.language == "fr" else row.name_en for row in scopes}
    table = strength_table(found, asked, view.query, names)
    form = view.form(StrengthIn, asked).only("by", "mission", "as_of", "known_on")
    choices = {name: words for name, words in DIMENSIONS.items() if name in BY}
    choices |= {"agency,mission": t("Service and mission"), "mission,gender": t("Mission and gender")}
    return view.exported(table) or view.render(
        "oversight/strength.html",
        table=table,
        found=found,
        form=form.offering("by", choices),
        note=await mission_note(view.work, asked.mission),
    )


@departments.get("/", permission=None)
async def department_start(view: View) -> To:
    """Begin with the missions: a department sees what is published, and no person."""
    return To("/missions")


@operator.get("/", permission=None)
async def operator_start(view: View) -> To:
    """Begin with the agencies."""
    return To("/agencies")


def _filters(view: View, found: Dashboard, asked: DashboardIn) -> Form:
    french = view.language == "fr"
    missions = {one.acronym_en: one.acronym_fr if french else one.acronym_en for one in found.missions}
    if asked.mission:
        missions.setdefault(asked.mission, asked.mission)
    agencies = {slug: name_fr if french else name_en for slug, name_en, name_fr in found.agencies}
    form = view.form(DashboardIn, asked).offering("mission", missions, nothing=t("All missions"))
    return form.offering("agency", agencies, nothing=t("All services"))
