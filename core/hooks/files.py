"""How a plugin opens a file that was given to it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from core.errors import NotFound


class File(msgspec.Struct, frozen=True):
    """A file in full. ``media_type`` was told from the content, not from the name."""

    name: str
    media_type: str
    content: bytes


class Files(Protocol):
    """The tenant's files, as far as a plugin may open them."""

    async def open(self, id: UUID) -> File:
        """Return the file; raise ``NotFound`` if this tenant has none with this id."""
        ...


def check_id(id: UUID) -> None:
    """Raise ``NotFound`` for what is no id: there is no file of that."""
    if type(id) is not UUID:
        raise NotFound
