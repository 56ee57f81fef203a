"""``var/secrets.toml``: the embedded server's passwords and the field key. Made once, readable by its owner alone."""

from __future__ import annotations

import base64
import os
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from core.database.roles import LOGINS
from core.errors import Misconfigured

NAME = "secrets.toml"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords by role, and the 32 bytes from which every tenant's field key is derived."""

    passwords: dict[str, str] = field(repr=False)
    field_key: bytes = field(repr=False)


def make_secrets(folder: Path) -> Secrets:
    """Return the secrets of ``folder``, made there if there are none yet."""
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            "# Made by Contingent. Whoever has field_key can read sealed columns; without it nobody can, not even",
            "# from a backup: keep a copy of this file somewhere safe and apart from the backups.",
            f'field_key = "{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"',
            "[passwords]",
            *(f'{role} = "{secrets.token_urlsafe(24)}"' for role in LOGINS),
        ]
        _write(path, "\n".join(lines) + "\n")
    found = read_secrets(folder)
    assert found is not None
    return found


def read_secrets(folder: Path) -> Secrets | None:
    """Return the secrets of ``folder``, or ``None`` if it has none."""
    path = folder / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        read = tomllib.loads(text)
        key = base64.b64decode(read["field_key"], validate=True)
        passwords = {str(role): str(word) for role, word in read.get("passwords", {}).items()}
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read ({error}): expected field_key and a table [passwords]") from error
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"{path}: field_key has {len(key)} bytes: expected {KEY_BYTES}, in base 64")
    return Secrets(passwords, key)


def _write(path: Path, text: str) -> None:
    # Written aside and linked, so that two processes that start together agree on one file.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
