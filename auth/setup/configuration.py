"""What makes up the set-up of a provider: what a test holds for."""

from __future__ import annotations

import hashlib
import json

from auth.models import IdentityProvider

PARTS = (
    "issuer",
    "client_id",
    "client_auth",
    "secret_ref",
    "assertion_audience",
    "algorithms",
    "pinned_claim",
    "pinned_value",
    "person_claim",
    "refresh",
    "assurance",
    "document",
)
"""What decides whether somebody comes in; with the secret. Its name, or when the secret ends, does not.

``refresh`` does: a provider may refuse a sign-in that asks for ``offline_access``. A test says
whether ``person_claim`` came.
"""


def fingerprint(row: IdentityProvider) -> str:
    """Return the digest of the set-up: another one after any change, so that a test holds for this one alone."""
    told = {name: getattr(row, name) for name in PARTS} | {"secret": (row.secret_sealed or b"").hex()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
