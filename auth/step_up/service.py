"""Use cases on fresh sign-in before an action: list what is asked, ask, ask no longer."""

from __future__ import annotations

from sqlalchemy import select

from auth.models import Seat
from auth.relying_party.assurance import AssuranceRule, keep_rule, read_rule
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.step_up.models import StepUpRule
from auth.step_up.schemas import EndRule, RuleIn, RuleList, RuleOut
from core.errors import Fault, Invalid
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.step_up import ACTIONS
from core.use_cases.work import Work

SUBJECT = "step_up_rule"


@use_case(permission=SEAT_READ, input=Nothing, output=RuleList, reads=True)
async def list_step_up(work: Work, data: Nothing) -> RuleList:
    """List before which actions people must have proved anew who they are, and how."""
    chosen = (
        select(StepUpRule, Seat.name)
        .join(Seat, (Seat.tenant_id == StepUpRule.tenant_id) & (Seat.id == StepUpRule.made_by))
        .where(StepUpRule.tenant_id == work.ctx.scope.id)
    )
    rows = [(row, name, read_rule(row.demand)) for row, name in await work.session.execute(chosen)]
    rules = [
        shown(
            RuleOut,
            row,
            made_by=name,
            minutes=None if rule.max_age is None else rule.max_age // 60,
            acr=list(rule.acr),
            amr=list(rule.amr_all),
            acrs=rule.acrs,
        )
        for row, name, rule in rows
    ]
    return RuleList(sorted(rules, key=lambda one: list(ACTIONS).index(one.action)))


@use_case(
    permission=SEAT_MANAGE, input=RuleIn, output=RuleList, backdated=NOW, in_person=t("Set it on the page of rules.")
)
async def set_step_up(work: Work, data: RuleIn) -> RuleList:
    """Ask that people prove anew who they are before an action. It holds at once, for everybody."""
    demand = _demand(data)
    row = await work.session.scalar(
        select(StepUpRule)
        .where(StepUpRule.tenant_id == work.ctx.scope.id, StepUpRule.action == data.action)
        .with_for_update()
    )
    before = None if row is None else _told(row)
    if row is None:
        row = StepUpRule(tenant_id=work.ctx.scope.id, id=work.new_id(), action=data.action, created_at=work.now)
        work.session.add(row)
    row.demand, row.reason, row.made_by = keep_rule(demand), data.reason, work.ctx.actor.id
    await work.session.flush()
    await work.audit("step_up_rule.set", (SUBJECT, row.id), before=before, after=_told(row), reason=data.reason)
    return await list_step_up(work, Nothing())


@use_case(
    permission=SEAT_MANAGE, input=EndRule, output=RuleList, backdated=NOW, in_person=t("End it on the page of rules.")
)
async def end_step_up(work: Work, data: EndRule) -> RuleList:
    """Ask no longer that people prove anew who they are before an action."""
    row: StepUpRule = await work.get(StepUpRule, data.id)
    work.check_version(row)
    before = _told(row)
    await work.session.delete(row)
    await work.session.flush()
    await work.audit("step_up_rule.end", (SUBJECT, row.id), before=before, reason=data.reason)
    return await list_step_up(work, Nothing())


def _told(row: StepUpRule) -> dict[str, str]:
    """Return a rule as the audit log tells it."""
    return {"action": row.action, "assurance": str(read_rule(row.demand))}


def _demand(data: RuleIn) -> AssuranceRule:
    faults = []
    if data.action not in ACTIONS:
        faults.append(Fault("/action", t("Choose one of: %(choices)s.", choices=", ".join(ACTIONS))))
    rule = AssuranceRule(
        acr=tuple(data.acr.split()),
        amr_all=tuple(data.amr.split()),
        acrs=data.acrs.strip() or None,
        max_age=None if data.minutes is None else data.minutes * 60,
    )
    if rule == AssuranceRule():
        faults.append(Fault("/minutes", t("Say at least one thing that is asked: the minutes, acr, amr or acrs.")))
    if faults:
        raise Invalid(faults)
    return rule
