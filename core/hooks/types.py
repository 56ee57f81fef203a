"""What plugins see of the host and give to it.

Every struct is frozen, is made with named arguments and checks its fields when made. Dates
are civil dates in the tenant's time zone; instants are aware and in UTC; ids are opaque.
Plugins receive ids and bands, never a person's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

from core.hooks.data import Data, Words

Side = Literal["agency", "program"]
"""Who answers for it: the officer's own service, or the program (IPOB)."""

Owner = Literal["officer", "supervisor", "agency", "health", "mission", "program"]
"""Who does it. ``agency`` is the service's peace operations coordinator."""

MOST_ROWS = 5_000
"""Rows in one page of a source."""

MOST_CHARACTERS = 8 * 2**20
"""Characters in one page of a source."""


class Officer(Data, frozen=True):
    """An officer, without name or contact."""

    id: UUID
    rank: str
    """The rank's code on the service's own ladder."""
    band: int
    """1 (constable) to 7 (chief), comparable between services."""
    unit: str | None = None
    language: Literal["en", "fr"] | None = None
    affiliation: Literal["serving", "retired", "contracted"] = "serving"
    qualifications: Mapping[str, date | None] = {}
    """What is in the officer's file, by kind (``firearm``, ``passport``…): the last valid day,
    ``None`` where it does not expire. Of several of one kind, the one that is valid longest."""


class Nomination(Data, frozen=True):
    """A nomination, in the state it had when the hook was called."""

    id: UUID
    call_id: UUID
    officer: Officer
    state: str
    mission: str
    """The mission's acronym: ``MINUSTAH``."""
    country: str | None = None
    """Two letters, ISO 3166."""
    starts: date | None = None
    """First day the position is needed."""
    months: int | None = None
    """Length of the tour in months."""
    armed: bool = False


class Tour(Data, frozen=True):
    """A tour of duty. ``start`` and ``end`` are its first and last day, ordered or real."""

    id: UUID
    officer_id: UUID
    mission: str
    """The mission's acronym: ``MINUSTAH``."""
    start: date
    end: date
    state: str = "planned"
    country: str | None = None
    """Two letters, ISO 3166."""
    hazardous: bool = False
    """The mission is designated as hazardous."""
    armed: bool = False
    ended_early: bool = False

    def problem(self) -> str | None:
        """Refuse a tour that ends before it starts."""
        return "it ends before it starts" if self.end < self.start else None


class Return(Data, frozen=True):
    """A return, from eight weeks before the end of the tour on."""

    id: UUID
    tour_id: UUID
    officer_id: UUID
    state: str
    """``planning``, ``returning``, ``initial``, ``adjusting``, ``stable`` or ``closed``."""
    tour_ends: date
    home: date | None = None
    closed: date | None = None


class Event(Data, frozen=True):
    """Something has happened. It may be told twice and in any order: ``id`` is the same each time."""

    id: UUID
    name: str
    """As the hook is called: ``tour_changed``."""
    at: datetime
    on: date
    """The civil date from which it is true."""


class Notification(Data, frozen=True):
    """A message for one reader, written in the reader's language, without names of persons and without content."""

    id: UUID
    """The same each time that it is tried."""
    address: str
    """The reader's own in this channel, which they have confirmed or are being asked to."""
    language: Literal["en", "fr"]
    subject: str
    """One line."""
    text: str
    """Plain text, with the address of the page to open."""


class Task(Data, frozen=True):
    """Something to be done again and again: every so many minutes, or each day at a time."""

    key: str
    """Stable: ``digest``."""
    title: Words
    every: int | None = None
    """Minutes from one run to the next, 5 to 10,080 (a week)."""
    daily_at: time | None = None
    """The time of day in the tenant's zone."""

    def problem(self) -> str | None:
        """Refuse an empty key, and a task that has no rhythm, two, or one too fast."""
        if not self.key.strip():
            return "the key is empty"
        if (self.every is None) == (self.daily_at is None):
            return "give every or daily_at, not both"
        return "every is 5 to 10,080 minutes" if self.every is not None and not 5 <= self.every <= 10_080 else None


