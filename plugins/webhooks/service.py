"""A message as Standard Webhooks has it, and its signatures (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from contingent import Event, Rejected, Words, failure_in_words

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""

NO_SECRET: Words = {
    "en": "No signing secret is set: nothing is sent unsigned. Enter the receiver’s in the settings.",
    "fr": "Aucun secret de signature n’est saisi\u00a0: rien n’est envoyé sans signature. Saisissez celui du "
    "destinataire dans les paramètres.",
}
UNFIT: Words = {
    "en": "The signing secret is not one: whsec_ and 24 to 64 bytes in Base64 are expected.",
    "fr": "Le secret de signature n’en est pas un\u00a0: whsec_ suivi de 24 à 64 octets en Base64 est attendu.",
}


def message(event: Event, subject: str, about: msgspec.Struct) -> bytes:
    """Return the body: ``type``, ``timestamp`` and ``data`` with the day and the subject as it is now."""
    told: Mapping[str, Any] = {
        "type": event.name.replace("_", ".", 1),
        "timestamp": event.at,
        "data": {"on": event.on, subject: about},
    }
    return msgspec.json.encode(told)


def key_of(secret: str) -> bytes:
    """Return a secret's bytes. Raises ``Rejected`` for what is none."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected(UNFIT) from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise Rejected(UNFIT)
    return key


def signed(event: Event, body: bytes, keys: Iterable[bytes], now: datetime) -> dict[str, str]:
    """Return the headers of an attempt made ``now``: the message's id, the time, a signature with each key."""
    name, moment = f"msg_{event.id.hex}", str(int(now.timestamp()))
    content = f"{name}.{moment}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def not_taken(status: int) -> Words:
    """Say that the receiver did not take the message."""
    return {
        "en": f"The receiver answered with status {status}.",
        "fr": f"Le destinataire a répondu par le statut {status}.",
    }


def not_reached(failed: str) -> Words:
    """Say that the receiver gave no answer; ``failed``: the machine and the kind of failure."""
    why = failure_in_words(failed)
    return {
        "en": f"The receiver gave no answer ({why['en']}).",
        "fr": f"Le destinataire n’a pas répondu ({why['fr']}).",
    }
