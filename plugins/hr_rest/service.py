"""A record as JSON, the receipt in the answer, and what each refusal means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contingent import HrRecord, HttpAnswer, Receipt, Rejected, Words, failure_in_words

BUSY = frozenset({408, 409, 425, 429})
"""Answers after which the same may be sent again: too slow, the same key is under way, too early, too often."""
LONGEST_REFERENCE = 200

UNSET: Words = {
    "en": "No address, or no token, is set. Enter both in the plugin’s settings.",
    "fr": "Aucune adresse ou aucun jeton n’est saisi. Saisissez les deux dans les paramètres du module.",
}


def body_of(record: HrRecord) -> bytes:
    """Return the record as JSON: what it is about, what it corrects, and the content of its kind under ``content``."""
    told: Mapping[str, Any] = {
        "id": record.id,
        "revision": record.revision,
        "kind": record.kind,
        "employee_number": record.employee_number,
        "external_id": record.external_id,
        "tour": record.tour_id,
        "mission": record.mission,
        "withdrawn": record.withdrawn,
        "corrects": record.reference,
        "formerly": record.formerly,
        "content": getattr(record, record.kind),
    }
    return msgspec.json.encode(told)


def headers_of(record: HrRecord, token: str) -> dict[str, str]:
    """Return the headers: under one key the HR system records once, however often it comes."""
    return {**known_by(token), "content-type": "application/json", "idempotency-key": str(record.key)}


def known_by(token: str) -> dict[str, str]:
    """Return the headers that say who asks, and that JSON is wanted."""
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def receipt_in(answer: HttpAnswer, path: str) -> Receipt:
    """Return the receipt in an answer. Raises ``Rejected``: tried again where that may help, else for good."""
    if not 200 <= answer.status < 300:
        raise refused(answer.status)
    try:
        found: Any = msgspec.json.decode(answer.content)
        for name in path.split("."):
            found = found[name]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        found = None
    reference = str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 1 <= len(reference) <= LONGEST_REFERENCE or not reference.isprintable():
        raise Rejected(no_number(path), final=True)
    return Receipt(reference=reference)


def refused(status: int) -> Rejected:
    """Return what a status other than success means, and whether the same may be sent again."""
    again = status in BUSY or status >= 500
    if status in (401, 403):
        return Rejected(NO_ENTRY, final=True)
    return Rejected(
        {
            "en": f"The HR system answered with status {status}.",
            "fr": f"Le système RH a répondu par le statut {status}.",
        },
        final=not again,
    )


NO_ENTRY: Words = {
    "en": "The HR system does not accept the token. Have a new one made there, and enter it in the settings.",
    "fr": "Le système RH n’accepte pas le jeton. Faites-en créer un nouveau et saisissez-le dans les paramètres.",
}


def no_number(path: str) -> Words:
    """Say that the answer has no number where the settings say that it stands."""
    return {
        "en": f"The HR system’s answer has no number in the field “{path}”. See in the settings which field holds it.",
        "fr": f"La réponse du système RH n’a pas de numéro dans le champ « {path} ». Vérifiez dans les paramètres "
        "quel champ le contient.",
    }


def not_reached(failed: str) -> Words:
    """Say that there was no answer; ``failed``: the machine and the kind of failure."""
    why = failure_in_words(failed)
    return {"en": f"The HR system gave no answer ({why['en']}).", "fr": f"Le système RH n’a pas répondu ({why['fr']})."}
