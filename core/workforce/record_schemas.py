"""What goes in and out of the use cases on records for HR."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.hooks.data import Words
from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import MOST


class ListRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Records for HR, the latest first; ``open``: those that HR does not have as they are now."""

    state: Annotated[
        Literal["all", "open"],
        field(t("State"), choices={"all": t("All"), "open": t("HR does not have yet")}),
    ] = "all"
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class OfRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record for HR."""

    id: str


class KeeperIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which plugin is the agency's HR system; none: nothing is recorded there."""

    plugin: Annotated[
        str | None,
        field(
            t("Plugin that records in your HR system"),
            widget="choice",
            longest=40,
            help=t(
                "From then on it is told of each tour that changes. Only plugins in use that can do it are offered."
            ),
        ),
    ] = None


class KeeperOut(msgspec.Struct, frozen=True, kw_only=True):
    """The plugin that was named, whether it runs, and which could be."""

    plugin: str | None
    runs: bool
    offered: dict[str, Words]
    version: int


class RecordOut(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that HR is to keep of a tour, as it is now, and how far it has come.

    ``state``: ``recorded``, ``withdrawn`` (HR has taken it back), ``not_kept`` (HR keeps nothing of the kind),
    ``waiting``, ``refused`` (given up: somebody has to mend something) or ``held`` (its plugin is off). ``reason``:
    why HR did not take it the last time, in the plugin's words; ``cause``: as of deliveries. ``reference``,
    ``recorded_at`` and ``note`` are the receipt, which may be for an earlier revision: ``written``.
    """

    id: UUID
    kind: str
    tour_id: UUID
    officer_id: UUID
    employee_number: str | None
    name: str | None
    mission: str
    content: dict[str, Any]
    withdrawn: bool
    revision: int
    written: int
    state: Literal["recorded", "withdrawn", "not_kept", "waiting", "refused", "held"]
    plugin: str | None
    reference: str | None
    recorded_at: datetime | None
    note: Words | None
    cause: str | None
    reason: Words | None


class RecordList(msgspec.Struct, frozen=True):
    """Records, the latest first; ``refused`` counts all that were given up."""

    records: list[RecordOut]
    keeper: KeeperOut
    refused: int
    next: UUID | None = None
