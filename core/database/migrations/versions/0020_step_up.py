"""The tables of step_up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_step_up"
down_revision = "0019_scim"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "step_up_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("demand", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["seat.tenant_id", "seat.id"], name=op.f("fk_step_up_rule_tenant_id_made_by")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_step_up_rule_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_step_up_rule")),
        sa.UniqueConstraint("tenant_id", "action", name=op.f("uq_step_up_rule_tenant_id_action")),
    )


def downgrade() -> None:
    op.drop_table("step_up_rule")
