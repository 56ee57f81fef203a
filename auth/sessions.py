"""Sessions: kept on the server, one per sign-in, ended by time, by the person or by the provider."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import BREAK_GLASS, MEMBER_ACCESS, PROVIDER, RefreshGrant, Session
from auth.red_button.stops import session_stopped
from core.clock import Clock
from core.context import Assurance, Scope
from core.ids import new_id
from core.settings import Settings
from core.tokens import digest, looks_like_secret, new_secret

BY_LINK_LASTS = timedelta(hours=1)
"""How long somebody who has come by an approval link may read and decide; the sign-in for it was fresh."""
BREAK_GLASS_LASTS = timedelta(hours=1)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session comes from: a provider that vouches for the person, or their own member access."""

    provider_id: UUID | None = None
    issuer: str | None = None
    sid: str | None = None
    access_id: UUID | None = None
    until: datetime | None = None
    """No longer than this, whatever the settings allow."""

    @property
    def kind(self) -> str:
        """What the session is for: the work of a seat, or one's own file."""
        return PROVIDER if self.access_id is None else MEMBER_ACCESS


async def open_session(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    scope: Scope,
    *,
    seat_id: UUID,
    origin: Origin,
    assurance: Assurance,
    device: str | None = None,
    forms: bytes | None = None,
    link_id: UUID | None = None,
) -> tuple[UUID, str]:
    """Begin a session in ``seat_id`` and return its id and its secret, which is stored nowhere.

    ``forms``: the form secret of the session whose place it takes. ``link_id``: the approval link for
    which alone it is.
    """
    now, secret = clock.now(), new_secret()
    expires_at = now + (timedelta(hours=settings.session_hours) if link_id is None else BY_LINK_LASTS)
    row = Session(
        tenant_id=scope.id,
        id=new_id(clock),
        seat_id=seat_id,
        kind=origin.kind,
        secret_digest=digest(secret),
        provider_id=origin.provider_id,
        issuer=origin.issuer,
        sid=origin.sid,
        access_id=origin.access_id,
        device=device,
        form_secret=forms,
        link_id=link_id,
        acr=assurance.acr,
        amr=list(assurance.amr),
        acrs=list(assurance.acrs),
        authenticated_at=assurance.at,
        created_at=now,
        idle_until=now + timedelta(minutes=settings.session_idle_minutes),
        expires_at=expires_at if origin.until is None else min(expires_at, origin.until),
    )
    session.add(row)
    await session.flush()
    return row.id, secret


async def open_break_glass(
    session: AsyncSession, clock: Clock, settings: Settings, scope: Scope, *, seat_id: UUID, device: str | None
) -> tuple[UUID, str]:
    """Begin the session of a break-glass account, one hour at most, and return its id and its secret."""
    now, secret = clock.now(), new_secret()
    row = Session(
        tenant_id=scope.id,
        id=new_id(clock),
        seat_id=seat_id,
        kind=BREAK_GLASS,
        secret_digest=digest(secret),
        device=device,
        authenticated_at=now,
        created_at=now,
        idle_until=now + min(BREAK_GLASS_LASTS, timedelta(minutes=settings.session_idle_minutes)),
        expires_at=now + BREAK_GLASS_LASTS,
    )
    session.add(row)
    await session.flush()
    return row.id, secret


async def find_session(
    session: AsyncSession, scope: Scope, secret: str | None, now: datetime, *, by_link: bool = False
) -> Session | None:
    """Return the scope's session with this secret while it lasts, else ``None``; one of a link only ``by_link``."""
    if secret is None or not looks_like_secret(secret):
        return None
    chosen = select(Session).where(
        Session.tenant_id == scope.id, Session.secret_digest == digest(secret), ~session_stopped()
    )
    row = (await session.execute(chosen)).scalar_one_or_none()
    if row is None or (row.link_id is not None) != by_link:
        return None
    return row if lasts(row.ended_at, row.idle_until, row.expires_at, now) else None


def lasts(ended_at: datetime | None, idle_until: datetime, expires_at: datetime, now: datetime) -> bool:
    """Say whether a session with these limits is still on at ``now``."""
    return ended_at is None and now < idle_until and now < expires_at


async def end_session(session: AsyncSession, scope: Scope, session_id: UUID, now: datetime) -> None:
    """End one session."""
    await _end(session, scope, Session.id == session_id, now)


async def end_stopped_sessions(session: AsyncSession, scope: Scope, now: datetime) -> int:
    """End every session that a stop has ended, in its row too, and return how many there were."""
    return await _end(session, scope, session_stopped(), now)


async def end_sessions_of(session: AsyncSession, scope: Scope, seat_id: UUID, now: datetime) -> int:
    """End every session in which the seat works and return how many there were.

    Those of its member access stay: no officer is locked out of their own file.
    """
    return await _end(session, scope, (Session.seat_id == seat_id) & Session.access_id.is_(None), now)


async def end_sessions_begun(
    session: AsyncSession, scope: Scope, seat_id: UUID, providers: Collection[UUID], now: datetime
) -> int:
    """End every session of a seat that began through one of these providers and return how many there were."""
    return await _end(session, scope, (Session.seat_id == seat_id) & Session.provider_id.in_(providers), now)


async def end_sessions_through(session: AsyncSession, scope: Scope, access_id: UUID, now: datetime) -> int:
    """End every session of a member access and return how many there were."""
    return await _end(session, scope, Session.access_id == access_id, now)


async def _end(session: AsyncSession, scope: Scope, which: ColumnElement[bool], now: datetime) -> int:
    """End sessions, and keep nothing of what the provider gave for them."""
    chosen = update(Session).where(Session.tenant_id == scope.id, which, Session.ended_at.is_(None))
    ended = await session.execute(chosen.values(ended_at=now, id_token_sealed=None).returning(Session.id))
    ids = [row.id for row in ended]
    if ids:
        await session.execute(delete(RefreshGrant).where(RefreshGrant.tenant_id == scope.id, RefreshGrant.id.in_(ids)))
    return len(ids)


async def prolong(session: AsyncSession, settings: Settings, scope: Scope, session_id: UUID, now: datetime) -> None:
    """Count the idle time of a session from ``now``; the absolute limit stays."""
    until = now + timedelta(minutes=settings.session_idle_minutes)
    chosen = update(Session).where(
        Session.tenant_id == scope.id, Session.id == session_id, Session.ended_at.is_(None), Session.idle_until > now
    )
    await session.execute(chosen.values(idle_until=until))
