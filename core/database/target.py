"""Which database, and with which password each role logs in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.database import embedded
from core.database.roles import LOGINS, password_variable
from core.database.secret_file import read_secrets
from core.errors import Misconfigured
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """A database and the roles' passwords. A role without one is left to the password file (``~/.pgpass``)."""

    host: str | None
    port: int | None
    database: str
    query: Mapping[str, Any] = field(default_factory=dict)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    """Where this process keeps ``secrets.toml``."""

    def url(self, role: str) -> URL:
        """Return the address at which ``role`` logs in, for SQLAlchemy."""
        query = dict(self.query)
        if "sslmode" in query:  # its name in SQLAlchemy's address of this driver
            query["ssl"] = query.pop("sslmode")
        return URL.create(
            "postgresql+asyncpg", role, self.passwords.get(role), self.host, self.port, self.database, query
        )

    def driver_url(self, role: str) -> str:
        """Return the same for the driver itself and for PostgreSQL's programs, without the password."""
        url = URL.create("postgresql", role, None, self.host, self.port, self.database, dict(self.query))
        return url.render_as_string(hide_password=False)


def find_target(settings: Settings, environment: Mapping[str, str] | None = None) -> Target:
    """Return the database that ``settings`` name; without ``DATABASE_URL`` the running embedded server.

    Raises ``Misconfigured`` if the address cannot be read or no server runs.
    """
    environment = os.environ if environment is None else environment
    secrets = read_secrets(settings.data_folder)
    passwords = dict(secrets.passwords) if secrets and not settings.database_url else {}
    for role in LOGINS:
        given = environment.get(password_variable(role))
        if given:
            passwords[role] = given
    if settings.database_url:
        return _read(settings.database_url, passwords, settings.data_folder)
    server = embedded.running(settings.data_folder)
    if server is None:
        raise Misconfigured(
            f"no database: DATABASE_URL is not set and no embedded server of {settings.data_folder} is running; "
            f"start one with 'contingent serve' or 'contingent demo'"
        )
    return Target(server.host, server.port, embedded.DATABASE, {}, passwords, settings.data_folder)


def _read(address: str, passwords: Mapping[str, str], folder: Path) -> Target:
    expected = "expected postgresql://HOST:PORT/DATABASE, without user and password"
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise Misconfigured(f"DATABASE_URL cannot be read: {expected}") from error
    if url.get_backend_name() != "postgresql" or not url.database:
        raise Misconfigured(f"DATABASE_URL names no PostgreSQL database: {expected}")
    if url.password:
        raise Misconfigured(
            f"DATABASE_URL holds a password, but every role logs in with its own: {expected}; "
            f"passwords come from CONTINGENT_AGENCY_PASSWORD and so on, or from a password file"
        )
    return Target(url.host, url.port, url.database, dict(url.query), passwords, folder)
