"""Use cases on nominations, the agency's side: draft, attest, send for approval, release, withdraw."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from core.approvals.chain import close_case, open_case
from core.approvals.models import ApprovalCase
from core.approvals.subjects import SUBJECTS, find_blocks
from core.errors import Fault, Invalid, Refused
from core.missions.calls import require_open
from core.missions.models import Call, CallPosition, Mission, Position
from core.nominations.asking import (
    Drafting,
    Sending,
    ask_about,
    ask_about_draft,
    ask_for_approval,
    require_unmoved,
    stepping,
)
from core.nominations.cases import of_drafted, of_nomination
from core.nominations.eligibility import keep_findings
from core.nominations.lifecycle import (
    CONDUCT_ATTEST,
    INTEREST,
    NOMINATION,
    NOMINATION_RELEASE,
    NOMINATION_WITHDRAW,
    NOMINATION_WRITE,
)
from core.nominations.models import Candidacy, Dossier, Interest, Nomination
from core.nominations.reading import nomination_file
from core.nominations.release import person_key, release_person
from core.nominations.schemas import ConductIn, NominationChange, NominationFile, NominationIn, OfNomination
from core.nominations.subject import NominationSubject, ready_to_send
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Moved, Work

SUBJECTS["nomination"] = NominationSubject()


@use_case(
    permission=NOMINATION_WRITE,
    input=NominationIn,
    output=NominationFile,
    before=ask_about_draft,
    backdated=NOW,
    cases=of_drafted,
)
async def draft_nomination(work: Work, data: NominationIn) -> NominationFile:
    """Put an officer forward for a position of an open call, as a draft."""
    call: Call = await work.find(Call, data.call_id)
    officer: Officer = await work.get(Officer, data.officer_id)
    position = await _position(work, call, data.position_id)
    require_open(work, call)
    key = await person_key(work, officer.id)
    same = select(Nomination).where(Nomination.person_id == key, Nomination.call_id == call.id)
    existing = (await work.session.execute(same)).scalar_one_or_none()
    if existing is not None:
        raise Refused(
            t("This officer is put forward in this call already: %(number)s.", number=existing.number),
            t("Open that nomination and change it."),
        )
    asked: Drafting | None = work.decided
    if asked is None:
        raise Moved
    interest = await work.session.scalar(
        select(Interest).where(Interest.officer_id == officer.id, Interest.call_id == call.id)
    )
    nomination = Nomination(
        tenant_id=work.ctx.scope.id,
        id=asked.id,
        number=await _next_number(work),
        person_id=key,
        program_id=call.tenant_id,
        mission_id=call.mission_id,
        call_id=call.id,
        position_id=position.id,
        state=NOMINATION.initial,
        created_at=work.now,
    )
    work.session.add(nomination)
    await work.session.flush()
    dossier = Dossier(
        tenant_id=nomination.tenant_id,
        id=nomination.id,
        officer_id=officer.id,
        interest_id=interest.id if interest else None,
        recommendation=data.recommendation,
        impact=data.impact,
        created_at=work.now,
    )
    work.session.add(dossier)
    await work.session.flush()
    await work.audit("nomination.draft", ("nomination", nomination.id), after=msgspec.to_builtins(data))
    await keep_findings(work, dossier, asked.findings)
    if interest and interest.state == "declared":
        await move(work, interest, INTEREST, "nominate")
    return await nomination_file(work, nomination)


@use_case(
    permission=NOMINATION_WRITE, input=NominationChange, output=NominationFile, backdated=NOW, cases=of_nomination
)
async def change_nomination(work: Work, data: NominationChange) -> NominationFile:
    """Change a draft."""
    nomination: Nomination = await work.get(Nomination, data.id)
    work.check_version(nomination)
    _require_draft(nomination)
    dossier: Dossier = await work.get(Dossier, data.id)
    call: Call = await work.find(Call, nomination.call_id)
    position = await _position(work, call, data.position_id)
    before = {"position": nomination.position_id, "recommendation": dossier.recommendation, "impact": dossier.impact}
    nomination.position_id = position.id
    dossier.recommendation, dossier.impact = data.recommendation, data.impact
    await work.session.flush()
    after = msgspec.to_builtins(data)
    await work.audit("nomination.change", ("nomination", nomination.id), before=before, after=after)
    return await nomination_file(work, nomination)


@use_case(permission=CONDUCT_ATTEST, input=ConductIn, output=NominationFile, cases=of_nomination)
async def attest_conduct(work: Work, data: ConductIn) -> NominationFile:
    """Enter the attestation by professional standards."""
    nomination: Nomination = await work.get(Nomination, data.id)
    if nomination.state not in ("draft", "agency_review"):
        raise Refused(t("%(number)s has left the service.", number=nomination.number), t("Tell IPOB by telephone."))
    if data.attested_on > work.on:
        raise Invalid([Fault("/attested_on", t("This day is in the future."))])
    dossier: Dossier = await work.get(Dossier, data.id)
    before = {"conduct": dossier.conduct}
    dossier.conduct, dossier.conduct_by, dossier.conduct_on = data.outcome, data.attested_by, data.attested_on
    await work.session.flush()
    after = {"conduct": data.outcome, "by": data.attested_by, "on": data.attested_on}
    await work.audit("nomination.attest_conduct", ("nomination", nomination.id), before=before, after=after)
    return await nomination_file(work, nomination)


@use_case(
    permission=NOMINATION_WRITE,
    input=OfNomination,
    output=NominationFile,
    before=ask_for_approval,
    transition=stepping("submit"),
    backdated=NOW,
    cases=of_nomination,
)
async def submit_nomination(work: Work, data: OfNomination) -> NominationFile:
    """Send a draft along the service's own chain of approval."""
    asked: Sending = work.decided
    nomination: Nomination = await work.get(Nomination, data.id)
    dossier: Dossier = await work.get(Dossier, data.id)
    officer: Officer = await work.get(Officer, dossier.officer_id)
    mission: Mission = await work.find(Mission, nomination.mission_id)
    await work.session.refresh(nomination, with_for_update=True)
    work.check_version(nomination)
    if nomination.state in NOMINATION.find("submit").sources:
        await require_unmoved(work, nomination.id, asked.chain)
        await keep_findings(work, dossier, asked.findings)
    await move(work, nomination, NOMINATION, "submit")
    name = f"{officer.given_name} {officer.family_name}"
    case = await open_case(
        work,
        asked.chain,
        kind="nomination",
        subject=("nomination", nomination.id),
        number=nomination.number,
        title=f"{name} → {mission.acronyms}",
        link=f"/nominations/{nomination.id}",
        concerns=officer.id,
    )
    dossier.case_id = case.id
    await work.session.flush()
    return await nomination_file(work, nomination)


