"""The keys a provider signs with: kept for an hour, asked for again when one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from auth.relying_party.kept import Kept
from auth.relying_party.network import fetch_json
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock

LIFE = 3600.0
COOL_DOWN = 30.0
MOST_KEYS = 50
LEAST_RSA_BITS = 2048

SigningKey = ECKey | RSAKey

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
"""The signature algorithms on elliptic curves; each belongs to one curve."""
RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
ALGORITHMS = frozenset(CURVES) | RSA
"""All that a scope may pin. ``none`` and the symmetric ones are not among them and never will be."""


class KeySets:
    """Finds the key that a token names."""

    def __init__(self, transport: httpx2.AsyncBaseTransport, clock: Clock) -> None:
        self._transport = transport
        self._kept: Kept[list[SigningKey]] = Kept(clock, self._ask, life=LIFE, cool_down=COOL_DOWN)

    async def find(self, jwks_uri: str, kid: str | None, algorithm: str) -> SigningKey:
        """Return the one key for ``kid`` and ``algorithm``, asking again once if it is unknown."""
        found = _fitting(await self._kept.get(jwks_uri), kid, algorithm)
        if found is None:
            found = _fitting(await self._kept.renewed(jwks_uri) or (), kid, algorithm)
        if found is None:
            raise SignInRefused(Why.KEY, "no such key in the provider’s key set")
        return found

    async def replaced(self, jwks_uri: str, kid: str | None, algorithm: str) -> SigningKey | None:
        """Ask again because a signature failed: the provider may have a new key under the same id."""
        return _fitting(await self._kept.renewed(jwks_uri) or (), kid, algorithm)

    async def usable(self, jwks_uri: str, algorithms: Iterable[str]) -> bool:
        """Say whether the set, asked for anew where that may be, has a key for one of ``algorithms``."""
        found = await self._kept.renewed(jwks_uri)
        keys = await self._kept.get(jwks_uri) if found is None else found
        return any(_can(key, algorithm) for key in keys for algorithm in algorithms)

    async def _ask(self, jwks_uri: str) -> list[SigningKey]:
        answer = await fetch_json(self._transport, jwks_uri)
        entries = answer.get("keys")
        if not isinstance(entries, list) or len(entries) > MOST_KEYS:
            raise SignInRefused(Why.KEY, "not a key set")
        return [key for key in map(_public_key, entries) if key is not None]


def _public_key(entry: Any) -> SigningKey | None:
    """Return the key, or ``None`` for one that cannot verify: others in the set still count."""
    try:
        if entry["kty"] not in {"EC", "RSA"} or entry.get("use", "sig") != "sig":
            return None
        if "d" in entry or "verify" not in entry.get("key_ops", ["verify"]):
            return None
        key = JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if isinstance(key, RSAKey):
        raw = key.public_key
        return key if isinstance(raw, rsa.RSAPublicKey) and raw.key_size >= LEAST_RSA_BITS else None
    return key if isinstance(key, ECKey) else None


def _fitting(keys: Iterable[SigningKey], kid: str | None, algorithm: str) -> SigningKey | None:
    """Return the key if exactly one fits; a token without a key id needs a set of one."""
    fitting = [key for key in keys if (kid is None or key.kid == kid) and _can(key, algorithm)]
    return fitting[0] if len(fitting) == 1 else None


def _can(key: SigningKey, algorithm: str) -> bool:
    declared = key.alg
    if declared is not None and declared != algorithm:
        return False
    if isinstance(key, RSAKey):
        return algorithm in RSA
    return key.curve_name == CURVES.get(algorithm)
