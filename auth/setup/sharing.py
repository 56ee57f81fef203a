"""What a scope learns of others at its provider: that there are some, never which, and only as a client of it."""

from __future__ import annotations

from auth.relying_party.examining import Finding
from auth.relying_party.identities import known_elsewhere, named_otherwise
from auth.relying_party.providers import Provider
from auth.setup.lifecycle import ON
from core.context import Ctx
from core.database.sessions import identity_session

PROVEN = ON | {"tested"}
"""States in which a test sign-in has shown that the scope is the provider's client.

Whoever has merely entered an address would else learn that the service it belongs to signs in there.
"""
SHARED, NAMED = "shared", "named"


async def beside(ctx: Ctx, provider: Provider) -> list[Finding]:
    """Find whether another service's people sign in at the provider, where that matters for ours."""
    found = []
    async with identity_session(ctx.database) as session:
        by_themselves = provider.number_claim is not None or provider.just_in_time
        if by_themselves and await known_elsewhere(session, ctx.scope.id, provider.issuer):
            found.append(Finding(SHARED, "ok" if provider.pinned else "warn"))
        claim = provider.person_claim
        if claim is not None and await named_otherwise(session, ctx.scope.id, provider.issuer, claim):
            found.append(Finding(NAMED, "warn"))
    return found
