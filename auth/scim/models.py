"""What an agency's directory says about its people, as it said it: accounts and groups.

Nothing here gives a right. What follows from it for a seat is in ``feeding.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public


class ScimResource(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """One account or group of a directory. ``body`` holds its attributes; those that are searched stand beside it.

    ``name_key`` is a user's userName or a group's displayName, folded for comparison: of users it
    is unique. ``keys`` are the other values by which one is looked for. ``active`` is what the
    directory last said; an account of which it said nothing is. ``linked_number`` is the employee
    number that an administrator says is this account's, whatever the directory says.
    """

    __tablename__ = "scim_resource"
    __table_args__ = (
        Index(None, "tenant_id", "name_key", unique=True, postgresql_where="kind = 'User'"),
        Index(None, "tenant_id", "kind", "name_key"),
        Index(None, "tenant_id", "external_id"),
        Index(None, "tenant_id", "employee_number"),
        Index(None, "tenant_id", "linked_number", postgresql_where="linked_number IS NOT NULL"),
        CheckConstraint("kind IN ('User', 'Group')", name="kind"),
    )

    kind: Mapped[str] = public()
    name_key: Mapped[str] = agency()
    external_id: Mapped[str | None] = agency()
    employee_number: Mapped[str | None] = agency()
    linked_number: Mapped[str | None] = agency()
    keys: Mapped[list[str]] = agency()
    active: Mapped[bool] = agency(default=True)
    body: Mapped[dict[str, Any]] = agency()
    changed_at: Mapped[datetime] = public()

    @property
    def number(self) -> str | None:
        """Whose account it is, by employee number: as an administrator says, else as the directory does."""
        return self.linked_number or self.employee_number


class ScimMember(TenantRow, Base, table_class=TableClass.SCOPE):
    """That an account or a group is in a group. Apart from the group's body: a group may have thousands."""

    __tablename__ = "scim_member"
    __table_args__ = (
        belongs_to("scim_resource", "group_id"),
        belongs_to("scim_resource", "member_id"),
        Index(None, "tenant_id", "group_id", "member_id", unique=True),
        Index(None, "tenant_id", "member_id"),
    )

    group_id: Mapped[UUID] = agency()
    member_id: Mapped[UUID] = agency()
    display: Mapped[str | None] = agency()
