"""Refusing logins that are stronger than the wall."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import asyncpg

from core.database import field_keys
from core.database.roles import APPLICATION, OWNER, PUBLIC, password_variable
from core.database.secret_file import read_secrets
from core.database.target import Target
from core.errors import Misconfigured

_TOO_STRONG = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
       o.oid IS NOT NULL AND pg_catalog.pg_has_role(r.oid, o.oid, 'member') AS owns
  FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_roles o ON o.rolname = $2
 WHERE r.rolname = ANY($1::name[])
"""


async def check_all(target: Target) -> None:
    """Refuse the database unless it has every role, none is too strong, and it was set up with our field key."""
    connection = await asyncpg.connect(target.driver_url(PUBLIC), password=target.passwords.get(PUBLIC), timeout=10)
    try:
        await refuse_strong(connection, APPLICATION)
        if target.folder is not None:
            secrets = read_secrets(target.folder)
            await field_keys.check(connection, secrets.field_key if secrets else None, target.folder)
    finally:
        await connection.close()


async def check_own(connection: Any, role: str) -> None:
    """Refuse a connection that is not ``role``, or whose login is too strong."""
    current, session = await connection.fetchrow("SELECT current_user::text, session_user::text")
    if (current, session) != (role, role):
        raise Misconfigured(f"the pool of {role} is logged in as {session}, acting as {current}: expected {role}")
    await refuse_strong(connection, [role])


async def refuse_strong(connection: Any, roles: Collection[str]) -> None:
    """Raise ``Misconfigured`` if one of ``roles`` is missing or stronger than the wall."""
    found = await connection.fetch(_TOO_STRONG, list(roles), OWNER)
    missing = sorted(set(roles) - {row["rolname"] for row in found})
    if missing:
        raise Misconfigured(
            f"the database lacks the roles {', '.join(missing)}: run 'contingent database bootstrap --print' "
            f"and give its output to the database's administrator"
        )
    for row in found:
        _refuse(row)


def _refuse(row: Any) -> None:
    faults = {
        "is a superuser": row["rolsuper"],
        "bypasses row-level security": row["rolbypassrls"],
        "may create roles": row["rolcreaterole"],
        f"is a member of {OWNER}": row["owns"],
    }
    said = [fault for fault, is_so in faults.items() if is_so]
    if said:
        raise Misconfigured(
            f"the login {row['rolname']} {' and '.join(said)}, so the tenant wall would not hold for it: "
            f"run the SQL of 'contingent database bootstrap --print' again"
        )


async def refuse_any(target: Target) -> None:
    """Log in as each role of the application once; raise ``Misconfigured`` with every one that is refused."""
    refused = []
    for role in APPLICATION:
        try:
            connection = await asyncpg.connect(target.driver_url(role), password=target.passwords.get(role), timeout=10)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            refused.append(advice(target, error, role))
        else:
            await connection.close()
    if refused:
        raise Misconfigured("\n".join(refused))


def advice(target: Target, error: Exception, role: str = PUBLIC) -> str:
    """Return what to tell the operator when ``role`` cannot connect."""
    place = f"{target.host or 'the default host'}:{target.port or 5432}/{target.database}"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return (
            f"{role} cannot log in to {place} ({error}): set {password_variable(role)}, or a password file; "
            f"if there are no roles yet, give the output of 'contingent database bootstrap --print' to the "
            f"database's administrator"
        )
    return f"the database at {place} does not answer ({error or type(error).__name__}): is DATABASE_URL right?"
