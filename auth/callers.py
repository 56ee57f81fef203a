"""Who is asking: the credential of a request looked up in one statement, in the request's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from sqlalchemy import Date, Select, bindparam, func, null, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from auth.calendar_owners import owner_of
from auth.holding import roles_on
from auth.member.models import MemberAccess
from auth.models import BREAK_GLASS, MEMBER_ACCESS, ApiToken, Seat, Session
from auth.red_button.stops import session_stopped, token_stopped
from auth.renewals import Renewals
from auth.roles import BY_LINK, EVERYBODY, MANAGES, MEMBER, OF_ONES_OWN, ROLES, counting, permissions_of, title_of
from auth.secrets import form_secret, link_cookie, session_cookie
from auth.sessions import lasts
from auth.step_up.models import StepUpRule
from auth.step_up.rules import STANDING, Demand, demands_of, met
from auth.tokens import bearer_token
from core.clock import Clock, today
from core.context import Actor, Assurance, Language, Scope, ScopeKind
from core.database.reading import Reading
from core.personnel.models import Officer
from core.settings import Settings
from core.text import Text, t
from core.tokens import digest, looks_like_secret
from core.use_cases.step_up import BREAK_GLASS as RENEWING
from core.web.callers import By, Caller, Credential
from core.web.shell import NavLink
from tenants.models import AgencySettings

SESSION_PAGE = "/session"
LINKS = (NavLink(t("Your session and seats"), SESSION_PAGE, "out"),)
"""Beside the name. The form that signs out has a page of its own: only that page's policy names the provider."""


class Signed(msgspec.Struct, frozen=True):
    """What auth's own pages know of a caller besides: the session and its provider."""

    session_id: UUID
    provider_id: UUID | None
    issuer: str | None


class SeatRow(msgspec.Struct, frozen=True):
    """What is kept of a session and of whoever sits in its seat; the fields in the order of the statement."""

    session_id: UUID
    kind: str
    stopped: bool
    provider_id: UUID | None
    issuer: str | None
    idle_until: datetime
    expires_at: datetime
    ended_at: datetime | None
    acr: str | None
    amr: list[str]
    acrs: list[str]
    authenticated_at: datetime | None
    form_secret: bytes | None
    link_id: UUID | None
    demands: dict[str, Any] | None
    seat_id: UUID
    name: str
    language: Language
    officer_id: UUID | None
    unit: str | None
    active: bool
    roles: list[str] | None
    standing: str | None
    access_ended_at: datetime | None
    access_officer_id: UUID | None
    marking_en: str | None
    marking_fr: str | None
    colour: str | None


class TokenRow(msgspec.Struct, frozen=True):
    """What is kept of an API token."""

    id: UUID
    account_id: UUID
    name: str
    roles: list[str]
    reads_only: bool
    expires_at: datetime
    revoked_at: datetime | None
    stopped: bool
    last_used_at: datetime | None
    ruled: list[str] | None
    """The actions before which people prove anew who they are: no program does."""

    def works(self, now: datetime) -> bool:
        """Say whether the token lets anybody in at ``now``."""
        return not self.stopped and self.revoked_at is None and now < self.expires_at


