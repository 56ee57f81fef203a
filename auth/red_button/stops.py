"""Whether signing in is stopped: what the caller's one statement and the steps of a sign-in ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import BREAK_GLASS, ApiToken, Session
from auth.red_button.models import SignInStop
from auth.relying_party.refusals import SignInRefused, Why

_OPEN = SignInStop.lifted_at.is_(None)
_WHOLE = SignInStop.seat_id.is_(None)


def session_stopped() -> ColumnElement[bool]:
    """Return whether a session has ended by a stop: one that is on, or that was lifted after it began.

    A break-glass session may begin while sign-in is stopped: it ends with what is stopped later, by
    somebody else.
    """
    broken = and_(Session.created_at <= SignInStop.began_at, SignInStop.by_seat != Session.seat_id)
    ended = case((Session.kind == BREAK_GLASS, broken), else_=_before_its_end(Session.created_at))
    return exists(
        select(SignInStop.id).where(
            SignInStop.scope_id == Session.tenant_id, or_(_WHOLE, SignInStop.seat_id == Session.seat_id), ended
        )
    )


def token_stopped() -> ColumnElement[bool]:
    """Return whether an API token, a directory's too, has ended by a stop: of the scope, or of whoever made it."""
    return is_stopped(ApiToken.tenant_id, ApiToken.created_by, ApiToken.created_at)


def is_stopped(scope_id: Any, seat_id: Any, began: Any) -> ColumnElement[bool]:
    """Return whether what somebody in a seat began then has ended by a stop: of the scope, or of that account."""
    return exists(
        select(SignInStop.id).where(
            SignInStop.scope_id == scope_id, or_(_WHOLE, SignInStop.seat_id == seat_id), _before_its_end(began)
        )
    )


def is_account_stopped(scope_id: Any, seat_id: Any) -> ColumnElement[bool]:
    """Return whether signing in to this one account is stopped."""
    return exists(select(SignInStop.id).where(SignInStop.scope_id == scope_id, SignInStop.seat_id == seat_id, _OPEN))


async def account_stopped(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> bool:
    """Say whether signing in to this one account is stopped."""
    return bool(await session.scalar(select(is_account_stopped(scope_id, seat_id))))


async def check_scope(session: AsyncSession, scope_id: UUID) -> None:
    """Raise ``SignInRefused`` while nobody signs in to the scope."""
    if await session.scalar(select(SignInStop.id).where(SignInStop.scope_id == scope_id, _WHOLE, _OPEN)):
        raise SignInRefused(Why.STOPPED, "sign-in to this scope is stopped")


async def check_account(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> None:
    """Raise ``SignInRefused`` while nobody signs in to the scope, or to this account of it."""
    await check_scope(session, scope_id)
    if await account_stopped(session, scope_id, seat_id):
        raise SignInRefused(Why.ACCOUNT_STOPPED, f"sign-in to seat {seat_id} is stopped")


def _before_its_end(created_at: Any) -> ColumnElement[bool]:
    return or_(_OPEN, created_at <= SignInStop.lifted_at)
