"""The secret by which the platform proves to a provider that it is a scope's client: kept sealed, shown to nobody."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auth.models import IdentityProvider
from auth.relying_party.providers import Provider
from core.context import Ctx
from core.database.sealing import seal, unseal

COLUMN = "secret_sealed"


def seal_secret(ctx: Ctx, provider_id: UUID, secret: str) -> bytes:
    """Return a secret as it is kept: it opens for this provider of this scope alone."""
    return seal(ctx, IdentityProvider, provider_id, secret.encode(), column=COLUMN)


def with_secret(ctx: Ctx, provider: Provider) -> Provider:
    """Return ``provider`` with its secret, if one is kept for it."""
    if provider.sealed is None:
        return provider
    plain = unseal(ctx, IdentityProvider, provider.id, provider.sealed, column=COLUMN)
    return msgspec.structs.replace(provider, secret=plain.decode())
