"""The tables of workforce."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_workforce"
down_revision = "0007_personnel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hr_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("told_as", postgresql.JSONB(), nullable=False),
        sa.Column("tried", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('leave', 'training', 'experience', 'duty')", name=op.f("ck_hr_entry_kind")),
        sa.CheckConstraint("refused in ('final', 'given_up')", name=op.f("ck_hr_entry_refused")),
        sa.CheckConstraint("written <= sent and sent <= revision", name=op.f("ck_hr_entry_order")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_hr_entry_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hr_entry")),
        sa.UniqueConstraint("tenant_id", "tour_id", "kind", name=op.f("uq_hr_entry_tenant_id_tour_id_kind")),
    )
    op.create_table(
        "hr_keeper",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_hr_keeper_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hr_keeper")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_hr_keeper_tenant_id")),
    )
    op.create_table(
        "hr_source",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("named", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_hr_source_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hr_source")),
        sa.UniqueConstraint("tenant_id", "plugin", name=op.f("uq_hr_source_tenant_id_plugin")),
    )
    op.create_table(
        "hr_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("braked", sa.Boolean(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_id"],
            ["hr_source.tenant_id", "hr_source.id"],
            name=op.f("fk_hr_run_tenant_id_source_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_hr_run_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hr_run")),
    )
    op.create_index(op.f("ix_hr_run_tenant_id_created_at"), "hr_run", ["tenant_id", "created_at"], unique=False)
    op.create_table(
        "hr_row",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("employee_number", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["hr_run.tenant_id", "hr_run.id"], name=op.f("fk_hr_row_tenant_id_run_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_hr_row_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hr_row")),
        sa.UniqueConstraint(
            "tenant_id",
            "run_id",
            "line",
            "employee_number",
            name=op.f("uq_hr_row_tenant_id_run_id_line_employee_number"),
        ),
    )
    op.create_index(
        op.f("ix_hr_row_tenant_id_run_id_verdict_line"),
        "hr_row",
        ["tenant_id", "run_id", "verdict", "line"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("hr_row")
    op.drop_table("hr_run")
    op.drop_table("hr_source")
    op.drop_table("hr_keeper")
    op.drop_table("hr_entry")
