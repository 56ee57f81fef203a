"""The tables of relinking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025_relinking"
down_revision = "0024_approval_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relink",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("old_provider_id", sa.Uuid(), nullable=False),
        sa.Column("new_provider_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('file', 'directory', 'number')", name=op.f("ck_relink_source")),
        sa.CheckConstraint("state IN ('previewed', 'applied', 'finished', 'dropped')", name=op.f("ck_relink_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["seat.tenant_id", "seat.id"], name=op.f("fk_relink_tenant_id_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "new_provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_relink_tenant_id_new_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "old_provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_relink_tenant_id_old_provider_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_relink_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_relink")),
    )
    op.create_index(op.f("ix_relink_tenant_id_created_at"), "relink", ["tenant_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("relink")
