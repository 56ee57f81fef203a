"""While a session lasts, its provider is asked every few minutes whether it still stands behind it.

Every worker has this beat; a lease sees to it that one alone asks with a token. No transaction is open
while a provider is asked, and the next token is stored before anything else it said is looked at. A
process that dies in between leaves a token that is used up: the next to ask is refused, and the session
ends, which is the safe side.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from auth.claim_rules.service import RULED
from auth.claim_rules.settling import settle
from auth.client_keys import with_credentials
from auth.leaving import end_unvouched
from auth.models import RefreshGrant
from auth.refresh_grants import Kept, Leased, drop_ended, give_back, hold, lease, opened, store_next
from auth.relying_party.conversing import PATIENCE, asking
from auth.relying_party.party import RelyingParty
from auth.relying_party.providers import Provider, provider_by_id
from auth.relying_party.redemption import Withdrawn
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.sessions import end_session
from core.clock import Clock
from core.context import Ctx
from core.database.directory import ScopeRow
from core.database.engines import NO_ANSWER, Database
from core.database.sessions import tenant_session, worker_session
from core.errors import Unavailable
from core.events.periodic import Beat
from core.people import People
from core.use_cases.work import Work

log = logging.getLogger("contingent.sign_in")

SECONDS = 10.0
SIDE_BY_SIDE = 4
"""Sessions of one scope about which a process asks at once: a provider that hangs holds up its own scope's alone."""
ROOM = timedelta(seconds=PATIENCE + 10)
"""What a lease must still last for a token to be asked with: time to hear the answer, and to store what comes of it."""
PAUSE = 1.0
"""Seconds before storing is tried again while the database is away."""
PASSING = frozenset(
    {
        Why.PROVIDER_DOWN,
        Why.PROVIDER_ANSWER,
        Why.NOT_CONFIGURED,
        Why.DISCOVERY,
        Why.ADDRESS,
        Why.TOKEN_REFUSED,
        Why.KEY,
    }
)
"""What says nothing about the person: the provider is asked again later, and the session ends at its own limit."""


class Refreshing:
    """Asks providers again. ``party`` speaks to them; ``people`` says who is told of what follows."""

    def __init__(self, party: RelyingParty, people: People) -> None:
        self.party = party
        self.people = people
        self._under_way: dict[UUID, asyncio.Task[list[Exception]]] = {}
        """By scope: it is not begun with again before it has ended."""

    @property
    def beat(self) -> Beat:
        """What every worker does again and again."""
        return Beat("refreshing", SECONDS, self.run, self.end)

    async def run(self, database: Database, clock: Clock, *, only: Collection[UUID] | None = None) -> int:
        """Ask about every session that is due and that nobody else is asking about; return how many there were.

        ``only``: consider these scopes alone.

        What goes wrong about one is not the others' loss; it is raised when all have had their turn. A scope whose
        provider hangs is waited for no longer than a beat: it goes on beside the next ones, which leave it out.
        """
        failed: list[Exception] = []
        asked = 0
        for ctx in await self._scopes(database, clock, only):
            if ctx.scope.id in self._under_way:
                continue
            try:
                async with tenant_session(ctx) as session:
                    await drop_ended(session, ctx.scope.id, clock.now())
                    leased = await lease(ctx, session)
            except Exception as error:  # noqa: BLE001 - raised below
                failed.append(error)
                continue
            asked += len(leased)
            if leased:
                self._under_way[ctx.scope.id] = asyncio.create_task(self._ask_all(ctx, leased))
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=SECONDS)
        for scope in [scope for scope, task in self._under_way.items() if task.done()]:
            failed += self._under_way.pop(scope).result()
        if failed:
            raise ExceptionGroup("sessions whose providers could not be asked", failed)
        return asked

    async def end(self) -> None:
        """Leave off; what was asked and not answered is asked again by whoever takes the lease next."""
        for task in self._under_way.values():
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        self._under_way.clear()

    async def _ask_all(self, ctx: Ctx, leased: Sequence[Leased]) -> list[Exception]:
        """Ask about the sessions of one scope, and return what went wrong."""
        turns = asyncio.Semaphore(SIDE_BY_SIDE)
        done = await asyncio.gather(*(self._in_turn(turns, ctx, one) for one in leased), return_exceptions=True)
        return [error for error in done if isinstance(error, Exception)]

    async def _scopes(self, database: Database, clock: Clock, only: Collection[UUID] | None) -> list[Ctx]:
        chosen = select(ScopeRow).order_by(ScopeRow.id)
        if only is not None:
            chosen = chosen.where(ScopeRow.id.in_(only))
        async with worker_session(database) as session:
            scopes = [row.scope() for row in await session.scalars(chosen)]
        return [Ctx(scope=scope, actor=SIGN_IN, clock=clock, database=database, people=self.people) for scope in scopes]

    async def _in_turn(self, turns: asyncio.Semaphore, ctx: Ctx, leased: Leased) -> None:
        async with turns:
            await self._renew(ctx, leased)

    async def _renew(self, ctx: Ctx, leased: Leased) -> None:
        began, mine = ctx.clock.now(), leased
        try:
            provider = await _provider(ctx, leased)
            if provider is None:
                return
            kept = opened(ctx, leased)
            if ctx.clock.now() + ROOM > leased.until:
                # Somebody else may be asking with it by the time there is an answer.
                return
            async with asking():
                tokens = await self.party.ask_again(provider, kept.token)
            if tokens.refresh_token is not None:
                kept = Kept(tokens.refresh_token, kept.subject)
            stored = await _store(ctx, leased, kept)
            if stored is None:
                return
            mine = stored
            async with asking():
                claims = await self.party.read_renewal(provider, tokens, kept.subject, began)
        except SignInRefused as refused:
            await _refuse(ctx, mine, refused)
        else:
            await _go_on(ctx, mine, provider.id, claims)


