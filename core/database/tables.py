"""How a table is declared: its class, and the data class of each column.

Policies, grants, the catalogue test and the page of who can read what are generated from
these declarations. A table or a column without a class does not import.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedColumn,
    Mapper,
    declared_attr,
    mapped_column,
    object_session,
)


class TableClass(StrEnum):
    """Who writes and who reads a table (``docs/isolation.md``)."""

    PROGRAM = "program"
    """IPOB writes; agencies read rows whose ``published_at`` is set, if there is such a column."""
    AGENCY = "agency"
    """The agency writes and reads its own; nobody else has a grant."""
    SUBMITTED = "submitted"
    """The agency writes; IPOB reads rows whose ``submitted_at`` is set."""
    ASSIGNED = "assigned"
    """IPOB writes; the agency named by ``tenant_id`` reads its own."""
    FACT = "fact"
    """Either side inserts, both read (the agency its own); nobody updates or deletes."""
    MISSION = "mission"
    """IPOB writes; the commander of the mission in ``mission_id`` reads, and no agency does."""
    SCOPE = "scope"
    """Every scope, whichever kind, writes and reads its own rows and no other's."""
    PLATFORM = "platform"
    """Directory, catalogue, queue: grants are named one by one in ``core/database/grants.py``."""


class DataClass(StrEnum):
    """How sensitive a column is."""

    PUBLIC = "public"
    SHARED = "shared"
    AGENCY = "agency"
    HEALTH = "health"
    SECRET = "secret"  # noqa: S105 - the name of a class, not a password


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables: ``class Mission(TenantRow, Base, table_class=TableClass.PROGRAM)``."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        UUID: Uuid(),
        date: Date(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[str]: JSONB(),
        list[Any]: JSONB(),
    }

    def __init_subclass__(
        cls,
        table_class: TableClass | None = None,
        *,
        append_only: bool = False,
        worker_writes: bool = False,
        **kwargs: Any,
    ) -> None:
        """Class a table.

        ``append_only``: the roles that write it may insert and read, never update or delete.
        ``worker_writes``: scopes may only read their own rows; the worker inserts them, with
        the scope it works for set as the tenant.
        """
        super().__init_subclass__(**kwargs)
        if "__tablename__" not in cls.__dict__:
            return
        if table_class is None:
            raise TypeError(f"table {cls.__tablename__!r} declares no table class: add table_class=TableClass.…")
        table = cls.__table__
        assert isinstance(table, Table)
        table.info["class"] = table_class
        table.info["room"] = cls.__module__.rsplit(".", 1)[0]
        table.info["append_only"] = append_only
        table.info["worker_writes"] = worker_writes
        for column in table.columns:
            if "class" not in column.info:
                raise TypeError(f"column {table.name}.{column.name} declares no data class: use public(), shared(), …")


def _classed(data_class: DataClass, args: tuple[Any, ...], kwargs: dict[str, Any]) -> MappedColumn[Any]:
    return mapped_column(*args, info={"class": data_class}, **kwargs)


def public(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """A column that may be shown to anyone: keys, states, dates, names of missions."""
    return _classed(DataClass.PUBLIC, args, kwargs)


def shared(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """A column that crosses to IPOB under a sharing contract."""
    return _classed(DataClass.SHARED, args, kwargs)


def agency(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """A column that stays inside its scope."""
    return _classed(DataClass.AGENCY, args, kwargs)


def health(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """A health outcome or date; its whole table is granted to the health role alone."""
    return _classed(DataClass.HEALTH, args, kwargs)


def secret(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """Ciphertext or a hash; never shown, never logged, never exported."""
    return _classed(DataClass.SECRET, args, kwargs)


class TenantRow:
    """The first columns of every tenant table: ``tenant_id`` leads the key."""

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True, sort_order=-100)
    id: Mapped[UUID] = public(primary_key=True, sort_order=-99)


class Versioned:
    """A row that people change: stale writes are refused by ``version``."""

    version: Mapped[int] = public(default=1, sort_order=90)
    created_at: Mapped[datetime] = public(sort_order=91)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Revised(Versioned):
    """A versioned row that says since when it is as it is: ``changed_at`` is ``None`` until it is changed."""

    changed_at: Mapped[datetime | None] = public(sort_order=92)

    @property
    def revised_at(self) -> datetime:
        """The instant of the last change, or of the row's making."""
        return self.changed_at or self.created_at


@event.listens_for(Revised, "before_update", propagate=True)
def _note_change(mapper: Mapper[Any], connection: Connection, row: Revised) -> None:
    session = object_session(row)
    if session is not None and session.is_modified(row, include_collections=False):
        row.changed_at = session.info["ctx"].clock.now()


def belongs_to(
    table: str, *columns: str, tenant: str = "tenant_id", on: Sequence[str] = ("id",)
) -> ForeignKeyConstraint:
    """Return a foreign key led by the tenant: ``belongs_to("officer", "officer_id")``."""
    return ForeignKeyConstraint([tenant, *columns], [f"{table}.tenant_id", *(f"{table}.{name}" for name in on)])
