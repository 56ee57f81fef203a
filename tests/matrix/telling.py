"""Rows that the application can show, in which every text and every day that is not public says where it is from."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar, NamedTuple, Union, get_args, get_origin
from uuid import NAMESPACE_URL, uuid5

import msgspec
from sqlalchemy import CheckConstraint, Column, Table, types
from sqlalchemy.dialects.postgresql import JSONB

from auth.matrix.deriving import declared
from auth.matrix.fields import WORDS, name_of
from core.database.tables import Base, DataClass
from core.use_cases.lifecycle import LIFECYCLES
from tests.http.land import OneId, make_land
from tests.wall.rows import SHOWN, SHOWN_FROM, Land, Row, Tenant, invented

MARK = re.compile(r"\b([a-z_]+)\.([a-z_0-9]+)\.http-([a-z]+)\.\d")
_FIRST_DAY = date(1950, 1, 1)
_DAYS = 20_000
_SAID = {"en": "shared_check_in.said.http-agency.0", "fr": "shared_check_in.said.http-agency.0"}
_REASON = "plugin_delivery.reason.http-agency.0"
_RECEIPT = "plugin_delivery.receipt.http-agency.0"
_NOTE = "hr_entry.note.http-agency.0"
PLAIN = {DataClass.PUBLIC, DataClass.SHARED}
_OF_IT = {one: f"plugin_bundle.statement.http-agency.0 {one}" for one in ("en", "fr")}
_STATEMENT = {
    "format": 1, "name": "own_chain", "version": "1.0", "title": _OF_IT, "summary": _OF_IT, "tier": 1, "quality": None,
    "requires": "contingent>=1.0,<2", "capabilities": [], "hosts": [], "hosts_from": [], "data_classes": ["public"],
    "store_fields": {}, "hooks": {"approval_chain": ""}, "settings": None, "strict": False,
    "address": "own_chain.plugin", "files": {"own_chain/plugin.py": "00"},
}  # fmt: skip
MEANT: dict[str, tuple[Any, Any]] = {
    "agency_settings.needs": ([{"what": "privacy_assessment", "supplied_by": "privacy"}], []),
    "approval_case.subject_kind": ("nomination", "nomination"),
    "approval_case.waiting_for": (None, None),
    "assessment.kind": ("medical", "interview"),
    "audit_line.action": ("session.begin", "session.end"),
    "audit_seal.row_kind": ("line", "look"),
    "chain_provider.kind": ("nomination", "other"),
    "document.officer_id": (None, None),
    "document.state": ("clean", "clean"),
    "document.purpose": ("evidence", "evidence"),
    "dossier.findings": (
        {
            "at": "2026-01-01T00:00:00Z",
            "digest": "dossier.findings.http-agency.0",
            "asked": 1,
            "said": [
                {
                    "plugin": "duty_cover",
                    "version": "1.0",
                    "key": "minimum",
                    "verdict": "warn",
                    "reason": {"en": "dossier.findings.http-agency.1", "fr": "dossier.findings.http-agency.1"},
                }
            ],
        },
        None,
    ),
    "hr_entry.content": (
        {"role": {"en": "hr_entry.content.http-agency.0", "fr": "hr_entry.content.http-agency.0"}}
        | {"first": "2026-01-05", "last": "2026-10-20", "days": 289},
        {"on": "2026-11-02"},
    ),
    "hr_entry.kind": ("experience", "duty"),
    "hr_entry.note": ({"en": _NOTE, "fr": _NOTE}, None),
    "hr_keeper.plugin": ("hr_rest", None),
    "identity_provider.report": ({"findings": []}, None),
    "milestone.owner": ("health", "coordinator"),
    "officer.affiliation": ("serving", "retired"),
    **{
        f"{table}.plugin": ("hr_file", "approval_chain")
        for table in (
            "plugin_change",
            "plugin_delivery",
            "plugin_difference",
            "plugin_failure",
            "plugin_line",
            "plugin_opening",
            "plugin_removal",
            "plugin_run",
            "plugin_secret",
            "plugin_task",
        )
    },
    "plugin_delivery.subject_kind": ("plugin_task", "officer"),
    "plugin_delivery.hook": ("hr_test_connection", "approval_chain"),
    "plugin_change.action": ("configure", "disable"),
    "plugin_difference.difference": ({"a": ["plugin_difference.difference.http-agency.0", None]}, {}),
    "plugin_bundle.statement": (_STATEMENT, _STATEMENT),
    "plugin_delivery.reason": ({"en": _REASON, "fr": _REASON}, None),
    "plugin_delivery.receipt": (
        {"reference": _RECEIPT, "at": None, "note": {"en": _RECEIPT, "fr": _RECEIPT}, "newer": False},
        None,
    ),
    "plugin_change.profile": ({"en": "A profile", "fr": "Un profil"}, None),
    "plugin_profile.plugins": ([{"plugin": "hr_file", "settings": {}}], []),
    "plugin_profile.scope_ids": (None, []),
    "plugin_enablement.plugin": ("hr_file", "approval_chain"),
    "relink.rows": ([{"outcome": "move", "name": "seat.name.http-agency.0"}], []),
    "shared_check_in.said": ([{"question": _SAID, "answer": _SAID}], []),
    "sharing_field.field": ("rank", "gender"),
    "step_up_rule.demand": ({}, {}),
    "step_up_rule.action": ("approve", "health"),
    "tour.state": ("medical_hold", "in_mission"),
}
"""What stands in the two rows where a room knows only some values."""


NAMED = {"subject_id", "row_id", "tour_id", "officer_id"}
"""Columns that name a row of the same scope; where no key of the database does, they are filled here."""


class Mark(NamedTuple):
    """From which column, and of which kind of scope, a value is."""

    table: str
    column: str
    kind: str


class Telling(OneId):
    """Land whose rows are shown to the other side where they can be, with lists where lists are stored."""

    meant: ClassVar[Mapping[str, tuple[Any, Any]]] = MEANT

    @property
    def tables(self) -> list[Table]:
        return Land.tables.__get__(self)  # type: ignore[no-any-return]

    def row(self, table: Table, tenant: Tenant, variant: int) -> Row | None:
        made = super().row(table, tenant, variant)
        if made is None:
            return None
        if "agency_id" in made:
            made["agency_id"] = self.of_kind("agency")[0].id
        named = {name for name in NAMED & made.keys() if not table.columns[name].foreign_keys}
        made |= {name: self.id_of(tenant, variant) for name in named}
        life = next((one for one in LIFECYCLES.values() if table_of(one.subject) == table.name), None)
        for column in table.columns:
            meant = self.meant.get(_place(column))
            if meant is None and life and column.name == "state":
                meant = (life.initial, life.initial)
            if meant:
                kept = meant[variant]
                made[column.name] = json.dumps(kept) if isinstance(column.type, JSONB) and kept is not None else kept
            elif column.name in SHOWN_FROM and variant == SHOWN:
                made[column.name] = invented(column, tenant, variant)
            elif isinstance(column.type, JSONB):
                made[column.name] = json.dumps(_shaped(table, column, f"{_place(column)}.{tenant.slug}.{variant}"))
            elif isinstance(column.type, types.Date) and column.info["class"] not in PLAIN and not _checked(column):
                made[column.name] = day_of(Mark(table.name, column.name, tenant.kind))
        return made


def make_telling(of: type[OneId] = Telling) -> OneId:
    """Return the tenants, the commander's that of the mission which the program has shown."""
    declared()  # the rooms, and with them the states that a row may be in
    land = make_land(of)
    mission = land.id_of(land.of_kind("program")[0], SHOWN)
    land.tenants[:] = [replace(one, id=mission) if one.kind == "mission" else one for one in land.tenants]
    return land


