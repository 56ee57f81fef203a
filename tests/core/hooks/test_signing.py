"""Keys are read as OpenSSH and PEM write them, and what is none says what was expected."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hooks.signing import (
    BadKey,
    LockedKey,
    fingerprint,
    is_signed,
    known_keys,
    make_key,
    public_line,
    read_private_key,
    read_public_line,
    sign,
)


def test_what_one_half_signs_the_other_verifies() -> None:
    _, key = make_key()
    assert is_signed(key.public_key(), b"said", sign(key, b"said"))
    assert not is_signed(key.public_key(), b"said otherwise", sign(key, b"said"))
    assert not is_signed(make_key()[1].public_key(), b"said", sign(key, b"said"))
    assert not is_signed(key.public_key(), b"said", "no base64!")


@pytest.mark.parametrize("passphrase", [None, "long and known to me"])
def test_a_private_key_is_read_again(passphrase: str | None) -> None:
    written, key = make_key(passphrase)
    assert fingerprint(read_private_key(written, passphrase).public_key()) == fingerprint(key.public_key())


def test_a_locked_key_says_so_and_so_does_a_wrong_passphrase() -> None:
    written, _ = make_key("right")
    with pytest.raises(LockedKey, match="locked with a passphrase"):
        read_private_key(written)
    with pytest.raises(BadKey, match="the passphrase is wrong"):
        read_private_key(written, "wrong")


def test_a_key_that_openssh_made_is_read() -> None:
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    assert fingerprint(read_private_key(written).public_key()) == fingerprint(key.public_key())


def test_a_key_of_another_kind_is_refused() -> None:
    written = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(BadKey, match="no Ed25519 key"):
        read_private_key(written)
    with pytest.raises(BadKey, match="no private key"):
        read_private_key(b"nothing")


def test_the_names_of_keys_are_those_of_the_reader() -> None:
    one, other = make_key()[1].public_key(), make_key()[1].public_key()
    lines = ["# who may sign", "", public_line(one, "Lakeshore developers"), public_line(other)]
    assert known_keys(lines) == {fingerprint(one): "Lakeshore developers", fingerprint(other): fingerprint(other)}


def test_a_private_key_given_for_a_public_one_is_pointed_out() -> None:
    written, _ = make_key()
    with pytest.raises(BadKey, match="it stays with who signs"):
        known_keys(written.decode().splitlines())
    with pytest.raises(BadKey, match="expected a line such as"):
        read_public_line("ssh-ed25519 AAAA")
