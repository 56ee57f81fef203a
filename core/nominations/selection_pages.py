"""The pages of selection, IPOB's side: what the agencies nominated, one file, results, decisions."""

from __future__ import annotations

import msgspec

from core.lists.showing import show_list
from core.missions.calls import list_calls
from core.missions.schemas import ListCalls
from core.nominations.candidacies import TITLES, ToScreen, count_to_screen, list_candidacies, open_candidacy
from core.nominations.candidacy_schemas import (
    REASONS,
    RESULTS,
    AssessmentIn,
    CandidacyFile,
    CandidacyStep,
    FitnessIn,
    ListCandidacies,
    OfCandidacy,
)
from core.nominations.lifecycle import CANDIDACY, CANDIDACY_HEALTH, CANDIDACY_READ, CANDIDACY_SCREEN, CANDIDACY_SELECT
from core.nominations.selection import move_candidacy, record_assessment, record_fitness_result
from core.nominations.tables import candidacies_table, state_of
from core.text import t
from core.use_cases.conflicts import SOMEBODY_ELSE, TOUCHED
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View

NOMINATIONS = Listing(t("Nominations"), {"state": "all"})
ASSESSED = ("screening", "assessment", "selected", "training", "reserve")
CHECK_TONES = {"pass": "ok", "warn": "warn", "block": "bad"}
RESULT_TONES = {"met": "ok", "fit": "ok", "not_met": "bad", "unfit": "bad"}


async def to_screen(view: View) -> int:
    """Return how many nominations nobody has looked at yet."""
    return (await view.run(count_to_screen, ToScreen())).count


selection = Pages(
    "selection",
    scopes={"program"},
    nav=[Nav("main", t("Nominations"), "/nominations", CANDIDACY_READ, "archive", 40, to_screen)],
)


@selection.get("/nominations", permission=CANDIDACY_READ, listing=NOMINATIONS)
async def candidacies(view: View) -> PageAnswer:
    """List what the agencies nominated."""
    asked = view.read(ListCandidacies)
    found = await view.listed(list_candidacies, asked, "candidacies")
    table = candidacies_table(found.candidacies, view.language, found.next)
    calls = (await view.run(list_calls, ListCalls(state="all"))).calls
    french = view.language == "fr"
    names = {str(one.id): f"{one.number} · {one.mission_fr if french else one.mission_en}" for one in calls}
    form = view.form(ListCandidacies, asked).only("q", "call_id", "state")
    states = {"running": t("Running"), "all": t("All"), "nominated": t("Nominated")} | {
        name: words for name, words in CANDIDACY.states.items() if name != "withdrawn"
    }
    form = form.offering("call_id", names, nothing=t("All calls")).offering("state", states)
    return await show_list(view, "nominations/candidacies.html", table, form=form)


@selection.get("/nominations/{agency}/{id}", permission=CANDIDACY_READ)
async def candidacy(view: View) -> Answer:
    """Open one file; the agency sees that IPOB looked."""
    found = await view.run(open_candidacy, OfCandidacy(agency=view.params["agency"], id=view.params["id"]))
    actor, summary = view.ctx.actor, found.summary
    if found.touched:
        actor = msgspec.structs.replace(actor, permissions=frozenset())
    given = {"agency": summary.agency, "id": str(summary.id)}
    steps = [one for one in CANDIDACY.offered(summary.state, actor) if one.name != "assign"]
    refusal = view.form(CandidacyStep, given | {"step": "refuse"}, version=summary.version, prefix="refusal-")
    return view.render(
        "nominations/candidacy.html",
        file=found,
        candidacy=summary,
        badge=state_of(summary.state),
        path=f"/nominations/{summary.agency}/{summary.id}",
        touched=(TOUCHED, SOMEBODY_ELSE) if found.touched else None,
        steps=[one for one in steps if one.name not in ("refuse", "ready")],
        ready=any(one.name == "ready" for one in steps),
        may_screen=summary.state == "nominated" and actor.may(CANDIDACY_SCREEN),
        may_assess=summary.state in ASSESSED and actor.may(CANDIDACY_SCREEN),
        fitness=view.form(FitnessIn, given | {"done_on": view.ctx.today.isoformat()}, prefix="fitness-")
        if summary.state in ASSESSED and actor.may(CANDIDACY_HEALTH)
        else None,
        qualifications=[
            {"title": one.title, "note": one.detail, "tone": CHECK_TONES[one.outcome]} for one in found.qualifications
        ],
        assessments=[
            {
                "title": t("%(what)s: %(result)s", what=TITLES[one.kind], result=RESULTS[one.result]),
                "note": one.check.detail,
                "tone": RESULT_TONES.get(one.result, "warn")
                if one.check.outcome == "pass"
                else CHECK_TONES[one.check.outcome],
            }
            for one in found.assessments
        ],
        form=view.form(AssessmentIn, given | {"done_on": view.ctx.today.isoformat()}, prefix="assessment-"),
        refusal=refusal.requiring("reason_code") if any(one.name == "refuse" for one in steps) else None,
        may_plan=summary.state == "ready" and actor.may("tour.plan"),
        may_select=actor.may(CANDIDACY_SELECT),
        reason=REASONS.get(found.reason_code or ""),
    )


@selection.post("/nominations/{agency}/{id}/step", use_case=move_candidacy, form=candidacy)
async def moved(view: View, result: CandidacyFile) -> To:
    """Show the file in its new state."""
    summary = result.summary
    said = t("Done: %(state)s.", state=CANDIDACY.states[summary.state])
    return To(f"/nominations/{summary.agency}/{summary.id}", said)


@selection.post("/nominations/{agency}/{id}/assessments", use_case=record_assessment, form=candidacy)
async def assessed(view: View, result: CandidacyFile) -> To:
    """Show the file with the result."""
    return To(f"/nominations/{result.summary.agency}/{result.summary.id}", t("The result is recorded."))


@selection.post("/nominations/{agency}/{id}/fitness", use_case=record_fitness_result, form=candidacy)
async def fitness_recorded(view: View, result: CandidacyFile) -> To:
    """Show the file with the health result."""
    return To(f"/nominations/{result.summary.agency}/{result.summary.id}", t("The result is recorded."))
