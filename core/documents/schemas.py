"""What is told of a file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class DocumentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A file without its content. ``state``: ``unscanned``, ``clean`` or ``refused``; ``size`` in bytes."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    purpose: str
    state: str
    officer_id: UUID | None
    created_at: datetime
    version: int