class Run(Data, frozen=True):
    """One run of a task. After a failure it is run again under the same ``id``."""

    id: UUID
    key: str
    """The task's."""
    due: datetime
    """When the task was due."""


class Milestone(Data, frozen=True):
    """One thing to be done about a return."""

    key: str
    """Stable within a plan: ``supervisor-meeting``. Of two plugins with one key the first is kept."""
    title: Words
    owner: Owner
    due: date
    """The last day on which it is in time."""
    side: Side = "agency"
    opens: date | None = None
    """The first day on which it can be done; at once if none."""
    health: bool = False
    """Its content is seen by health alone; others see “follow-up on track” or “late”."""
    before_duty: bool = False
    """It must be done before the officer takes up active duty again. Never health's: whether
    that is done is health's to know, and what holds somebody back is seen by others."""

    def problem(self) -> str | None:
        """Refuse an empty key, a window that closes before it opens, and health's before duty."""
        if not self.key.strip():
            return "the key is empty"
        if self.before_duty and (self.health or self.owner == "health"):
            return "a health milestone holds nobody back from duty"
        return "it opens after it is due" if self.opens is not None and self.opens > self.due else None


CostCategory = Literal["salary", "benefits", "overtime", "backfill", "travel", "training", "equipment", "other"]
"""What a cost is for. What the host organization pays, such as the mission allowance, is none of them."""


class Period(Data, frozen=True):
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def problem(self) -> str | None:
        """Refuse a period that ends before it starts."""
        return "it ends before it starts" if self.last < self.first else None


class ClaimLine(Data, frozen=True):
    """One line of what an agency may claim for one tour. Amounts are whole cents, in Canadian dollars."""

    key: str
    """Stable within a tour and period: ``salary``. Of two plugins with one key the first is kept."""
    category: CostCategory
    title: Words
    first: date
    """The first day that the cost is for."""
    last: date
    """The last one."""
    quantity: int
    """How many units."""
    unit: Literal["day", "hour", "item"]
    amount_cents: int
    rate_cents: int | None = None
    """Of one unit; ``None`` where the amount is a share of something else."""

    def problem(self) -> str | None:
        """Refuse an empty key, days in the wrong order, less than nothing, and an amount that is not rate by units."""
        if not self.key.strip():
            return "the key is empty"
        if self.last < self.first:
            return "it ends before it starts"
        if min(self.quantity, self.amount_cents, self.rate_cents or 0) < 0:
            return "quantity, rate and amount are at least 0"
        if self.rate_cents is not None and self.rate_cents * self.quantity != self.amount_cents:
            return f"{self.quantity} at {self.rate_cents} cents is not {self.amount_cents} cents"
        return None


class Subject(Data, frozen=True):
    """What is to be approved: an agency's ``nomination``, an officer's ``release``, an ``agreement``."""

    kind: Literal["nomination", "release", "agreement"]
    id: UUID
    concerns: UUID | None = None
    """The officer whose file it is; that officer never decides."""
    nomination: Nomination | None = None
    """For the kinds ``nomination`` and ``release``."""


class Who(Data, frozen=True):
    """Who may decide a step: those for whom all of what is given holds."""

    role: str = "approver"
    """A role key of the agency: ``approver``, ``supervisor``, ``administrator``…"""
    unit: str | None = None
    """Only holders in this unit."""
    person: UUID | None = None
    """Only this seat."""
    rule: Literal["supervises_the_officer", "outside_decider"] | None = None
    """Only those for whom the rule holds; the outside decider is named by the agency."""


