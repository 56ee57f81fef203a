"""A token endpoint that takes a client's assertion as a real provider does: each check on its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from auth.relying_party.client_auth import ASSERTION_TYPE
from core.clock import Clock
from tests.auth.hostile import CLIENT, Hostile

LONGEST_LIFE = 60
SKEW = 15


class Verifier:
    """Refuses a code whose client does not prove itself; ``refused`` says by which check."""

    def __init__(self, hostile: Hostile, keys: Iterable[dict[str, Any]], audience: str, *, algorithm: str) -> None:
        self._clock: Clock = hostile.clock
        self._hostile = hostile
        self.keys = list(keys)
        self._audience = audience
        self._algorithm = algorithm
        self._seen: set[str] = set()
        self.refused: list[str] = []
        self.kids: list[str] = []
        hostile.token = self._token

    def _token(self, told: dict[str, Any]) -> None:
        fault = self.fault(self._hostile.form)
        if fault is not None:
            self.refused.append(fault)
            told.clear()
            told["error"] = "invalid_client"

    def fault(self, form: dict[str, list[str]]) -> str | None:
        """Return which check the form fails, or ``None``."""
        if form.get("client_assertion_type") != [ASSERTION_TYPE] or "client_secret" in form:
            return "assertion type"
        (raw,) = form.get("client_assertion", [""])
        header = jws.extract_compact(raw.encode()).headers()
        if header["alg"] != self._algorithm:
            return "alg"
        known = [key for key in self.keys if key["kid"] == header.get("kid") and key["alg"] == header["alg"]]
        if len(known) != 1:
            return "kid"
        try:
            claims = jwt.decode(raw, JWKRegistry.import_key(known[0]), algorithms=[self._algorithm]).claims
        except JoseError:
            return "signature"
        self.kids.append(header["kid"])
        return self._claims(claims, form)

    def _claims(self, claims: dict[str, Any], form: dict[str, list[str]]) -> str | None:
        now = self._clock.now().timestamp()
        if claims["iss"] != CLIENT or claims["sub"] != CLIENT or form.get("client_id", [CLIENT]) != [CLIENT]:
            return "client"
        if claims["aud"] != self._audience:
            return "aud"
        if not now < claims["exp"] <= now + LONGEST_LIFE + SKEW:
            return "exp"
        if not now - LONGEST_LIFE <= claims["iat"] <= now + SKEW:
            return "iat"
        if claims["jti"] in self._seen:
            return "jti"
        self._seen.add(claims["jti"])
        return None
