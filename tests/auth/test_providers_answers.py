"""What a provider answers besides the token: discovery, key sets, refusals, silence, and answers of another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from auth.relying_party.network import check_address
from auth.relying_party.providers import read_secret
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import ManualClock
from core.errors import Misconfigured
from tests.auth.hostile import CALLBACK, CLIENT, ISSUER, PROVIDER, SECRETS, Change, Hostile, sets

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC)))


async def refusal(hostile: Hostile, **answer: str) -> Why:
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem(answer=answer)
    return caught.value.why


async def test_the_browser_is_sent_with_everything_that_binds_the_answer(hostile: Hostile) -> None:
    url = await hostile.party().authorization_url(PROVIDER, CALLBACK, SECRETS, "fr")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{ISSUER}/authorize?")
    assert sent.pop("code_challenge") != SECRETS.verifier
    assert sent == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": SECRETS.state,
        "nonce": SECRETS.nonce,
        "code_challenge_method": "S256",
        "ui_locales": "fr",
    }
    assert SECRETS.verifier not in url


METADATA: dict[str, tuple[Change, Why]] = {
    "another issuer": (sets(issuer="https://login.example.com"), Why.DISCOVERY),
    "no issuer": (sets(issuer=None), Why.DISCOVERY),
    "no key set": (sets(jwks_uri=None), Why.DISCOVERY),
    "a token address that is a number": (sets(token_endpoint=4), Why.DISCOVERY),
    "no authorization code": (sets(response_types_supported=["id_token"]), Why.DISCOVERY),
    "only plain PKCE": (sets(code_challenge_methods_supported=["plain"]), Why.DISCOVERY),
    "a token address without TLS": (sets(token_endpoint="http://login.example.org/token"), Why.ADDRESS),
    "keys inside our network": (sets(jwks_uri="https://10.0.0.5/keys"), Why.ADDRESS),
    "keys on this machine": (sets(jwks_uri="https://127.0.0.1/keys"), Why.ADDRESS),
    "userinfo at the cloud's metadata": (sets(userinfo_endpoint="https://169.254.169.254/userinfo"), Why.ADDRESS),
    "a file": (sets(jwks_uri="file:///etc/passwd"), Why.ADDRESS),
    "credentials in an address": (sets(token_endpoint="https://a:b@login.example.org/token"), Why.ADDRESS),
}


@pytest.mark.parametrize("case", METADATA)
async def test_discovery_that_names(hostile: Hostile, case: str) -> None:
    hostile.metadata, why = METADATA[case]
    assert await refusal(hostile) == why


def failing() -> httpx2.Response:
    raise httpx2.ConnectTimeout("no answer")


ANSWERS: dict[str, tuple[str, Callable[[], httpx2.Response], Why]] = {
    "discovery down": (DISCOVERY, failing, Why.PROVIDER_DOWN),
    "discovery broken": (DISCOVERY, lambda: httpx2.Response(503), Why.PROVIDER_DOWN),
    "discovery as a page": (DISCOVERY, lambda: httpx2.Response(200, html="<p>Hello</p>"), Why.PROVIDER_ANSWER),
    "discovery elsewhere": (
        DISCOVERY,
        lambda: httpx2.Response(302, headers={"Location": "https://evil.example/"}),
        Why.PROVIDER_ANSWER,
    ),
    "discovery without end": (
        DISCOVERY,
        lambda: httpx2.Response(200, content=b"[" + b"0," * 200_000),
        Why.PROVIDER_ANSWER,
    ),
    "discovery packed": (
        DISCOVERY,
        lambda: httpx2.Response(200, headers={"Content-Encoding": "br"}, stream=httpx2.ByteStream(b"{}")),
        Why.PROVIDER_ANSWER,
    ),
    "discovery as a list": (DISCOVERY, lambda: httpx2.Response(200, json=[]), Why.PROVIDER_ANSWER),
    "keys down": ("/keys", failing, Why.PROVIDER_DOWN),
    "keys that are none": ("/keys", lambda: httpx2.Response(200, json={"keys": "none"}), Why.KEY),
    "keys too many": ("/keys", lambda: httpx2.Response(200, json={"keys": [{}] * 51}), Why.KEY),
    "keys for a password": (
        "/keys",
        lambda: httpx2.Response(200, json={"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}),
        Why.KEY,
    ),
    "token down": ("/token", failing, Why.PROVIDER_DOWN),
    "token broken": ("/token", lambda: httpx2.Response(502, html="<p>Bad gateway</p>"), Why.PROVIDER_DOWN),
    "token refused": ("/token", lambda: httpx2.Response(400, json={"error": "invalid_grant"}), Why.TOKEN_REFUSED),
    "token as a page": ("/token", lambda: httpx2.Response(200, html="<p>Hello</p>"), Why.PROVIDER_ANSWER),
    "token elsewhere": (
        "/token",
        lambda: httpx2.Response(307, headers={"Location": "https://evil.example/"}),
        Why.TOKEN_REFUSED,
    ),
    "token of nothing": ("/token", lambda: httpx2.Response(200, json={}), Why.PROVIDER_ANSWER),
    "userinfo refused": ("/userinfo", lambda: httpx2.Response(401), Why.PROVIDER_ANSWER),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_an_answer_with(hostile: Hostile, case: str) -> None:
    path, answer, why = ANSWERS[case]
    hostile.answers[path] = answer
    assert await refusal(hostile) == why


TOKENS: dict[str, Change] = {
    "no id token": sets(id_token=None),
    "no access token": sets(access_token=None),
    "an id token that is a list": sets(id_token=[]),
    "another kind of token": sets(token_type="mac"),
    "an expiry that is no number": sets(expires_in="soon"),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_a_token_answer_with(hostile: Hostile, case: str) -> None:
    hostile.token = TOKENS[case]
    assert await refusal(hostile) == Why.PROVIDER_ANSWER


async def test_userinfo_about_somebody_else_is_refused(hostile: Hostile) -> None:
    hostile.userinfo = sets(sub="person-2")
    assert await refusal(hostile) == Why.USERINFO


async def test_an_answer_from_another_issuer_is_refused_before_any_code_is_sent(hostile: Hostile) -> None:
    assert await refusal(hostile, iss="https://login.example.com") == Why.RESPONSE_ISSUER
    assert "/token" not in hostile.asked


async def test_an_answer_without_its_promised_issuer_is_refused(hostile: Hostile) -> None:
    assert await refusal(hostile, iss="") == Why.RESPONSE_ISSUER


async def test_an_answer_without_issuer_is_fine_where_none_was_promised(hostile: Hostile) -> None:
    hostile.metadata = sets(authorization_response_iss_parameter_supported=None)
    assert (await hostile.redeem(answer={"iss": ""})).subject == "person-1"


@pytest.mark.parametrize(("error", "why"), [("access_denied", Why.CANCELLED), ("server_error", Why.PROVIDER_ERROR)])
async def test_a_providers_own_refusal_is_told_apart(hostile: Hostile, error: str, why: Why) -> None:
    assert await refusal(hostile, error=error, code="") == why


async def test_an_answer_without_a_code_is_refused(hostile: Hostile) -> None:
    assert await refusal(hostile, code="") == Why.CALLBACK


async def test_discovery_is_asked_for_once_an_hour(hostile: Hostile) -> None:
    party = hostile.party()
    await hostile.redeem(party)
    await hostile.redeem(party)
    assert hostile.asked.count(DISCOVERY) == 1
    assert isinstance(hostile.clock, ManualClock)
    hostile.clock.advance(timedelta(hours=1))
    await hostile.redeem(party)
    assert hostile.asked.count(DISCOVERY) == 2


def test_this_machine_may_be_asked_only_where_that_is_allowed() -> None:
    assert check_address("http://127.0.0.1:8000/idp/x", loopback=True)
    for address in ("http://127.0.0.1:8000/idp/x", "http://login.example.org", "https://192.168.1.4/"):
        with pytest.raises(SignInRefused):
            check_address(address, loopback=False)
    with pytest.raises(SignInRefused):
        check_address("http://login.example.org", loopback=True)


def test_a_secret_is_where_its_reference_says_or_the_process_says_so() -> None:
    assert read_secret(None) is None
    assert read_secret("env:CLIENT_SECRET", {"CLIENT_SECRET": "s3cret"}) == "s3cret"
    for reference in ("env:MISSING", "file:/nowhere/at/all", "s3cret"):
        with pytest.raises(Misconfigured):
            read_secret(reference, {})
