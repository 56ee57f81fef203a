"""Following a chain link by link. No database: an exported file is verified with this and ``chain`` alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from core.audit.chain import Head, link

FORMAT = "contingent-audit/1"

What = Literal["changed", "missing row", "gap", "truncated", "rewritten", "malformed", "not sealed"]
"""``not sealed``: a row has waited longer than any sealer takes. None is running, or the row was slipped in."""
PATIENCE = timedelta(minutes=10)


class Break(msgspec.Struct, frozen=True):
    """One place where the chain does not hold; ``sequence`` is where it shows."""

    sequence: int
    what: What


class Report(msgspec.Struct, frozen=True):
    """What verification found: rows sealed and unsealed, where the chain ends, and each break.

    ``oldest_unsealed`` is the instant of the oldest row without a seal.
    """

    scope_id: UUID
    sealed: int
    head: Head
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    breaks: tuple[Break, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing sealed was changed, removed or reordered, and nothing waits for a seal in vain."""
        return not self.breaks


class Exported(msgspec.Struct, frozen=True):
    """One line of an exported file: the row exactly as it was hashed."""

    sequence: int
    hash: str
    row: msgspec.Raw


class Opening(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first line of an exported file. ``marking`` is how the file is marked: no link of the chain."""

    format: str
    scope_id: UUID
    scope: str
    marking: str = ""


class Follower:
    """Follows a chain link by link and remembers where it broke."""

    def __init__(self, tenant_id: UUID, known: Head | None) -> None:
        self.tenant_id = tenant_id
        self.known = known
        self.head = Head()
        self.sealed = 0
        self.breaks: list[Break] = []

    def follow(self, sequence: int, stated: str, row: bytes | None) -> None:
        """Take the next seal; after a break go on from what is stated, so that each is named once."""
        if sequence != self.head.sequence + 1:
            self.breaks.append(Break(sequence, "gap"))
            self.head = Head(sequence - 1, self.head.hash)
        elif row is None:
            self.breaks.append(Break(sequence, "missing row"))
        elif link(self.head, self.tenant_id, row).hash != stated:
            self.breaks.append(Break(sequence, "changed"))
        self.head = Head(sequence, stated)
        self.sealed += 1
        if self.known is not None and self.known.sequence == sequence and self.known.hash != stated:
            self.breaks.append(Break(sequence, "rewritten"))

    def report(self, unsealed: int = 0, oldest: datetime | None = None, *, now: datetime | None = None) -> Report:
        """Return what was found; ``now`` judges how long the oldest row without a seal has waited."""
        if now is not None and oldest is not None and now - oldest > PATIENCE:
            self.breaks.append(Break(self.head.sequence + 1, "not sealed"))
        if self.known is not None and self.known.sequence > self.head.sequence:
            self.breaks.append(Break(self.head.sequence + 1, "truncated"))
        return Report(self.tenant_id, self.sealed, self.head, unsealed, oldest, tuple(self.breaks))


def verify_lines(lines: Iterable[bytes], *, known: Head | None = None) -> Report:
    """Verify an exported file, given as its lines; no database and no trust in the platform.

    Raises ``ValueError`` if it is not such a file at all.
    """
    each: Iterator[bytes] = iter(lines)
    try:
        opening = msgspec.json.decode(next(each, b""), type=Opening)
    except msgspec.MsgspecError as error:
        raise ValueError("this is not an exported audit log: its first line does not say so") from error
    if opening.format != FORMAT:
        raise ValueError(f"this export has the format {opening.format!r}: expected {FORMAT!r}")
    follower = Follower(opening.scope_id, known)
    for line in each:
        try:
            one = msgspec.json.decode(line, type=Exported)
        except msgspec.MsgspecError:
            follower.breaks.append(Break(follower.head.sequence + 1, "malformed"))
            continue
        row = bytes(one.row)
        follower.follow(one.sequence, one.hash, None if row == b"null" else row)
    return follower.report()
