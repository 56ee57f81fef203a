"""The tables of setup."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022_setup"
down_revision = "0021_contingents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expiry_notice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_expiry_notice_days")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_expiry_notice_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "thing_id", "ends_on", "days", name=op.f("pk_expiry_notice")),
    )
    op.create_table(
        "provider_test",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("led_to", sa.Uuid(), nullable=True),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("claims", postgresql.JSONB(), nullable=True),
        sa.Column("assurance", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("missing", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_provider_test_tenant_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_provider_test_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_provider_test_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_provider_test")),
    )
    op.create_index(
        op.f("ix_provider_test_tenant_id_provider_id"), "provider_test", ["tenant_id", "provider_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("provider_test")
    op.drop_table("expiry_notice")
