"""The tables of contingents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_contingents"
down_revision = "0020_step_up"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contingent_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("rank_en", sa.Text(), nullable=True),
        sa.Column("rank_fr", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["scope.id"], name=op.f("fk_contingent_member_agency_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "mission_id"],
            ["mission.tenant_id", "mission.id"],
            name=op.f("fk_contingent_member_tenant_id_mission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "position_id"],
            ["position.tenant_id", "position.id"],
            name=op.f("fk_contingent_member_tenant_id_position_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_contingent_member_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contingent_member")),
    )
    op.create_index(
        op.f("ix_contingent_member_tenant_id_mission_id"),
        "contingent_member",
        ["tenant_id", "mission_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("contingent_member")
