"""From what an administrator entered to a provider's row, every fault at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from auth.client_secrets import seal_secret
from auth.models import IdentityProvider
from auth.relying_party.assurance import read_rule
from auth.relying_party.claims import UNDECIDING, decides
from auth.relying_party.discovery import WELL_KNOWN
from auth.relying_party.keys import ALGORITHMS
from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused
from auth.setup.schemas import AUDIENCES, CLIENT_AUTH, PROGRAMS, REFRESH, ProviderIn
from core.errors import Fault, Invalid
from core.text import t
from core.use_cases.work import Work

SECRET_KINDS = frozenset({"client_secret_basic", "client_secret_post"})
TAKEN = (
    "name",
    "client_id",
    "client_auth",
    "assertion_audience",
    "pinned_claim",
    "pinned_value",
    "refresh",
    "programs",
)
"""What goes into the row as it was entered."""


def fill(work: Work, row: IdentityProvider, data: ProviderIn) -> None:
    """Write ``data`` into ``row``. Raises ``Invalid`` with every fault, and writes nothing then.

    A secret that is kept goes on only to the issuer and client it was given for.
    """
    issuer = data.issuer.removesuffix(WELL_KNOWN)
    keeps = (row.secret_sealed or row.secret_ref) and (row.issuer, row.client_id) == (issuer, data.client_id)
    faults = [*_unknown(data), *_address(work, issuer)]
    if data.client_auth in SECRET_KINDS and not (data.secret or keeps):
        faults.append(Fault("/secret", t("Enter the secret: none is kept for this issuer and client.")))
    if (data.pinned_claim is None) != (data.pinned_value is None):
        faults.append(Fault("/pinned_value", t("Give the claim and its value, or neither.")))
    if data.pinned_claim is not None and not decides(data.pinned_claim):
        faults.append(Fault("/pinned_claim", UNDECIDING))
    if faults:
        raise Invalid(faults)
    for name in TAKEN:
        setattr(row, name, getattr(data, name))
    if row.issuer != issuer:
        row.document = None
    row.issuer, row.algorithms = issuer, [data.algorithm]
    if data.client_auth not in SECRET_KINDS:
        row.secret_sealed, row.secret_ref, row.secret_ends_on = None, None, None
        return
    row.secret_ends_on = data.secret_ends_on
    if data.secret:
        row.secret_sealed, row.secret_ref = seal_secret(work.ctx, row.id, data.secret), None


def told(row: IdentityProvider) -> dict[str, Any]:
    """Return a provider as the audit log tells it: never its secret, only whether one is kept."""
    try:
        rule = str(read_rule(row.assurance))
    except SignInRefused:
        rule = "?"
    return {
        "name": row.name,
        "state": row.state,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "client_auth": row.client_auth,
        "algorithms": row.algorithms,
        "assertion_audience": row.assertion_audience,
        "pinned_claim": row.pinned_claim,
        "pinned_value": row.pinned_value,
        "refresh": row.refresh,
        "programs": row.programs,
        "assurance": rule,
        "has_secret": bool(row.secret_sealed or row.secret_ref),
        "secret_ends_on": row.secret_ends_on,
        "has_document": row.document is not None,
    }


def _unknown(data: ProviderIn) -> list[Fault]:
    offered: dict[str, Collection[str]] = {
        "client_auth": CLIENT_AUTH,
        "assertion_audience": AUDIENCES,
        "refresh": REFRESH,
        "programs": PROGRAMS,
        "algorithm": sorted(ALGORITHMS),
    }
    return [
        Fault(f"/{name}", t("Choose one of: %(choices)s.", choices=", ".join(known)))
        for name, known in offered.items()
        if getattr(data, name) not in known
    ]


def _address(work: Work, issuer: str) -> list[Fault]:
    try:
        check_address(issuer, loopback=work.ctx.database.settings.demonstration)
    except SignInRefused:
        return [Fault("/issuer", t("Enter an https address that anybody can reach, such as https://login.example.ca."))]
    return []