class TheCallers:
    """Implements ``core.web.callers.Callers``."""

    def __init__(self, clock: Clock, settings: Settings, renewals: Renewals) -> None:
        self._clock = clock
        self._renewals = renewals
        self._renew_before = timedelta(minutes=settings.session_idle_minutes) * 0.9

    def credential(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], slug: str | None, by: By = "session"
    ) -> Credential | None:
        """Return what the request carries: for pages the scope's session or a link's, for the API a bearer token."""
        if slug is not None:
            secret = cookies.get(session_cookie(slug) if by == "session" else link_cookie(slug))
            return Credential(by, slug, secret) if secret and looks_like_secret(secret) else None
        found = bearer_token(headers.get("authorization", ""))
        return Credential("token", *found) if found is not None else None

    async def caller(self, session: AsyncSession, scope: Scope, credential: Credential) -> Caller | None:
        """Return who holds ``credential`` in ``scope``, or ``None``."""
        if credential.slug != scope.slug:
            return None
        if credential.kind == "token":
            return await self._token(session, scope, credential.secret)
        if credential.kind == "calendar":
            owner = await owner_of(session, scope, credential.secret, today(self._clock, scope.zone))
            return Caller(owner) if owner is not None else None
        return await self._seat(session, scope, credential)

    def sign_in(self, scope: Scope, language: Language, back: str) -> str:
        """Return the address where signing in to ``scope`` starts."""
        return f"/t/{scope.slug}/auth/start?{urlencode({'language': language, 'next': back})}"

    def step_up(self, scope: Scope, language: Language, back: str, action: str) -> str:
        """Return the address where somebody proves anew who they are before ``action``."""
        return f"{self.sign_in(scope, language, back)}&{urlencode({'action': action})}"

    @staticmethod
    def giving(kind: ScopeKind, permission: str) -> Text | None:
        """Return the names of the roles that give ``permission``, if only for one's own; ``None`` if none does."""
        wanted = {permission, f"{permission}:own"}
        roles = frozenset(key for key, role in ROLES[kind].items() if role.permissions & wanted)
        return title_of(kind, roles) if roles else None

    async def _seat(self, session: AsyncSession, scope: Scope, credential: Credential) -> Caller | None:
        now, secret = self._clock.now(), credential.secret
        reading, on = _AGENCY_SEAT if scope.kind == "agency" else _SEAT, today(self._clock, scope.zone)
        row = next(iter(await reading.rows(session, scope=scope.id, secret=digest(secret), on=on)), None)
        if row is None or row.stopped or not lasts(row.ended_at, row.idle_until, row.expires_at, now):
            return None
        broken, own = row.kind == BREAK_GLASS, row.kind == MEMBER_ACCESS
        if not _may_stay(row):
            return None
        if (row.link_id is not None) != (credential.kind == "link"):  # Neither opens what the other one does.
            return None
        if row.idle_until - now < self._renew_before:
            self._renewals.session(scope, row.session_id)
        roles = _counted(row, scope)
        said = Assurance(row.authenticated_at, row.acr, tuple(row.amr), tuple(row.acrs))
        demands = demands_of(row.demands, own=own)
        actor = Actor(
            id=row.seat_id,
            name=row.name,
            roles=roles,
            permissions=_given(row, scope, roles),
            only=row.link_id,
            officer_id=None if broken else row.officer_id,
            unit=None if own else row.unit,
            ruled=frozenset(demands),
            meets=_meets(demands, said, now, broken=broken),
            assurance=said,
        )
        return Caller(
            actor,
            language=row.language,
            secret=row.form_secret or form_secret(secret),
            seat=_seat_words(row, scope, roles),
            links=() if row.link_id else LINKS,
            anew=entrance(scope.slug) if own else None,
            confined=t("Member access opens your own file and nothing else.") if own else None,
            marking=row.marking_fr if session.info["ctx"].language == "fr" else row.marking_en,
            stripe=row.colour,
            details=Signed(row.session_id, row.provider_id, row.issuer),
        )

    async def _token(self, session: AsyncSession, scope: Scope, secret: str) -> Caller | None:
        now = self._clock.now()
        row = next(iter(await TOKEN.rows(session, scope=scope.id, secret=digest(secret))), None)
        if row is None or not row.works(now):
            return None
        if stale(row.last_used_at, now):
            self._renewals.token(scope, row.id)
        roles = frozenset(row.roles)
        return Caller(
            Actor(
                id=row.account_id,
                name=row.name,
                kind="token",
                roles=roles,
                permissions=permissions_of(scope.kind, roles),
                reads_only=row.reads_only,
                ruled=frozenset(row.ruled or ()) | STANDING.keys(),
            )
        )


def entrance(slug: str) -> str:
    """Return where the officers of an agency come in by their member access."""
    return f"/t/{slug}/member"


def _may_stay(row: SeatRow) -> bool:
    """Say whether whoever has the session may still come in: to work by their seat, to their own file by their access.

    The second asks nothing of the seat but whose file it is linked to, and breaking the glass nothing at all.
    """
    if row.kind == MEMBER_ACCESS:
        return row.access_ended_at is None and row.officer_id is not None and row.officer_id == row.access_officer_id
    return bool(row.active) or row.kind == BREAK_GLASS


def _counted(row: SeatRow, scope: Scope) -> frozenset[str]:
    """Return the roles in which the session acts."""
    if row.kind == BREAK_GLASS:
        return frozenset({MANAGES[scope.kind]})
    return frozenset({MEMBER}) if row.kind == MEMBER_ACCESS else counting(frozenset(row.roles or ()), row.standing)


