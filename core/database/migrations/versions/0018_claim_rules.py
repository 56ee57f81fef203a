"""The tables of claim_rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_claim_rules"
down_revision = "0017_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(provider_id, claim, value) = CASE WHEN group_id IS NULL THEN 3 ELSE 0 END",
            name=op.f("ck_claim_rule_source"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["seat.tenant_id", "seat.id"], name=op.f("fk_claim_rule_tenant_id_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_claim_rule_tenant_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_claim_rule_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_claim_rule")),
    )
    op.create_index(
        op.f("ix_claim_rule_tenant_id_group_id_role"),
        "claim_rule",
        ["tenant_id", "group_id", "role"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_index(
        op.f("ix_claim_rule_tenant_id_provider_id_claim_value_role"),
        "claim_rule",
        ["tenant_id", "provider_id", "claim", "value", "role"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "seen_claims",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_seen_claims_tenant_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_seen_claims_tenant_id_seat_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "seat_id", name=op.f("pk_seen_claims")),
    )


def downgrade() -> None:
    op.drop_table("seen_claims")
    op.drop_table("claim_rule")
