"""The tables of red_button."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_red_button"
down_revision = "0025_relinking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_scope", sa.Uuid(), nullable=False),
        sa.Column("by_seat", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_sign_in_stop_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_stop")),
    )
    op.create_index(
        "ix_sign_in_stop_account",
        "sign_in_stop",
        ["scope_id", "seat_id"],
        unique=True,
        postgresql_where="seat_id IS NOT NULL AND lifted_at IS NULL",
    )
    op.create_index(
        "ix_sign_in_stop_scope",
        "sign_in_stop",
        ["scope_id"],
        unique=True,
        postgresql_where="seat_id IS NULL AND lifted_at IS NULL",
    )
    op.create_index(op.f("ix_sign_in_stop_scope_id_began_at"), "sign_in_stop", ["scope_id", "began_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in_stop")
