"""The tables of missions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_missions"
down_revision = "0009_approvals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mission",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acronym_en", sa.Text(), nullable=False),
        sa.Column("acronym_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("armed", sa.Boolean(), nullable=True),
        sa.Column("hazardous", sa.Boolean(), nullable=False),
        sa.Column("authorized", sa.BigInteger(), nullable=True),
        sa.Column("tour_months", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_known", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column("note_fr", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(note_en IS NULL) = (note_fr IS NULL)", name=op.f("ck_mission_note_in_both_languages")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_mission_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mission")),
        sa.UniqueConstraint(
            "tenant_id", "acronym_en", "starts_on", name=op.f("uq_mission_tenant_id_acronym_en_starts_on")
        ),
    )
    op.create_table(
        "call",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("tour_starts_on", sa.Date(), nullable=False),
        sa.Column("tour_months", sa.BigInteger(), nullable=False),
        sa.Column("requirements_en", sa.Text(), nullable=True),
        sa.Column("requirements_fr", sa.Text(), nullable=True),
        sa.Column("minimum_service_years", sa.BigInteger(), nullable=False),
        sa.Column("women_share", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mission_id"], ["mission.tenant_id", "mission.id"], name=op.f("fk_call_tenant_id_mission_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_call_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_call")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_call_tenant_id_number")),
    )
    op.create_index(op.f("ix_call_tenant_id_mission_id"), "call", ["tenant_id", "mission_id"], unique=False)
    op.create_index(
        op.f("ix_call_tenant_id_state_closes_on"), "call", ["tenant_id", "state", "closes_on"], unique=False
    )
    op.create_table(
        "position",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("band_low", sa.BigInteger(), nullable=False),
        sa.Column("band_high", sa.BigInteger(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("skills_en", sa.Text(), nullable=True),
        sa.Column("skills_fr", sa.Text(), nullable=True),
        sa.Column("armed", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("handover_days", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mission_id"],
            ["mission.tenant_id", "mission.id"],
            name=op.f("fk_position_tenant_id_mission_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_position_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_position")),
    )
    op.create_index(op.f("ix_position_tenant_id_mission_id"), "position", ["tenant_id", "mission_id"], unique=False)
    op.create_table(
        "call_position",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "call_id"], ["call.tenant_id", "call.id"], name=op.f("fk_call_position_tenant_id_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "position_id"],
            ["position.tenant_id", "position.id"],
            name=op.f("fk_call_position_tenant_id_position_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_call_position_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_call_position")),
        sa.UniqueConstraint(
            "tenant_id", "call_id", "position_id", name=op.f("uq_call_position_tenant_id_call_id_position_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("call_position")
    op.drop_table("position")
    op.drop_table("call")
    op.drop_table("mission")
