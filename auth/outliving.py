"""Programs that go on though whoever let them in might do so no more: they have seen a token that still works."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, null, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from auth.break_glass.models import BreakGlass
from auth.models import ApiToken, RoleGrant, Seat
from auth.roles import GONE, MANAGES
from core.audit.models import AuditLine
from core.context import Scope
from core.personnel.models import Officer
from core.text import Text, t
from core.use_cases.work import Work

OUTLIVED = "api_token.outlive"
"""The line of a token whose maker comes in no more, or may let nobody in."""
TOLD = {
    "gone": t("%(name)s comes in no more, but has seen the token of “%(program)s”: replace it."),
    "role": t("%(name)s may let programs in no more, but has seen the token of “%(program)s”: replace it."),
}
"""What those who answer for access are told, by why a token outlives its maker."""


def outlived(scope: Scope, day: date) -> ColumnElement[str | None]:
    """Return why the token of a ``Seat`` outlives what they may do: they are ``gone``, or have lost the ``role``.

    It is NULL for who may let programs in on ``day``. The seat of a break-glass account has neither role nor end.
    """
    broken = exists().where(BreakGlass.tenant_id == Seat.tenant_id, BreakGlass.seat_id == Seat.id)
    gone: ColumnElement[bool] = ~Seat.active
    if scope.kind == "agency":
        file = (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id)
        gone = or_(gone, exists().where(file, Officer.status.in_(GONE)))
    holds = exists().where(
        RoleGrant.tenant_id == Seat.tenant_id,
        RoleGrant.seat_id == Seat.id,
        RoleGrant.role == MANAGES[scope.kind],
        RoleGrant.starts_on <= day,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > day),
    )
    return case((broken, null()), (gone, "gone"), (~holds, "role"))


async def tell_outlived(work: Work, seat_id: UUID | None = None) -> None:
    """Tell those who answer for access which programs outlive what their maker, or the one in the seat, may do.

    Each token is told of once, and again when its maker was back in between: every load names all who are gone.
    """
    scope = work.ctx.scope
    if scope.kind not in MANAGES:
        return
    why = outlived(scope, work.ctx.today)
    whose = (Seat.tenant_id == ApiToken.tenant_id) & (Seat.id == ApiToken.created_by)
    newest = (
        select(ApiToken.id)
        .ext(distinct_on(ApiToken.account_id))
        .where(ApiToken.tenant_id == scope.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > work.now)
        .order_by(ApiToken.account_id, ApiToken.id.desc())
    )
    chosen = (
        select(ApiToken, Seat, why)
        .join(Seat, whose)
        .where(ApiToken.tenant_id == scope.id, ApiToken.id.in_(newest), why.is_not(None))
        .order_by(ApiToken.id)
    )
    if seat_id is not None:
        chosen = chosen.where(Seat.id == seat_id)
    for token, seat, found in (await work.session.execute(chosen)).all():
        cause = found or "gone"
        if await _stands(work, token, seat, cause):
            continue
        after = {"name": token.name, "seat_id": seat.id, "cause": cause}
        await work.audit(OUTLIVED, ("api_token", token.id), after=after)
        told = Text(TOLD[cause].id, {"name": seat.name, "program": token.name})
        await work.notify(told, link="/programs", role=MANAGES[scope.kind])


async def _stands(work: Work, token: ApiToken, seat: Seat, cause: str) -> bool:
    """Say whether it was told already, and the maker has not come in, or had the role, again since."""
    line = (AuditLine.tenant_id == token.tenant_id) & (AuditLine.subject_id == token.id)
    chosen = select(func.max(AuditLine.at)).where(
        line, AuditLine.action == OUTLIVED, AuditLine.after["cause"].astext == cause
    )
    told: datetime | None = await work.session.scalar(chosen)
    if told is None:
        return False
    given = select(func.max(RoleGrant.created_at)).where(
        RoleGrant.tenant_id == seat.tenant_id,
        RoleGrant.seat_id == seat.id,
        RoleGrant.role == MANAGES[work.ctx.scope.kind],
    )
    back = seat.signed_in_at if cause == "gone" else await work.session.scalar(given)
    return back is None or back <= told
