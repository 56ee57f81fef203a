"""Who is in which group, in rows of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from scim2_models import InvalidValueException
from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, delete, insert, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from auth.scim.models import ScimMember, ScimResource
from core.use_cases.work import Work


async def members_of(work: Work, groups: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the members of each of ``groups`` as the protocol writes them, references relative to its root."""
    if not groups:
        return {}
    chosen = (
        select(ScimMember.group_id, ScimMember.member_id, ScimMember.display, ScimResource.kind)
        .join(
            ScimResource,
            (ScimResource.tenant_id == ScimMember.tenant_id) & (ScimResource.id == ScimMember.member_id),
        )
        .where(ScimMember.tenant_id == work.ctx.scope.id, _is_any(ScimMember.group_id, groups))
        .order_by(ScimMember.id)
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in await work.session.execute(chosen):
        told = {"value": str(row.member_id), "$ref": f"{row.kind}s/{row.member_id}", "type": row.kind}
        shown = {} if row.display is None else {"display": row.display}
        found.setdefault(row.group_id, []).append(told | shown)
    return found


async def write_members(work: Work, group: UUID, members: Iterable[Any], *, also_elsewhere: bool = False) -> None:
    """Let ``members`` be the group's, and only they. ``also_elsewhere``: take the group itself out of others.

    Only the difference is looked up, held and written: a group may have more members than a statement has parameters.

    Raises ``InvalidValueException`` for one that the tenant does not have.
    """
    tenant = work.ctx.scope.id
    given = {_key(one.value): one.display for one in members}
    own = select(ScimMember.member_id).where(ScimMember.tenant_id == tenant, ScimMember.group_id == group)
    present = set(await work.session.scalars(own))
    await _check(work, given.keys() - present)
    gone = (ScimMember.group_id == group) & _is_any(ScimMember.member_id, present - given.keys())
    which = or_(gone, ScimMember.member_id == group) if also_elsewhere else gone
    if also_elsewhere or present - given.keys():
        await work.session.execute(delete(ScimMember).where(ScimMember.tenant_id == tenant, which))
    added = [
        {"tenant_id": tenant, "id": work.new_id(), "group_id": group, "member_id": key, "display": display}
        for key, display in given.items()
        if key not in present
    ]
    if added:
        # Without anything returned, the driver sends the rows one after another, and there is no bound on how many.
        await work.session.execute(insert(ScimMember), added)


async def _check(work: Work, added: Collection[UUID]) -> None:
    if not added:
        return
    chosen = select(ScimResource.id).where(ScimResource.tenant_id == work.ctx.scope.id, _is_any(ScimResource.id, added))
    # Nobody may forget one of them before it is a member. In one order, so that nobody waits in a circle.
    chosen = chosen.order_by(ScimResource.id).with_for_update(read=True, key_share=True)
    unknown = set(added) - set(await work.session.scalars(chosen))
    if unknown:
        raise InvalidValueException(detail=f"There is no account or group with the id {min(unknown)}.")


def _is_any(column: InstrumentedAttribute[UUID], keys: Collection[UUID]) -> ColumnElement[bool]:
    """Return whether ``column`` is one of ``keys``, however many: they are one parameter."""
    return column == any_(literal(list(keys), ARRAY(Uuid)))


def _key(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        raise InvalidValueException(detail=f"{value!r} is not the id of an account or a group.") from None


def keep_members(asked: Any) -> bool:
    """Say whether an answer with these parameters (``attributes``, ``excludedAttributes``) shows members."""
    if asked is None:
        return True
    if "members" in _names(asked.excluded_attributes):
        return False
    shown = _names(asked.attributes)
    return not shown or any(name.split(".")[0] == "members" for name in shown)


def _names(paths: Iterable[Any] | None) -> set[str]:
    return {str(path).rpartition(":")[2].lower() for path in paths or ()}
