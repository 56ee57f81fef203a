"""Approval links as they are made, found and used up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.approval_links.models import ApprovalLink
from auth.approval_links.snapshots import Snapshot
from auth.models import Seat
from auth.red_button.stops import is_stopped
from core.approvals.models import ApprovalCase, ApprovalStep
from core.context import Ctx
from core.database.sealing import seal, unseal
from core.tokens import digest, looks_like_secret, new_secret
from core.use_cases.work import Work

LASTS = timedelta(days=14)
"""How long a link can be used. One that is too old is made anew with the next message."""
_SECRET, _SNAPSHOT = "secret_sealed", "snapshot_sealed"


def add_link(work: Work, step: ApprovalStep, seat_id: UUID, snapshot: Snapshot) -> ApprovalLink:
    """Add a link to ``step`` for a seat, where ``snapshot`` is what the case says now."""
    ctx, link_id, secret = work.ctx, work.new_id(), new_secret()
    row = ApprovalLink(
        tenant_id=ctx.scope.id,
        id=link_id,
        case_id=step.case_id,
        step_id=step.id,
        seat_id=seat_id,
        secret_digest=digest(secret),
        secret_sealed=seal(ctx, ApprovalLink, link_id, secret.encode(), column=_SECRET),
        snapshot_sealed=seal(ctx, ApprovalLink, link_id, msgspec.json.encode(snapshot), column=_SNAPSHOT),
        made_at=work.now,
        expires_at=work.now + LASTS,
    )
    work.session.add(row)
    return row


def secret_of(ctx: Ctx, link: ApprovalLink) -> str:
    """Return the secret of a link that can be used, for whoever writes the message."""
    assert link.secret_sealed is not None
    return unseal(ctx, ApprovalLink, link.id, link.secret_sealed, column=_SECRET).decode()


def snapshot_of(ctx: Ctx, link: ApprovalLink) -> Snapshot | None:
    """Return what the case said when the link was made, while that is kept."""
    if link.snapshot_sealed is None:
        return None
    return msgspec.json.decode(
        unseal(ctx, ApprovalLink, link.id, link.snapshot_sealed, column=_SNAPSHOT), type=Snapshot
    )


def usable(now: datetime) -> Select[ApprovalLink]:
    """Return what finds the links that can be used at ``now``: their step is open, and their seat may come in.

    One from before an emergency stop is lifted is good for nothing afterwards either.
    """
    return (
        select(ApprovalLink)
        .join(
            ApprovalStep, (ApprovalStep.tenant_id == ApprovalLink.tenant_id) & (ApprovalStep.id == ApprovalLink.step_id)
        )
        .join(
            ApprovalCase, (ApprovalCase.tenant_id == ApprovalLink.tenant_id) & (ApprovalCase.id == ApprovalLink.case_id)
        )
        .join(Seat, (Seat.tenant_id == ApprovalLink.tenant_id) & (Seat.id == ApprovalLink.seat_id))
        .where(
            ApprovalLink.used_at.is_(None),
            ApprovalLink.ended_at.is_(None),
            ApprovalLink.expires_at > now,
            ApprovalStep.state == "open",
            ApprovalCase.state == "open",
            Seat.active,
            ~is_stopped(ApprovalLink.tenant_id, ApprovalLink.seat_id, ApprovalLink.made_at),
        )
    )


async def find_link(session: AsyncSession, scope_id: UUID, secret: str, now: datetime) -> ApprovalLink | None:
    """Return the scope's link with this secret, if it can be used: all others are one answer."""
    if not looks_like_secret(secret):
        return None
    chosen = usable(now).where(ApprovalLink.tenant_id == scope_id, ApprovalLink.secret_digest == digest(secret))
    return (await session.execute(chosen)).scalar_one_or_none()


async def usable_link(session: AsyncSession, scope_id: UUID, link_id: UUID, now: datetime) -> ApprovalLink | None:
    """Return a link by its id, if it can be used."""
    chosen = usable(now).where(ApprovalLink.tenant_id == scope_id, ApprovalLink.id == link_id)
    return (await session.execute(chosen)).scalar_one_or_none()


async def links_to(work: Work, step_id: UUID) -> dict[UUID, ApprovalLink]:
    """Return the links to a step that can be used, by seat."""
    chosen = usable(work.now).where(ApprovalLink.tenant_id == work.ctx.scope.id, ApprovalLink.step_id == step_id)
    return {row.seat_id: row for row in await work.session.scalars(chosen)}


async def end_links_to(work: Work, step_id: UUID, seats: Iterable[UUID]) -> None:
    """End what links to a step these seats still have: another takes their place."""
    chosen = update(ApprovalLink).where(
        ApprovalLink.tenant_id == work.ctx.scope.id,
        ApprovalLink.step_id == step_id,
        ApprovalLink.seat_id.in_(list(seats)),
        ApprovalLink.used_at.is_(None),
        ApprovalLink.ended_at.is_(None),
    )
    await work.session.execute(chosen.values(ended_at=work.now, secret_sealed=None, snapshot_sealed=None))


async def end_links_of(work: Work, seat_id: UUID) -> int:
    """End every link that a seat still has, and say how many there were: whoever sits there comes in no more."""
    chosen = update(ApprovalLink).where(
        ApprovalLink.tenant_id == work.ctx.scope.id,
        ApprovalLink.seat_id == seat_id,
        ApprovalLink.used_at.is_(None),
        ApprovalLink.ended_at.is_(None),
    )
    ended = chosen.values(ended_at=work.now, secret_sealed=None, snapshot_sealed=None)
    found = await work.session.execute(ended.returning(ApprovalLink.expires_at))
    return sum(expires_at > work.now for expires_at in found.scalars())


async def use_up(work: Work, link_id: UUID) -> bool:
    """Use a link up and say whether it was this transaction that did: of two at once, one does."""
    chosen = update(ApprovalLink).where(
        ApprovalLink.tenant_id == work.ctx.scope.id,
        ApprovalLink.id == link_id,
        ApprovalLink.used_at.is_(None),
        ApprovalLink.ended_at.is_(None),
        ApprovalLink.expires_at > work.now,
    )
    used = await work.session.execute(chosen.values(used_at=work.now, secret_sealed=None).returning(ApprovalLink.id))
    return used.first() is not None


async def clear_spent(work: Work) -> int:
    """End the links that are good for nothing any more, clear their seals, and return how many there were.

    A step may open again, when a decision is taken back or put on hold. A link without its seals would then look
    like a good one; it has ended, so that the next message brings another.
    """
    good = usable(work.now).with_only_columns(ApprovalLink.id).where(ApprovalLink.tenant_id == work.ctx.scope.id)
    spent = update(ApprovalLink).where(
        ApprovalLink.tenant_id == work.ctx.scope.id,
        func.coalesce(ApprovalLink.secret_sealed, ApprovalLink.snapshot_sealed).is_not(None),
        ApprovalLink.id.not_in(good),
    )
    ended_at = case((ApprovalLink.used_at.is_(None), func.coalesce(ApprovalLink.ended_at, work.now)))
    cleared = await work.session.execute(
        spent.values(secret_sealed=None, snapshot_sealed=None, ended_at=ended_at).returning(ApprovalLink.id)
    )
    return len(cleared.all())
