"""For every step of a life, from every state, for every role: what is offered, what is done and the matrix agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from auth.matrix.cells import Step
from auth.matrix.deriving import steps
from auth.matrix.who import held
from core.context import Actor
from core.database.sessions import tenant_session
from core.errors import Forbidden, Refused
from core.hooks.types import Officer, Transition
from core.ids import new_id
from core.use_cases.lifecycle import LIFECYCLES, move
from core.use_cases.work import Work
from tests.http.land import NOWHERE
from tests.matrix.trial import Trial
from tests.reporting import FIGURE

pytestmark = pytest.mark.http

OWNER = UUID("00000000-0000-7000-8000-0000000000ff")


@dataclass
class Row:
    """Any subject, in any state of its life."""

    state: str
    tenant_id: UUID
    id: UUID = field(default=OWNER)
    version: int = 1


async def taken(trial: Trial, step: Step, actor: Actor) -> bool:
    """Try the step, keep nothing of it, and say whether it was let be taken."""
    scope = trial.filled[step.kind]
    ctx = trial.whole.site.context(scope, "en", "matrix", actor)
    row = Row(step.state, scope.id)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        work.permit = leave(step, row, work)
        try:
            await move(work, row, LIFECYCLES[step.subject], step.name, reason="Because.", owner=OWNER)
        except (Forbidden, Refused):
            assert row.state == step.state
            return False
    return True


def leave(step: Step, row: Row, work: Work) -> Transition | None:
    """Return what a use case has once no plugin refuses the step, where the step asks: here it is asked who may."""
    taken = LIFECYCLES[step.subject].find(step.name)
    if not taken.asks:
        return None
    officer = Officer(id=OWNER, rank="constable", band=1)
    return Transition(
        subject=step.subject,  # type: ignore[arg-type] # of these it is asked
        id=row.id,
        step=step.name,
        source=row.state,
        target=taken.target,
        on=work.on,
        officer=officer,
    )


async def test_what_is_offered_what_is_done_and_the_matrix_agree(
    trial: Trial, record_property: Callable[[str, object], None]
) -> None:
    tried, wrong = list(steps()), []
    for step in tried:
        actor = Actor(
            id=new_id(trial.whole.ring.platform.clock),
            name="Alix Tremblay",
            permissions=held(step.kind, step.who),
            officer_id=OWNER if step.relation == "own" else NOWHERE,
        )
        offered = LIFECYCLES[step.subject].offered(step.state, actor, owner=OWNER)
        answers = (step.name in {one.name for one in offered}, await taken(trial, step, actor))
        if answers != (step.allowed, step.allowed):
            wrong.append(f"{step}: offered, done: {answers}")
    assert not wrong, "\n".join(wrong)
    record_property(FIGURE, f"authorisation matrix, steps of a life: {len(tried)} cells; {len(wrong)} disagreements")
