"""A look at a provider before anybody signs in through it: each check is one finding, and all are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import httpx2
import msgspec

from auth.relying_party.discovery import CHECKS, Metadata, fetch_document, on_own_host, read_metadata
from auth.relying_party.keys import KeySets
from auth.relying_party.network import check_address
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused

LONGEST_DETAIL = 200


class Finding(msgspec.Struct, frozen=True):
    """What one check found: it is well, is ``bad`` and keeps people out, or is worth a look (``warn``).

    ``detail`` is technical and in English, for the identity team: what was found instead.
    """

    key: str
    tone: Literal["ok", "warn", "bad"]
    detail: str = ""


ADVERTISED = (
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "backchannel_logout_supported",
    "subject_types_supported",
)
"""What of a document is looked at besides its metadata."""


class Advertised(msgspec.Struct, frozen=True):
    """What a provider says besides, which no sign-in depends on; anything else than a list counts as not said."""

    algorithms: frozenset[str]
    client_auth: frozenset[str]
    back_channel: bool
    subjects: frozenset[str]


async def examine(
    provider: Provider, transport: httpx2.AsyncBaseTransport, keys: KeySets, *, loopback: bool
) -> list[Finding]:
    """Return what was found, in the order in which things depend on one another.

    Where nothing more can be said the list ends: no address, no document, no key set.
    """
    found: list[Finding] = []
    try:
        check_address(provider.issuer, loopback=loopback)
        found.append(Finding("address", "ok"))
        answer = provider.document
        if answer is None:
            answer = await fetch_document(transport, provider.issuer, loopback)
        metadata = read_metadata(answer)
        found.append(Finding("document", "ok"))
    except SignInRefused as refused:
        return [*found, _bad("document" if found else "address", refused)]
    for key, check in CHECKS.items():
        try:
            check(metadata, provider.issuer, loopback)
            found.append(Finding(key, "ok"))
        except SignInRefused as refused:
            found.append(_bad(key, refused))
    if provider.document is not None:
        try:
            on_own_host(metadata, provider.issuer)
            found.append(Finding("own_host", "ok"))
        except SignInRefused as refused:
            found.append(_bad("own_host", refused))
    if all(one.tone == "ok" for one in found):
        found += await _keys(provider, metadata, keys)
    return [*found, *_besides(provider, metadata, _advertised(answer))]


async def _keys(provider: Provider, metadata: Metadata, keys: KeySets) -> list[Finding]:
    try:
        usable = await keys.usable(metadata.jwks_uri, provider.algorithms)
    except SignInRefused as refused:
        return [_bad("keys", refused)]
    wanted = ", ".join(provider.algorithms)
    return [Finding("keys", "ok") if usable else Finding("keys", "bad", f"no key for {wanted}")]


def _besides(provider: Provider, metadata: Metadata, said: Advertised) -> Iterator[Finding]:
    """Yield what the provider advertises that does not fit the set-up, or that people would miss."""
    if said.algorithms:
        fits = not said.algorithms.isdisjoint(provider.algorithms)
        detail = "" if fits else f"it signs with {', '.join(sorted(said.algorithms))[:100]}"
        yield Finding("algorithm", "ok" if fits else "bad", detail)
    if said.client_auth and provider.client_auth != "none":
        fits = provider.client_auth in said.client_auth
        detail = "" if fits else f"it takes {', '.join(sorted(said.client_auth))[:100]}"
        yield Finding("client_auth", "ok" if fits else "bad", detail)
    yield Finding("sign_out", "ok" if metadata.end_session_endpoint else "warn")
    yield Finding("back_channel", "ok" if said.back_channel else "warn")
    if said.subjects and "public" not in said.subjects:
        yield Finding("person", "ok" if provider.person_claim else "warn")


def _advertised(answer: dict[str, Any]) -> Advertised:
    algorithms, client_auth, back_channel, subjects = (answer.get(name) for name in ADVERTISED)
    return Advertised(_texts(algorithms), _texts(client_auth), back_channel is True, _texts(subjects))


def _texts(given: Any) -> frozenset[str]:
    return frozenset(one for one in given if isinstance(one, str)) if isinstance(given, list) else frozenset()


def _bad(key: str, refused: SignInRefused) -> Finding:
    return Finding(key, "bad", refused.detail[:LONGEST_DETAIL])