def table_of(subject: str) -> str:
    """Return the table that holds the state of a subject with a life."""
    return {"agency": "standing", "return": "return_file"}.get(subject, subject)


def day_of(mark: Mark) -> date:
    """Return the one day that stands in a column of one kind of scope and nowhere else."""
    return _FIRST_DAY + timedelta(days=uuid5(NAMESPACE_URL, ".".join(mark)).int % _DAYS)


def marks(said: str, days: dict[str, Mark]) -> set[Mark]:
    """Return where the values in a text are from. ``days``: what each day that says so stands for."""
    return {Mark(*found.groups()) for found in MARK.finditer(said)} | {days[one] for one in days if one in said}


def days_of(land: Land) -> dict[str, Mark]:
    """Return every day that says where it is from, as it is written."""
    found = [
        Mark(table.name, column.name, tenant.kind)
        for table in land.tables
        for column in table.columns
        if isinstance(column.type, types.Date) and column.info["class"] not in PLAIN and not _checked(column)
        for tenant in land.owners(table)
    ]
    named = {day_of(one).isoformat(): one for one in found}
    assert len(named) == len(found), "two columns have the same day: make the days more"
    return named


def values(kind: Any, made: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield output, field and value of everything in an answer, by the type it was made from."""
    if made is None:
        return
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in WORDS:
        for one in msgspec.structs.fields(kind):
            if one.encode_name in made:
                yield name_of(kind), one.encode_name, made[one.encode_name]
                yield from values(one.type, made[one.encode_name])
    elif get_origin(kind) in (list, tuple) and isinstance(made, list):
        for item in made:
            yield from values(get_args(kind)[0], item)
    elif hasattr(kind, "__metadata__") or get_origin(kind) is Union or type(kind).__name__ == "UnionType":
        for part in get_args(kind):
            yield from values(part, made)


def _place(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _shaped(table: Table, column: Column[Any], place: str) -> Any:
    """Return JSON of the shape that the column's annotation says, with the place in it."""
    said = str(_annotations(table.name).get(column.name, ""))
    return [place] if "list[" in said else {"of": place}


@cache
def _annotations(table: str) -> dict[str, Any]:
    mapped = next(one.class_ for one in Base.registry.mappers if one.class_.__tablename__ == table)
    return {name: kind for one in reversed(mapped.__mro__) for name, kind in inspect.get_annotations(one).items()}


@cache
def _checked(column: Column[Any]) -> bool:
    return any(
        re.search(rf"\b{column.name}\b", str(one.sqltext))
        for one in column.table.constraints
        if isinstance(one, CheckConstraint)
    )
