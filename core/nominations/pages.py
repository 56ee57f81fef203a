"""The pages of nominations, the agency's side: open calls, interest, the nomination and its file."""

from __future__ import annotations

from typing import Any

from core.lists.showing import show_list
from core.missions.calls import get_call, list_calls
from core.missions.lifecycle import CALL, CALL_READ
from core.missions.pages import CALLS, calls_form
from core.missions.schemas import ListCalls
from core.missions.tables import calls_table
from core.nominations.answering import ask_reconsideration
from core.nominations.eligibility import anybody_to_ask
from core.nominations.interest import declare_interest, decline_interest, list_interests
from core.nominations.lifecycle import (
    CANDIDACY_RECONSIDER,
    CONDUCT_ATTEST,
    INTEREST,
    INTEREST_ANSWER,
    INTEREST_DECLARE,
    NOMINATION,
    NOMINATION_READ,
    NOMINATION_RELEASE,
    NOMINATION_WITHDRAW,
    NOMINATION_WRITE,
)
from core.nominations.member_pages import mine
from core.nominations.reading import get_nomination, list_nominations, preview_release
from core.nominations.schemas import (
    VALUES,
    ConductIn,
    DeclareInterest,
    InterestOut,
    ListInterests,
    ListNominations,
    NominationChange,
    NominationFile,
    NominationIn,
    OfNomination,
)
from core.nominations.selection_pages import NOMINATIONS, selection
from core.nominations.service import (
    ask_plugins,
    attest_conduct,
    change_nomination,
    draft_nomination,
    release_nomination,
    submit_nomination,
    withdraw_nomination,
)
from core.nominations.sharing_pages import sharing
from core.nominations.tables import nominations_table, standing_of
from core.personnel.schemas import ListOfficers
from core.personnel.service import list_officers
from core.text import t
from core.use_cases.declaration import ById
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View

__all__ = ["mine", "pages", "selection", "sharing"]

CHECK_TONES = {"pass": "ok", "warn": "warn", "block": "bad"}


async def open_calls(view: View) -> int:
    """Return how many calls are open."""
    return len((await view.run(list_calls, ListCalls(state="open"))).calls)


pages = Pages(
    "nominations",
    nav=[
        Nav("main", t("Open calls"), "/calls", CALL_READ, "megaphone", 30, open_calls),
        Nav("main", t("Nominations"), "/nominations", NOMINATION_WRITE, "archive", 40),
    ],
)


@pages.get("/calls", permission=CALL_READ, listing=CALLS)
async def calls(view: View) -> PageAnswer:
    """List the calls that are published."""
    asked = view.read(ListCalls)
    found = await view.listed(list_calls, asked, "calls")
    table = calls_table(found.calls, view.language, found.next)
    return await show_list(view, "nominations/calls.html", table, form=calls_form(view, asked))


@pages.get("/calls/{id}", permission=CALL_READ)
async def call(view: View) -> Answer:
    """Show a call: to an officer with “I am interested”, to a coordinator with those who are."""
    actor = view.ctx.actor
    found = await view.run(get_call, ById(view.params["id"]))
    asked = ListInterests(call_id=view.params["id"])
    interests = (await view.run(list_interests, asked)).interests if actor.may_at_all("interest.read") else []
    own = next((one for one in interests if one.officer_id == actor.officer_id), None)
    may_declare = actor.officer_id is not None and actor.may(INTEREST_DECLARE, owner=actor.officer_id)
    fileless = actor.officer_id is None and actor.may_at_all(INTEREST_DECLARE) and not actor.may(INTEREST_DECLARE)
    return view.render(
        "nominations/call.html",
        call=found,
        CALL=CALL,
        takes=found.state == "open" and found.closes_on >= view.ctx.today,
        INTEREST=INTEREST,
        own=own,
        interests=interests if actor.may("interest.read") else [],
        fileless=fileless,
        form=view.form(DeclareInterest, {"call_id": str(found.id)}).without("officer_id") if may_declare else None,
        may_nominate=actor.may(NOMINATION_WRITE),
        may_answer=actor.may(INTEREST_ANSWER),
    )


