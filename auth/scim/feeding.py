"""What a change in the directory means here: its audit line, and whether the person may come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from auth.models import Seat
from auth.scim.models import ScimResource
from auth.sessions import end_sessions_of
from auth.tokens import end_tokens_of
from core.personnel.models import Officer
from core.use_cases.work import Work

Told = dict[str, Any]
SUBJECTS = {"User": "scim_user", "Group": "scim_group"}
"""What the log calls the resources."""
SWITCH = "seat.switch"
"""The same deed as an administrator's; the line names who did it, here the directory's token."""
SHUT = "seat_shut_by_directory"
"""The event: whether anybody is left who can give roles is looked at once the directory has its answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a resource (add, change, remove), and what it said before."""

    deed: str
    before: Told | None = None


def told_of(row: ScimResource) -> Told:
    """Return what the log tells of a resource: who it is, and its state."""
    told: Told = {"name": row.name_key, "external_id": row.external_id}
    if row.kind == "User":
        told |= {"employee_number": row.number, "active": row.active}
    return told


async def feed(work: Work, row: ScimResource, change: Change) -> None:
    """Write the line of a change that is made already, and let what follows from it happen in the same transaction."""
    removed = change.deed == "remove"
    after = None if removed else told_of(row)
    kind = SUBJECTS[row.kind]
    await work.audit(f"{kind}.{change.deed}", (kind, row.id), before=change.before, after=after)
    if row.kind != "User" or _access(change.before) == _access(after):
        return
    before, _ = _access(change.before)
    if removed or (before != row.number and not row.active):
        # Whoever closes an account may clear its number with the same request.
        await follow_directory(work, before, gone=True)
    if not removed:
        await follow_directory(work, row.number)


def _access(told: Told | None) -> tuple[str | None, bool | None]:
    return (told["employee_number"], told["active"]) if told else (None, None)


async def hold_directory(work: Work) -> None:
    """Let nobody else change this scope's seats by its directory until the transaction ends."""
    held: Any = select(func.pg_advisory_xact_lock(work.ctx.scope.id.int & (2**62 - 1)))
    await work.session.execute(held)


async def follow_directory(work: Work, employee_number: str | None, *, gone: bool = False) -> None:
    """Let the seat of the officer with this number be as the directory says, and write a line where that changes it.

    A person with several accounts is shut out when none of them is active. Whom the directory shut
    out it also lets in again; whom an administrator shut out it does not. ``gone``: an account
    had this number until now, so that none at all means shut out.
    """
    scope = work.ctx.scope
    if scope.kind != "agency" or employee_number is None:
        return
    await hold_directory(work)
    accounts = select(ScimResource.active).where(
        ScimResource.tenant_id == scope.id,
        ScimResource.kind == "User",
        or_(
            ScimResource.linked_number == employee_number,
            ScimResource.linked_number.is_(None) & (ScimResource.employee_number == employee_number),
        ),
    )
    states = list(await work.session.scalars(accounts))
    seat = await _seat_of(work, employee_number)
    if seat is None or not (states or gone) or seat.active == any(states):
        return
    if seat.active:
        await _shut_out(work, seat)
    elif seat.shut_by_directory:
        seat.active, seat.shut_by_directory = True, False
        await work.session.flush()
        await work.audit(SWITCH, ("seat", seat.id), before={"active": False}, after={"active": True})


async def _seat_of(work: Work, employee_number: str) -> Seat | None:
    chosen = (
        select(Seat)
        .join(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))
        .where(Seat.tenant_id == work.ctx.scope.id, Officer.employee_number == employee_number)
        .with_for_update(of=Seat)
        .execution_options(populate_existing=True)
    )
    return (await work.session.scalars(chosen)).one_or_none()


async def _shut_out(work: Work, seat: Seat) -> None:
    seat.active, seat.shut_by_directory = False, True
    await work.session.flush()
    after = {
        "active": False,
        "sessions_ended": await end_sessions_of(work.session, work.ctx.scope, seat.id, work.now),
        "tokens_ended": await end_tokens_of(work.session, work.ctx.scope, seat.id, work.now),
    }
    await work.audit(SWITCH, ("seat", seat.id), before={"active": True}, after=after)
    await work.emit(SHUT, ("seat", seat.id))
