"""That all processes of an installation seal with one key: its fingerprint stands beside the data.

A process with another ``secrets.toml`` would seal what nobody else can open, and fail to open
what the others sealed. It is refused at the start instead.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from core.errors import Misconfigured

_PLACE = "scope"
"""The table whose comment holds the fingerprint: a backup takes it along."""
_MARK = "field key "


def fingerprint(field_key: bytes) -> str:
    """Return what tells one key from another and nothing else of it."""
    return hashlib.sha256(b"contingent/fingerprint/1" + field_key).hexdigest()[:16]


async def note(driver: Any, field_key: bytes) -> None:
    """Write the key's fingerprint beside the data, as the owner, unless one is there already."""
    if await _noted(driver) is None and await driver.fetchval("SELECT to_regclass($1) IS NOT NULL", _PLACE):
        await driver.execute(f"COMMENT ON TABLE {_PLACE} IS '{_MARK}{fingerprint(field_key)}'")


async def check(driver: Any, field_key: bytes | None, folder: Path) -> None:
    """Raise ``Misconfigured`` if the data were sealed with another key than that of ``folder``."""
    noted = await _noted(driver)
    if noted is None or (field_key is not None and fingerprint(field_key) == noted):
        return
    said = "there is none" if field_key is None else f"its field_key has the fingerprint {fingerprint(field_key)}"
    raise Misconfigured(
        f"this database was set up with the field key {noted}, but in {folder}/secrets.toml {said}: "
        f"copy secrets.toml from the machine that was set up first"
    )


async def _noted(driver: Any) -> str | None:
    comment: str | None = await driver.fetchval("SELECT obj_description(to_regclass($1), 'pg_class')", _PLACE)
    return comment.removeprefix(_MARK) if comment and comment.startswith(_MARK) else None
