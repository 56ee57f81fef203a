"""What a change in the directory means here: its audit line, and whether the person may come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from auth.claim_rules.following import end_rules_of, follow_groups
from auth.leaving import end_all_of
from auth.models import Seat
from auth.scim.holding import hold_directory
from auth.scim.models import ScimResource
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
    if row.linked_seat_id is not None:
        told["seat_id"] = row.linked_seat_id
    return told


async def feed(work: Work, row: ScimResource, change: Change) -> None:
    """Write the line of a change that is made already, and let what follows from it happen in the same transaction."""
    removed = change.deed == "remove"
    after = None if removed else told_of(row)
    kind = SUBJECTS[row.kind]
    await work.audit(f"{kind}.{change.deed}", (kind, row.id), before=change.before, after=after)
    if row.kind != "User":
        if removed:
            await end_rules_of(work, row.id, row.name)
        await follow_groups(work)
        return
    if _access(change.before) == _access(after):
        return
    before, _ = _access(change.before)
    if removed or (before != row.whose and not row.active):
        # Whoever closes an account may clear its number with the same request.
        await follow_directory(work, before, gone=True)
    if not removed:
        await follow_directory(work, row.whose)
    if change.before is not None:
        # A new account is in no group yet.
        await follow_groups(work)


def _access(told: Told | None) -> tuple[str | UUID | None, bool | None]:
    return (told.get("seat_id") or told["employee_number"], told["active"]) if told else (None, None)


async def follow_directory(work: Work, whose: str | UUID | None, *, gone: bool = False) -> None:
    """Let a seat be as the directory says, and write a line where that changes it.

    ``whose``: the seat itself, or its officer's employee number.

    A person with several accounts is shut out when none of them is active. Whom the directory shut
    out it also lets in again; whom an administrator shut out it does not. ``gone``: an account
    was theirs until now, so that none at all means shut out.
    """
    if work.ctx.scope.kind != "agency" or whose is None:
        return
    await hold_directory(work)
    found = await _seat_of(work, whose)
    if found is None:
        return
    seat, number = found
    states = await _states(work, seat.id, number)
    if not (states or gone) or seat.active == any(states):
        return
    if seat.active:
        await _shut_out(work, seat)
    elif seat.shut_by_directory:
        seat.active, seat.shut_by_directory = True, False
        await work.session.flush()
        await work.audit(SWITCH, ("seat", seat.id), before={"active": False}, after={"active": True})


async def _seat_of(work: Work, whose: str | UUID) -> tuple[Seat, str | None] | None:
    """Return the seat, held until the transaction ends, and its officer's employee number, if it has one."""
    chosen = (
        select(Seat, Officer.employee_number)
        .outerjoin(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))
        .where(
            Seat.tenant_id == work.ctx.scope.id,
            Seat.id == whose if isinstance(whose, UUID) else Officer.employee_number == whose,
        )
        .with_for_update(of=Seat)
        .execution_options(populate_existing=True)
    )
    row = (await work.session.execute(chosen)).one_or_none()
    return None if row is None else (row[0], row[1])


async def _states(work: Work, seat_id: UUID, number: str | None) -> list[bool]:
    """Return of each account of whoever sits there whether it is open."""
    theirs = ScimResource.linked_seat_id == seat_id
    if number is not None:
        said = func.coalesce(ScimResource.linked_number, ScimResource.employee_number)
        theirs = theirs | (ScimResource.linked_seat_id.is_(None) & (said == number))
    accounts = select(ScimResource.active).where(
        ScimResource.tenant_id == work.ctx.scope.id, ScimResource.kind == "User", theirs
    )
    return list(await work.session.scalars(accounts))


async def _shut_out(work: Work, seat: Seat) -> None:
    seat.active, seat.shut_by_directory = False, True
    await work.session.flush()
    after = {"active": False} | await end_all_of(work, seat.id)
    await work.audit(SWITCH, ("seat", seat.id), before={"active": True}, after=after)
    await work.emit(SHUT, ("seat", seat.id))
