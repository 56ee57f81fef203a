"""The pages of an agency on its gates, and of IPOB and the operator on agencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import NotFound
from core.lists.showing import show_list
from core.text import Text, t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.lifecycle import Transition
from core.use_cases.listings import Listing
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View
from tenants.contracts import accept_contract, contracts_of, propose_contract
from tenants.directory import get_agency, list_agencies
from tenants.lifecycle import (
    AGENCY,
    AGENCY_MOVE,
    AGENCY_PAUSE,
    AGENCY_READ,
    AGENCY_RENAME,
    AGREEMENT_WRITE,
    CONTRACT_ACCEPT,
    CONTRACT_PROPOSE,
    PRIVACY_WRITE,
)
from tenants.onboarding import get_onboarding
from tenants.schemas import (
    ActIn,
    AgencyFileOut,
    AgreementIn,
    AgreementOut,
    ContractIn,
    ContractOut,
    ListAgencies,
    NameIn,
    NameOut,
    PrivacyIn,
    PrivacyOut,
    StandingIn,
    StandingOut,
)
from tenants.service import get_gates, record_act, record_agreement, record_privacy
from tenants.standings import move_agency, pause_agency, rename_agency
from tenants.tables import (
    agencies_table,
    agreements_table,
    fields_table,
    participation_badge,
    privacy_table,
    state_badge,
    versions_table,
)
from tenants.words import ACTS, KINDS, NEEDS, SET_BY

RECORD = t("Record")
AGENCIES = Listing(t("Agencies"), {})

pages = Pages(
    "tenants",
    nav=[Nav("admin", t("Agreement, sharing, privacy"), "/agreements", AGENCY_READ, "lock", 30)],
)
joining_pages = Pages("joining", under="/")
program_pages = Pages(
    "tenants-program",
    scopes={"program"},
    nav=[Nav("main", t("Agencies"), "/agencies", AGENCY_READ, "org", 60)],
)
operator_pages = Pages(
    "tenants-operator",
    scopes={"platform"},
    nav=[Nav("main", t("Agencies"), "/agencies", AGENCY_READ, "org", 10)],
)


@pages.get("/agreements", permission=AGENCY_READ)
async def gates(view: View) -> Answer:
    """Show what is recorded, and what keeps nominations back."""
    found = await view.run(get_gates, Nothing())
    may = view.ctx.actor.may
    in_force = [one for one in found.contracts if one.state == "in_force"]
    newest = next(iter(in_force or found.contracts), None)
    state = found.standings[0].state if found.standings else None
    agreements = agreements_table(found.agreements, acts=True)
    return view.render(
        "tenants/gates.html",
        gates=found,
        agreements=agreements if may(AGREEMENT_WRITE) else agreements.without("add"),
        privacy=privacy_table(found.privacy),
        versions=versions_table(found.contracts),
        contract=newest,
        fields=fields_table(newest.fields) if newest else None,
        state=state_badge(state),
        participation=participation_badge(found.confidence),
        steps=[] if found.standings and found.standings[0].held_by_operator else _offered(view, state),
        history=_history(found.standings),
        needs=[NEEDS[one] for one in found.needs],
        may={
            "agreement": may(AGREEMENT_WRITE),
            "privacy": may(PRIVACY_WRITE),
            "contract": may(CONTRACT_PROPOSE),
        },
    )


@pages.get("/agreements/new", permission=AGREEMENT_WRITE)
async def new_agreement(view: View) -> Answer:
    """Ask for an agreement."""
    return _form(view, t("Record an agreement"), "/agreements/new", view.form(AgreementIn))


@pages.post("/agreements/new", use_case=record_agreement, form=new_agreement)
async def agreement_recorded(view: View, result: AgreementOut) -> To:
    """Go on with the acts on which the agreement rests."""
    return To("/agreements", t("The agreement is recorded. Record the acts on which it rests."))


@pages.get("/agreements/{id}/acts", permission=AGREEMENT_WRITE)
async def new_act(view: View) -> Answer:
    """Ask for an external act."""
    agreement = view.params["id"]
    found = await view.run(get_gates, Nothing())
    if agreement not in {str(one.id) for one in found.agreements}:
        raise NotFound
    return _form(view, t("Record an act"), f"/agreements/{agreement}/acts", view.form(ActIn).without("id"))


@pages.post("/agreements/{id}/acts", use_case=record_act, form=new_act, upload="document_id", purpose="resolution")
async def act_recorded(view: View, result: AgreementOut) -> To:
    """Show the agreements with the act."""
    return To("/agreements", t("Recorded: %(act)s.", act=ACTS[result.acts[0].kind]))


@pages.get("/agreements/privacy", permission=PRIVACY_WRITE)
async def new_privacy(view: View) -> Answer:
    """Ask for a privacy record."""
    return _form(view, t("Record a privacy paper"), "/agreements/privacy", view.form(PrivacyIn))


@pages.post("/agreements/privacy", use_case=record_privacy, form=new_privacy, upload="document_id", purpose="evidence")
async def privacy_recorded(view: View, result: PrivacyOut) -> To:
    """Show the gates with the record."""
    return To("/agreements", t("Recorded: %(what)s.", what=NEEDS[result.kind]))


@pages.get("/agreements/contract", permission=CONTRACT_PROPOSE)
async def new_contract(view: View) -> Answer:
    """Ask what IPOB may see from now on; the present version is ticked."""
    known = await contracts_of(view.work, view.ctx.scope.id)
    ticked = {"fields": [one.field for one in known[0].fields]} if known else {}
    form = view.form(ContractIn, ticked)
    return _form(view, t("Propose a version of the sharing contract"), "/agreements/contract", form, label=t("Propose"))


@pages.post("/agreements/contract", use_case=propose_contract, form=new_contract)
async def contract_proposed(view: View, result: ContractOut) -> To:
    """Show the versions; the new one waits for IPOB."""
    return To("/agreements", t("Version %(number)s is proposed: IPOB is asked to accept it.", number=result.number))


@pages.get("/agreements/state/{step}", permission=AGENCY_PAUSE)
async def new_state(view: View) -> Answer:
    """Ask from when, and why."""
    step = _step(view)
    form = view.form(StandingIn, {"since": view.ctx.today}).without("id", "step")
    return _form(view, step.title, f"/agreements/state/{step.name}", form, label=step.title)


@pages.post("/agreements/state/{step}", use_case=pause_agency, form=new_state)
async def state_changed(view: View, result: StandingOut) -> To:
    """Show the gates in the new state."""
    return To("/agreements", _since(result))


@joining_pages.get("/joining", permission=AGENCY_READ)
async def joining(view: View) -> Answer:
    """Show what a service that is joining has still to do."""
    return view.render("tenants/joining.html", found=await view.run(get_onboarding, Nothing()))


@program_pages.get("/agencies", permission=AGENCY_READ, listing=AGENCIES)
@operator_pages.get("/agencies", permission=AGENCY_READ, listing=AGENCIES)
async def agencies(view: View) -> PageAnswer:
    """List the agencies."""
    asked = view.read(ListAgencies)
    found = await view.run(list_agencies, asked)
    table = agencies_table(found.agencies, view.language, shared=view.ctx.scope.kind == "program")
    return await show_list(view, "tenants/agencies.html", table, form=view.form(ListAgencies, asked))


@program_pages.get("/agencies/{id}", permission=AGENCY_READ)
@operator_pages.get("/agencies/{id}", permission=AGENCY_READ)
async def agency(view: View) -> Answer:
    """Show one agency: to IPOB what was agreed, to the operator its states and names."""
    found = await view.run(get_agency, ById(view.params["id"]))
    one = found.agency
    waiting = next((each for each in found.contracts if each.state == "proposed"), None)
    current = next((each for each in found.contracts if each.state == "in_force"), None)
    return view.render(
        "tenants/agency.html",
        found=found,
        name=_named(view, found),
        kind=KINDS[one.kind] if one.kind else None,
        state=state_badge(one.state),
        participation=participation_badge(one.confidence),
        agreements=agreements_table(found.agreements, acts=False),
        versions=versions_table(found.contracts),
        current=fields_table(current.fields) if current else None,
        waiting=waiting,
        proposed=fields_table(waiting.fields) if waiting else None,
        may_accept=view.ctx.actor.may(CONTRACT_ACCEPT),
        may_rename=view.ctx.actor.may(AGENCY_RENAME),
        steps=_offered(view, found.standings[0].state if found.standings else None),
        history=_history(found.standings),
    )


@program_pages.post("/agencies/{id}/contract", use_case=accept_contract, form=agency)
async def contract_accepted(view: View, result: ContractOut) -> To:
    """Show the agency with the accepted version."""
    said = t("Version %(number)s is accepted. It holds from %(day)s.", number=result.number, day=result.since)
    return To(f"/agencies/{view.params['id']}", said)


@operator_pages.get("/agencies/{id}/state/{step}", permission=AGENCY_MOVE)
async def new_agency_state(view: View) -> Answer:
    """Ask from when, and why."""
    step = _step(view)
    form = view.form(StandingIn, {"since": view.ctx.today}).without("id", "step")
    here = f"/agencies/{view.params['id']}"
    found = await view.run(get_agency, ById(view.params["id"]))
    about = _named(view, found)
    return _form(view, step.title, f"{here}/state/{step.name}", form, label=step.title, back=here, about=about)


@operator_pages.post("/agencies/{id}/state/{step}", use_case=move_agency, form=new_agency_state)
async def agency_moved(view: View, result: StandingOut) -> To:
    """Show the agency in its new state."""
    return To(f"/agencies/{view.params['id']}", _since(result))


@operator_pages.get("/agencies/{id}/name", permission=AGENCY_RENAME)
async def new_name(view: View) -> Answer:
    """Ask for a new name; the present one is filled in."""
    here = f"/agencies/{view.params['id']}"
    found: AgencyFileOut = await view.run(get_agency, ById(view.params["id"]))
    known: Any = found.names[0] if found.names else found.agency
    values = {key: getattr(known, key, "") for key in ("name_en", "name_fr", "code_en", "code_fr")}
    form = view.form(NameIn, values | {"since": view.ctx.today}).without("id")
    return _form(view, t("Record a new name"), f"{here}/name", form, back=here, about=_named(view, found))


@operator_pages.post("/agencies/{id}/name", use_case=rename_agency, form=new_name)
async def renamed(view: View, result: NameOut) -> To:
    """Show the agency under its new name."""
    return To(f"/agencies/{view.params['id']}", t("The name is recorded; older tours keep the old one."))


def _form(
    view: View,
    title: Text,
    action: str,
    form: Form,
    *,
    label: Text = RECORD,
    back: str = "/agreements",
    about: str = "",
) -> Answer:
    return view.render("tenants/form.html", title=title, action=action, form=form, label=label, back=back, about=about)


def _named(view: View, found: AgencyFileOut) -> str:
    return found.agency.name_fr if view.language == "fr" else found.agency.name_en


def _step(view: View) -> Transition:
    """Return the change of state that the address names, or raise ``NotFound``."""
    for step in AGENCY.transitions:
        if step.name == view.params["step"]:
            return step
    raise NotFound


def _offered(view: View, state: str | None) -> list[Transition]:
    """Return the changes of state that the reader may make now."""
    return AGENCY.offered(state, view.ctx.actor) if state else []


def _history(standings: Sequence[StandingOut]) -> list[dict[str, Any]]:
    return [
        {"title": AGENCY.states[one.state], "at": one.since, "who": SET_BY[one.set_by], "reason": one.reason}
        for one in standings
    ]


def _since(standing: StandingOut) -> Text:
    return t("%(state)s since %(day)s.", state=AGENCY.states[standing.state], day=standing.since)
