"""One table of an agency, in a metadata of its own: no other test sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr

from core.database.tables import Base, TableClass, agency, public


class NotesBase(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map


class Note(NotesBase):
    __tablename__ = "note"

    tenant_id: Mapped[UUID] = public(primary_key=True)
    id: Mapped[UUID] = public(primary_key=True)
    title: Mapped[str] = agency()
    body: Mapped[str] = agency(default="")
    state: Mapped[str] = public(default="open")
    document_id: Mapped[UUID | None] = agency(nullable=True)
    version: Mapped[int] = public(default=1)
    created_at: Mapped[datetime] = public()

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


TABLE = Note.__table__
assert isinstance(TABLE, Table)
TABLE.info.update({"class": TableClass.AGENCY, "room": "tests.http.notes", "append_only": False})
