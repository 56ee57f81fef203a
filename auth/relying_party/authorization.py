"""Send the browser to the provider, and read what it brings back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.discovery import Metadata
from auth.relying_party.refusals import SignInRefused, Why

LONGEST_CODE = 4096
_CANCELLED = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})


class Secrets(msgspec.Struct, frozen=True):
    """What one sign-in made up: ``state``, ``nonce`` and the PKCE ``verifier``."""

    state: str
    nonce: str
    verifier: str


def write_address(
    client: AsyncOAuth2Client, metadata: Metadata, secrets: Secrets, language: str, asked: Mapping[str, str]
) -> str:
    """Return where to send the browser; ``asked``: what the provider is asked besides (``assurance.ask``)."""
    url, _ = client.create_authorization_url(
        metadata.authorization_endpoint,
        state=secrets.state,
        code_verifier=secrets.verifier,
        nonce=secrets.nonce,
        response_mode="query",
        ui_locales=language,
        **asked,
    )
    return str(url)


def read_code(metadata: Metadata, answer: Mapping[str, str]) -> str:
    """Return the code in the callback's ``answer`` (its query), or raise ``SignInRefused``."""
    _check_issuer(metadata, answer)
    if "error" in answer:
        kind = answer["error"][:60]
        raise SignInRefused(Why.CANCELLED if kind in _CANCELLED else Why.PROVIDER_ERROR, repr(kind))
    code = answer.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE:
        raise SignInRefused(Why.CALLBACK, "no code")
    return code


def _check_issuer(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """RFC 9207: the answer says who sent it, so that one provider cannot pass for another."""
    told = answer.get("iss")
    if told is None and metadata.authorization_response_iss_parameter_supported:
        raise SignInRefused(Why.RESPONSE_ISSUER, "iss is missing from the answer")
    if told is not None and told != metadata.issuer:
        raise SignInRefused(Why.RESPONSE_ISSUER, "the answer comes from another issuer")
