"""The keys by which the platform proves to a provider that it is a scope's client.

Each provider of each scope has keys of its own. The private half is sealed; the public half is
published at ``/t/{scope}/auth/jwks.json``, where the provider fetches it. A renewed key is
published at once and signs only later, when the provider has had time to see it; until then,
and a little longer, the key before it stays published.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.client_secrets import with_secret
from auth.models import ClientKey
from auth.relying_party.client_auth import PRIVATE_KEY
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused, Why
from core.context import Ctx
from core.database.sealing import seal, unseal
from core.use_cases.work import Work

ALGORITHMS = ("ES256", "PS256", "RS256")
RSA_BITS = 3072
OVERLAP = timedelta(hours=24)
"""How long a renewed key is published before it signs: providers keep key sets for hours."""
GRACE = timedelta(hours=1)
"""How long a key stays published after it signed for the last time."""


async def add_key(work: Work, provider_id: UUID, algorithm: str) -> ClientKey:
    """Make a provider's first key, which signs at once."""
    row = await _made(work, provider_id, algorithm, work.now)
    after = {"kid": row.kid, "algorithms": [algorithm], "signs_from": row.active_from}
    await work.audit("client_key.create", ("client_key", row.id), after=after)
    return row


async def renew_key(
    work: Work, provider_id: UUID, algorithm: str | None = None, *, overlap: timedelta = OVERLAP
) -> ClientKey:
    """Make the key that follows the provider's keys, in ``overlap`` from now, and return it.

    An ``overlap`` of nothing is for a key that leaked: the keys before are withdrawn at once.
    """
    before = list(await work.session.scalars(_usable(work.ctx.scope.id, work.now, provider_id)))
    if not before:
        raise LookupError(f"provider {provider_id} has no key to renew")
    row = await _made(work, provider_id, algorithm or before[0].algorithm, work.now + overlap)
    until = row.active_from + GRACE if overlap else work.now
    for old in before:
        old.withdrawn_at = min(until, old.withdrawn_at or until)
    await work.session.flush()
    await work.audit(
        "client_key.renew",
        ("client_key", row.id),
        before={"kid": before[0].kid, "published_until": until},
        after={"kid": row.kid, "algorithms": [row.algorithm], "signs_from": row.active_from},
    )
    return row


async def has_key(session: AsyncSession, scope_id: UUID, provider_id: UUID, now: datetime) -> bool:
    """Say whether there is a key for the provider, signing already or soon."""
    return await session.scalar(_usable(scope_id, now, provider_id).limit(1)) is not None


async def with_credentials(ctx: Ctx, session: AsyncSession, provider: Provider) -> Provider:
    """Return ``provider`` with what proves to it who we are: the secret, or the key that signs now."""
    if provider.client_auth != PRIVATE_KEY:
        return with_secret(ctx, provider)
    now = ctx.clock.now()
    chosen = _usable(ctx.scope.id, now, provider.id).where(ClientKey.active_from <= now)
    row = await session.scalar(chosen.limit(1))
    if row is None:
        raise SignInRefused(Why.NOT_CONFIGURED, "no key to sign with")
    key = JWKRegistry.import_key(json.loads(unseal(ctx, ClientKey, row.id, row.sealed)))
    assert isinstance(key, ECKey | RSAKey)
    return msgspec.structs.replace(provider, key=key)


async def published_keys(session: AsyncSession, scope_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return the public halves of the scope's keys, the newest first."""
    return [row.public_key for row in await session.scalars(_usable(scope_id, now))]


def _usable(scope_id: UUID, now: datetime, provider_id: UUID | None = None) -> Select[ClientKey]:
    chosen = select(ClientKey).where(
        ClientKey.tenant_id == scope_id, or_(ClientKey.withdrawn_at.is_(None), ClientKey.withdrawn_at > now)
    )
    if provider_id is not None:
        chosen = chosen.where(ClientKey.provider_id == provider_id)
    return chosen.order_by(ClientKey.active_from.desc(), ClientKey.id.desc())


async def _made(work: Work, provider_id: UUID, algorithm: str, active_from: datetime) -> ClientKey:
    key: ECKey | RSAKey
    if algorithm == "ES256":
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": algorithm}, auto_kid=True)
    else:
        key = RSAKey.generate_key(RSA_BITS, {"use": "sig", "alg": algorithm}, auto_kid=True)
    assert key.kid is not None
    row_id = work.new_id()
    row = ClientKey(
        tenant_id=work.ctx.scope.id,
        id=row_id,
        provider_id=provider_id,
        kid=key.kid,
        algorithm=algorithm,
        public_key=key.as_dict(private=False),
        sealed=seal(work.ctx, ClientKey, row_id, json.dumps(key.as_dict(private=True)).encode()),
        created_at=work.now,
        active_from=active_from,
    )
    work.session.add(row)
    await work.session.flush()
    return row
