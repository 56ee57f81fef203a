"""From what an administrator entered to a provider's row, every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from auth.client_secrets import seal_secret
from auth.models import IdentityProvider
from auth.relying_party.assurance import read_rule
from auth.relying_party.claims import UNDECIDING, decides
from auth.relying_party.discovery import WELL_KNOWN
from auth.relying_party.keys import ALGORITHMS
from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused
from auth.setup.schemas import AUDIENCES, CLIENT_AUTH, PROGRAMS, REFRESH, ProviderIn
from core.context import Ctx
from core.errors import Fault, Invalid
from core.text import Text, t
from core.use_cases.intake import in_order
from core.use_cases.work import Work

Check = Callable[[Ctx, Mapping[str, Any]], Text | None]
SECRET_KINDS = frozenset({"client_secret_basic", "client_secret_post"})
TAKEN = (
    "name",
    "client_id",
    "client_auth",
    "assertion_audience",
    "pinned_claim",
    "pinned_value",
    "person_claim",
    "refresh",
    "programs",
)
"""What goes into the row as it was entered."""


def fill(work: Work, row: IdentityProvider, data: ProviderIn) -> None:
    """Write ``data`` into ``row``. Raises ``Invalid`` with every fault, and writes nothing then.

    A secret that is kept goes on only to the issuer and client it was given for.
    """
    issuer = _issuer(data.issuer)
    keeps = (row.secret_sealed or row.secret_ref) and (row.issuer, row.client_id) == (issuer, data.client_id)
    given = msgspec.structs.asdict(data)
    faults = wrong(work.ctx, given) if keeps else wrong_in_new(work.ctx, given)
    if faults:
        raise Invalid(in_order(ProviderIn, faults))
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


def wrong(ctx: Ctx, given: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with what was entered, as far as it could be read."""
    return [
        Fault(f"/{name}", text)
        for name, look in CHECKS.items()
        if name in given and (text := look(ctx, given)) is not None
    ]


def wrong_in_new(ctx: Ctx, given: Mapping[str, Any]) -> list[Fault]:
    """Return the same of a provider of which no secret is kept."""
    faults = wrong(ctx, given)
    if given.get("client_auth") in SECRET_KINDS and "secret" in given and not given["secret"]:
        faults.append(Fault("/secret", t("Enter the secret: none is kept for this issuer and client.")))
    return faults


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
        "person_claim": row.person_claim,
        "refresh": row.refresh,
        "programs": row.programs,
        "assurance": rule,
        "has_secret": bool(row.secret_sealed or row.secret_ref),
        "secret_ends_on": row.secret_ends_on,
        "has_document": row.document is not None,
    }


def _issuer(entered: str) -> str:
    return entered.removesuffix(WELL_KNOWN)


def _address(ctx: Ctx, given: Mapping[str, Any]) -> Text | None:
    try:
        check_address(_issuer(given["issuer"]), loopback=ctx.database.settings.demonstration)
    except SignInRefused:
        return t("Enter an https address that anybody can reach, such as https://login.example.ca.")
    return None


def _one_of(name: str, known: Collection[str]) -> Check:
    def look(ctx: Ctx, given: Mapping[str, Any]) -> Text | None:
        return None if given[name] in known else t("Choose one of: %(choices)s.", choices=", ".join(known))

    return look


def _claim_of(name: str) -> Check:
    def look(ctx: Ctx, given: Mapping[str, Any]) -> Text | None:
        return UNDECIDING if given[name] is not None and not decides(given[name]) else None

    return look


def _value(ctx: Ctx, given: Mapping[str, Any]) -> Text | None:
    if "pinned_claim" not in given or (given["pinned_claim"] is None) == (given["pinned_value"] is None):
        return None
    return t("Give the claim and its value, or neither.")


def _end(ctx: Ctx, given: Mapping[str, Any]) -> Text | None:
    ends_on = given["secret_ends_on"]
    if ends_on is None or ends_on >= ctx.today or given.get("client_auth") not in SECRET_KINDS:
        return None
    return t("This day is past, and the secret with it: enter a newer one and its last day.")


CHECKS: Mapping[str, Check] = {
    "issuer": _address,
    "client_auth": _one_of("client_auth", CLIENT_AUTH),
    "secret_ends_on": _end,
    "algorithm": _one_of("algorithm", sorted(ALGORITHMS)),
    "assertion_audience": _one_of("assertion_audience", AUDIENCES),
    "pinned_claim": _claim_of("pinned_claim"),
    "pinned_value": _value,
    "person_claim": _claim_of("person_claim"),
    "refresh": _one_of("refresh", REFRESH),
    "programs": _one_of("programs", PROGRAMS),
}
"""What a field is looked at for, whatever the others hold."""
