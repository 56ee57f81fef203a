"""Taking one officer along the way, each step by who would take it, up to the stage that is wanted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from contingent.demo.acting import Cast, upload
from core.approvals.decisions import confirm_paper, decide, decide_on_paper
from core.approvals.schemas import CaseOut, DecideIn, OfDecision, PaperIn
from core.approvals.service import get_case
from core.deployments.schemas import OrderIn, TourIn, TourStep
from core.deployments.service import move_tour, order_tour, plan_tour
from core.nominations.candidacy_schemas import AssessmentIn, CandidacyStep, FitnessIn
from core.nominations.schemas import ConductIn, NominationIn, OfNomination
from core.nominations.selection import move_candidacy, record_assessment, record_fitness_result
from core.nominations.service import attest_conduct, draft_nomination, release_nomination, submit_nomination
from core.use_cases.declaration import ById

STAGES = (
    "draft", "review", "approved", "nominated", "screening", "assessment", "selected", "training", "ready",
    "planned", "ordered", "in_transit", "in_mission", "returning", "ended",
)  # fmt: skip
ACT = Path(__file__).parent / "data" / "act.pdf"
"""What stands for the scan of an act outside the platform."""
RESULTS = ("interview", "security")


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """One officer's way: from whom to where, on which days, and how far."""

    agency: str
    officer: UUID
    call: UUID
    position: UUID
    stage: str
    order: str = ""
    nominated_on: date
    selected_on: date
    starts_on: date
    ends_on: date
    left_on: date | None = None
    home_on: date | None = None
    rotation: str | None = None

    def reaches(self, stage: str) -> bool:
        """Say whether the way goes at least as far as ``stage``."""
        return STAGES.index(self.stage) >= STAGES.index(stage)


class Travelled(msgspec.Struct, frozen=True):
    """How far somebody came: the nomination, and the tour if there is one."""

    nomination: UUID
    tour: UUID | None = None


async def travel(cast: Cast, journey: Journey) -> Travelled:
    """Take the officer along ``journey`` and return what came of it."""
    coordinator = await cast.ctx(journey.agency, "coordinator")
    on = journey.nominated_on
    data = NominationIn(
        call_id=str(journey.call),
        officer_id=str(journey.officer),
        position_id=str(journey.position),
        recommendation="Calm, methodical, respected by partners. / Calme, méthode, respect des partenaires.",
    )
    drafted = await cast.run(coordinator, draft_nomination, data, on=on)
    nomination = OfNomination(id=str(drafted.nomination.id))
    if journey.reaches("review"):
        conduct = ConductIn(
            id=nomination.id,
            outcome="clear",
            attested_by="Professional standards / Normes professionnelles",
            attested_on=on,
        )
        await cast.run(coordinator, attest_conduct, conduct, on=on)
        submitted = await cast.run(coordinator, submit_nomination, nomination, on=on)
        assert submitted.case_id is not None
        # One that is under review waits for an approver, so that a newcomer who signs in as one can decide it.
        waits_for = None if journey.reaches("approved") else "approver"
        await approve(cast, journey.agency, submitted.case_id, on=on + timedelta(days=7), until=waits_for)
    if journey.reaches("nominated"):
        await cast.run(coordinator, release_nomination, nomination, on=on + timedelta(days=8))
    if journey.reaches("screening"):
        await _select(cast, journey, nomination.id)
    if journey.reaches("planned"):
        return Travelled(drafted.nomination.id, await _deploy(cast, journey, nomination.id))
    return Travelled(drafted.nomination.id)


async def approve(
    cast: Cast, agency: str, case_id: UUID, *, on: date, steps: int | None = None, until: str | None = None
) -> CaseOut:
    """Let the agency's own deciders approve a case step by step.

    All of its steps, or the first ``steps``, or those before the first that the role ``until`` decides.
    """
    reader = await cast.ctx(agency, "coordinator")
    for done in range(40):
        case = await cast.run(reader, get_case, ById(str(case_id)))
        current = next((step for step in case.steps if step.state == "open"), None)
        if case.state != "open" or current is None or (steps is not None and done >= steps):
            return case
        if until is not None and current.role == until:
            return case
        if current.kind == "act":
            await _act(cast, agency, case, on=on)
            continue
        for nth in range(20):
            decider = await cast.ctx(agency, current.role, nth=nth)
            if decider.actor.name in current.people:
                await cast.run(decider, decide, DecideIn(id=str(case_id), verdict="approve"), on=on)
                break
    raise AssertionError(f"the case {case_id} of {agency} does not come to an end")


async def _act(cast: Cast, agency: str, case: CaseOut, *, on: date) -> None:
    """Enter an act outside the platform and let a second person confirm it."""
    entering = await cast.ctx(agency, "coordinator")
    paper = PaperIn(
        id=str(case.id),
        paper_number=f"DEMO-{case.number[-4:]}",
        paper_date=on,
        signatory="Greffe / Clerk (invented)",
        document_id=str(await upload(entering, "resolution.pdf", ACT.read_bytes(), "resolution")),
    )
    entered = await cast.run(entering, decide_on_paper, paper, on=on)
    decision = next(
        one for step in entered.steps for one in step.decisions if one.paper_number and not one.confirmed_at
    )
    confirming = await cast.ctx(agency, "approver")
    await cast.run(confirming, confirm_paper, OfDecision(id=str(case.id), decision_id=str(decision.id)), on=on)


async def _select(cast: Cast, journey: Journey, nomination_id: str) -> None:
    selection = await cast.ctx("ipob", "selection")
    on = journey.selected_on

    async def step(name: str) -> None:
        data = CandidacyStep(agency=journey.agency, id=nomination_id, step=name)
        await cast.run(selection, move_candidacy, data, on=on)

    await step("screen")
    if not journey.reaches("assessment"):
        return
    await step("assess")
    for kind in RESULTS:
        result = AssessmentIn(agency=journey.agency, id=nomination_id, kind=kind, result="met", done_on=on)  # type: ignore[arg-type]
        await cast.run(selection, record_assessment, result, on=on)
    fitness = FitnessIn(agency=journey.agency, id=nomination_id, kind="medical", result="fit", done_on=on)
    await cast.run(await cast.ctx("ipob", "health"), record_fitness_result, fitness, on=on)
    for stage, name in (("selected", "select"), ("training", "train"), ("ready", "ready")):
        if journey.reaches(stage):
            await step(name)


async def _deploy(cast: Cast, journey: Journey, nomination_id: str) -> UUID:
    support = await cast.ctx("ipob", "support")
    planned = await cast.run(
        support,
        plan_tour,
        TourIn(
            agency=journey.agency,
            id=nomination_id,
            starts_on=journey.starts_on,
            ends_on=journey.ends_on,
            rotation=journey.rotation,
        ),
        on=journey.selected_on,
    )
    tour = planned.tour.id
    if journey.reaches("ordered"):
        order = OrderIn(agency=journey.agency, id=str(tour), order_number=journey.order)
        await cast.run(support, order_tour, order, on=journey.selected_on)
    steps = [
        ("in_transit", "depart", journey.starts_on - timedelta(days=1)),
        ("in_mission", "arrive", journey.starts_on),
        ("returning", "leave_mission", journey.left_on or journey.ends_on),
        ("ended", "end", journey.home_on or journey.left_on or journey.ends_on),
    ]
    for stage, name, day in steps:
        if journey.reaches(stage):
            data = TourStep(agency=journey.agency, id=str(tour), step=name)
            await cast.run(support, move_tour, data, on=day)
    return tour