@pages.post("/calls/{id}/interest", use_case=declare_interest, form=call)
async def interest_declared(view: View, result: InterestOut) -> To:
    """Show the call with the interest."""
    said = t("Your coordinator is told. You see every decision under “My nominations”.")
    return To(f"/calls/{result.call_id}", said)


@pages.post("/interests/{id}/refusal", use_case=decline_interest)
async def interest_declined(view: View, result: InterestOut) -> To:
    """Show the call again."""
    return To(f"/calls/{result.call_id}", t("The officer is told, with your reason."))


@pages.get("/nominations", permission=NOMINATION_WRITE, listing=NOMINATIONS)
async def nominations(view: View) -> PageAnswer:
    """List the service's nominations."""
    asked = view.read(ListNominations)
    found = await view.listed(list_nominations, asked, "nominations")
    table = nominations_table(found.nominations, view.language, found.next)
    states = {"running": t("Running"), "all": t("All"), **NOMINATION.states}
    form = view.form(ListNominations, asked).only("q", "state").offering("state", states)
    return await show_list(view, "nominations/nominations.html", table, form=form)


@pages.get("/calls/{call_id}/nominate", permission=NOMINATION_WRITE)
async def nominate(view: View) -> Answer:
    """Ask whom to put forward for which position."""
    found = await view.run(get_call, ById(view.params["call_id"]))
    interests = (await view.run(list_interests, ListInterests(call_id=view.params["call_id"]))).interests
    officers = (await view.run(list_officers, ListOfficers(status="active", limit=200))).officers
    keen = {str(one.officer_id): one for one in interests if one.state == "declared"}
    french = view.language == "fr"
    names: dict[str, Any] = {}
    for one in sorted(officers, key=lambda one: str(one.id) not in keen):
        rank = one.rank_fr if french else one.rank_en
        label = f"{rank} {one.given_name} {one.family_name}"
        names[str(one.id)] = t("%(name)s – is interested", name=label) if str(one.id) in keen else label
    positions = {
        str(one.position.id): one.position.title_fr if french else one.position.title_en for one in found.positions
    }
    given = {"call_id": str(found.id), "officer_id": view.query.get("officer", "")}
    if len(positions) == 1:
        given["position_id"] = next(iter(positions))
    form = view.form(NominationIn, given).offering("officer_id", names).offering("position_id", positions)
    may_read = view.ctx.actor.may("sharing.read")
    gaps = await view.ctx.agencies.gaps(view.work.session, view.ctx.today) if may_read else []
    return view.render("nominations/nominate.html", call=found, form=form, any_officer=bool(names), gaps=gaps)


@pages.post("/calls/{call_id}/nominate", use_case=draft_nomination, form=nominate)
async def drafted(view: View, result: NominationFile) -> To:
    """Show the draft."""
    return To(f"/nominations/{result.nomination.id}", t("The draft is saved. Enter the conduct attestation next."))


@pages.get("/nominations/{id}", permission=NOMINATION_READ)
async def nomination(view: View) -> Answer:
    """Show a nomination: what is missing, what IPOB would see, each decision."""
    found = await view.run(get_nomination, OfNomination(id=view.params["id"]))
    shown = await view.run(preview_release, OfNomination(id=view.params["id"]))
    actor, summary = view.ctx.actor, found.nomination
    return view.render(
        "nominations/nomination.html",
        file=found,
        nomination=summary,
        badge=standing_of(found.nomination),
        NOMINATION=NOMINATION,
        VALUES=VALUES,
        shown=shown,
        steps=_steps(found),
        checks=[{"title": one.title, "note": one.detail, "tone": CHECK_TONES[one.outcome]} for one in found.checks],
        history=[{"title": one.title, "at": one.at, "who": one.by, "reason": one.reason} for one in found.history],
        change=await _change(view, found) if summary.state == "draft" and actor.may(NOMINATION_WRITE) else None,
        conduct=view.form(ConductIn, {"id": str(summary.id)}, prefix="conduct-")
        if actor.may(CONDUCT_ATTEST) and summary.state in ("draft", "agency_review")
        else None,
        may_ask_plugins=summary.state in ("draft", "agency_review")
        and actor.may(NOMINATION_WRITE)
        and await anybody_to_ask(view.work),
        may_submit=summary.state == "draft" and actor.may(NOMINATION_WRITE),
        may_release=summary.state == "agency_review" and actor.may(NOMINATION_RELEASE),
        may_withdraw=summary.state in ("draft", "agency_review", "nominated") and actor.may(NOMINATION_WITHDRAW),
        may_ask=summary.stage == "not_selected" and found.reconsideration is None and actor.may(CANDIDACY_RECONSIDER),
    )


