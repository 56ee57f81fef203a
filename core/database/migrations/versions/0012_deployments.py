"""The tables of deployments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_deployments"
down_revision = "0011_nominations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tour_fact",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("person_key", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("affiliation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_tour_fact_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tour_fact")),
    )
    op.create_index(
        op.f("ix_tour_fact_tenant_id_tour_id_recorded_at"),
        "tour_fact",
        ["tenant_id", "tour_id", "recorded_at"],
        unique=False,
    )
    op.create_index(
        "ix_tour_fact_valid", "tour_fact", ["tenant_id", "mission_id", "valid_from", "valid_to"], unique=False
    )
    op.create_table(
        "tour",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("home_on", sa.Date(), nullable=True),
        sa.Column("rotation", sa.Text(), nullable=True),
        sa.Column("affiliation", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id", "mission_id"],
            ["mission.tenant_id", "mission.id"],
            name=op.f("fk_tour_program_id_mission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "position_id"],
            ["position.tenant_id", "position.id"],
            name=op.f("fk_tour_program_id_position_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "candidacy_id"],
            ["candidacy.tenant_id", "candidacy.id"],
            name=op.f("fk_tour_tenant_id_candidacy_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_tour_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tour")),
        sa.UniqueConstraint("tenant_id", "candidacy_id", name=op.f("uq_tour_tenant_id_candidacy_id")),
        sa.UniqueConstraint("tenant_id", "order_number", name=op.f("uq_tour_tenant_id_order_number")),
    )
    op.create_index(op.f("ix_tour_tenant_id_mission_id"), "tour", ["tenant_id", "mission_id"], unique=False)
    op.create_index(op.f("ix_tour_tenant_id_person_id"), "tour", ["tenant_id", "person_id"], unique=False)
    op.create_index(op.f("ix_tour_tenant_id_state_ends_on"), "tour", ["tenant_id", "state", "ends_on"], unique=False)
    op.create_table(
        "movement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tour_id"], ["tour.tenant_id", "tour.id"], name=op.f("fk_movement_tenant_id_tour_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_movement_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_movement")),
    )
    op.create_index(
        op.f("ix_movement_tenant_id_tour_id_happened_on"),
        "movement",
        ["tenant_id", "tour_id", "happened_on"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("movement")
    op.drop_table("tour")
    op.drop_table("tour_fact")