def _seat_words(row: SeatRow, scope: Scope, roles: frozenset[str]) -> Text:
    """Return in what somebody acts, as the header shows it."""
    if row.kind == BREAK_GLASS:
        return t("Break-glass: %(role)s", role=title_of(scope.kind, roles))
    return t("Member access: my own file") if row.kind == MEMBER_ACCESS else title_of(scope.kind, roles)


def _given(row: SeatRow, scope: Scope, roles: frozenset[str]) -> frozenset[str]:
    """Return what the session gives: one decision, one's own file, or what the roles of the seat do."""
    if row.link_id is not None:
        return BY_LINK
    return OF_ONES_OWN if row.kind == MEMBER_ACCESS else permissions_of(scope.kind, roles) | EVERYBODY


def _meets(demands: Mapping[str, Demand], said: Assurance, now: datetime, *, broken: bool) -> frozenset[str]:
    """Return the actions for which the proof is enough. Whoever came by two halves, now used up, may make new ones."""
    enough = met(demands, said, now)
    return enough | ({RENEWING} & demands.keys()) if broken else enough


def stale(last_used_at: datetime | None, now: datetime) -> bool:
    """Say whether a token's last use was noted so long ago that this one is to be noted."""
    return last_used_at is None or now - last_used_at > timedelta(minutes=10)


def _seat_statement(*, agency: bool) -> Select[*tuple[Any, ...]]:
    """Return the one statement for a session: who, with which roles today, and how an agency's pages look."""
    demands = (
        select(func.jsonb_object_agg(StepUpRule.action, StepUpRule.demand, type_=JSONB))
        .where(StepUpRule.tenant_id == Session.tenant_id)
        .scalar_subquery()
    )
    look = ("marking_en", "marking_fr", "colour")
    statement = (
        select(
            Session.id.label("session_id"),
            Session.kind,
            session_stopped().label("stopped"),
            Session.provider_id,
            Session.issuer,
            Session.idle_until,
            Session.expires_at,
            Session.ended_at,
            Session.acr,
            Session.amr,
            Session.acrs,
            Session.authenticated_at,
            Session.form_secret,
            Session.link_id,
            demands.label("demands"),
            Seat.id.label("seat_id"),
            Seat.name,
            Seat.language,
            Seat.officer_id,
            Seat.unit,
            Seat.active,
            roles_on(bindparam("on", type_=Date)).label("roles"),
            (Officer.status if agency else null()).label("standing"),
            (MemberAccess.ended_at if agency else null()).label("access_ended_at"),
            (MemberAccess.officer_id if agency else null()).label("access_officer_id"),
            *[getattr(AgencySettings, name) if agency else null().label(name) for name in look],
        )
        .select_from(Session)
        .join(Seat, (Seat.tenant_id == Session.tenant_id) & (Seat.id == Session.seat_id))
        .where(Session.tenant_id == bindparam("scope"), Session.secret_digest == bindparam("secret"))
    )
    if not agency:  # Only an agency has such rows, and a grant on their tables.
        return statement
    own_file = (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id)
    own_way = (MemberAccess.tenant_id == Session.tenant_id) & (MemberAccess.id == Session.access_id)
    return (
        statement.outerjoin(Officer, own_file)
        .outerjoin(MemberAccess, own_way)
        .outerjoin(AgencySettings, AgencySettings.tenant_id == Session.tenant_id)
    )


def _token_statement() -> Select[*tuple[Any, ...]]:
    ruled = (
        select(func.array_agg(StepUpRule.action)).where(StepUpRule.tenant_id == ApiToken.tenant_id).scalar_subquery()
    )
    return select(
        ApiToken.id,
        ApiToken.account_id,
        ApiToken.name,
        ApiToken.roles,
        ApiToken.reads_only,
        ApiToken.expires_at,
        ApiToken.revoked_at,
        token_stopped().label("stopped"),
        ApiToken.last_used_at,
        ruled,
    ).where(
        ApiToken.tenant_id == bindparam("scope"),
        ApiToken.secret_digest == bindparam("secret"),
        ApiToken.kind == bindparam("kind", "api"),
    )


_SEAT = Reading(_seat_statement(agency=False), SeatRow)
_AGENCY_SEAT = Reading(_seat_statement(agency=True), SeatRow)
TOKEN = Reading(_token_statement(), TokenRow)
"""Every page and every call of the API asks one of them, so they go the short way."""
