"""Back-channel logout: the provider says, behind the browser's back, that somebody's session has ended there.

What its signature vouches for leaves a line in the log, taken or refused; what anybody could
have sent leaves none, so that nobody fills the log from outside.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.leaving import end_unvouched
from auth.logouts import is_new, keep_logout
from auth.models import Identity, IdentitySeat, Session
from auth.red_button.stops import check_scope
from auth.relying_party.conversing import asking
from auth.relying_party.logout_token import LoggedOut, issuer_of
from auth.relying_party.party import RelyingParty
from auth.relying_party.providers import Provider, providers_of
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.sessions import end_session
from core.context import Ctx
from core.database.directory import list_scopes
from core.database.sessions import identity_session, public_session, tenant_session
from core.use_cases.work import Work

log = logging.getLogger("contingent.sign_in")


async def take_logout(ctx: Ctx, party: RelyingParty, raw: str) -> int:
    """End the sessions that the logout token names, and return how many; raises ``SignInRefused``.

    A provider knows one address for each of its clients. Where several services sign in as one client, what comes
    to one of them holds for all.
    """
    client_id, said = await _read(ctx, party, raw)
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        fresh = await is_new(session, ctx.scope.id, said, ctx.clock.now())
    if not fresh:
        replayed = SignInRefused(Why.TOKEN_REPLAYED, "this logout token came before")
        replayed.vouched = True
        raise replayed
    seats = {} if said.subject is None else await _seats_of(ctx, said.issuer, said.subject)
    async with public_session(ctx.database) as public:
        scopes = await list_scopes(public)
    meant = [one for one in scopes if said.subject is None or one.id in seats or one.id == ctx.scope.id]
    return sum([await _end_in(replace(acting, scope=one), client_id, said, seats.get(one.id)) for one in meant])


async def _end_in(ctx: Ctx, client_id: str, said: LoggedOut, seat_id: UUID | None) -> int:
    """End the sessions meant in one scope, if it signs in as this client, and return how many there were."""
    async with tenant_session(ctx) as session:
        providers = await providers_of(session, ctx.scope.id, said.issuer)
        provider = next((one for one in providers if one.client_id == client_id), None)
        if provider is None:
            return 0
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await keep_logout(session, ctx.scope.id, said, work.now)
        ended = await _sessions(session, ctx.scope.id, said, seat_id)
        for session_id in ended:
            await end_session(session, ctx.scope, session_id, work.now)
            await work.audit("session.end", ("session", session_id), after={"cause": "provider"})
        for person in await _seats(session, ctx.scope.id, said, seat_id):
            await end_unvouched(work, person, provider.id)
    return len(ended)


async def _read(ctx: Ctx, party: RelyingParty, raw: str) -> tuple[str, LoggedOut]:
    """Return what the token says, and to which client."""
    issuer = issuer_of(raw)
    if issuer is None:
        raise SignInRefused(Why.TOKEN_FORM, "no token")
    async with tenant_session(ctx, read_only=True) as session:
        await check_scope(session, ctx.scope.id)
        providers = await providers_of(session, ctx.scope.id, issuer)
    if not providers:
        raise SignInRefused(Why.NOT_CONFIGURED, "an issuer that this service does not accept")
    return await _of_one(party, providers, raw)


async def _of_one(party: RelyingParty, providers: list[Provider], raw: str) -> tuple[str, LoggedOut]:
    """Return what the token says to the one client of ours that it is for."""
    refused: SignInRefused | None = None
    for provider in providers:
        try:
            async with asking():
                return provider.client_id, await party.logged_out(provider, raw)
        except SignInRefused as error:
            refused = error
            if error.why is not Why.AUDIENCE:
                raise
    assert refused is not None
    raise refused


async def _seats_of(ctx: Ctx, issuer: str, subject: str) -> dict[UUID, UUID]:
    """Return by scope the seats that an account opens."""
    async with identity_session(ctx.database) as session:
        chosen = (
            select(IdentitySeat.scope_id, IdentitySeat.seat_id)
            .join(Identity, Identity.id == IdentitySeat.identity_id)
            .where(Identity.issuer == issuer, Identity.subject == subject)
        )
        return {row.scope_id: row.seat_id for row in await session.execute(chosen)}


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


async def _seats(session: AsyncSession, scope_id: UUID, said: LoggedOut, seat_id: UUID | None) -> list[UUID]:
    """Return the seats of whom the token is about: whoever has signed out here before is still meant."""
    seats = set() if seat_id is None else {seat_id}
    if said.sid is not None:
        named = select(Session.seat_id).where(
            Session.tenant_id == scope_id, Session.issuer == said.issuer, Session.sid == said.sid
        )
        seats |= set(await session.scalars(named))
    return sorted(seats)


async def keep_refusal(ctx: Ctx, refused: SignInRefused) -> None:
    """Note why a logout token was refused, and in the service's log if the provider had signed it."""
    log.info("logout token refused: %s", refused.why)
    if not refused.vouched:
        return
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        work = Work(acting, session, ctx.today, ctx.clock.now())
        after = {"why": refused.why.value, "detail": refused.detail}
        await work.audit("logout.refused", ("scope", ctx.scope.id), after=after)
