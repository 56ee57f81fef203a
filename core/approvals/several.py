"""Approve several cases at once: all of them or, where one cannot be, none."""

from __future__ import annotations

from core.approvals.cases import of_approvals
from core.approvals.decisions import approve
from core.approvals.lifecycle import APPROVAL_DECIDE
from core.approvals.schemas import Approved, ApproveIn
from core.errors import Conflict, Fault, Invalid, Refused
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.step_up import APPROVE
from core.use_cases.work import Work

MOST = 100


@use_case(
    permission=APPROVAL_DECIDE,
    input=ApproveIn,
    output=Approved,
    backdated=NOW,
    step_up=APPROVE,
    in_person=t("Do it on the page “Approvals”."),
    cases=of_approvals,
)
async def approve_several(work: Work, data: ApproveIn) -> Approved:
    """Approve the open step of each case as the caller saw it; say of each that cannot be, why."""
    if not 1 <= len(data.cases) <= MOST:
        raise Invalid([Fault("/cases", t("Choose at least one case, and at most %(most)s.", most=MOST))])
    faults: list[Fault] = []
    places = {one.id: place for place, one in enumerate(data.cases)}
    # In one order, whoever asks: two people at once wait for each other, and never both.
    for case_id in sorted(places):
        place = places[case_id]
        work.expected = data.cases[place].version
        try:
            await approve(work, case_id, data.comment)
        except Refused as refusal:
            faults.append(
                Fault(f"/cases/{place}", t("%(reason)s %(remedy)s", reason=refusal.text, remedy=refusal.remedy))
            )
        except Conflict as conflict:
            faults.append(Fault(f"/cases/{place}", conflict.text))
    if faults:
        raise Invalid(sorted(faults, key=lambda fault: fault.pointer))
    return Approved(len(places))