@use_case(
    permission=NOMINATION_RELEASE,
    input=OfNomination,
    output=NominationFile,
    before=ask_about,
    transition=stepping("release"),
    backdated=NOW,
    cases=of_nomination,
)
async def release_nomination(work: Work, data: OfNomination) -> NominationFile:
    """Send an approved nomination to IPOB: what the sharing contract allows crosses now.

    The call's last day binds the sending: whatever the service decided before, what leaves
    later, or while a check blocks, is refused.
    """
    nomination: Nomination = await work.get(Nomination, data.id)
    dossier: Dossier = await work.get(Dossier, data.id)
    case = await work.get(ApprovalCase, dossier.case_id) if dossier.case_id else None
    if case is not None:
        # Held to the end: an approval is either sent on or taken back.
        await work.session.refresh(case, with_for_update=True)
    if nomination.state == "agency_review" and (case is None or case.state != "approved"):
        raise Refused(
            t("%(number)s is not approved yet.", number=nomination.number),
            t("The chain of approval decides first: open the case to see whom it waits for."),
        )
    if nomination.state == "agency_review":
        await keep_findings(work, dossier, work.decided)
        await _require_clear(work, nomination)
    officer: Officer = await work.get(Officer, dossier.officer_id)
    await move(
        work,
        nomination,
        NOMINATION,
        "release",
        changes={"submitted_at": work.now, "nominated_on": work.on},
    )
    await work.ask_no_longer(ready_to_send(nomination), link=f"/nominations/{nomination.id}")
    person = await release_person(work, officer)
    crossed = {"person": person.id, "contract_version": person.contract_version}
    await work.audit("released_person.release", ("nomination", nomination.id), after=crossed)
    return await nomination_file(work, nomination)


