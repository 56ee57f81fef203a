"""The pages of officer files: list, add by hand, one file, one's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.hooks.specs import officer_panels
from core.lists.showing import show_list
from core.panels.acting import gather_action
from core.panels.drawing import told
from core.panels.page_drawing import ask_plugins
from core.panels.schemas import Acted
from core.personnel.acting import act_on_officer, rights_on, tell_of
from core.personnel.lifecycle import FITNESS_READ, OFFICER_OWN, OFFICER_READ, OFFICER_WRITE, QUALIFICATION_WRITE
from core.personnel.qualifications import add_qualification, list_fitness, record_fitness, remove_qualification
from core.personnel.schemas import (
    GENDERS,
    LANGUAGES,
    QUALIFICATIONS,
    STATUSES,
    FitnessIn,
    FitnessList,
    ListOfficers,
    OfficerChange,
    OfficerFile,
    OfficerIn,
    OwnFields,
    QualificationIn,
)
from core.personnel.service import add_officer, change_officer, change_own_fields, get_officer, list_officers
from core.personnel.tables import VALIDITY, officers_table
from core.text import t
from core.use_cases.declaration import ById
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.view import Answer, Asks, PageAnswer, To, View

OUTCOMES = {"fit": t("Fit"), "fit_with_limits": t("Fit with limits"), "unfit": t("Unfit")}
KINDS = {"medical": t("Medical"), "psychological": t("Psychological")}

pages = Pages(
    "personnel",
    nav=[
        Nav("main", t("Our officers"), "/officers", OFFICER_WRITE, "people", 50),
        Nav("main", t("My file"), "/my/file", f"{OFFICER_OWN}:own", "user", 60),
    ],
)


@pages.get("/officers", permission=OFFICER_READ, listing=Listing(t("Officers"), {"status": "all"}))
async def officers(view: View) -> PageAnswer:
    """List the service's officers."""
    asked = view.read(ListOfficers)
    found = await view.listed(list_officers, asked, "officers")
    table = officers_table(found, view.language)
    states = {"serving": t("Serving"), "all": t("All"), **STATUSES}
    form = view.form(ListOfficers, asked).only("q", "status").offering("status", states)
    may_write = view.ctx.actor.may(OFFICER_WRITE)
    return await show_list(view, "personnel/officers.html", table, form=form, total=found.total, may_write=may_write)


@pages.get("/officers/new", permission=OFFICER_WRITE)
async def new_officer(view: View) -> Answer:
    """Ask the few things that a nomination needs."""
    form = view.form(OfficerIn, {"language": view.language}).offering("rank_code", await _ranks(view))
    return view.render("personnel/officer_form.html", form=form)


@pages.post("/officers/new", use_case=add_officer, form=new_officer)
async def officer_added(view: View, result: OfficerFile) -> To:
    """Go to the new file."""
    return To(f"/officers/{result.officer.id}", t("The officer is added. Qualifications can be entered below."))


@pages.get("/officers/{id}", permission=OFFICER_READ)
async def officer(view: View) -> Answer:
    """Show one officer's file."""
    return await _file(view, view.params["id"])


@pages.get("/my/file", permission=OFFICER_OWN)
async def my_file(view: View) -> Answer:
    """Show the reader's own file."""
    if view.ctx.actor.officer_id is None:
        return view.render("personnel/unlinked.html")
    return await _file(view, str(view.ctx.actor.officer_id))


@pages.post("/officers/{id}", use_case=change_officer, form=officer)
async def officer_changed(view: View, result: OfficerFile) -> To:
    """Show the changed file."""
    return To(f"/officers/{result.officer.id}", t("Saved."))


@pages.post("/officers/{id}/own", use_case=change_own_fields, form=officer)
async def own_fields_changed(view: View, result: OfficerFile) -> To:
    """Show the changed file."""
    return To("/my/file" if result.own else f"/officers/{result.officer.id}", t("Saved."))


@pages.post("/officers/{id}/qualifications", use_case=add_qualification, form=officer)
async def qualification_added(view: View, result: OfficerFile) -> To:
    """Show the file with the qualification."""
    return To(f"/officers/{result.officer.id}", t("The qualification is added."))


@pages.post("/officers/{id}/qualifications/{qualification_id}/removal", use_case=remove_qualification, form=officer)
async def qualification_removed(view: View, result: OfficerFile) -> To:
    """Show the file without the qualification."""
    return To(f"/officers/{result.officer.id}", t("The qualification is removed."))


@pages.post("/officers/{id}/fitness", use_case=record_fitness, form=officer)
async def fitness_recorded(view: View, result: FitnessList) -> To:
    """Show the file with the outcome."""
    return To(f"/officers/{view.params['id']}", t("The outcome is recorded. Nobody outside health sees it."))


@pages.post("/officers/{id}/actions/{plugin}/{action}", use_case=act_on_officer, form=officer, gather=gather_action)
async def acted(view: View, result: Acted) -> To:
    """Show the file, and what the plugin says."""
    own = view.params["id"] == str(view.ctx.actor.officer_id)
    return To("/my/file" if own else f"/officers/{view.params['id']}", told(result.said, view.language))


async def _file(view: View, officer_id: str) -> Answer:
    found = await view.run(get_officer, ById(officer_id))
    actor, summary = view.ctx.actor, found.officer
    health = None
    if actor.may(FITNESS_READ):
        health = await view.run(list_fitness, ById(officer_id))
    change = view.form(OfficerChange, _flat(found), version=summary.version).offering("rank_code", await _ranks(view))
    own = view.form(OwnFields, _flat(found), version=summary.version, prefix="own-")
    return view.render(
        "personnel/officer.html",
        asks=_plugins(view, found),
        file=found,
        officer=summary,
        STATUSES=STATUSES,
        GENDERS=GENDERS,
        LANGUAGES=LANGUAGES,
        KINDS=KINDS,
        OUTCOMES=OUTCOMES,
        qualifications=[
            (one, QUALIFICATIONS.get(one.kind, one.kind), VALIDITY[one.state]) for one in found.qualifications
        ],
        health=health,
        fitness=view.form(FitnessIn, {"id": officer_id}, prefix="fitness-") if health is not None else None,
        change=change.without(*(name for name in found.owned_by_hr if name in change))
        if actor.may(OFFICER_WRITE)
        else None,
        own=own if actor.may(OFFICER_OWN, owner=summary.id) else None,
        adding=view.form(QualificationIn, {"id": officer_id}, prefix="qualification-")
        if actor.may(QUALIFICATION_WRITE)
        else None,
    )


def _plugins(view: View, found: OfficerFile) -> Asks:
    """Return what asks plugins for panels and actions on this officer's file."""
    id = found.officer.id
    rights, path = rights_on(id), f"/officers/{id}/actions"
    return partial(ask_plugins, view, officer_panels, partial(tell_of, id=id), rights=rights, path=path)


def _flat(found: OfficerFile) -> dict[str, Any]:
    names = ("email", "post", "hire_date", "gender", "birth_date", "mission_telephone", "affiliation")
    summary = found.officer
    mine = (
        "id",
        "given_name",
        "family_name",
        "preferred_name",
        "rank_code",
        "unit",
        "language",
        "status",
        "employee_number",
    )
    return {name: getattr(found, name) for name in names} | {name: getattr(summary, name) for name in mine}


async def _ranks(view: View) -> dict[str, str]:
    ranks = await view.ctx.agencies.ranks(view.work.session)
    return {code: rank.title(view.language, None) for code, rank in ranks.items()}
