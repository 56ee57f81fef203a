"""Process settings, from the environment. The handbook's table of them is generated from here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from core.errors import Misconfigured


def _setting(variable: str, default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"variable": variable, "meaning": meaning})


# ruff: noqa: RUF009 - each default carries its variable and meaning; none is mutable


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator can set. Each field names its environment variable and its meaning."""

    database_url: str = _setting(
        "DATABASE_URL", "", "host and database of a PostgreSQL 15 or later; empty: the embedded server"
    )
    port: int = _setting("PORT", 8000, "the port the pages and the API are served on")
    host: str = _setting(
        "CONTINGENT_HOST", "localhost", "the name or address to listen on; 0.0.0.0 for every address, behind a proxy"
    )
    web_processes: int = _setting("CONTINGENT_WEB_PROCESSES", 2, "processes that answer requests, on one machine")
    public_url: str = _setting("PUBLIC_URL", "", "the canonical address; empty: http://localhost:PORT")
    data_folder: Path = _setting("CONTINGENT_VAR", Path("var"), "where the embedded server, its secrets and logs live")
    demonstration: bool = _setting(
        "CONTINGENT_DEMO", False, "allows the demonstration's sign-in provider and data; never set it in production"
    )
    pool_size: int = _setting("CONTINGENT_POOL_SIZE", 6, "database connections per role and process")
    statement_timeout_ms: int = _setting(
        "CONTINGENT_STATEMENT_TIMEOUT_MS", 15_000, "milliseconds after which the database cancels a statement"
    )
    clamd_address: str = _setting(
        "CONTINGENT_CLAMD", "", "host:port or socket of a ClamAV daemon; empty: files stay marked as not scanned"
    )
    body_minutes: int = _setting(
        "CONTINGENT_BODY_MINUTES", 20, "minutes a form or file may take to arrive: 50 MB at 400 kbit/s take 18"
    )
    session_idle_minutes: int = _setting("CONTINGENT_SESSION_IDLE", 60, "minutes without a request that end a session")
    sign_ins_per_minute: int = _setting(
        "CONTINGENT_SIGN_INS_PER_MINUTE", 120, "sign-ins to one service from one address, before more have to wait"
    )
    api_per_minute: int = _setting(
        "CONTINGENT_API_PER_MINUTE", 1200, "calls of one API token a minute, before more have to wait"
    )
    sandbox_without: str = _setting(
        "CONTINGENT_SANDBOX_WITHOUT",
        "",
        "means of the sandbox that this machine may lack while plugins run in it all the same, such as network,user; "
        "empty: none",
    )
    new_plugins: str = _setting(
        "CONTINGENT_NEW_PLUGINS",
        "sandboxed",
        "for whom a plugin is that did not come with Contingent, until the operator decides: nobody, everyone, or "
        "sandboxed (everyone if it is a bundle, of which no line runs outside the sandbox, else nobody)",
    )
    plugin_folder: str = _setting(
        "CONTINGENT_PLUGIN_FOLDER",
        "",
        "a folder of signed bundles, offered to every service; empty: none",
    )
    plugin_keys: str = _setting(
        "CONTINGENT_PLUGIN_KEYS",
        "",
        "the file with the public keys that may have signed what lies in that folder, a line each",
    )
    session_hours: int = _setting("CONTINGENT_SESSION_HOURS", 12, "hours after which any session ends")

    @property
    def address(self) -> str:
        """The canonical address, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in ``environment`` (the process's own if none).

    Raises ``Misconfigured`` naming the variable and what it expects.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for one in fields(Settings):
        variable = one.metadata["variable"]
        raw = environment.get(variable)
        if raw is None or raw == "":
            continue
        given[one.name] = _read(variable, raw, type(one.default))
    return Settings(**given)


def _read(variable: str, raw: str, kind: type) -> Any:
    if kind is bool:
        if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise Misconfigured(f"{variable} is {raw!r}: expected 1 or 0")
        return raw.lower() in {"1", "true", "yes"}
    try:
        return kind(raw)
    except ValueError as error:
        raise Misconfigured(f"{variable} is {raw!r}: expected {kind.__name__}") from error
