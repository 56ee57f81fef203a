"""The record of a sign-in under way: made when the browser leaves, used once when it comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import SignInFlow
from auth.relying_party.authorization import Secrets
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock
from core.context import Language, Scope
from core.ids import new_id
from core.tokens import digest, looks_like_secret, new_secret

MINUTES = 15
KEPT_HOURS = 24
"""How long a used or expired record stays, so that a replay is recognized as one."""


class Flow(msgspec.Struct, frozen=True):
    """What was remembered of a sign-in: for whom, with which provider, and where to go afterwards.

    ``step_up``: the action before which somebody proves anew who they are; ``seat_id``: the seat
    in which they are signed in so far, and which must be theirs afterwards. ``purpose``: ``sign_in``, or
    ``test``, of which nothing comes but its record. ``invitation``: the digest of the link it was begun
    with; ``identity_id``: who came back and has yet to confirm. ``link_id``: the approval link
    by which somebody comes, which is for that seat alone.
    """

    id: UUID
    provider_id: UUID
    issuer: str
    client_id: str
    secrets: Secrets
    began: datetime
    language: Language
    next_path: str
    step_up: str | None = None
    seat_id: UUID | None = None
    purpose: str = "sign_in"
    invitation: str | None = None
    identity_id: UUID | None = None
    link_id: UUID | None = None


class Purpose(msgspec.Struct, frozen=True):
    """What somebody signs in for who does not just want to come in; the members are those of ``Flow``."""

    kind: str = "sign_in"
    step_up: str | None = None
    seat_id: UUID | None = None
    invitation: str | None = None
    link_id: UUID | None = None


class RefusedFlow(SignInRefused):
    """A known record does not fit; ``flow_id`` is for the audit line of the scope it is tried at."""

    def __init__(self, why: Why, flow_id: UUID) -> None:
        super().__init__(why)
        self.flow_id = flow_id


async def begin(
    session: AsyncSession,
    clock: Clock,
    scope: Scope,
    provider: Provider,
    *,
    browser: str,
    language: Language,
    next_path: str,
    purpose: Purpose = Purpose(),
) -> Flow:
    """Remember a new sign-in of ``browser`` and return it. Old records are cleared away."""
    now = clock.now()
    made = Secrets(state=new_secret(), nonce=new_secret(), verifier=new_secret())
    await session.execute(delete(SignInFlow).where(SignInFlow.expires_at < now - timedelta(hours=KEPT_HOURS)))
    row = SignInFlow(
        id=new_id(clock),
        scope_id=scope.id,
        provider_id=provider.id,
        issuer=provider.issuer,
        client_id=provider.client_id,
        state_digest=digest(made.state),
        browser_digest=digest(browser),
        nonce=made.nonce,
        verifier=made.verifier,
        language=language,
        next_path=next_path,
        purpose=purpose.kind,
        step_up=purpose.step_up,
        seat_id=purpose.seat_id,
        invitation_digest=purpose.invitation,
        link_id=purpose.link_id,
        created_at=now,
        expires_at=now + timedelta(minutes=MINUTES),
    )
    session.add(row)
    return _flow(row, made.state)


def check_provider(flow: Flow, provider: Provider) -> None:
    """Raise ``SignInRefused`` if the row that the flow was begun with names another provider or client by now.

    The code is that one's: it is shown to nobody else.
    """
    if (provider.issuer, provider.client_id) != (flow.issuer, flow.client_id):
        raise SignInRefused(Why.CALLBACK, "the provider was changed meanwhile")


async def claim(session: AsyncSession, now: datetime, scope: Scope, *, state: str, browser: str | None) -> Flow:
    """Use up the record of ``state`` and return it: of two callbacks with one state, one gets it.

    Raises ``SignInRefused`` for an unknown state, ``RefusedFlow`` for a record of another
    scope or browser, an expired or a used one. Only the right browser uses it up.
    """
    row = await _row(session, state)
    fault = _fault(row, now, scope, browser, fresh=True)
    if fault is not None:
        raise RefusedFlow(fault, row.id)
    await session.execute(update(SignInFlow).where(SignInFlow.id == row.id).values(used_at=now))
    return _flow(row, state)


async def await_answer(session: AsyncSession, flow: Flow, identity_id: UUID) -> None:
    """Keep who came back by an invitation, until they say that its name is theirs."""
    await session.execute(update(SignInFlow).where(SignInFlow.id == flow.id).values(identity_id=identity_id))


async def answered(session: AsyncSession, now: datetime, scope: Scope, *, state: str, browser: str | None) -> Flow:
    """Return the flow in which ``browser`` says that the name it was shown is theirs.

    Raises what ``claim`` raises. It can be said again: what the invitation allows happens once.
    """
    row = await _row(session, state)
    fault = _fault(row, now, scope, browser, fresh=False)
    if fault is not None:
        raise RefusedFlow(fault, row.id)
    return _flow(row, state)


async def _row(session: AsyncSession, state: str) -> SignInFlow:
    row = None
    if looks_like_secret(state):
        chosen = select(SignInFlow).where(SignInFlow.state_digest == digest(state)).with_for_update()
        row = (await session.execute(chosen)).scalar_one_or_none()
    if row is None:
        raise SignInRefused(Why.STATE_UNKNOWN)
    return row


def _flow(row: SignInFlow, state: str) -> Flow:
    return Flow(
        id=row.id,
        provider_id=row.provider_id,
        issuer=row.issuer,
        client_id=row.client_id,
        secrets=Secrets(state=state, nonce=row.nonce, verifier=row.verifier),
        began=row.created_at,
        language="fr" if row.language == "fr" else "en",
        next_path=row.next_path,
        step_up=row.step_up,
        seat_id=row.seat_id,
        purpose=row.purpose,
        invitation=row.invitation_digest,
        identity_id=row.identity_id,
        link_id=row.link_id,
    )


def _fault(row: SignInFlow, now: datetime, scope: Scope, browser: str | None, *, fresh: bool) -> Why | None:
    if row.scope_id != scope.id:
        return Why.OTHER_SCOPE
    if browser is None or row.browser_digest != digest(browser):
        return Why.OTHER_BROWSER
    if fresh and row.used_at is not None:
        return Why.STATE_REPLAYED
    if now >= row.expires_at:
        return Why.STATE_EXPIRED
    return None if fresh or row.identity_id is not None else Why.CALLBACK
