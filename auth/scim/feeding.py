"""What a change in the directory means here: its audit line, and whether the person may come in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from auth.claim_rules.following import end_rules_of, follow_groups
from auth.leaving import end_all_of
from auth.models import Seat
from auth.roles import MANAGES
from auth.scim.holding import hold_directory
from auth.scim.models import ScimResource
from auth.scim.numbers import carries, given_up_by, is_shut_with, pass_on
from core.personnel.models import Officer
from core.text import t
from core.use_cases.work import Work

Told = dict[str, Any]
SUBJECTS = {"User": "scim_user", "Group": "scim_group"}
"""What the log calls the resources."""
SWITCH = "seat.switch"
"""The same deed as an administrator's; the line names who did it, here the directory's token."""
LET_GO = "seat.let_go"
"""The line of an account that gives up the number of somebody here."""
SHUT = "seat_shut_by_directory"
"""The event: whether anybody is left who can give roles is looked at once the directory has its answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a resource (add, change, remove), and what it said before.

    ``given_up``: of one that is removed, the numbers that it was the last to carry.
    """

    deed: str
    before: Told | None = None
    given_up: Collection[str] = ()


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
    await hold_directory(work)
    (before, _), (now, _) = _access(change.before), _access(after)
    passed = [] if removed or before == now else await pass_on(work, row, _number(before), _number(now))
    given_up = change.given_up if removed else await given_up_by(work, row)
    for whose in sorted({before, now, *given_up} - {None}, key=str):
        await follow_directory(work, whose, gone=removed)
    for number, old, new in passed:
        await _tell_of(work, number, old, new)
    if change.before is not None:
        # A new account is in no group yet.
        await follow_groups(work)


def _access(told: Told | None) -> tuple[str | UUID | None, bool | None]:
    return (told.get("seat_id") or told["employee_number"], told["active"]) if told else (None, None)


def _number(whose: str | UUID | None) -> str | None:
    return whose if isinstance(whose, str) else None


async def _tell_of(work: Work, number: str, old: str, new: str | None) -> None:
    """Write down, and tell those who answer for access, that an account has given up the number of somebody here.

    Whoever is shut out with it has left as it should be: of them nobody is told anything that asks for a decision.
    """
    found = await _seat_of(work, number)
    if found is None:
        return
    seat, _ = found
    after = {"employee_number": number, "account": new}
    await work.audit(LET_GO, ("seat", seat.id), before={"employee_number": number, "account": old}, after=after)
    if not seat.active:
        return
    said = {"name": seat.name, "old": old}
    sentence = (
        t(
            "In the directory, “%(old)s” has given up the number of %(name)s, and no account has it now. If that one"
            " is closed or deleted, %(name)s is shut out.",
            **said,
        )
        if new is None
        else t(
            "In the directory, the number of %(name)s has passed from “%(old)s” to “%(new)s”: from now on that one"
            " opens and shuts their access.",
            **said,
            new=new,
        )
    )
    await work.notify(sentence, link=f"/people/{seat.id}", role=MANAGES["agency"])


async def follow_directory(work: Work, whose: str | UUID | None, *, gone: bool = False) -> None:
    """Let a seat be as the directory says, and write a line where that changes it.

    ``whose``: the seat itself, or its officer's employee number.

    A person with several accounts is shut out when none of them is active. Whom the directory shut
    out it also lets in again; whom an administrator shut out it does not. Where no account is theirs, the one
    that was the last to carry their number shuts them out with it. ``gone``: it has just been deleted.
    """
    if work.ctx.scope.kind != "agency" or whose is None:
        return
    await hold_directory(work)
    found = await _seat_of(work, whose)
    if found is None:
        return
    seat, number = found
    states = await _states(work, seat.id, number)
    shut = bool(states) or gone or (number is not None and await is_shut_with(work, number))
    if not shut or seat.active == any(states):
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
        theirs = theirs | carries(number)
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
