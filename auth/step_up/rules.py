"""What a rule asks of somebody's sign-in, and whether the one they have is enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.relying_party.assurance import AssuranceRule, read_rule
from auth.relying_party.refusals import SignInRefused, Why
from auth.relying_party.signed import SKEW
from auth.step_up.models import StepUpRule
from core.context import Assurance
from core.use_cases.step_up import OWN_ACCESS

Demand = Mapping[str, Any]
"""An ``AssuranceRule`` as it is kept."""

MINUTES = 15
STANDING: Mapping[str, Demand] = {OWN_ACCESS: {"max_age": MINUTES * 60}}
"""What is asked in every scope: a way in outlives the session in which it was made, so nobody makes one at a screen
that was left open. A rule of the scope adds to it, and says the minutes if it names any."""

PASSKEY, CODE, ANEW, LAST = "passkey", "code", "anew", "last"
"""How an officer came in by member access, in words of our own: no rule that names a provider's is met by them.
By a code: ``anew`` beside another that let them in just before; ``last`` where there is nothing else left to prove it
with."""
MEMBERS: Mapping[str, Demand] = {OWN_ACCESS: {**STANDING[OWN_ACCESS], "amr_any": [PASSKEY, ANEW, LAST]}}
"""What is asked besides of who came in so: whoever saw one code gets in once by it, and makes no way of their own."""


async def rule_for(session: AsyncSession, scope_id: UUID, action: str) -> AssuranceRule | None:
    """Return what is asked in the scope before ``action``, if anything is."""
    chosen = select(StepUpRule.demand).where(StepUpRule.tenant_id == scope_id, StepUpRule.action == action)
    kept, standing = await session.scalar(chosen), STANDING.get(action)
    return None if kept is None and standing is None else read_rule({**(standing or {}), **(kept or {})})


def demands_of(kept: Mapping[str, Demand] | None, *, own: bool) -> dict[str, Demand]:
    """Return what is asked before which action, where ``kept`` are the scope's rules.

    ``own``: of somebody who has come by their member access.
    """
    asked, rules = MEMBERS if own else STANDING, kept or {}
    return {**rules, **{action: {**demand, **rules.get(action, {})} for action, demand in asked.items()}}


def met(demands: Mapping[str, Demand], said: Assurance, now: datetime) -> frozenset[str]:
    """Return the actions whose demand ``said`` meets at ``now``; a demand that cannot be read is met by nothing."""
    return frozenset(action for action, demand in demands.items() if _meets(demand, said, now))


def check_since(said: Assurance, began: datetime) -> None:
    """Raise ``SignInRefused`` unless the person has proved who they are since ``began``, whatever the session there."""
    if said.at is None:
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is missing though max_age was asked")
    if said.at < began - timedelta(seconds=SKEW):
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is before the sign-in began")


def _meets(demand: Demand, said: Assurance, now: datetime) -> bool:
    try:
        read_rule(dict(demand)).check_fresh(said, now)
    except SignInRefused:
        return False
    return True
