"""A scope that is registered at a real provider, and what is kept of the sign-ins there."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import select

from auth.models import Session
from core.audit.models import AuditLine
from core.context import Scope, ScopeKind
from core.database.sessions import tenant_session
from tests.auth.peers.node import Peers
from tests.auth.rig import SETTINGS, Rig


async def joined(
    rig: Rig,
    peers: Peers,
    issuer: str,
    kind: ScopeKind = "agency",
    *,
    secret: str | None = None,
    reached_at: str | None = None,
    pairwise: bool = False,
    **provider: Any,
) -> Scope:
    """Return a fresh scope that is registered at ``issuer`` and accepts it.

    ``reached_at`` is where the provider reaches the application, to say that a session has ended; ``pairwise``: it
    knows people there by another subject than at any other client (``pairwise_subject``).
    """
    scope = await rig.platform.scope(kind)
    method = provider.setdefault("client_auth", "none")
    further: dict[str, Any] = {}
    if secret is not None:
        further["client_secret"] = secret
    if reached_at is not None:
        further["backchannel_logout_uri"] = f"{reached_at}/t/{scope.slug}/auth/backchannel"
        further["backchannel_logout_session_required"] = True
    if pairwise:
        further["subject_type"] = "pairwise"
    register(peers, issuer, scope, method, **further)
    await rig.accept(scope, issuer=peers.issuer(issuer), client_id=f"contingent-{scope.slug}", **provider)
    return scope


def register(peers: Peers, issuer: str, scope: Scope, method: str, **further: Any) -> None:
    """Let ``issuer`` know the scope as a client that proves itself by ``method``."""
    client = {
        "client_id": f"contingent-{scope.slug}",
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": "ES256",
        "redirect_uris": [f"{SETTINGS.address}/t/{scope.slug}/auth/callback"],
        "post_logout_redirect_uris": [f"{SETTINGS.address}/en/"],
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
    }
    peers.control(issuer, client=client | further)


def pairwise_subject(scope: Scope, account: str) -> str:
    """Return the subject by which the scope's client knows an account, as ``providers.mjs`` makes it."""
    return hashlib.sha256(f"contingent-{scope.slug} {account}".encode()).hexdigest()


async def refusals(rig: Rig, scope: Scope) -> list[str]:
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine.after).where(AuditLine.tenant_id == scope.id, AuditLine.action == "sign_in.refused")
        return [after["why"] for after in await session.scalars(chosen) if after is not None]


async def sessions(rig: Rig, scope: Scope) -> list[UUID]:
    """Return the seats of the sessions that the scope has had."""
    async with tenant_session(rig.ctx(scope)) as session:
        return list(await session.scalars(select(Session.seat_id).where(Session.tenant_id == scope.id)))
