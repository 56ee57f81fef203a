"""The pages of approvals: the inbox, one case with its decision, on paper, delegations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import structs

from core.approvals.chain_pages import choosing, name_of
from core.approvals.decisions import confirm_paper, decide, decide_on_paper, recall
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_DELEGATE, APPROVAL_MANAGE, APPROVAL_READ, CASE
from core.approvals.listing import OPEN, count_mine, list_cases
from core.approvals.schemas import (
    Approved,
    ApproveIn,
    CaseList,
    CaseOut,
    CaseSummary,
    DecideIn,
    DecisionOut,
    DelegateIn,
    DelegationOut,
    Inbox,
    ListDelegations,
    PaperIn,
    StepOut,
)
from core.approvals.service import ask_again, delegate, end_delegation, get_case, list_delegations
from core.approvals.several import approve_several
from core.text import Text, t
from core.use_cases.declaration import ById
from core.web.filters import due
from core.web.pages import Nav, Pages
from core.web.shell import Tone
from core.web.tables import Badge
from core.web.view import Answer, To, View

__all__ = ["choosing", "pages"]

TONES: dict[str, Tone] = {"approved": "ok", "refused": "bad", "returned": "warn", "waiting_for_chain": "warn"}
CHECK_TONES: dict[str, Tone] = {"pass": "ok", "warn": "warn", "block": "bad"}
STEP_STATES = {"approved": "done", "informed": "done", "open": "current", "pending": "open", "skipped": "open"}
MESSAGES = "/approvals/{id}/messages"
"""Where messages with a link are written to those whom a case waits for."""
VERDICTS = {"approve": t("Approved"), "refuse": t("Refused"), "return": t("Returned for changes")}


async def waiting(view: View) -> int:
    """Return how many cases wait for the reader."""
    return await count_mine(view.work)


pages = Pages(
    "approvals",
    under="/approvals",
    nav=[Nav("main", t("Approvals"), "/approvals", APPROVAL_READ, "inbox", 20, waiting)],
)


@pages.get("/approvals", permission=APPROVAL_READ)
async def inbox(view: View) -> Answer:
    """List what waits for the reader; beside it the first case."""
    asked = view.read(Inbox)
    found = await view.run(list_cases, asked)
    first = await _case(view, str(found.cases[0].id)) if found.cases else None
    return view.render(
        "approvals/inbox.html",
        **_list(view, found, asked, first),
        **(detail(view, first) if first else {"case": None}),
        chosen=False,
        delegations=await _mine(view),
    )


@pages.get("/approvals/selected", permission=APPROVAL_DECIDE)
async def selected(view: View) -> Answer:
    """Show the cases that were ticked: which can be approved together, and what is in the way of the others."""
    sent = (view.values or {}).get("cases") or []
    ticked = [str(one["id"]) for one in sent] or [value for name, value in view.queries if name == "case"]
    order = {key: place for place, key in enumerate(ticked)}
    known = {str(one.id): one for one in (await view.run(list_cases, Inbox())).cases}
    why = {ticked[int(fault.pointer.split("/")[2])]: fault.text for fault in view.faults if fault.pointer[7:]}
    cases = [known[key] for key in order if key in known]
    ready = [one for one in cases if one.mine and not one.blocking]
    return view.render(
        "approvals/selected.html",
        form=view.form(ApproveIn, {}).only("comment"),
        ready=[(one, why.get(str(one.id))) for one in ready],
        others=[one for one in cases if one not in ready],
        gone=len(order) - len(cases),
        checks=_checks,
    )


@pages.post("/approvals/decisions", use_case=approve_several, form=selected)
async def several_approved(view: View, result: Approved) -> To:
    """Show what is left to decide."""
    said = t("%(count)s cases are approved.", count=result.cases) if result.cases > 1 else t("1 case is approved.")
    return To("/approvals", said)


@pages.get("/approvals/{id}", permission=APPROVAL_READ)
async def case(view: View) -> Answer:
    """Show one case with everything needed to decide it."""
    asked = view.read(Inbox)
    found = await view.run(list_cases, asked)
    chosen = await _case(view, view.params["id"])
    if "show" not in view.query and not found.cases:
        # Nothing waits for the reader: the case stands in the list that it belongs to.
        asked = structs.replace(asked, show="others" if chosen.state in OPEN else "decided")
        found = await view.run(list_cases, asked)
    return view.render(
        "approvals/inbox.html",
        **_list(view, found, asked, chosen),
        **detail(view, chosen),
        chosen=True,
        delegations=await _mine(view),
    )


@pages.post("/approvals/{id}/decision", use_case=decide, form=case)
async def decided(view: View, result: CaseOut) -> To:
    """Show the case after the decision; it can be taken back for 15 minutes."""
    said = t("Decided. You can take it back for 15 minutes.") if result.state in ("open", "approved") else t("Decided.")
    return To(f"/approvals/{result.id}", said)


@pages.post("/approvals/{id}/paper", use_case=decide_on_paper, form=case, upload="document_id", purpose="resolution")
async def entered(view: View, result: CaseOut) -> To:
    """Show the case with the decision that waits for a second person."""
    return To(f"/approvals/{result.id}", t("Entered. It counts once a second person confirms it."))


@pages.post("/approvals/{id}/paper/{decision_id}/confirmation", use_case=confirm_paper, form=case)
async def confirmed(view: View, result: CaseOut) -> To:
    """Show the case with the confirmed decision."""
    return To(f"/approvals/{result.id}", t("Confirmed."))


@pages.post("/approvals/{id}/decisions/{decision_id}/recall", use_case=recall, form=case)
async def recalled(view: View, result: CaseOut) -> To:
    """Show the case, open again."""
    return To(f"/approvals/{result.id}", t("Your decision is taken back."))


@pages.post("/approvals/{id}/chain", use_case=ask_again, form=case)
async def asked_again(view: View, result: CaseOut) -> To:
    """Show the case with its chain, if there is one now."""
    said = t("The case still waits for a chain.") if result.waiting_for else t("The case has its chain.")
    return To(f"/approvals/{result.id}", said)


@pages.get("/delegations", permission=APPROVAL_DELEGATE)
async def delegations(view: View) -> Answer:
    """List delegations and offer to give one."""
    people = await view.ctx.people.holders(view.work.session, "approver")
    names = {str(one.id): one.name for one in people if one.id != view.ctx.actor.id}
    return view.render(
        "approvals/delegations.html",
        delegations=await _mine(view),
        form=view.form(DelegateIn, {"first_day": view.ctx.today.isoformat()}).offering("to_seat", names)
        if names
        else None,
    )


@pages.post("/delegations", use_case=delegate, form=delegations)
async def delegated(view: View, result: DelegationOut) -> To:
    """List the delegations with the new one."""
    return To("/delegations", t("%(name)s decides for you.", name=result.to_name))


@pages.post("/delegations/{id}/end", use_case=end_delegation, form=delegations)
async def ended(view: View, result: DelegationOut) -> To:
    """List the delegations without the one that ended."""
    return To("/delegations", t("The delegation has ended."))


async def _case(view: View, case_id: str) -> CaseOut:
    return await view.run(get_case, ById(case_id))


async def _mine(view: View) -> list[DelegationOut]:
    if not view.ctx.actor.may(APPROVAL_DELEGATE):
        return []
    return (await view.run(list_delegations, ListDelegations())).delegations


def _list(view: View, found: CaseList, asked: Inbox, shown: CaseOut | None) -> dict[str, Any]:
    kept = {"show": asked.show, "order": asked.order}
    query = urlencode({name: value for name, value in kept.items() if value != getattr(Inbox(), name)})
    order = view.form(Inbox, kept)
    return {
        "show": asked.show,
        "order": order["order"],
        "current": shown.id if shown else None,
        "may_delegate": view.ctx.actor.may(APPROVAL_DELEGATE),
        "items": [_item(view, one, f"?{query}" if query else "") for one in found.cases],
        "can_select": asked.show == "mine" and any(one.mine for one in found.cases),
        "tabs": [
            {"title": t("Waiting for me"), "path": "/approvals", "count": found.mine, "current": asked.show == "mine"},
            {
                "title": t("Waiting for others"),
                "path": "/approvals?show=others",
                "count": found.others,
                "current": asked.show == "others",
            },
            {"title": t("Decided"), "path": "/approvals?show=decided", "current": asked.show == "decided"},
        ],
    }


def _item(view: View, one: CaseSummary, query: str) -> dict[str, Any]:
    where: Text = CASE.states[one.state]
    if one.waiting_since:
        step = one.step_fr if view.language == "fr" else one.step_en
        days = (view.ctx.today - one.waiting_since.astimezone(ZoneInfo(view.ctx.scope.zone)).date()).days
        where = t("Step %(step)s of %(steps)s, %(title)s", step=one.step, steps=one.steps, title=step)
        where = t("%(where)s · %(since)s", where=where, since=_since(days))
    state = Badge(CASE.states[one.state], TONES.get(one.state, "idle"))
    return {
        "id": one.id,
        "title": one.title,
        "href": f"/approvals/{one.id}{query}",
        "lines": [one.about, where if one.waiting_since or one.due_on else None],
        "chip": Badge(*due(one.due_on, view.ctx.today)) if one.due_on else None if one.waiting_since else state,
        "chips": [_checks(one)] if one.state == "open" else [],
        "select": ("case", str(one.id)) if one.mine else None,
    }


def _since(days: int) -> Text:
    if days < 1:
        return t("new today")
    return t("waiting 1 day") if days == 1 else t("waiting %(days)s days", days=days)


def _checks(one: CaseSummary) -> Badge:
    """Return in one badge how the checks of a case stand."""
    if one.blocking:
        return Badge(t("A check forbids approving"), "bad")
    if one.to_confirm:
        several = t("%(count)s checks to look at", count=one.to_confirm)
        return Badge(t("1 check to look at") if one.to_confirm == 1 else several, "warn")
    return Badge(t("All checks met"), "ok")


def detail(view: View, chosen: CaseOut) -> dict[str, Any]:
    """Return what the template of one case shows; ``decision``: where its form is sent to, ``carried``: with what."""
    french = view.language == "fr"
    return {
        "case": chosen,
        "CASE": CASE,
        "tone": TONES.get(chosen.state, "info"),
        "checks": [{"title": one.title, "note": one.detail, "tone": CHECK_TONES[one.outcome]} for one in chosen.checks],
        "stations": [_station(view, one, french=french) for one in chosen.steps],
        "history": [entry for one in chosen.steps for entry in _entries(one, french=french)][::-1],
        "pending": [(step, decision) for step in chosen.steps for decision in step.decisions if decision.can_confirm],
        "recallable": [decision for step in chosen.steps for decision in step.decisions if decision.can_recall],
        "form": view.form(DecideIn, {"id": str(chosen.id)}, version=chosen.version),
        "paper": view.form(PaperIn, {"id": str(chosen.id)}, version=chosen.version, prefix="paper-"),
        "may_manage": view.ctx.actor.may(APPROVAL_MANAGE),
        "way": _way(view, chosen),
        "decision": f"/approvals/{chosen.id}/decision",
        "carried": {},
        "messages": MESSAGES.replace("{id}", str(chosen.id)) if view.site.has(view.ctx.scope.kind, MESSAGES) else None,
    }


def _way(view: View, chosen: CaseOut) -> list[tuple[Text, Text | str]]:
    """Return who gave the chain, and who decides when nobody else is left."""
    given: Text | str = t("Nobody")
    if chosen.plugin:
        given = t("%(plugin)s %(version)s", plugin=name_of(view, chosen.plugin), version=chosen.plugin_version or "")
    return [(t("Chain given by"), given), (t("If nobody else is left"), chosen.outside or t("Nobody is named"))]


def _station(view: View, one: StepOut, *, french: bool) -> dict[str, Any]:
    note: Text | None = None
    if one.state == "open" and one.people:
        note = t("waits for %(people)s", people=one.people)
    elif one.with_earlier:
        note = t("with the decision before")
    elif one.closed_at:
        note = t("%(day)s", day=one.closed_at)
    return {"title": one.title_fr if french else one.title_en, "state": STEP_STATES[one.state], "note": note}


def _entries(one: StepOut, *, french: bool) -> list[dict[str, Any]]:
    return [
        {
            "title": t(
                "%(step)s: %(verdict)s",
                step=one.title_fr if french else one.title_en,
                verdict=verdict_of(decision),
            ),
            "at": decision.decided_at,
            "who": decision.name
            if decision.paper_number is None
            else t("%(who)s, no. %(number)s", who=decision.signatory, number=decision.paper_number),
            "reason": decision.held_reason or decision.comment,
        }
        for decision in one.decisions
    ]


def verdict_of(decision: DecisionOut) -> Text:
    """Return what became of a decision, or what it was."""
    if decision.recalled_at is not None:
        return t("Taken back")
    return t("On hold, does not count") if decision.held_at is not None else VERDICTS[decision.verdict]
