"""What an agency's directory says about its people, as it said it: accounts and groups.

Nothing here gives a right. What follows from it for a seat is in ``feeding.py``, and which roles rules
give to the people of a group in ``auth.claim_rules.following``.
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
    directory last said; an account of which it said nothing is. What an administrator says of whose it
    is stands against what the directory says: ``linked_number``, an officer's employee number, or
    ``linked_seat_id``, the seat of somebody who may have no officer file. One person may have several accounts.
    """

    __tablename__ = "scim_resource"
    __table_args__ = (
        Index(None, "tenant_id", "name_key", unique=True, postgresql_where="kind = 'User'"),
        Index(None, "tenant_id", "kind", "name_key"),
        Index(None, "tenant_id", "external_id"),
        Index(None, "tenant_id", "employee_number"),
        Index(None, "tenant_id", "linked_number", postgresql_where="linked_number IS NOT NULL"),
        Index(None, "tenant_id", "linked_seat_id", postgresql_where="linked_seat_id IS NOT NULL"),
        belongs_to("seat", "linked_seat_id"),
        CheckConstraint("kind IN ('User', 'Group')", name="kind"),
        CheckConstraint("linked_number IS NULL OR linked_seat_id IS NULL", name="linked"),
    )

    kind: Mapped[str] = public()
    name_key: Mapped[str] = agency()
    external_id: Mapped[str | None] = agency()
    employee_number: Mapped[str | None] = agency()
    linked_number: Mapped[str | None] = agency()
    linked_seat_id: Mapped[UUID | None] = agency()
    keys: Mapped[list[str]] = agency()
    active: Mapped[bool] = agency(default=True)
    body: Mapped[dict[str, Any]] = agency()
    changed_at: Mapped[datetime] = public()

    @property
    def name(self) -> str:
        """What the directory calls it to people: the name of a group as it is written there."""
        said = self.body.get("displayName")
        return said if isinstance(said, str) and said.strip() else self.name_key

    @property
    def by_hand(self) -> bool:
        """Whether an administrator has said whose it is."""
        return self.linked_number is not None or self.linked_seat_id is not None

    @property
    def number(self) -> str | None:
        """By which employee number it is somebody's, if it is no seat's."""
        return None if self.linked_seat_id is not None else self.linked_number or self.employee_number

    @property
    def whose(self) -> str | UUID | None:
        """Whose account it is, by employee number or seat: as an administrator says, else as the directory does."""
        return self.linked_seat_id or self.number


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


class ScimFormerNumber(TenantRow, Base, table_class=TableClass.SCOPE):
    """An employee number that no account carries any more, and the account that was the last to."""

    __tablename__ = "scim_former_number"
    __table_args__ = (
        belongs_to("scim_resource", "account_id"),
        Index(None, "tenant_id", "number", unique=True),
        Index(None, "tenant_id", "account_id"),
    )

    number: Mapped[str] = agency()
    account_id: Mapped[UUID] = agency()
