"""The tables of audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_audit"
down_revision = "0002_hooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("row_kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "row_kind", "row_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("behalf_of", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("plugin_version", sa.Text(), nullable=True),
        sa.Column("assurance", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_audit_line_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_line")),
    )
    op.create_index(
        op.f("ix_audit_line_tenant_id_action_id"), "audit_line", ["tenant_id", "action", "id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_line_tenant_id_seat_id_id"), "audit_line", ["tenant_id", "seat_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_line_tenant_id_subject_id_id"), "audit_line", ["tenant_id", "subject_id", "id"], unique=False
    )
    op.create_table(
        "audit_seal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_audit_seal_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("tenant_id", "row_kind", "row_id", name=op.f("uq_audit_seal_tenant_id_row_kind_row_id")),
    )
    op.create_table(
        "look",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_scope", sa.Uuid(), nullable=False),
        sa.Column("by_seat", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_look_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_look")),
    )
    op.create_index(op.f("ix_look_tenant_id_subject_id_id"), "look", ["tenant_id", "subject_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("look")
    op.drop_table("audit_seal")
    op.drop_table("audit_line")
    op.drop_table("audit_pending")
