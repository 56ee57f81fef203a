"""Use cases that answer a decision: the officer's one answer, the agency's one request to look again."""

from __future__ import annotations

from core.errors import Fault, Invalid, Refused
from core.nominations.cases import of_nomination
from core.nominations.lifecycle import CANDIDACY_RECONSIDER, NOMINATION_WITHDRAW
from core.nominations.models import Candidacy, Dossier, Nomination, Reconsideration
from core.nominations.reading import nomination_file
from core.nominations.schemas import AnswerIn, NominationFile, OfNomination
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work


@use_case(permission=NOMINATION_WITHDRAW, input=AnswerIn, output=NominationFile, backdated=NOW, cases=of_nomination)
async def answer_decision(work: Work, data: AnswerIn) -> NominationFile:
    """Answer the decision on one's own nomination, once."""
    nomination: Nomination = await work.get(Nomination, data.id)
    dossier: Dossier = await work.get(Dossier, data.id)
    work.require(NOMINATION_WITHDRAW, owner=dossier.officer_id)
    candidacy = await work.session.get(Candidacy, (nomination.tenant_id, nomination.id))
    refused = nomination.state == "not_supported" or (candidacy is not None and candidacy.state == "not_selected")
    if not refused:
        raise Refused(t("There is no refusal to answer."), t("You can withdraw, or wait for the decision."))
    if dossier.officer_answer is not None:
        raise Refused(t("You have answered already."), t("Speak with your peace operations coordinator."))
    dossier.officer_answer = data.answer
    await work.session.flush()
    await work.audit("nomination.answer", ("nomination", nomination.id), after={"answer": "given"})
    told = t("The officer answered the decision on %(number)s.", number=nomination.number)
    await work.notify(told, link=f"/nominations/{nomination.id}", role="coordinator")
    return await nomination_file(work, nomination)


@use_case(
    permission=CANDIDACY_RECONSIDER, input=OfNomination, output=NominationFile, backdated=NOW, cases=of_nomination
)
async def ask_reconsideration(work: Work, data: OfNomination) -> NominationFile:
    """Ask IPOB, once, to look at a refusal again."""
    nomination: Nomination = await work.get(Nomination, data.id)
    candidacy = await work.session.get(Candidacy, (nomination.tenant_id, nomination.id))
    if candidacy is None or candidacy.state != "not_selected":
        raise Refused(t("IPOB has not refused %(number)s.", number=nomination.number), t("Wait for the decision."))
    if await work.session.get(Reconsideration, (nomination.tenant_id, nomination.id)):
        raise Refused(t("IPOB was asked to look again already."), t("A refusal is reconsidered once."))
    if not data.reason:
        raise Invalid([Fault("/reason", t("Say what IPOB should look at again."))])
    row = Reconsideration(
        tenant_id=nomination.tenant_id,
        id=nomination.id,
        reason=data.reason,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("nomination.ask_reconsideration", ("nomination", nomination.id), reason=data.reason)
    await work.emit("reconsideration_asked", ("nomination", nomination.id))
    return await nomination_file(work, nomination)
