"""The providers a scope accepts, as the sign-in uses them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import IdentityProvider
from auth.relying_party.assurance import NOTHING, AssuranceRule, read_rule
from auth.relying_party.keys import ALGORITHMS, SigningKey
from auth.relying_party.refusals import SignInRefused, Why
from auth.setup.lifecycle import ON
from core.errors import Misconfigured


class Provider(msgspec.Struct, frozen=True):
    """One configured provider.

    ``secret`` is the client's, once it is taken out of ``sealed``, or it is where ``secret_ref`` says. ``document`` is
    what the provider says of itself, where that was handed in. ``audience`` is whom an assertion is
    for, ``issuer`` or ``token_endpoint``, and ``key`` what signs it, where the client proves itself
    by one (``auth.client_keys.with_credentials``). ``refresh``: whether it is asked again and again if it
    still stands behind a session (``auth.models.IdentityProvider``).
    """

    id: UUID
    issuer: str
    client_id: str
    client_auth: str
    algorithms: tuple[str, ...]
    secret_ref: str | None = None
    pinned: tuple[str, str] | None = None
    assurance: AssuranceRule = NOTHING
    audience: str = "issuer"
    number_claim: str | None = None
    person_claim: str | None = None
    just_in_time: bool = False
    key: SigningKey | None = None
    name: str = ""
    sealed: bytes | None = None
    secret: str | None = None
    document: dict[str, Any] | None = None
    refresh: str = "never"


def provider_of(row: IdentityProvider) -> Provider:
    """Return the provider that a row describes, without its secret.

    Raises ``SignInRefused`` for an assurance rule that cannot be read.
    """
    algorithms = tuple(name for name in row.algorithms if name in ALGORITHMS)
    pinned = (row.pinned_claim, row.pinned_value)
    return Provider(
        id=row.id,
        issuer=row.issuer,
        client_id=row.client_id,
        client_auth=row.client_auth,
        algorithms=algorithms,
        secret_ref=row.secret_ref,
        pinned=None if pinned[0] is None or pinned[1] is None else (pinned[0], pinned[1]),
        assurance=read_rule(row.assurance),
        audience=row.assertion_audience,
        number_claim=row.number_claim,
        person_claim=row.person_claim,
        just_in_time=row.just_in_time,
        name=row.name,
        sealed=row.secret_sealed,
        document=row.document,
        refresh=row.refresh,
    )


async def offered_providers(session: AsyncSession, scope_id: UUID, wanted: str | None = None) -> list[Provider]:
    """Return the providers that a new sign-in of the scope may go to, that in force before one being replaced.

    It is the one with the id ``wanted`` alone, if that is among them. Raises ``SignInRefused`` if there is none.
    """
    chosen = (
        select(IdentityProvider)
        .where(IdentityProvider.tenant_id == scope_id, IdentityProvider.state.in_(ON))
        .order_by(IdentityProvider.state, IdentityProvider.created_at.desc(), IdentityProvider.id.desc())
    )
    found = [provider_of(row) for row in await session.scalars(chosen)]
    if not found:
        raise SignInRefused(Why.NOT_CONFIGURED, "no provider in force")
    return [one for one in found if str(one.id) == wanted] or found


async def provider_by_id(session: AsyncSession, scope_id: UUID, provider_id: UUID) -> Provider:
    """Return the provider a flow or session began with; refused if it is no longer on."""
    row = await session.get(IdentityProvider, (scope_id, provider_id))
    if row is None or row.state not in ON:
        raise SignInRefused(Why.NOT_CONFIGURED, "the provider was switched off meanwhile")
    return provider_of(row)


async def providers_of(session: AsyncSession, scope_id: UUID, issuer: str) -> list[Provider]:
    """Return the scope's providers that are on with this issuer, one for each client it is there."""
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == scope_id, IdentityProvider.issuer == issuer, IdentityProvider.state.in_(ON)
    )
    return [provider_of(row) for row in await session.scalars(chosen.order_by(IdentityProvider.id))]


def read_secret(ref: str | None, environment: Mapping[str, str] | None = None) -> str | None:
    """Return the secret that ``ref`` (``env:NAME`` or ``file:PATH``) names; ``None`` for no ``ref``.

    Raises ``Misconfigured`` naming the reference if there is nothing.
    """
    if ref is None:
        return None
    kind, _, where = ref.partition(":")
    if kind == "env":
        found = (os.environ if environment is None else environment).get(where, "")
    elif kind == "file":
        path = Path(where)
        found = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    else:
        raise Misconfigured(f"secret reference {ref!r}: expected env:NAME or file:PATH")
    if not found:
        raise Misconfigured(f"secret reference {ref!r} leads to nothing: set it, or correct the reference")
    return found
