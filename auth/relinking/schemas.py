"""What goes in and out of the use cases on a change of provider."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from auth.relinking.comparing import Row
from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

Source = Literal["file", "directory", "number"]
SOURCES = {
    "file": t("A file that your identity team exports"),
    "directory": t("The accounts of the directory (SCIM): their externalId is the subject"),
    "number": t("Nothing now: each is linked by number at their first sign-in"),
}


class RelinkIn(msgspec.Struct, frozen=True, kw_only=True):
    """Between which providers, and where the new accounts come from."""

    old_provider_id: Annotated[str, field(t("The old sign-in service"), widget="choice")]
    new_provider_id: Annotated[str, field(t("The new sign-in service"), widget="choice")]
    source: Annotated[Source, field(t("Where the new accounts come from"), choices=SOURCES)]
    document_id: (
        Annotated[
            str,
            field(
                t("File"),
                widget="file",
                depends=True,
                help=t("Only for the first: CSV in UTF-8, with the columns employee_number and subject. At most 2 MB."),
            ),
        ]
        | None
    ) = None


class OfRelink(msgspec.Struct, frozen=True, kw_only=True):
    """Which change, and which of its rows."""

    id: str
    outcome: Annotated[str | None, field(t("Outcome"), longest=20)] = None
    after: Annotated[int, field(t("After"), least=0, most=1_000_000)] = 0
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class RelinkOut(msgspec.Struct, frozen=True, kw_only=True):
    """A change of provider, with how many have which outcome."""

    id: UUID
    old_provider: str
    new_provider: str
    old_state: str
    source: str
    state: str
    counts: dict[str, int]
    made_by: str
    created_at: datetime
    applied_at: datetime | None
    version: int


class RelinkFile(msgspec.Struct, frozen=True, kw_only=True):
    """A change of provider with its rows, page by page; ``next`` is where the next page begins."""

    relink: RelinkOut
    rows: list[Row]
    next: int | None


class RelinkList(msgspec.Struct, frozen=True):
    """The changes of provider, the newest first."""

    relinks: list[RelinkOut]
