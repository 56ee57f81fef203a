"""What the agency's HR system is to keep of a tour, and the receipt it gives.

HR knows its people by their number: that is all there is of a person, and nothing is told that
has to do with health.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from core.hooks.data import Data, Words

RecordKind = Literal["leave", "training", "experience", "duty"]
"""Absence for a tour, courses taken for it, what it was worth, and the return to duty."""

LONGEST_REFERENCE = 200


class Leave(Data, frozen=True):
    """A leave of absence for a tour that has its order."""

    first: date
    last: date
    """The last day planned; once the officer is home, the day they came."""

    def problem(self) -> str | None:
        """Refuse an absence that ends before it starts."""
        return "it ends before it starts" if self.last < self.first else None


class Course(Data, frozen=True):
    """One course or test that the officer passed for the mission."""

    key: Literal["language", "driving", "firearm"]
    done: date
    expires: date | None = None
    """The last valid day."""


class Training(Data, frozen=True):
    """What the officer was trained and tested in for the mission, in the order of the days."""

    courses: Sequence[Course]


class Experience(Data, frozen=True):
    """What a tour that is over was: the role, and the days in the mission, the first and the last included."""

    role: Words
    first: date
    last: date
    days: int

    def problem(self) -> str | None:
        """Refuse days that are not those from the first to the last."""
        counted = (self.last - self.first).days + 1
        return None if self.days == counted > 0 else f"{self.first} to {self.last} is not {self.days} days"


class Duty(Data, frozen=True):
    """The officer is back on active duty."""

    on: date


class Known(Data, frozen=True):
    """By which numbers somebody is known."""

    employee_number: str
    external_id: str | None = None


class HrRecord(Data, frozen=True):
    """One thing that the HR system is to keep of one person's tour, as it is now.

    ``id`` stays for the record's life. Where it has changed since HR last gave a receipt, it comes
    again with the next ``revision`` and, for a correction, with the ``reference`` of that receipt.
    The person's number is part of it: once it is corrected, the record comes again under the right one.
    """

    id: UUID
    key: UUID
    """The idempotency key: the same each time that this revision is tried, and no other's."""
    revision: int
    """From 1. What is told later is never older."""
    kind: RecordKind
    employee_number: str
    tour_id: UUID
    mission: str
    """The mission's acronym: ``MINUSTAH``."""
    external_id: str | None = None
    """The person's number in the HR system, where a worker file said it."""
    withdrawn: bool = False
    """It is no longer so, such as the leave for a tour that was called off; its content is what was last told."""
    reference: str | None = None
    """What the plugin's receipt for an earlier revision said; ``None`` the first time."""
    leave: Leave | None = None
    training: Training | None = None
    experience: Experience | None = None
    duty: Duty | None = None
    formerly: Sequence[Known] = ()
    """Wrong numbers under which it was told since HR last gave a receipt: with whoever has them nothing may stay."""

    def problem(self) -> str | None:
        """Refuse a record with another content than its kind's."""
        given = [one for one in ("leave", "training", "experience", "duty") if getattr(self, one) is not None]
        return None if given == [self.kind] else f"a record of kind {self.kind} has {', '.join(given) or 'no content'}"


class Receipt(Data, frozen=True):
    """The HR system has it."""

    reference: str
    """The record's number there; it comes back with a correction."""
    at: datetime | None = None
    """When HR recorded it; when the plugin answered, where it does not say."""
    note: Words | None = None
    """One sentence for whoever keeps the records."""

    def problem(self) -> str | None:
        """Refuse an empty reference, one that is too long, and one that cannot be read."""
        if not 1 <= len(self.reference.strip()) <= LONGEST_REFERENCE or not self.reference.isprintable():
            return f"the reference is 1 to {LONGEST_REFERENCE} readable characters"
        aware = self.at is None or self.at.tzinfo is not None
        return None if aware else "at has no time zone"
