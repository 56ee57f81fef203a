"""Passkeys (WebAuthn level 3) with the library ``webauthn``: what a browser is asked, and whether its answer is good.

The relying party is the host of the canonical address. User verification is always required, so
that a found device alone opens nothing; the passkey itself names the person (a discoverable
credential), so that nobody types a name and nothing tells whether somebody has one.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

NAME = "Contingent"
LONGEST = 16 * 1024
"""Characters of an answer."""
LONGEST_ID = 1400
"""Characters of a credential's id: 1 023 bytes at most (https://www.w3.org/TR/webauthn-3/#credential-id)."""

FAULTS = (WebAuthnException, ValueError, TypeError, LookupError)
"""What the library raises about an answer: of a key or a JSON in another shape than it expects, plain errors too."""


class Unproved(Exception):
    """The answer of a browser does not prove what it should; its text is for the log."""


class _Attested(msgspec.Struct, frozen=True):
    clientDataJSON: str  # noqa: N815 - the standard's names
    attestationObject: str  # noqa: N815 - WebAuthn's name


class _Asserted(msgspec.Struct, frozen=True):
    clientDataJSON: str  # noqa: N815 - WebAuthn's name
    authenticatorData: str  # noqa: N815 - WebAuthn's name
    signature: str
    userHandle: str | None = None  # noqa: N815 - WebAuthn's name


class _Made(msgspec.Struct, frozen=True):
    id: str
    rawId: str  # noqa: N815 - WebAuthn's name
    type: str
    response: _Attested


class Assertion(msgspec.Struct, frozen=True):
    """What a browser sends of a passkey that was used: shape alone, nothing of it proved."""

    id: str
    rawId: str  # noqa: N815 - WebAuthn's name
    type: str
    response: _Asserted


S = TypeVar("S", _Made, Assertion)


class NewPasskey(msgspec.Struct, frozen=True):
    """What is kept of a passkey that was made."""

    credential_id: str
    public_key: bytes
    sign_count: int
    synced: bool


def options_to_enter(address: str, challenge: bytes) -> dict[str, Any]:
    """Return what the browser is asked so that any passkey for this site signs ``challenge``."""
    made = webauthn.generate_authentication_options(
        rp_id=_host(address), challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json_dict(made)


def options_to_add(address: str, challenge: bytes, *, seat_id: UUID, name: str, known: Sequence[str]) -> dict[str, Any]:
    """Return what the browser is asked to make a passkey, on a device that has none of ``known``."""
    made = webauthn.generate_registration_options(
        rp_id=_host(address),
        rp_name=NAME,
        user_id=seat_id.bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    return options_to_json_dict(made)


def check_new(address: str, challenge: bytes, answer: str) -> NewPasskey:
    """Return the passkey that was made for ``challenge`` at ``address``. Raises ``Unproved``."""
    sent = _read(answer, _Made)
    try:
        made = webauthn.verify_registration_response(
            credential=msgspec.to_builtins(sent),
            expected_challenge=challenge,
            expected_rp_id=_host(address),
            expected_origin=address,
            require_user_verification=True,
        )
    except FAULTS as error:
        raise Unproved(str(error)) from error
    return NewPasskey(
        credential_id=_text(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def read_assertion(answer: str) -> Assertion:
    """Return what a browser sent of a passkey. Raises ``Unproved``."""
    return _read(answer, Assertion)


def check_assertion(address: str, challenge: bytes, sent: Assertion, *, public_key: bytes, seat_id: UUID) -> int:
    """Return the count of a passkey that signed ``challenge`` at ``address`` for the seat. Raises ``Unproved``.

    Whether the count goes on from the last one is for the caller to see, who keeps it.
    """
    handle = sent.response.userHandle
    if handle is not None and handle.rstrip("=") != _text(seat_id.bytes):
        raise Unproved("the passkey says that it is somebody else's")
    try:
        proved = webauthn.verify_authentication_response(
            credential=msgspec.to_builtins(sent),
            expected_challenge=challenge,
            expected_rp_id=_host(address),
            expected_origin=address,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except FAULTS as error:
        raise Unproved(str(error)) from error
    return proved.new_sign_count


def _read(answer: str, shape: type[S]) -> S:
    if len(answer) > LONGEST:
        raise Unproved("longer than any passkey's answer")
    try:
        sent = msgspec.json.decode(answer, type=shape)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unproved(str(error)) from error
    if not sent.id.isascii() or len(sent.id) > LONGEST_ID or sent.id != sent.rawId:
        raise Unproved("no id of a credential")
    return sent


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
