"""The tables of break_glass."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_break_glass"
down_revision = "0026_red_button"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "break_glass",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("custodian", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("first_digest", sa.Text(), nullable=True),
        sa.Column("second_digest", sa.Text(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["seat.tenant_id", "seat.id"], name=op.f("fk_break_glass_tenant_id_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_break_glass_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_break_glass_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_break_glass")),
    )


def downgrade() -> None:
    op.drop_table("break_glass")
