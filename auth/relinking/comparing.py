"""Who would be linked to which account at the new provider: each line and each person under exactly one outcome."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from auth.relying_party.signed import is_usable
from core.errors import Fault, Invalid
from core.text import t

NUMBERS = frozenset({"employee_number", "matricule"})
SUBJECTS = frozenset({"subject", "sub"})
MOST_LINES = 20_000
LONGEST_NUMBER = 60

OUTCOMES = {
    "matched": t("Would be linked"),
    "by_number": t("At their first sign-in"),
    "linked": t("Linked already"),
    "missing": t("Without a new account"),
    "ambiguous": t("Ambiguous"),
    "rejected": t("Cannot be linked"),
}
"""What becomes of a line, or of a person of whom no line speaks."""

DONE = OUTCOMES | {"matched": t("Linked by this change")}
"""The same, once the new accounts were linked."""

WHY = {
    "incomplete": t("The number or the subject is missing, or cannot be one."),
    "unknown": t("No officer here has this number."),
    "no_seat": t("This officer has no seat here: add the person and link their officer file first."),
    "two_subjects": t("Another line gives this person another subject."),
    "two_numbers": t("Another line gives this subject to another person."),
    "other_account": t("The seat has another account of the new sign-in service."),
    "other_seat": t("This account opens the seat of somebody else here."),
    "not_in_source": t("Nothing speaks of this person: invite them, or add them and look again."),
    "no_number": t("No active officer file is linked to this seat, so no number can match: invite this person."),
}
"""The reason, where there is one to give."""


class Line(msgspec.Struct, frozen=True):
    """One account at the new provider, by whose it is: an officer's by number, or whoever's sits in ``seat_id``.

    ``number`` counts lines, of which the heading is the first.
    """

    employee_number: str
    subject: str
    number: int | None = None
    seat_id: UUID | None = None

    @property
    def whose(self) -> str | UUID:
        """What tells the line's person from others."""
        return self.seat_id or self.employee_number


class Sitting(msgspec.Struct, frozen=True):
    """A seat with its officer's number, and the subjects by which the old and the new provider know it."""

    seat_id: UUID
    name: str
    employee_number: str | None
    old: frozenset[str]
    new: frozenset[str]


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of one line, or of one person of whom no line speaks."""

    outcome: str
    line: int | None = None
    employee_number: str | None = None
    subject: str | None = None
    seat_id: UUID | None = None
    name: str | None = None
    why: str | None = None


def read_lines(content: bytes) -> list[Line]:
    """Return the lines of a file with the columns ``employee_number`` and ``subject``.

    UTF-8, with comma or semicolon; the heading is line 1. Raises ``Invalid`` where the file cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable() from None
    heading = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in heading else ",", strict=True)
    try:
        names = [cell.strip().casefold() for cell in next(reader, [])]
        number, subject = (
            next((place for place, name in enumerate(names) if name in known), None) for known in (NUMBERS, SUBJECTS)
        )
        if number is None or subject is None:
            raise _unreadable()
        lines = [
            Line(_cell(cells, number), _cell(cells, subject), reader.line_num)
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error:
        raise _unreadable() from None
    if not lines:
        raise Invalid([Fault("/document_id", t("The file has no rows below its heading."))])
    if len(lines) > MOST_LINES:
        raise Invalid([Fault("/document_id", t("A file holds at most %(most)s people.", most=MOST_LINES))])
    return lines


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _unreadable() -> Invalid:
    said = t("Send a CSV file in UTF-8 with the columns employee_number and subject, named in its first line.")
    return Invalid([Fault("/document_id", said)])


def compare(
    lines: Iterable[Line],
    seats: Sequence[Sitting],
    officers: frozenset[str],
    sitting: Mapping[str, UUID],
    *,
    same_issuer: bool,
) -> list[Row]:
    """Return what becomes of each line, in their order, and then of each person of whom none speaks, by name.

    ``officers``: every employee number of the service; ``sitting``: which seat a subject of the new
    provider opens already. ``same_issuer``: old and new are two clients of one provider, which
    calls people otherwise for each.
    """
    lines = list(lines)
    known: dict[str | UUID, Sitting] = {one.seat_id: one for one in seats}
    known |= {one.employee_number: one for one in seats if one.employee_number is not None}

    def who(line: Line) -> str | UUID:
        return known[line.whose].seat_id if line.whose in known else line.whose

    subjects: dict[str | UUID, set[str]] = defaultdict(set)
    people: dict[str, set[str | UUID]] = defaultdict(set)
    for line in lines:
        subjects[who(line)].add(line.subject)
        people[line.subject].add(who(line))
    rows, spoken, taken = [], set(), set()
    for line in lines:
        seat = known.get(line.whose)
        outcome, why = _judge(
            line,
            seat,
            officers,
            sitting,
            clash=(len(subjects[who(line)]) > 1, len(people[line.subject]) > 1),
            same_issuer=same_issuer,
        )
        if outcome == "matched" and who(line) in taken:
            continue  # The same once more.
        if outcome == "matched":
            taken.add(who(line))
        if seat is not None:
            spoken.add(seat.seat_id)
        rows.append(
            Row(
                outcome=outcome,
                line=line.number,
                employee_number=line.employee_number if line.seat_id is None else None,
                subject=line.subject,
                seat_id=None if seat is None else seat.seat_id,
                name=None if seat is None else seat.name,
                why=why,
            )
        )
    left = [one for one in seats if one.seat_id not in spoken and one.old and (same_issuer or not one.new)]
    return rows + [_left(one, "missing", "not_in_source") for one in left]


def await_numbers(seats: Sequence[Sitting], active: frozenset[str]) -> list[Row]:
    """Return what becomes of each person who has an old account, if all are linked by number when they first come."""
    rows = []
    for one in seats:
        if one.new:
            rows.append(_left(one, "linked", None))
        elif one.old and one.employee_number in active:
            rows.append(_left(one, "by_number", None))
        elif one.old:
            rows.append(_left(one, "missing", "no_number"))
    return rows


def _left(one: Sitting, outcome: str, why: str | None) -> Row:
    return Row(outcome=outcome, employee_number=one.employee_number, seat_id=one.seat_id, name=one.name, why=why)


def _is_number(text: str) -> bool:
    return is_usable(text) and len(text) <= LONGEST_NUMBER


def _judge(  # noqa: PLR0911 - one reason after the other
    line: Line,
    seat: Sitting | None,
    officers: frozenset[str],
    sitting: Mapping[str, UUID],
    *,
    clash: tuple[bool, bool],
    same_issuer: bool,
) -> tuple[str, str | None]:
    if not is_usable(line.subject) or not (line.seat_id or _is_number(line.employee_number)):
        return "rejected", "incomplete"
    if clash[0]:
        return "ambiguous", "two_subjects"
    if clash[1]:
        return "ambiguous", "two_numbers"
    if seat is None:
        return "rejected", "no_seat" if line.employee_number in officers else "unknown"
    opened = sitting.get(line.subject)
    if opened == seat.seat_id:
        return "linked", None
    if opened is not None:
        return "rejected", "other_seat"
    if seat.new and not same_issuer:
        return "rejected", "other_account"
    return "matched", None
