"""Employee numbers that accounts no longer carry: whose each was last is kept, until an account carries it again.

Who offboards somebody may clear their number, or write another in its place, days before the account is closed or
deleted. So whoever's number an account was the last to carry is still shut out with it. An account that has given a
number up shuts out, but lets nobody in again: it may be a successor's by then. Once any account carries the number,
open or closed, that one alone speaks for it, and one that an administrator links by hand speaks for whom they said.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select

from auth.scim.holding import hold_directory
from auth.scim.models import ScimFormerNumber, ScimResource
from core.use_cases.work import Work

Passed = tuple[str, str, str | None]
"""A number, the name of the account that gave it up, and of the one that carries it now, if one does."""


def carries(number: str) -> ColumnElement[bool]:
    """Return whether a ``ScimResource`` is somebody's by ``number``, as an administrator says, else as it does."""
    said = func.coalesce(ScimResource.linked_number, ScimResource.employee_number)
    return ScimResource.linked_seat_id.is_(None) & (said == number)


async def given_up_by(work: Work, row: ScimResource) -> list[str]:
    """Return the numbers that an account was the last to carry and carries no more; none of one linked by hand."""
    if row.by_hand:
        return []
    chosen = select(ScimFormerNumber.number).where(
        ScimFormerNumber.tenant_id == work.ctx.scope.id, ScimFormerNumber.account_id == row.id
    )
    return list(await work.session.scalars(chosen.order_by(ScimFormerNumber.number)))


async def is_shut_with(work: Work, number: str) -> bool:
    """Say whether the account that was the last to carry ``number`` is closed, and still nobody's by hand."""
    chosen = (
        select(ScimResource.active)
        .join(
            ScimFormerNumber,
            (ScimFormerNumber.tenant_id == ScimResource.tenant_id) & (ScimFormerNumber.account_id == ScimResource.id),
        )
        .where(
            ScimResource.tenant_id == work.ctx.scope.id,
            ScimFormerNumber.number == number,
            ScimResource.linked_number.is_(None),
            ScimResource.linked_seat_id.is_(None),
        )
    )
    return await work.session.scalar(chosen) is False


async def forget_account(work: Work, row: ScimResource) -> list[str]:
    """Keep of an account that is about to be deleted no number, and return those it was the last to carry."""
    await hold_directory(work)
    given_up = await given_up_by(work, row)
    await _forget(work, (ScimFormerNumber.account_id == row.id) | (ScimFormerNumber.number == row.number))
    return given_up


async def pass_on(work: Work, row: ScimResource, before: str | None, now: str | None) -> list[Passed]:
    """Keep that ``row``, which carried the number ``before``, carries ``now``, and return what was passed on.

    The directory is held (``hold_directory``): which other accounts carry a number is as it was said last.
    """
    passed: list[Passed] = []
    if now is not None:
        former = await _forget(work, ScimFormerNumber.number == now)
        passed += [(now, name, row.name_key) for name in await _names(work, ScimResource.id.in_(former - {row.id}))]
    if before is not None:
        others = await _names(work, carries(before) & (ScimResource.id != row.id))
        passed.append((before, row.name_key, others[0] if others else None))
        if not others:
            await _forget(work, ScimFormerNumber.number == before)
            kept: dict[str, Any] = {"tenant_id": work.ctx.scope.id, "id": work.new_id()}
            await work.session.execute(insert(ScimFormerNumber), [kept | {"number": before, "account_id": row.id}])
    return passed


async def _forget(work: Work, which: ColumnElement[bool]) -> set[UUID]:
    """Keep the numbers no longer that ``which`` names, and return which accounts had carried them."""
    forgotten = delete(ScimFormerNumber).where(ScimFormerNumber.tenant_id == work.ctx.scope.id, which)
    return set(await work.session.scalars(forgotten.returning(ScimFormerNumber.account_id)))


async def _names(work: Work, which: ColumnElement[bool]) -> list[str]:
    chosen = select(ScimResource.name_key).where(
        ScimResource.tenant_id == work.ctx.scope.id, ScimResource.kind == "User", which
    )
    return list(await work.session.scalars(chosen.order_by(ScimResource.name_key)))
