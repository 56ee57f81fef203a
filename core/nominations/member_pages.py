"""The officer's own pages: what became of each interest and nomination, with reasons, and one answer."""

from __future__ import annotations

from core.nominations.answering import answer_decision
from core.nominations.interest import list_interests, withdraw_interest
from core.nominations.lifecycle import INTEREST, INTEREST_DECLARE, NOMINATION_WITHDRAW
from core.nominations.reading import get_nomination, list_nominations
from core.nominations.schemas import (
    AnswerIn,
    InterestOut,
    ListInterests,
    ListNominations,
    NominationFile,
    OfNomination,
)
from core.nominations.service import withdraw_nomination
from core.nominations.tables import standing_of
from core.text import t
from core.web.pages import Nav, Pages
from core.web.view import Answer, To, View

mine = Pages(
    "my-nominations", nav=[Nav("main", t("My nominations"), "/my/nominations", f"{INTEREST_DECLARE}:own", "user", 45)]
)

STEPS = {"declared": "info", "nominated": "ok", "declined": "bad", "withdrawn": "idle"}


@mine.get("/my/nominations", permission=INTEREST_DECLARE)
async def my_nominations(view: View) -> Answer:
    """List one's own interests and nominations."""
    officer_id = view.ctx.actor.officer_id
    interests = (await view.run(list_interests, ListInterests())).interests
    nominations = (await view.run(list_nominations, ListNominations(state="all"))).nominations
    return view.render(
        "nominations/mine.html",
        interests=[one for one in interests if one.officer_id == officer_id and one.state != "nominated"],
        nominations=[(one, standing_of(one)) for one in nominations if one.officer_id == officer_id],
        INTEREST=INTEREST,
        tones=STEPS,
        linked=officer_id is not None,
    )


@mine.post("/my/interests/{id}/withdrawal", use_case=withdraw_interest, form=my_nominations)
async def interest_withdrawn(view: View, result: InterestOut) -> To:
    """List one's own again."""
    return To("/my/nominations", t("Your interest is withdrawn."))


@mine.get("/my/nominations/{id}", permission=NOMINATION_WITHDRAW)
async def my_nomination(view: View) -> Answer:
    """Show one's own nomination with each decision and its reason."""
    found = await view.run(get_nomination, OfNomination(id=view.params["id"]))
    summary = found.nomination
    refused = summary.state == "not_supported" or summary.stage == "not_selected"
    return view.render(
        "nominations/my_nomination.html",
        file=found,
        nomination=summary,
        badge=standing_of(summary),
        history=[{"title": one.title, "at": one.at, "who": one.by, "reason": one.reason} for one in found.history],
        form=view.form(AnswerIn, {"id": str(summary.id)}) if refused and found.officer_answer is None else None,
        may_withdraw=summary.state in ("draft", "agency_review", "nominated") and summary.stage != "assigned",
    )


@mine.post("/my/nominations/{id}/withdrawal", use_case=withdraw_nomination, form=my_nomination)
async def nomination_withdrawn(view: View, result: NominationFile) -> To:
    """Show one's own nomination, withdrawn."""
    return To(f"/my/nominations/{result.nomination.id}", t("Withdrawn."))


@mine.post("/my/nominations/{id}/answer", use_case=answer_decision, form=my_nomination)
async def answered(view: View, result: NominationFile) -> To:
    """Show one's own nomination with the answer."""
    return To(f"/my/nominations/{result.nomination.id}", t("Your answer is with your coordinator."))
