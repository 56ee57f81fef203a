"""What goes in and out of the use cases on approval links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from auth.approval_links.snapshots import Change
from core.approvals.schemas import CaseOut, Reason
from core.context import Language
from core.text import t
from core.use_cases.fields import field

Verdict = Annotated[
    Literal["approve", "return", "refuse"],
    field(t("Decision"), choices={"approve": t("Approve"), "return": t("Return for changes"), "refuse": t("Refuse")}),
]


class DecideByLink(msgspec.Struct, frozen=True, kw_only=True):
    """A decision by a link. ``seen`` stands for what the decider read; ``noted``: also what has changed since."""

    id: Annotated[str, field(t("Link"), widget="hidden")]
    verdict: Verdict
    comment: Reason = None
    seen: Annotated[str, field(t("What was read"), widget="hidden", longest=64)]
    noted: Annotated[bool, field(t("I have read what changed since I was asked."), widget="checkbox")] = False


class LinkedCase(msgspec.Struct, frozen=True, kw_only=True):
    """The one case that a link leads to. ``state``: what can be done with the link now.

    ``changes``: what the case says otherwise than when the link was made; ``seen`` stands for what it says now.
    """

    id: UUID
    state: Literal["open", "used", "ended"]
    made_at: datetime
    case: CaseOut
    changes: list[Change]
    seen: str


class StepOpened(msgspec.Struct, frozen=True):
    """A step from which on somebody is waited for."""

    step: str


class LinksMade(msgspec.Struct, frozen=True):
    """How many links were made."""

    links: int


class OfCase(msgspec.Struct, frozen=True):
    """One case whose open step somebody is asked to decide."""

    id: str


class MessageTo(msgspec.Struct, frozen=True, kw_only=True):
    """To whom a message about a case is to be written."""

    id: Annotated[str, field(t("Case"), widget="hidden")]
    seat: Annotated[str, field(t("Person"), widget="hidden")]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the open step waits for; ``expires_at`` of the link they have, if they have one."""

    seat_id: UUID
    name: str
    language: Language
    expires_at: datetime | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A case with those its open step waits for."""

    id: UUID
    number: str
    title: str
    people: list[Asked]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message about a step that waits for somebody, as it can be sent. It names no officer: mail is not sealed."""

    number: str
    name: str
    due_on: date | None
    subject: str
    text: str
