"""Back-channel logout: the provider says, behind the browser's back, that somebody's session has ended there.

What its signature vouches for leaves a line in the log, taken or refused; what anybody could
have sent leaves none, so that nobody fills the log from outside.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.leaving import end_unvouched, hold_seats
from auth.logouts import keep_logout, keep_taken, was_taken
from auth.models import Identity, IdentitySeat, Session, SignInFlow
from auth.red_button.stops import check_scope
from auth.relying_party.conversing import asking
from auth.relying_party.logout_token import LoggedOut, issuer_of
from auth.relying_party.party import RelyingParty
from auth.relying_party.providers import Provider, providers_of
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.sessions import end_session
from core.context import Ctx, Scope
from core.database.directory import list_scopes
from core.database.sessions import identity_session, public_session, tenant_session
from core.use_cases.work import Work

log = logging.getLogger("contingent.sign_in")


async def take_logout(ctx: Ctx, party: RelyingParty, raw: str) -> int:
    """End the sessions that the logout token names, and return how many; raises ``SignInRefused``.

    A provider knows one address for each of its clients. Where several services sign in as one client, what comes
    to one of them holds for all; each looks at it by its own set-up, for no service says whose keys count in another.
    That it came is kept last: one that was cut off is taken when it comes again.
    """
    acting = ctx.acting_as(SIGN_IN)
    client_id, said = await _read(acting, party, raw)
    ended, failed = 0, list[Exception]()
    for scope in await _meant(ctx, client_id, said):
        here = replace(acting, scope=scope)
        try:
            providers = [one for one in await _providers(here, said.issuer) if one.client_id == client_id]
            if providers and await _vouched(party, providers, raw):
                ended += await _end_in(here, providers, said)
        except Exception as error:  # noqa: BLE001 - what fails in one service is not the others' loss; raised below
            failed.append(error)
    if failed:
        raise ExceptionGroup("services in which a logout came to nothing", failed)
    async with tenant_session(acting) as session:
        await keep_taken(session, ctx.scope.id, said, ctx.clock.now())
    async with tenant_session(acting, read_only=True) as session:
        await check_scope(session, ctx.scope.id)
    return ended


async def _meant(ctx: Ctx, client_id: str, said: LoggedOut) -> list[Scope]:
    """Return the scopes in which the token may mean somebody, the one that it came to first.

    Those where the account opens a seat, and those where somebody is signing in, who may get one by that; all, where
    the token names no account.
    """
    async with public_session(ctx.database) as public:
        scopes = sorted(await list_scopes(public), key=lambda one: one.id != ctx.scope.id)
    if said.subject is None:
        return scopes
    seated = (
        select(IdentitySeat.scope_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == said.issuer, Identity.subject == said.subject)
    )
    coming = select(SignInFlow.scope_id).where(
        SignInFlow.issuer == said.issuer,
        SignInFlow.client_id == client_id,
        SignInFlow.used_at.is_(None),
        SignInFlow.expires_at > ctx.clock.now(),
    )
    async with identity_session(ctx.database) as session:
        known = {ctx.scope.id, *await session.scalars(seated.union(coming))}
    return [one for one in scopes if one.id in known]


async def _end_in(ctx: Ctx, providers: Sequence[Provider], said: LoggedOut) -> int:
    """End the sessions meant in one scope and return how many there were; ``providers``: as what it is the client.

    Whoever signs in there meanwhile waits; then, as everywhere, the seats are held before their sessions.
    """
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await keep_logout(session, ctx.scope.id, said, work.now)
        seat_id = None if said.subject is None else await _seat_of(ctx, said.issuer, said.subject)
        seats = await _seats(session, ctx.scope.id, said, seat_id)
        await hold_seats(work, seats)
        ended = await _sessions(session, ctx.scope.id, said, seat_id)
        for session_id in ended:
            await end_session(session, ctx.scope, session_id, work.now)
            await work.audit("session.end", ("session", session_id), after={"cause": "provider"})
        for person in seats:
            for provider in providers:
                await end_unvouched(work, person, provider.id)
    return len(ended)


async def _read(ctx: Ctx, party: RelyingParty, raw: str) -> tuple[str, LoggedOut]:
    """Return what the token says, and to which client."""
    issuer = issuer_of(raw)
    if issuer is None:
        raise SignInRefused(Why.TOKEN_FORM, "no token")
    providers = await _providers(ctx, issuer)
    if not providers:
        raise SignInRefused(Why.NOT_CONFIGURED, "an issuer that this service does not accept")
    client_id, said = await _of_one(party, providers, raw)
    async with tenant_session(ctx) as session:
        if await was_taken(session, ctx.scope.id, said, ctx.clock.now()):
            replayed = SignInRefused(Why.TOKEN_REPLAYED, "this logout token came before")
            replayed.vouched = True
            raise replayed
    return client_id, said


async def _providers(ctx: Ctx, issuer: str) -> list[Provider]:
    async with tenant_session(ctx, read_only=True) as session:
        return await providers_of(session, ctx.scope.id, issuer)


async def _vouched(party: RelyingParty, providers: Sequence[Provider], raw: str) -> bool:
    """Say whether the token is good by the set-up of a scope, too."""
    try:
        await _of_one(party, providers, raw)
    except SignInRefused as refused:
        log.info("logout token refused where it holds too: %s", refused.why)
        return False
    return True


async def _of_one(party: RelyingParty, providers: Sequence[Provider], raw: str) -> tuple[str, LoggedOut]:
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


async def _seat_of(ctx: Ctx, issuer: str, subject: str) -> UUID | None:
    """Return the seat of the scope that an account opens."""
    chosen = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, Identity.subject == subject, IdentitySeat.scope_id == ctx.scope.id)
    )
    async with identity_session(ctx.database) as session:
        found: UUID | None = await session.scalar(chosen)
    return found


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
