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


async def rule_for(session: AsyncSession, scope_id: UUID, action: str) -> AssuranceRule | None:
    """Return what the scope asks before ``action``, if it asks anything."""
    chosen = select(StepUpRule.demand).where(StepUpRule.tenant_id == scope_id, StepUpRule.action == action)
    kept = await session.scalar(chosen)
    return None if kept is None else read_rule(kept)


def met(demands: Mapping[str, dict[str, Any]], said: Assurance, now: datetime) -> frozenset[str]:
    """Return the actions whose demand ``said`` meets at ``now``; a demand that cannot be read is met by nothing."""
    return frozenset(action for action, demand in demands.items() if _meets(demand, said, now))


def check_since(said: Assurance, began: datetime) -> None:
    """Raise ``SignInRefused`` unless the person has proved who they are since ``began``, whatever the session there."""
    if said.at is None:
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is missing though max_age was asked")
    if said.at < began - timedelta(seconds=SKEW):
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is before the sign-in began")


def _meets(demand: dict[str, Any], said: Assurance, now: datetime) -> bool:
    try:
        read_rule(demand).check_fresh(said, now)
    except SignInRefused:
        return False
    return True
