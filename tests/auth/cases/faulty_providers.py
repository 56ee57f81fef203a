"""Providers that describe themselves wrongly, answer something else, or do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
from joserfc.jwk import ECKey

from auth.relying_party.refusals import Why
from tests.auth.cases.case import TEAM, WAIT, Case, Lie, lying
from tests.auth.hostile import ISSUER, OTHER_ISSUER, Answer, Change, Hostile, sets

DISCOVERY = "/.well-known/openid-configuration"
EVIL = "https://evil.example/"

METADATA: dict[str, tuple[Change, Why]] = {
    "another issuer": (sets(issuer=OTHER_ISSUER), Why.DISCOVERY),
    "an issuer with a slash more": (sets(issuer=ISSUER + "/"), Why.DISCOVERY),
    "no issuer": (sets(issuer=None), Why.DISCOVERY),
    "half a character": (sets(**{"\ud800": "half"}), Why.DISCOVERY),
    "no key set": (sets(jwks_uri=None), Why.DISCOVERY),
    "a token address that is a number": (sets(token_endpoint=4), Why.DISCOVERY),
    "no authorization code": (sets(response_types_supported=["id_token"]), Why.DISCOVERY),
    "only plain PKCE": (sets(code_challenge_methods_supported=["plain"]), Why.DISCOVERY),
    "a token address without TLS": (sets(token_endpoint="http://login.example.org/token"), Why.ADDRESS),
    "a script to sign in at": (sets(authorization_endpoint="javascript:alert(1)"), Why.ADDRESS),
    "keys inside our network": (sets(jwks_uri="https://10.0.0.5/keys"), Why.ADDRESS),
    "keys on this machine": (sets(jwks_uri="https://127.0.0.1/keys"), Why.ADDRESS),
    "userinfo at the cloud's metadata": (sets(userinfo_endpoint="https://169.254.169.254/userinfo"), Why.ADDRESS),
    "a file": (sets(jwks_uri="file:///etc/passwd"), Why.ADDRESS),
    "credentials in an address": (sets(token_endpoint="https://a:b@login.example.org/token"), Why.ADDRESS),
}


def failing() -> httpx2.Response:
    raise httpx2.ConnectError("no answer")


def late() -> httpx2.Response:
    raise httpx2.ReadTimeout("no answer in time")


def page() -> httpx2.Response:
    return httpx2.Response(200, html="<p>Hello</p>")


def elsewhere() -> httpx2.Response:
    return httpx2.Response(307, headers={"Location": EVIL})


def endless() -> httpx2.Response:
    return httpx2.Response(200, content=b"[" + b"0," * 200_000)


def deep() -> httpx2.Response:
    return httpx2.Response(200, content=b'{"a":' * 50_000)


def packed() -> httpx2.Response:
    return httpx2.Response(200, headers={"Content-Encoding": "br"}, stream=httpx2.ByteStream(b"{}"))


async def slow() -> httpx2.Response:
    """Say nothing at all: whoever waits must stop by itself."""
    await asyncio.Event().wait()
    raise AssertionError


class Dripping(httpx2.AsyncByteStream):
    """An answer that begins and never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()


def dripping() -> httpx2.Response:
    return httpx2.Response(200, stream=Dripping())


def of(**values: object) -> Answer:
    return lambda: httpx2.Response(200, json=values)


