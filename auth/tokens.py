"""API tokens: ``ctg_{scope}_{secret}``. Programs carry them; only a digest is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import ApiToken
from auth.roles import ROLES, unknown_roles
from core.clock import Clock
from core.context import Scope
from core.errors import Fault, Invalid
from core.ids import new_id
from core.text import t
from core.tokens import digest, new_secret, read_token, write_token

Kind = Literal["api", "scim"]
EndCause = Literal["shut_out", "stop", "maker", "unvouched", "operator"]
"""Why a token has ended before its time: its program was shut out, sign-in was stopped, whoever made it is gone or no
provider stands behind them, or the operator withdrew it."""
BEARER = "bearer "
LONGEST_DAYS = 366


def bearer_token(authorization: str) -> tuple[str, str] | None:
    """Return the slug and the secret of the token that a header ``Authorization`` carries, if it carries one."""
    if authorization[: len(BEARER)].lower() != BEARER:
        return None
    return read_token(authorization[len(BEARER) :].strip())


async def create_token(
    session: AsyncSession,
    clock: Clock,
    scope: Scope,
    *,
    name: str,
    roles: list[str],
    days: int,
    kind: Kind = "api",
    reads_only: bool = False,
    created_by: UUID | None = None,
    account_id: UUID | None = None,
) -> tuple[ApiToken, str]:
    """Create a token with ``roles`` that lasts ``days``; return its row and its text, shown only now.

    ``account_id``: of the program that gets another one; without it the token begins a program.

    Raises ``Invalid`` for a role that such a scope does not have, a life beyond a year, and a
    token for a directory (``scim``) with roles or for a scope that is no agency.
    """
    faults = []
    unknown = unknown_roles(scope.kind, roles)
    if kind == "scim":
        if roles:
            faults.append(Fault("/roles", t("A directory’s token has no role.")))
        if scope.kind != "agency":
            faults.append(Fault("/kind", t("Only an agency has a directory that says who works there.")))
    elif unknown or not roles:
        known = ", ".join(ROLES[scope.kind])
        faults.append(Fault("/roles", t("Choose one or more of: %(roles)s.", roles=known)))
    if not 1 <= days <= LONGEST_DAYS:
        faults.append(Fault("/days", t("A token lasts from 1 to %(most)s days.", most=LONGEST_DAYS)))
    if faults:
        raise Invalid(faults)
    now, secret = clock.now(), new_secret()
    token_id = new_id(clock)
    row = ApiToken(
        tenant_id=scope.id,
        id=token_id,
        account_id=account_id or token_id,
        name=name,
        kind=kind,
        reads_only=reads_only,
        secret_digest=digest(secret),
        roles=sorted(set(roles)),
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    return row, write_token(scope.slug, secret)


async def note_use(session: AsyncSession, scope: Scope, token_id: UUID, now: datetime) -> None:
    """Remember when a token was used last."""
    chosen = update(ApiToken).where(ApiToken.tenant_id == scope.id, ApiToken.id == token_id)
    await session.execute(chosen.values(last_used_at=now))


async def end_tokens_of(
    session: AsyncSession, scope: Scope, seat_id: UUID, now: datetime, *, cause: EndCause
) -> list[tuple[UUID, str]]:
    """End every token for the API that the person in a seat made, and return their ids and names.

    A directory's token stays: it is what says that the person has gone.
    """
    chosen = update(ApiToken).where(
        ApiToken.tenant_id == scope.id,
        ApiToken.created_by == seat_id,
        ApiToken.kind == "api",
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > now,
    )
    ended = await session.execute(chosen.values(revoked_at=now, end_cause=cause).returning(ApiToken.id, ApiToken.name))
    return sorted((row.id, row.name) for row in ended)