async def _provider(ctx: Ctx, leased: Leased) -> Provider | None:
    """Return the session's provider; of one that is no longer to be asked, drop the token."""
    async with tenant_session(ctx) as session:
        provider = await provider_by_id(session, ctx.scope.id, leased.provider_id)
        if provider.refresh != "never":
            return await with_credentials(ctx, session, provider)
        row = await session.get(RefreshGrant, (ctx.scope.id, leased.session_id))
        if row is not None:
            await session.delete(row)
        return None


async def _store(ctx: Ctx, leased: Leased, kept: Kept) -> Leased | None:
    """Store the next token; while the database is away, again and again until the lease ends: there is no other."""
    while True:
        try:
            async with tenant_session(ctx) as session:
                return await store_next(ctx, session, leased, kept)
        except (Unavailable, *NO_ANSWER):
            if ctx.clock.now() + timedelta(seconds=PAUSE) > leased.until:
                raise
            await ctx.clock.sleep(PAUSE)


async def _refuse(ctx: Ctx, leased: Leased, refused: SignInRefused) -> None:
    """End the session, or ask again later where it may be no fault of the person's."""
    ends = isinstance(refused, Withdrawn) or refused.why not in PASSING
    async with tenant_session(ctx) as session:
        if not await hold(ctx, session, leased):
            return
        log.info("a refresh came to nothing: %s", refused.why)
        if not ends:
            await give_back(ctx, session, leased, answered=False)
            return
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await end_session(session, ctx.scope, leased.session_id, work.now)
        after = {"cause": "refresh", "why": refused.why.value, "detail": refused.detail}
        await work.audit("session.end", ("session", leased.session_id), after=after)
        await end_unvouched(work, leased.seat_id, leased.provider_id)


async def _go_on(ctx: Ctx, leased: Leased, provider_id: UUID, claims: dict[str, Any] | None) -> None:
    """Let the session go on, with the roles that the provider's claims now give."""
    async with tenant_session(ctx) as session:
        if not await hold(ctx, session, leased):
            return
        if claims is not None and ctx.scope.kind in RULED:
            await settle(Work(ctx, session, ctx.today, ctx.clock.now()), leased.seat_id, provider_id, claims)
        await give_back(ctx, session, leased, answered=True)
