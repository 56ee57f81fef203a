"""Keys with which plugin bundles are signed: Ed25519, written as OpenSSH writes them.

So the public half is a line that people know (``ssh-ed25519 AAAA… name``) and its fingerprint is the one that
``ssh-keygen -lf`` prints. Who a key belongs to is said by whoever verifies, in the line they keep of it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSE = b"contingent plugin bundle 1\n"
"""Stands before what is signed, so that no signature made for another purpose fits."""

PRIVATE_HEADING = b"-----BEGIN"


class BadKey(Exception):
    """It is no key of the kind that is needed; the message says what was expected."""


class LockedKey(BadKey):
    """A private key that opens with a passphrase alone, and none was given."""


def make_key(passphrase: str | None = None) -> tuple[bytes, Ed25519PrivateKey]:
    """Return a new private key, as a PEM file holds it and as it is used."""
    key = Ed25519PrivateKey.generate()
    locked: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    return written, key


def read_private_key(content: bytes, passphrase: str | None = None) -> Ed25519PrivateKey:
    """Return the private key in a PEM or OpenSSH file. Raises ``LockedKey`` without its passphrase, or ``BadKey``."""
    secret = passphrase.encode() if passphrase else None
    read = serialization.load_ssh_private_key if b"OPENSSH" in content[:40] else serialization.load_pem_private_key
    try:
        key = read(content, secret)
    except TypeError as error:
        if secret is None:
            raise LockedKey("it is locked with a passphrase") from error
        raise BadKey("it is not locked: give no passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("the passphrase is wrong" if secret else "it is no private key in a PEM file") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey("it is no Ed25519 key: make one with contingent plugin key")
    return key


def public_line(key: Ed25519PublicKey, name: str = "") -> str:
    """Return the public key as a line, with whose it is."""
    written = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    return f"{written} {name}".rstrip()


def read_public_line(line: str) -> tuple[Ed25519PublicKey, str]:
    """Return the key of a line and the name behind it. Raises ``BadKey``."""
    if line.encode().startswith(PRIVATE_HEADING):
        raise BadKey("it is a private key: it stays with who signs; give the file that ends in .pub")
    kind, _, rest = line.strip().partition(" ")
    written, _, name = rest.strip().partition(" ")
    try:
        key = serialization.load_ssh_public_key(f"{kind} {written}".encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey("expected a line such as: ssh-ed25519 AAAA… name") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey("it is no Ed25519 key")
    return key, name.strip()


def known_keys(lines: Iterable[str]) -> dict[str, str]:
    """Return whose key has which fingerprint, from lines of public keys; ``#`` begins a comment. Raises ``BadKey``."""
    found: dict[str, str] = {}
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            key, name = read_public_line(line)
            found[fingerprint(key)] = name or fingerprint(key)
    return found


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return ``SHA256:…``, as ``ssh-keygen -lf`` prints it."""
    blob = base64.b64decode(public_line(key).split()[1])
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def sign(key: Ed25519PrivateKey, content: bytes) -> str:
    """Return the signature of ``content``, in base64."""
    return base64.b64encode(key.sign(PURPOSE + content)).decode()


def is_signed(key: Ed25519PublicKey, content: bytes, signature: str) -> bool:
    """Say whether the signature was made with this key's private half over exactly ``content``."""
    try:
        key.verify(base64.b64decode(signature, validate=True), PURPOSE + content)
    except (InvalidSignature, ValueError):
        return False
    return True