ANSWERS: dict[str, tuple[str, Answer, Why]] = {
    "discovery down": (DISCOVERY, failing, Why.PROVIDER_DOWN),
    "discovery late": (DISCOVERY, late, Why.PROVIDER_DOWN),
    "discovery silent": (DISCOVERY, slow, Why.PROVIDER_DOWN),
    "discovery drop by drop": (DISCOVERY, dripping, Why.PROVIDER_DOWN),
    "discovery broken": (DISCOVERY, lambda: httpx2.Response(503), Why.PROVIDER_DOWN),
    "discovery missing": (DISCOVERY, lambda: httpx2.Response(404), Why.PROVIDER_ANSWER),
    "discovery as a page": (DISCOVERY, page, Why.PROVIDER_ANSWER),
    "discovery elsewhere": (DISCOVERY, elsewhere, Why.PROVIDER_ANSWER),
    "discovery without end": (DISCOVERY, endless, Why.PROVIDER_ANSWER),
    "discovery nested without end": (DISCOVERY, deep, Why.PROVIDER_ANSWER),
    "discovery packed": (DISCOVERY, packed, Why.PROVIDER_ANSWER),
    "discovery as a list": (DISCOVERY, lambda: httpx2.Response(200, json=[]), Why.PROVIDER_ANSWER),
    "keys down": ("/keys", failing, Why.PROVIDER_DOWN),
    "keys silent": ("/keys", slow, Why.PROVIDER_DOWN),
    "keys drop by drop": ("/keys", dripping, Why.PROVIDER_DOWN),
    "keys as a page": ("/keys", page, Why.PROVIDER_ANSWER),
    "keys elsewhere": ("/keys", elsewhere, Why.PROVIDER_ANSWER),
    "keys that are none": ("/keys", of(keys="none"), Why.KEY),
    "keys too many": ("/keys", of(keys=[{}] * 51), Why.KEY),
    "keys for a password": ("/keys", of(keys=[{"kty": "oct", "k": "c2VjcmV0"}]), Why.KEY),
    "keys on a curve that nobody knows": ("/keys", of(keys=[{"kty": "EC", "crv": "P-1", "x": "", "y": ""}]), Why.KEY),
    "token down": ("/token", failing, Why.PROVIDER_DOWN),
    "token late": ("/token", late, Why.PROVIDER_DOWN),
    "token silent": ("/token", slow, Why.PROVIDER_DOWN),
    "token drop by drop": ("/token", dripping, Why.PROVIDER_DOWN),
    "token broken": ("/token", lambda: httpx2.Response(502, html="<p>Bad gateway</p>"), Why.PROVIDER_DOWN),
    "token refused": ("/token", lambda: httpx2.Response(400, json={"error": "invalid_grant"}), Why.TOKEN_REFUSED),
    "token as a page": ("/token", page, Why.PROVIDER_ANSWER),
    "token elsewhere": ("/token", elsewhere, Why.TOKEN_REFUSED),
    "token without end": ("/token", endless, Why.PROVIDER_ANSWER),
    "token nested without end": ("/token", deep, Why.PROVIDER_ANSWER),
    "token of nothing": ("/token", of(), Why.PROVIDER_ANSWER),
    "userinfo down": ("/userinfo", failing, Why.PROVIDER_DOWN),
    "userinfo drop by drop": ("/userinfo", dripping, Why.PROVIDER_DOWN),
    "userinfo refused": ("/userinfo", lambda: httpx2.Response(401), Why.PROVIDER_ANSWER),
    "userinfo elsewhere": ("/userinfo", elsewhere, Why.PROVIDER_ANSWER),
    "userinfo as a page": ("/userinfo", page, Why.PROVIDER_ANSWER),
    "userinfo signed": ("/userinfo", lambda: httpx2.Response(200, content=b"e30.e30.c2ln"), Why.PROVIDER_ANSWER),
    "userinfo about nobody": ("/userinfo", of(name="Maëlle Fafard"), Why.USERINFO),
    "userinfo about somebody else": ("/userinfo", of(sub="person-2"), Why.USERINFO),
}

TOKENS: dict[str, Change] = {
    "no id token": sets(id_token=None),
    "no access token": sets(access_token=None),
    "an id token that is a list": sets(id_token=[]),
    "another kind of token": sets(token_type="mac"),
    "an expiry that is no number": sets(expires_in="soon"),
    "an expiry that is infinite": sets(expires_in=float("inf")),
    "an expiry that is a list": sets(expires_in=[300]),
    "an access token that no header can hold": sets(access_token="accès"),
    "an access token of two lines": sets(access_token="access\r\nX-Forwarded-For: 10.0.0.1"),
}


def publishing(keys: Callable[[Hostile], list[Any]]) -> Lie:
    def lie(hostile: Hostile) -> None:
        hostile.published = keys(hostile)

    return lie


def telling_of_its_key(**values: Any) -> Lie:
    return publishing(lambda hostile: [hostile.key.as_dict(private=False) | values])


KEYS: dict[str, Lie] = {
    "no key": publishing(lambda _: []),
    "its private key": publishing(lambda hostile: [hostile.key.as_dict(private=True)]),
    "another key only": publishing(lambda _: [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]),
    "its key for encryption only": telling_of_its_key(use="enc"),
    "its key for another algorithm": telling_of_its_key(alg="RS256"),
    "its key of no kind": telling_of_its_key(kty=["EC"]),
    "its key for nothing": telling_of_its_key(key_ops=None),
    "its key for a number of things": telling_of_its_key(key_ops=2),
    "its key with a number for a point": telling_of_its_key(x=4),
    "its key with a number for a certificate": telling_of_its_key(x5c=4),
    "its key twice": publishing(lambda hostile: [hostile.key.as_dict(private=False)] * 2),
}


def _answering(path: str, answer: Answer) -> Lie:
    return lambda hostile: hostile.answers.update({path: answer})


CASES = {
    **{f"discovery names {name}": Case(why, lie=lying(metadata=change)) for name, (change, why) in METADATA.items()},
    **{
        f"provider: {name}": Case(why, WAIT if why == Why.PROVIDER_DOWN else TEAM, _answering(path, answer))
        for name, (path, answer, why) in ANSWERS.items()
    },
    **{
        f"token answer with {name}": Case(Why.PROVIDER_ANSWER, lie=lying(token=change))
        for name, change in TOKENS.items()
    },
    **{f"key set with {name}": Case(Why.KEY, lie=lie) for name, lie in KEYS.items()},
}
