"""What crosses of a return: a status, and of each milestone key, due date and state. Never its content."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from core.returns.models import Milestone, MilestoneStatus, ReturnFile, ReturnStatus
from core.returns.plan import FOLLOW_UP
from core.use_cases.work import Work


def state_on(state: str, due_on: date, on: date) -> str:
    """Return ``late`` for an open milestone whose due date is past, else its state."""
    return "late" if state == "open" and due_on < on else state


async def publish(work: Work, file: ReturnFile) -> tuple[str | None, str]:
    """Write or refresh the published status of ``file`` and of its milestones, as of ``work.on``.

    Return the shared status as it was (``None`` if nothing was published yet) and as it is.
    """
    query = select(Milestone).where(Milestone.return_id == file.id)
    milestones = list((await work.session.execute(query)).scalars())
    late = False
    for one in milestones:
        if one.owner == "health":
            continue
        state = state_on(one.state, one.due_on, work.on)
        late = late or state == "late"
        await _put(work, file, one.key, one.due_on, state)
    health = [one for one in milestones if one.owner == "health"]
    if health:
        state = await _follow_up(work, file, health)
        late = late or state == "late"
    shared = "closed" if file.state == "closed" else "late" if late else "open"
    row = await work.session.get(ReturnStatus, (file.tenant_id, file.tour_id))
    before = row.state if row is not None else None
    if row is None:
        row = ReturnStatus(tenant_id=file.tenant_id, id=file.tour_id, state=shared, created_at=work.now)
        work.session.add(row)
    row.state, row.submitted_at = shared, work.now
    await work.session.flush()
    return before, shared


async def _follow_up(work: Work, file: ReturnFile, health: list[Milestone]) -> str:
    """Publish all health milestones as one line and return its state.

    Whether they are done is known to health alone: here the line that health published stands,
    and only its lateness is reckoned.
    """
    row = await _status(work, file, FOLLOW_UP)
    if row is not None and row.state == "done":
        return "done"
    due = row.due_on if row is not None else min(one.due_on for one in health)
    state = state_on("open", due, work.on)
    await _put(work, file, FOLLOW_UP, due, state)
    return state


async def publish_follow_up(work: Work, file: ReturnFile, *, due_on: date | None) -> None:
    """Health publishes its one line: the next due date, or done when ``due_on`` is ``None``."""
    if due_on is None:
        await _put(work, file, FOLLOW_UP, work.on, "done")
    else:
        await _put(work, file, FOLLOW_UP, due_on, state_on("open", due_on, work.on))


async def move_follow_up(work: Work, file: ReturnFile, moved: timedelta) -> None:
    """Move the line that is not done yet along with the end of the tour."""
    row = await _status(work, file, FOLLOW_UP)
    if row is not None and row.state != "done":
        due_on = row.due_on + moved
        await _put(work, file, FOLLOW_UP, due_on, state_on("open", due_on, work.on))


async def reopen_follow_up(work: Work, file: ReturnFile, due_on: date) -> None:
    """Open a line again that was done, because the plan now asks for more."""
    row = await _status(work, file, FOLLOW_UP)
    if row is not None and row.state == "done":
        await _put(work, file, FOLLOW_UP, due_on, state_on("open", due_on, work.on))


async def follow_up_of(work: Work, file: ReturnFile) -> MilestoneStatus | None:
    """Return the one line that health published of this return."""
    return await _status(work, file, FOLLOW_UP)


async def _status(work: Work, file: ReturnFile, key: str) -> MilestoneStatus | None:
    query = select(MilestoneStatus).where(
        MilestoneStatus.tenant_id == file.tenant_id,
        MilestoneStatus.tour_id == file.tour_id,
        MilestoneStatus.key == key,
    )
    found: MilestoneStatus | None = await work.session.scalar(query)
    return found


async def _put(work: Work, file: ReturnFile, key: str, due_on: date, state: str) -> None:
    row = await _status(work, file, key)
    if row is None:
        row = MilestoneStatus(
            tenant_id=file.tenant_id, id=work.new_id(), tour_id=file.tour_id, key=key, created_at=work.now
        )
        work.session.add(row)
    row.due_on, row.state, row.submitted_at = due_on, state, work.now
    await work.session.flush()
