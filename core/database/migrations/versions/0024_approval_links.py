"""The tables of approval_links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_approval_links"
down_revision = "0023_linking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_link",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("snapshot_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["approval_case.tenant_id", "approval_case.id"],
            name=op.f("fk_approval_link_tenant_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_approval_link_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "step_id"],
            ["approval_step.tenant_id", "approval_step.id"],
            name=op.f("fk_approval_link_tenant_id_step_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_approval_link_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approval_link")),
        sa.UniqueConstraint("tenant_id", "secret_digest", name=op.f("uq_approval_link_tenant_id_secret_digest")),
    )
    op.create_index(
        op.f("ix_approval_link_tenant_id_step_id_seat_id"),
        "approval_link",
        ["tenant_id", "step_id", "seat_id"],
        unique=True,
        postgresql_where="used_at IS NULL AND ended_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("approval_link")
