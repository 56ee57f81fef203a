"""What a load would do: added, changed, unchanged, missing, rejected. Pure: nothing is read or written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.agencies import Rank
from core.text import Text, t
from core.workforce.mapping import (
    DEFAULTS,
    LABELS,
    REQUIRED,
    columns_by_field,
    employee_number,
    printable,
    read_record,
)

BRAKE_LEAST = 5
BRAKE_SHARE = 0.10
NUMBER = "employee_number"


class Record(msgspec.Struct, frozen=True):
    """One record of a source in its own columns, and the line it stands on."""

    line: int
    columns: Mapping[str, str | None]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one record would do and why; ``changes`` holds old and new by field."""

    line: int
    employee_number: str
    verdict: str
    values: dict[str, Any] = {}
    changes: dict[str, list[Any]] = {}
    reasons: list[Text] = []
    officer_id: UUID | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, the number out of scope, the columns that were dropped, and whether the brake holds."""

    rows: list[Row]
    out_of_scope: int
    dropped: list[str]
    unmapped: list[str]
    braked: bool

    @property
    def counts(self) -> dict[str, int]:
        """The rows by verdict, and those out of scope."""
        found = Counter(row.verdict for row in self.rows)
        return {**found, "out_of_scope": self.out_of_scope}


def compare(
    records: Sequence[Record],
    known: Mapping[str, Mapping[str, Any]],
    *,
    ranks: Mapping[str, Rank],
    named: frozenset[str] | None,
    source_owns: frozenset[str],
    complete: bool,
    on: date,
) -> Comparison:
    """Compare ``records`` with the ``known`` officers (HR fields by employee number).

    ``named``: the employee numbers that may be loaded, or ``None`` for everybody; an empty set
    is nobody. ``source_owns``: numbers loaded from this source before. Those of them that are not
    in the file are missing, if it was ``complete`` and each of its rows says whose it is: a row
    without a number may be anybody's. ``on``: nobody was hired after this day.
    """
    headings = list(dict.fromkeys(name for record in records for name in record.columns))
    columns = columns_by_field(headings)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    outside = 0
    for record in records:
        raw = {field: record.columns.get(column) for field, column in columns.items()}
        number = employee_number(raw.get(NUMBER))
        if named is not None and number not in named:
            if number:
                outside += 1
                seen.setdefault(number, record.line)
            else:
                # Perhaps not one of those named: nothing of the row but its line is kept.
                complete = False
                reason = t("%(field)s is missing.", field=LABELS[NUMBER])
                rows.append(Row(line=record.line, employee_number="", verdict="rejected", reasons=[reason]))
            continue
        complete = complete and bool(number)
        values, reasons = read_record(raw, ranks, on)
        if number in seen and number:
            reasons.append(
                t("Employee number %(number)s is on line %(line)s already.", number=number, line=seen[number])
            )
        seen.setdefault(number, record.line)
        if reasons:
            rows.append(Row(line=record.line, employee_number=number, verdict="rejected", reasons=reasons))
        else:
            rows.append(_row(record.line, number, values, known.get(number)))
    rows += [
        Row(line=0, employee_number=number, verdict="missing", officer_id=known[number]["id"])
        for number in sorted(source_owns - seen.keys())
        if complete and number in known and known[number]["missing_since"] is None
    ]
    return Comparison(
        rows=rows,
        out_of_scope=outside,
        dropped=[printable(heading) for heading in headings if heading not in columns.values()],
        unmapped=[field for field in REQUIRED if field not in columns],
        braked=_brakes(rows, len(source_owns)),
    )


def _row(line: int, number: str, values: dict[str, Any], known: Mapping[str, Any] | None) -> Row:
    if known is None:
        return Row(line=line, employee_number=number, verdict="added", values=DEFAULTS | values)
    changes = {field: [_plain(known[field]), _plain(value)] for field, value in values.items() if known[field] != value}
    back = known["missing_since"] is not None
    verdict = "changed" if changes or back else "unchanged"
    return Row(
        line=line, employee_number=number, verdict=verdict, values=values, changes=changes, officer_id=known["id"]
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _brakes(rows: Sequence[Row], people: int) -> bool:
    """A first load is previewed and never braked; after that, too many changed or missing people stop it."""
    if not people:
        return False
    touched = sum(row.verdict in ("changed", "missing") for row in rows)
    return touched > max(BRAKE_LEAST, people * BRAKE_SHARE)
