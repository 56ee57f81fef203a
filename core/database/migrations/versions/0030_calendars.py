"""The tables of calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_calendars"
down_revision = "0029_extensions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_address",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("mission_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('en', 'fr')", name=op.f("ck_calendar_address_language")),
        sa.CheckConstraint(
            "(officer_id IS NULL) <> (mission_id IS NULL)", name=op.f("ck_calendar_address_of_one_kind")
        ),
        sa.CheckConstraint(
            "(program_id IS NULL) = (mission_id IS NULL)", name=op.f("ck_calendar_address_whole_mission")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "mission_id"],
            ["mission.tenant_id", "mission.id"],
            name=op.f("fk_calendar_address_program_id_mission_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_calendar_address_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("tenant_id", "secret_digest", name=op.f("uq_calendar_address_tenant_id_secret_digest")),
    )
    op.create_index(
        op.f("ix_calendar_address_tenant_id_seat_id"), "calendar_address", ["tenant_id", "seat_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("calendar_address")
