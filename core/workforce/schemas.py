"""What goes in and out of the use cases of the HR engine."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.text import Text, t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

SCOPES = {
    "named": t("Only the people named below"),
    "everybody": t("Everybody in the file"),
}


class SourceIn(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a source may load. Everybody else is counted and dropped before anything is stored."""

    scope: Annotated[Literal["named", "everybody"], field(t("Whom to load"), choices=SCOPES)] = "named"
    named: Annotated[
        str | None,
        field(
            t("Employee numbers"),
            widget="area",
            longest=20_000,
            help=t("One a line. Members who volunteer, and those who decide. An empty list is nobody."),
        ),
    ] = None


class SourceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A source and whom it may load."""

    plugin: str
    scope: str
    named: list[str]
    version: int


class LoadIn(msgspec.Struct, frozen=True, kw_only=True):
    """A worker file that was uploaded."""

    document_id: Annotated[
        str, field(t("Worker file"), widget="file", help=t("CSV or XLSX, at most 50 MB, headings in line 1."))
    ]


class OfRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run and which of its rows to show; ``after`` is the number of rows on the pages before."""

    id: str
    verdict: Annotated[Literal["added", "changed", "unchanged", "missing", "rejected"] | None, field(t("Outcome"))] = (
        None
    )
    after: Annotated[int, field(t("Rows before"), least=0, most=1_000_000)] = 0


class ListRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Runs, the latest first."""

    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class RowOut(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a run: its line in the file, what it would do, and why not."""

    line: int
    employee_number: str
    verdict: str
    name: str
    changes: dict[str, list[Any]]
    reasons: list[Text]


class RunOut(msgspec.Struct, frozen=True, kw_only=True):
    """A run with its counts by verdict; ``problem`` is why nothing could be read."""

    id: UUID
    file_name: str | None
    state: str
    counts: dict[str, int]
    dropped: list[str]
    started_by: str
    created_at: datetime
    applied_at: datetime | None
    version: int


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """A run with some of its rows; ``next`` is ``after`` of the page that follows."""

    run: RunOut
    rows: list[RowOut]
    next: int | None


class RunList(msgspec.Struct, frozen=True):
    """Runs, the latest first, and the source they read."""

    runs: list[RunOut]
    source: SourceOut
    next: UUID | None = None
