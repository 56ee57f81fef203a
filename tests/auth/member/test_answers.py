"""What a browser sends of a passkey is anything at all until it is proved: it is refused, and nothing breaks."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from webauthn.helpers.encode_cbor import encode_cbor

from auth.member.passkeys import Unproved, check_new
from tests.auth.member.authenticator import ORIGIN, Authenticator, raw, text

CHALLENGE = b"challenge"
OPTIONS = {"challenge": text(CHALLENGE), "user": {"id": text(b"somebody")}}


def attested(key: Any) -> str:
    """Return the answer of a device whose public key is ``key``."""
    device = Authenticator()
    answer = json.loads(device.make(OPTIONS))
    data = hashlib.sha256(b"localhost").digest() + b"\x45" + bytes(20) + b"\x00\x10" + device.id + encode_cbor(key)
    made = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
    answer["response"]["attestationObject"] = text(made)
    return json.dumps(answer)


def test_a_passkey_that_is_well_made_is_taken() -> None:
    device = Authenticator()
    assert raw(check_new(ORIGIN, CHALLENGE, device.make(OPTIONS)).credential_id) == device.id


@pytest.mark.parametrize(
    "key", [5, {}, {1: 2}, {1: 2, 3: -7}, {1: 2, 3: "x"}, {1: "x", 3: -7}, [], "x", {3: -257, 1: 3}]
)
def test_a_key_in_another_shape_is_no_key(key: Any) -> None:
    with pytest.raises(Unproved):
        check_new(ORIGIN, CHALLENGE, attested(key))


@pytest.mark.parametrize("answer", ["", "[]", '{"id": ' + "[" * 5000, '{"more": ' + "[" * 5000 + "]" * 5000 + "}"])
def test_what_is_no_answer_of_a_passkey_is_none_however_deep_it_is(answer: str) -> None:
    with pytest.raises(Unproved):
        check_new(ORIGIN, CHALLENGE, answer)
