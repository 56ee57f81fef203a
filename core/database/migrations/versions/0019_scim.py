"""The tables of scim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_scim"
down_revision = "0018_claim_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scim_resource",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("employee_number", sa.Text(), nullable=True),
        sa.Column("linked_number", sa.Text(), nullable=True),
        sa.Column("linked_seat_id", sa.Uuid(), nullable=True),
        sa.Column("keys", postgresql.JSONB(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('User', 'Group')", name=op.f("ck_scim_resource_kind")),
        sa.CheckConstraint("linked_number IS NULL OR linked_seat_id IS NULL", name=op.f("ck_scim_resource_linked")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "linked_seat_id"],
            ["seat.tenant_id", "seat.id"],
            name=op.f("fk_scim_resource_tenant_id_linked_seat_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_scim_resource_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scim_resource")),
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_employee_number"),
        "scim_resource",
        ["tenant_id", "employee_number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_external_id"), "scim_resource", ["tenant_id", "external_id"], unique=False
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_kind_name_key"),
        "scim_resource",
        ["tenant_id", "kind", "name_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_linked_number"),
        "scim_resource",
        ["tenant_id", "linked_number"],
        unique=False,
        postgresql_where="linked_number IS NOT NULL",
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_linked_seat_id"),
        "scim_resource",
        ["tenant_id", "linked_seat_id"],
        unique=False,
        postgresql_where="linked_seat_id IS NOT NULL",
    )
    op.create_index(
        op.f("ix_scim_resource_tenant_id_name_key"),
        "scim_resource",
        ["tenant_id", "name_key"],
        unique=True,
        postgresql_where="kind = 'User'",
    )
    op.create_table(
        "scim_former_number",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["scim_resource.tenant_id", "scim_resource.id"],
            name=op.f("fk_scim_former_number_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_scim_former_number_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scim_former_number")),
    )
    op.create_index(
        op.f("ix_scim_former_number_tenant_id_account_id"),
        "scim_former_number",
        ["tenant_id", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scim_former_number_tenant_id_number"), "scim_former_number", ["tenant_id", "number"], unique=True
    )
    op.create_table(
        "scim_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("display", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["scim_resource.tenant_id", "scim_resource.id"],
            name=op.f("fk_scim_member_tenant_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["scim_resource.tenant_id", "scim_resource.id"],
            name=op.f("fk_scim_member_tenant_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_scim_member_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_scim_member")),
    )
    op.create_index(
        op.f("ix_scim_member_tenant_id_group_id_member_id"),
        "scim_member",
        ["tenant_id", "group_id", "member_id"],
        unique=True,
    )
    op.create_index(op.f("ix_scim_member_tenant_id_member_id"), "scim_member", ["tenant_id", "member_id"], unique=False)


def downgrade() -> None:
    op.drop_table("scim_member")
    op.drop_table("scim_former_number")
    op.drop_table("scim_resource")
