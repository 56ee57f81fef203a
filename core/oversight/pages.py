"""The pages of oversight: IPOB's dashboard and timeline, strength as of a date, each agency's overview."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from core.database.directory import ScopeRow
from core.missions.lifecycle import CALL_WRITE
from core.missions.models import Mission
from core.oversight.agency_pages import overview
from core.oversight.dashboard import read_dashboard
from core.oversight.drawing import draw, noted, notes_of
from core.oversight.key_drawing import key_figures
from core.oversight.lifecycle import DASHBOARD_READ, STRENGTH_READ
from core.oversight.schemas import Dashboard, DashboardIn
from core.oversight.strength import BY, StrengthIn, count_strength, english_acronym, mission_notes
from core.oversight.strength_table import CROSSED, DIMENSIONS, strength_table
from core.text import Text, t
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.tables import again
from core.web.view import PageAnswer, To, View

__all__ = ["counted", "departments", "operator", "overview", "pages"]

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
    drawn = draw(found, view)
    query = view.query
    return await view.exported(*drawn.tables) or view.render(
        "oversight/dashboard.html",
        found=found,
        form=await _filters(view, found, asked),
        kpis=key_figures(found, asked, view),
        drawn=drawn,
        notes=notes_of(found, view.language),
        today=again("/", query, as_of=None),
        timeline=again("/timeline", query, agencies=None),
        every=again("/", query, agencies="all") if drawn.shortened else None,
        may_call=view.ctx.actor.may(CALL_WRITE),
    )


@pages.get("/timeline", permission=DASHBOARD_READ)
async def timeline(view: View) -> PageAnswer:
    """Show the rotations of all missions over time."""
    asked = view.read(DashboardIn)
    found = await view.run(read_dashboard, asked)
    drawn = draw(found, view, "/timeline").timeline
    return await view.exported(drawn.table) or view.render(
        "oversight/timeline.html",
        found=found,
        form=await _filters(view, found, asked),
        timeline=drawn,
        notes=notes_of(found, view.language),
    )


@counted.get("/strength", permission=STRENGTH_READ)
async def strength(view: View) -> PageAnswer:
    """Count officers by any of five dimensions, as of a date and as known on a date."""
    asked = view.read(StrengthIn)
    found = await view.run(count_strength, asked)
    scopes = (await view.work.session.execute(select(ScopeRow).where(ScopeRow.kind == "agency"))).scalars()
    names = {row.slug: row.name_fr if view.language == "fr" else row.name_en for row in scopes}
    acronyms = (await view.work.session.execute(select(Mission.acronym_en, Mission.acronym_fr))).all()
    missions = {row.acronym_en: row.acronym_fr if view.language == "fr" else row.acronym_en for row in acronyms}
    notes = noted(await mission_notes(view.work, found, asked), view.language)
    table = strength_table(found, asked, view.query, names | missions, notes)
    await _also(view, missions, asked.mission)
    form = view.form(StrengthIn, asked).only("by", "mission", "agency", "as_of", "known_on")
    choices: dict[str, Text | str] = {name: words for name, words in DIMENSIONS.items() if name in BY}
    choices |= {",".join(names): words for names, words in CROSSED.items()}
    if asked.by not in choices:
        choices[asked.by] = " × ".join(view.say(DIMENSIONS[name]) for name in found.by)
    form = form.offering("by", choices).offering("mission", _by_name(missions), nothing=t("All missions"))
    form = form.offering("agency", _by_name(names), nothing=t("All services"))
    return await view.exported(table) or view.render(
        "oversight/strength.html",
        table=table,
        found=found,
        form=view.filters(form),
        notes=notes,
    )


@departments.get("/", permission=None)
async def department_start(view: View) -> To:
    """Begin with the missions: a department sees what is published, and no person."""
    return To("/missions")


@operator.get("/", permission=None)
async def operator_start(view: View) -> To:
    """Begin with the agencies."""
    return To("/agencies")


async def _filters(view: View, found: Dashboard, asked: DashboardIn) -> Form:
    french = view.language == "fr"
    missions = {en: fr if french else en for en, fr in found.choices}
    await _also(view, missions, asked.mission)
    agencies = {slug: name_fr if french else name_en for slug, name_en, name_fr in found.agencies}
    form = view.form(DashboardIn, asked).offering("mission", missions, nothing=t("All missions"))
    return view.filters(form.offering("agency", _by_name(agencies), nothing=t("All services")))


async def _also(view: View, missions: dict[str, str], acronym: str | None) -> None:
    """Offer the mission that was asked for, too, by the acronym that it was asked for by: one of another day, say."""
    if acronym and await english_acronym(view.work, acronym):
        missions.setdefault(acronym, acronym)


def _by_name(named: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(named.items(), key=lambda one: one[1]))
