"""The few static files, read once, compressed once, under names that change with their content."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PREFIX = "/static/"
CACHE_CONTROL = "public, max-age=31536000, immutable"
"""For an address that carries the content's fingerprint."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: ``body`` plain, ``packed`` with gzip, ``address`` with its fingerprint."""

    name: str
    address: str
    media_type: str
    body: bytes
    packed: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """Return every asset by its plain name. ``ui.css`` is the parts of ``css/`` in their order, as one sheet."""
    sheet = "\n".join(part.read_text(encoding="utf-8") for part in sorted((FOLDER / "css").glob("*.css")))
    found = {"ui.css": _made("ui.css", _tightened(sheet).encode())}
    for file in sorted(FOLDER.iterdir()):
        if file.suffix in TYPES:
            found[file.name] = _made(file.name, file.read_bytes())
    return found


def asset(name: str) -> str:
    """Return the address of the asset called ``name``."""
    return assets()[name].address


@cache
def by_address() -> Mapping[str, Asset]:
    """Return every asset by the last part of its address: ``ui.0a1b2c3d.css``."""
    return {one.address.removeprefix(PREFIX): one for one in assets().values()}


def _made(name: str, body: bytes) -> Asset:
    mark = hashlib.sha256(body).hexdigest()[:10]
    stem, _, suffix = name.rpartition(".")
    return Asset(name, f"{PREFIX}{stem}.{mark}.{suffix}", TYPES[f".{suffix}"], body, gzip.compress(body, 9, mtime=0))


def _tightened(sheet: str) -> str:
    """Return the sheet without comments and indentation; strings in it hold neither."""
    without = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    lines = (re.sub(r"\s+", " ", line.strip()) for line in without.splitlines())
    return "\n".join(line for line in lines if line)
