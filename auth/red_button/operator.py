"""Use cases of the operator's red button: any scope, by one row, and nothing of the scope is seen."""

from __future__ import annotations

from sqlalchemy import select

from auth.red_button.models import SignInStop
from auth.red_button.pressing import SUBJECT, stop, stop_out
from auth.red_button.schemas import OrderIn, ResumeIn, ServiceList, ServiceOut
from auth.red_button.service import find_stop, lift
from core.database.directory import ScopeRow
from core.errors import NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.work import Work

RED_BUTTON_ORDER = "red_button.order"
RESUMED = "sign_in_resumed"
"""The event: the scope hears of it."""


@use_case(permission=RED_BUTTON_ORDER, input=Nothing, output=ServiceList, scopes={"platform"}, reads=True)
async def list_services(work: Work, data: Nothing) -> ServiceList:
    """List every scope, with where signing in is stopped as a whole."""
    return ServiceList(await _services(work))


@use_case(permission=RED_BUTTON_ORDER, input=OrderIn, output=ServiceList, scopes={"platform"}, backdated=NOW)
async def stop_service(work: Work, data: OrderIn) -> ServiceList:
    """End all sessions and tokens of any scope at once, and stop signing in there."""
    row = await work.session.scalar(select(ScopeRow).where(ScopeRow.slug == data.slug, ScopeRow.kind != "mission"))
    if row is None:
        raise NotFound
    if row.id == work.ctx.scope.id:
        raise Refused(t("This is your own scope."), t("Stop it on the page “Emergency stop”."))
    made = await stop(work, row.scope(), None, data.reason)
    await work.audit("sign_in_stop.press", (SUBJECT, made.id), after={"slug": row.slug}, reason=data.reason)
    return ServiceList(await _services(work))


@use_case(
    permission=RED_BUTTON_ORDER,
    input=ResumeIn,
    output=ServiceList,
    scopes={"platform"},
    backdated=NOW,
    in_person=t("Do it on the page “Emergency stop”."),
)
async def resume_service(work: Work, data: ResumeIn) -> ServiceList:
    """Let people sign in again to any scope that is stopped as a whole; who stopped it makes no difference."""
    row = await find_stop(work, data.id)
    if row.seat_id is not None or row.scope_id == work.ctx.scope.id:
        raise NotFound
    await lift(work, row, data.reason)
    await work.emit(RESUMED, (SUBJECT, row.id), tenant=row.scope_id)
    return ServiceList(await _services(work))


async def _services(work: Work) -> list[ServiceOut]:
    chosen = (
        select(ScopeRow, SignInStop)
        .outerjoin(
            SignInStop,
            (SignInStop.scope_id == ScopeRow.id) & SignInStop.seat_id.is_(None) & SignInStop.lifted_at.is_(None),
        )
        .where(ScopeRow.kind != "mission", ScopeRow.id != work.ctx.scope.id)
    )
    rows = (await work.session.execute(chosen.order_by(ScopeRow.slug))).all()
    return [
        ServiceOut(
            id=scope.id,
            slug=scope.slug,
            kind=scope.kind,
            name_en=scope.name_en,
            name_fr=scope.name_fr,
            stop=None if found is None else stop_out(found, None),
        )
        for scope, found in rows
    ]