async def _change(view: View, found: NominationFile) -> Form:
    """Return the form of a draft. The call it offers positions of is not for everybody who reads their nomination."""
    call = await view.run(get_call, ById(str(found.nomination.call_id)))
    french = view.language == "fr"
    positions = {
        str(one.position.id): one.position.title_fr if french else one.position.title_en for one in call.positions
    }
    form = view.form(NominationChange, found, version=found.nomination.version)
    return form.offering("position_id", positions)


@pages.post("/nominations/{id}", use_case=change_nomination, form=nomination)
async def changed(view: View, result: NominationFile) -> To:
    """Show the changed draft."""
    return To(f"/nominations/{result.nomination.id}", t("Saved."))


@pages.post("/nominations/{id}/conduct", use_case=attest_conduct, form=nomination)
async def attested(view: View, result: NominationFile) -> To:
    """Show the nomination with the attestation."""
    return To(f"/nominations/{result.nomination.id}", t("The attestation is entered."))


@pages.post("/nominations/{id}/findings", use_case=ask_plugins, form=nomination)
async def plugins_asked(view: View, result: NominationFile) -> To:
    """Show what the plugins find by now."""
    return To(f"/nominations/{result.nomination.id}", t("The plugins were asked again."))


@pages.post("/nominations/{id}/submission", use_case=submit_nomination, form=nomination)
async def submitted(view: View, result: NominationFile) -> To:
    """Show the nomination on its way through the chain."""
    return To(f"/nominations/{result.nomination.id}", t("Sent for approval. The deciders are told."))


@pages.post("/nominations/{id}/release", use_case=release_nomination, form=nomination)
async def released(view: View, result: NominationFile) -> To:
    """Show the nomination that IPOB has now."""
    return To(f"/nominations/{result.nomination.id}", t("Sent to IPOB."))


@pages.post("/nominations/{id}/withdrawal", use_case=withdraw_nomination, form=nomination)
async def withdrawn(view: View, result: NominationFile) -> To:
    """Show the withdrawn nomination."""
    return To(f"/nominations/{result.nomination.id}", t("Withdrawn."))


@pages.post("/nominations/{id}/reconsideration", use_case=ask_reconsideration, form=nomination)
async def asked_to_reconsider(view: View, result: NominationFile) -> To:
    """Show the nomination that IPOB looks at again."""
    return To(f"/nominations/{result.nomination.id}", t("IPOB is asked to look at it again."))


def _steps(found: NominationFile) -> list[dict[str, Any]]:
    """Return the way of this nomination with where it stands."""
    order = ["draft", "agency_review", "nominated", "selected", "ready", "assigned"]
    titles = [t("Draft"), t("Approval at home"), t("Sent to IPOB"), t("Selected"), t("Ready"), t("Tour")]
    reached = {
        "screening": 2, "assessment": 2, "reserve": 2, "not_selected": 3, "selected": 3, "training": 3, "ready": 4,
        "assigned": 5,
    }  # fmt: skip
    summary = found.nomination
    place = (
        reached.get(summary.stage, 2) if summary.stage else order.index(summary.state) if summary.state in order else 1
    )
    if place == 1 and summary.case_state == "approved":
        place, titles[2] = 2, t("To be sent to IPOB")
    refused = summary.stage in ("not_selected", "withdrawn") or summary.state in ("not_supported", "withdrawn")
    return [
        {
            "title": title,
            "state": "done" if index < place else "open" if index > place else "refused" if refused else "current",
        }
        for index, title in enumerate(titles)
    ]
