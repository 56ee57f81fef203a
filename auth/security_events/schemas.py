"""What the monitoring of a scope asks and is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field

MOST = 1_000

_AFTER = field(
    t("After this sequence"),
    widget="hidden",
    least=0,
    help=t("The sequence of the last line that you have; 0 at first."),
)

_ABOUT = field(
    t("About"),
    widget="hidden",
    choices={"access": t("Sign-in and access"), "all": t("Everything in the audit log")},
    help=t("“all” is for roles that may read the audit log."),
)


class AfterSequence(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines: those sealed after ``after``, the earliest first, ``limit`` at most.

    ``about``: those about access, or all of the scope's audit log, for which one must be let read it.
    """

    after: Annotated[int, _AFTER] = 0
    limit: Annotated[int, field(t("Lines"), widget="hidden", least=1, most=MOST)] = MOST
    about: Annotated[Literal["access", "all"], _ABOUT] = "access"


class SecurityEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed line of the audit log, and what proves that it is still as it was sealed.

    ``line`` is the whole line as it was sealed: its spelling (JSON, keys sorted, no spaces) is what ``hash``
    is made of, together with ``previous``, the hash of the line before it in the scope's chain.
    """

    sequence: int
    at: datetime
    action: str
    actor: str
    actor_kind: str
    seat_id: UUID
    reason: str | None
    line: dict[str, Any]
    previous: str
    hash: str


class SecurityEvents(msgspec.Struct, frozen=True):
    """Lines, the earliest first; ``next`` is what to ask ``after`` next time, whether or not there were any."""

    events: list[SecurityEvent]
    next: int
