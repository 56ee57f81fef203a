"""Whatever JSON a provider sends, in any place: it is believed or refused, and nothing else comes out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.relying_party.logout_token import EVENT, issuer_of
from auth.relying_party.party import RelyingParty
from auth.relying_party.refusals import SignInRefused
from core.clock import ManualClock
from tests.auth.cases.faulty_providers import DISCOVERY
from tests.auth.hostile import ISSUER, PROVIDER, Hostile, raw_token

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 2**63])
KNOWN = ["ES256", "RS256", "none", "JWT", "sig", "EC", "RSA", "P-256", "AQAB", "Bearer", ISSUER]

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


class Strange(Hostile):
    """A provider that puts ``said`` into the place that is called ``where``."""

    def __init__(self, where: str, said: Any) -> None:
        super().__init__(ManualClock(START))
        self._where, self._said = where, said

    def party(self) -> RelyingParty:
        """Return a relying party; the provider has all its faults before anybody asks it."""
        made = {
            "document": lambda: self._answers(DISCOVERY, self._mixed(self.metadata_told())),
            "key set": lambda: self._answers("/keys", self._mixed({"keys": self.published})),
            "key": lambda: self._answers("/keys", {"keys": [self._mixed(self.published[0])]}),
            "token answer": lambda: self._answers("/token", self._mixed(self.tokens_told())),
            "error": lambda: self._answers("/token", {"error": self._said}),
            "userinfo": lambda: self._answers("/userinfo", self._mixed({"sub": "person-1"})),
            "claims": lambda: setattr(self, "sign", lambda claims: super(Strange, self).sign(self._mixed(claims))),
            "header": lambda: setattr(self, "sign", self._under_a_strange_header),
            "payload": lambda: setattr(self, "sign", self._of_a_strange_payload),
        }
        made[self._where]()
        return super().party()

    def _mixed(self, honest: Any) -> Any:
        return honest | self._said if isinstance(self._said, dict) else self._said

    def _answers(self, path: str, told: Any) -> None:
        body = _spelt(told)
        self.answers[path] = lambda: httpx2.Response(200, content=body)

    def _under_a_strange_header(self, claims: dict[str, Any]) -> str:
        return raw_token(_spelt(self._mixed({"alg": "ES256", "kid": self.key.kid})), _spelt(claims))

    def _of_a_strange_payload(self, claims: dict[str, Any]) -> str:
        return raw_token(b'{"alg": "ES256"}', _spelt(self._mixed(claims)))


NAMES = {
    "document": ["issuer", "token_endpoint", "jwks_uri", "userinfo_endpoint", "response_types_supported"],
    "key set": ["keys"],
    "key": ["kty", "crv", "x", "y", "n", "e", "kid", "alg", "use", "key_ops", "x5c", "x5t", "d"],
    "token answer": ["access_token", "id_token", "refresh_token", "token_type", "expires_in", "expires_at", "error"],
    "error": [],
    "userinfo": ["sub"],
    "claims": ["iss", "aud", "azp", "sub", "sid", "exp", "iat", "nbf", "nonce", "at_hash", "acr", "amr", "events"],
    "header": ["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "x5u"],
    "payload": ["iss", "sub", "events"],
}


async def sign_in(hostile: Strange) -> None:
    proof = await hostile.redeem()
    assert proof.subject.isprintable()


async def refresh(hostile: Strange) -> None:
    party = hostile.party()
    tokens = await party.ask_again(PROVIDER, hostile.next_token(0))
    await party.read_renewal(PROVIDER, tokens, "person-1", START)


async def log_out(hostile: Strange) -> None:
    party = hostile.party()
    claims = hostile.honest_claims() | {"jti": "end-1", "events": {EVENT: {}}}
    del claims["nonce"]
    raw = hostile.sign(claims)
    if issuer_of(raw) is not None:
        await party.logged_out(PROVIDER, raw)


async def examine(hostile: Strange) -> None:
    assert await hostile.party().examine(PROVIDER)


CONVERSATIONS: dict[str, Callable[[Strange], Awaitable[None]]] = {
    "sign-in": sign_in,
    "refresh": refresh,
    "logout": log_out,
    "examination": examine,
}


def said_in(where: str) -> st.SearchStrategy[Any]:
    """Return what gives any JSON in which the names and words of this place come up."""
    texts = st.text() | st.text("\x00\ud800é\n/:.[]@%") | st.sampled_from([*NAMES[where], *KNOWN])

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)

    return st.recursive(st.none() | st.booleans() | NUMBERS | texts, nested, max_leaves=6)


@pytest.mark.parametrize("where", NAMES)
@given(data=st.data())
async def test_it_is_believed_or_refused(where: str, data: st.DataObject) -> None:
    said = data.draw(said_in(where))
    for conversation in CONVERSATIONS.values():
        with suppress(SignInRefused):
            await conversation(Strange(where, said))


def _spelt(said: Any) -> bytes:
    return json.dumps(said).encode()