@use_case(
    permission=NOMINATION_WRITE,
    input=OfNomination,
    output=NominationFile,
    before=ask_about,
    backdated=NOW,
    cases=of_nomination,
)
async def ask_plugins(work: Work, data: OfNomination) -> NominationFile:
    """Ask the service's plugins again what speaks for or against a nomination that has not left."""
    nomination: Nomination = await work.get(Nomination, data.id)
    if nomination.state not in ("draft", "agency_review"):
        raise Refused(
            t("%(number)s has left the service.", number=nomination.number),
            t("What was found before it left stays with it."),
        )
    if not work.decided.asked:
        raise Refused(
            t("No plugin of your service looks at nominations."),
            t("An administrator can switch one on under Plugins."),
        )
    await keep_findings(work, await work.get(Dossier, data.id), work.decided)
    return await nomination_file(work, nomination)


@use_case(permission=NOMINATION_WITHDRAW, input=OfNomination, output=NominationFile, cases=of_nomination)
async def withdraw_nomination(work: Work, data: OfNomination) -> NominationFile:
    """Withdraw a nomination, with a reason; an officer may withdraw their own."""
    nomination: Nomination = await work.get(Nomination, data.id)
    dossier: Dossier = await work.get(Dossier, data.id)
    candidacy = await work.session.get(Candidacy, (nomination.tenant_id, nomination.id))
    if candidacy is not None and candidacy.state == "assigned":
        raise Refused(
            t("%(number)s has become a tour.", number=nomination.number),
            t("Ask IPOB to cancel the tour, or to end it."),
        )
    await move(work, nomination, NOMINATION, "withdraw", reason=data.reason, owner=dossier.officer_id)
    await work.ask_no_longer(ready_to_send(nomination), link=f"/nominations/{nomination.id}")
    if dossier.case_id:
        await close_case(work, dossier.case_id)
    return await nomination_file(work, nomination)


async def _require_clear(work: Work, nomination: Nomination) -> None:
    """Refuse to send what the call, the agency's own records or a check keeps back, naming all of it."""
    require_open(work, await work.find(Call, nomination.call_id))
    gaps = await work.ctx.agencies.gaps(work.session, work.ctx.today)
    blocks = await find_blocks(work, "nomination", nomination.id)
    what = [gap.what for gap in gaps] + [block.detail or block.title for block in blocks]
    remedies = [gap.remedy for gap in gaps]
    if blocks:
        remedies.append(t("A nomination leaves once no check blocks it. It can be withdrawn now."))
    if what:
        raise Refused(
            t("%(number)s cannot leave: %(gaps)s", number=nomination.number, gaps=what),
            t("%(remedies)s", remedies=remedies),
        )


def _require_draft(nomination: Nomination) -> None:
    if nomination.state != "draft":
        raise Refused(
            t("%(number)s is no longer a draft.", number=nomination.number),
            t("Ask a decider to return it for changes."),
        )


async def _position(work: Work, call: Call, position_id: str) -> Position:
    offered = select(Position).join(
        CallPosition, (CallPosition.tenant_id == Position.tenant_id) & (CallPosition.position_id == Position.id)
    )
    rows = (await work.session.execute(offered.where(CallPosition.call_id == call.id))).scalars().all()
    for position in rows:
        if str(position.id) == position_id:
            return position
    raise Invalid([Fault("/position_id", t("Choose one of the positions that the call offers."))])


async def _next_number(work: Work) -> str:
    prefix = f"NOM-{work.on.year}-"
    last = await work.session.scalar(select(func.max(Nomination.number)).where(Nomination.number.startswith(prefix)))
    return f"{prefix}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
