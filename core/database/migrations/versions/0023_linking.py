"""The tables of linking."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_linking"
down_revision = "0022_setup"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat_invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["seat.tenant_id", "seat.id"], name=op.f("fk_seat_invitation_tenant_id_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_seat_invitation_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_seat_invitation_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_seat_invitation")),
        sa.UniqueConstraint("tenant_id", "secret_digest", name=op.f("uq_seat_invitation_tenant_id_secret_digest")),
    )
    op.create_index(
        op.f("ix_seat_invitation_tenant_id_seat_id"),
        "seat_invitation",
        ["tenant_id", "seat_id"],
        unique=True,
        postgresql_where="used_at IS NULL AND withdrawn_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("seat_invitation")