class Step(Data, frozen=True):
    """One step of an approval chain. Steps are decided in order."""

    key: str
    title: Words
    who: Who
    how_many: Literal["any", "all"] | int = "any"
    """``any`` one of them, ``all``, or that many different persons."""
    deadline: int | None = None
    """Days from the step's opening, in the agency's calendar."""
    kind: Literal["decide", "inform", "act"] = "decide"
    """``inform`` notifies and never blocks; ``act`` is an external act with a document and a number."""
    on_paper: bool = True
    """The decision may be taken on paper and recorded by two persons."""

    def problem(self) -> str | None:
        """Refuse an empty key, a number of deciders under one and a deadline under one day."""
        if not self.key.strip():
            return "the key is empty"
        if isinstance(self.how_many, int) and self.how_many < 1:
            return "how_many is at least 1"
        return "the deadline is at least one day" if self.deadline is not None and self.deadline < 1 else None


class NoApproval(Data, frozen=True):
    """Nobody need approve, and why. The settings of the chain must allow this answer."""

    reason: Words


class Finding(Data, frozen=True):
    """What speaks for (``pass``), of (``warn``) or against (``block``) something."""

    key: str
    verdict: Literal["pass", "warn", "block"]
    reason: Words


class Absence(Data, frozen=True):
    """Somebody of a unit who is away, or may be: neither who it is nor why."""

    band: int
    first: date
    last: date
    certain: bool
    """A tour; else a nomination that the service or IPOB has not decided yet."""


class Strength(Data, frozen=True):
    """How many officers a unit has while one of them would be away, counted without names."""

    first: date
    """First day of the officer's tour."""
    last: date
    """Its last day."""
    officers: Mapping[int, int]
    """Active officers of the unit by rank band, the officer in question among them."""
    absences: Sequence[Absence] = ()
    """Of the others, those that fall on at least one of these days."""


class Transition(Data, frozen=True):
    """A step that an agency is about to take with a nomination or a return file."""

    subject: Literal["nomination", "return"]
    id: UUID
    step: str
    """The step's name: ``release``."""
    source: str
    """The state it leaves."""
    target: str
    """The state it leads to."""
    on: date
    """The day from which it is to be true."""
    officer: Officer
    nomination: Nomination | None = None
    """For a nomination."""
    tour: Tour | None = None
    """For a return file: the tour that it follows."""


class Source(Data, frozen=True):
    """Where worker records are to be read from."""

    id: UUID
    upload: UUID | None = None
    """For a file: give it to ``ctx.files.open``."""
    file_name: str | None = None


class ConnectionStep(Data, frozen=True):
    """One step of testing a connection, in the order in which it was tried."""

    title: Words
    done: bool
    detail: Words | None = None
    """What was found, or what to change."""


class RejectedRecord(Data, frozen=True):
    """A record of the source that cannot be read; the others are."""

    line: int
    """Where it stands in the source; in a file the heading is line 1."""
    reason: Words


class SourcePage(Data, frozen=True):
    """Some records of a source, by column: the source's own names, which core maps or drops.

    At most 5,000 rows and 8 MiB of characters.
    """

    columns: Mapping[str, list[str | None]]
    """Equally long lists; a missing value is ``None``."""
    lines: Sequence[int] = ()
    """Where each row stands in the source; empty: counted from the rows of all pages."""
    rejected: Sequence[RejectedRecord] = ()
    next_cursor: str | None = None
    """What ``hr_fetch`` would be given to go on after this page; opaque to the host."""
    complete: bool = False
    """This page is the last and everybody in the source was in these pages."""

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def problem(self) -> str | None:
        """Refuse columns of different lengths and pages over the limits."""
        rows = self.rows
        uneven = [name for name, values in self.columns.items() if len(values) != rows]
        if uneven:
            return f"column {uneven[0]!r} has {len(self.columns[uneven[0]])} values, the first column {rows}"
        if self.lines and len(self.lines) != rows:
            return f"{len(self.lines)} lines for {rows} rows"
        if rows > MOST_ROWS or len(self.rejected) > MOST_ROWS:
            return f"more than {MOST_ROWS} rows in one page: yield several pages"
        characters = sum(len(value) for values in self.columns.values() for value in values if value)
        return f"more than {MOST_CHARACTERS} characters in one page" if characters > MOST_CHARACTERS else None
