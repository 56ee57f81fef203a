"""Back-channel logout: the provider says, behind the browser's back, that somebody's session has ended there.

What its signature vouches for leaves a line in the log, taken or refused; what anybody could
have sent leaves none, so that nobody fills the log from outside.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import Identity, IdentitySeat, LogoutSeen, Session
from auth.red_button.stops import check_scope
from auth.relying_party.logout_token import LoggedOut, issuer_of
from auth.relying_party.party import RelyingParty
from auth.relying_party.providers import Provider, providers_of
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.secrets import digest
from auth.sessions import end_session
from core.context import Ctx
from core.database.sessions import identity_session, tenant_session
from core.use_cases.work import Work

log = logging.getLogger("contingent.sign_in")

KEPT = timedelta(days=1)


async def take_logout(ctx: Ctx, party: RelyingParty, raw: str) -> int:
    """End the sessions of the scope that the logout token names, and return how many; raises ``SignInRefused``."""
    try:
        said = await _read(ctx, party, raw)
    except SignInRefused as refused:
        log.info("logout token refused: %s", refused.why)
        if refused.vouched:
            await _keep_refusal(ctx, refused)
        raise
    seat_id = None if said.subject is None else await _seat_of(ctx, said.issuer, said.subject)
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        work = Work(acting, session, ctx.today, ctx.clock.now())
        fresh = await _is_new(session, ctx.scope.id, said, work.now)
        ended = await _sessions(session, ctx.scope.id, said, seat_id) if fresh else []
        for session_id in ended:
            await end_session(session, ctx.scope, session_id, work.now)
            await work.audit("session.end", ("session", session_id), after={"cause": "provider"})
    if not fresh:
        replayed = SignInRefused(Why.TOKEN_REPLAYED, "this logout token came before")
        await _keep_refusal(ctx, replayed)
        raise replayed
    return len(ended)


async def _read(ctx: Ctx, party: RelyingParty, raw: str) -> LoggedOut:
    issuer = issuer_of(raw)
    if issuer is None:
        raise SignInRefused(Why.TOKEN_FORM, "no token")
    async with tenant_session(ctx, read_only=True) as session:
        await check_scope(session, ctx.scope.id)
        providers = await providers_of(session, ctx.scope.id, issuer)
    if not providers:
        raise SignInRefused(Why.NOT_CONFIGURED, "an issuer that this service does not accept")
    return await _of_one(party, providers, raw)


async def _of_one(party: RelyingParty, providers: list[Provider], raw: str) -> LoggedOut:
    """Return what the token says to the one client of ours that it is for."""
    refused: SignInRefused | None = None
    for provider in providers:
        try:
            return await party.logged_out(provider, raw)
        except SignInRefused as error:
            refused = error
            if error.why is not Why.AUDIENCE:
                raise
    assert refused is not None
    raise refused


async def _seat_of(ctx: Ctx, issuer: str, subject: str) -> UUID | None:
    async with identity_session(ctx.database) as session:
        chosen = (
            select(IdentitySeat.seat_id)
            .join(Identity, Identity.id == IdentitySeat.identity_id)
            .where(Identity.issuer == issuer, Identity.subject == subject, IdentitySeat.scope_id == ctx.scope.id)
        )
        found: UUID | None = await session.scalar(chosen)
        return found


async def _is_new(session: AsyncSession, scope_id: UUID, said: LoggedOut, now: datetime) -> bool:
    old = delete(LogoutSeen).where(LogoutSeen.tenant_id == scope_id, LogoutSeen.seen_at < now - KEPT)
    await session.execute(old)
    row = insert(LogoutSeen).values(
        tenant_id=scope_id, token_digest=digest(f"{said.issuer} {said.token_id}"), seen_at=now
    )
    taken = await session.execute(row.on_conflict_do_nothing().returning(LogoutSeen.token_digest))
    return taken.first() is not None


async def _sessions(session: AsyncSession, scope_id: UUID, said: LoggedOut, seat_id: UUID | None) -> list[UUID]:
    """Return the open sessions meant: of the ``sid`` where there is one, else all of the subject's from that issuer.

    A session that knows no ``sid`` of its own is meant by its subject, too.
    """
    named = Session.sid == said.sid if said.sid is not None else None
    theirs = None
    if seat_id is not None:
        theirs = Session.seat_id == seat_id
        if said.sid is not None:
            theirs &= Session.sid.is_(None)
    meant = [one for one in (named, theirs) if one is not None]
    if not meant:
        return []
    chosen = select(Session.id).where(
        Session.tenant_id == scope_id, Session.issuer == said.issuer, Session.ended_at.is_(None), or_(*meant)
    )
    return list((await session.scalars(chosen.order_by(Session.id))).all())


async def _keep_refusal(ctx: Ctx, refused: SignInRefused) -> None:
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        work = Work(acting, session, ctx.today, ctx.clock.now())
        after = {"why": refused.why.value, "detail": refused.detail}
        await work.audit("logout.refused", ("scope", ctx.scope.id), after=after)
