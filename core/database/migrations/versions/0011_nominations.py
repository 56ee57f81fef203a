"""The tables of nominations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_nominations"
down_revision = "0010_missions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "released_person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contract_version", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("rank_en", sa.Text(), nullable=True),
        sa.Column("rank_fr", sa.Text(), nullable=True),
        sa.Column("band", sa.BigInteger(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("affiliation", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("qualifications", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_released_person_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_released_person")),
    )
    op.create_table(
        "person_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["officer.tenant_id", "officer.id"],
            name=op.f("fk_person_key_tenant_id_officer_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_person_key_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_person_key")),
        sa.UniqueConstraint("tenant_id", "officer_id", name=op.f("uq_person_key_tenant_id_officer_id")),
    )
    op.create_table(
        "interest",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "call_id"], ["call.tenant_id", "call.id"], name=op.f("fk_interest_program_id_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["officer.tenant_id", "officer.id"],
            name=op.f("fk_interest_tenant_id_officer_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_interest_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_interest")),
        sa.UniqueConstraint(
            "tenant_id", "officer_id", "call_id", name=op.f("uq_interest_tenant_id_officer_id_call_id")
        ),
    )
    op.create_index(op.f("ix_interest_tenant_id_call_id"), "interest", ["tenant_id", "call_id"], unique=False)
    op.create_table(
        "nomination",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nominated_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "call_id"], ["call.tenant_id", "call.id"], name=op.f("fk_nomination_program_id_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "mission_id"],
            ["mission.tenant_id", "mission.id"],
            name=op.f("fk_nomination_program_id_mission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "position_id"],
            ["position.tenant_id", "position.id"],
            name=op.f("fk_nomination_program_id_position_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_nomination_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_nomination")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_nomination_tenant_id_number")),
        sa.UniqueConstraint(
            "tenant_id", "person_id", "call_id", name=op.f("uq_nomination_tenant_id_person_id_call_id")
        ),
    )
    op.create_index(op.f("ix_nomination_tenant_id_call_id"), "nomination", ["tenant_id", "call_id"], unique=False)
    op.create_index(op.f("ix_nomination_tenant_id_state"), "nomination", ["tenant_id", "state"], unique=False)
    op.create_table(
        "candidacy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reconsidered", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["nomination.tenant_id", "nomination.id"], name=op.f("fk_candidacy_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_candidacy_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_candidacy")),
    )
    op.create_index(op.f("ix_candidacy_tenant_id_call_id"), "candidacy", ["tenant_id", "call_id"], unique=False)
    op.create_index(op.f("ix_candidacy_tenant_id_state"), "candidacy", ["tenant_id", "state"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("interest_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("conduct", sa.Text(), nullable=True),
        sa.Column("conduct_by", sa.Text(), nullable=True),
        sa.Column("conduct_on", sa.Date(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("officer_answer", sa.Text(), nullable=True),
        sa.Column("findings", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["nomination.tenant_id", "nomination.id"], name=op.f("fk_dossier_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["officer.tenant_id", "officer.id"],
            name=op.f("fk_dossier_tenant_id_officer_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_dossier_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_dossier")),
    )
    op.create_index(op.f("ix_dossier_tenant_id_officer_id"), "dossier", ["tenant_id", "officer_id"], unique=False)
    op.create_table(
        "reconsideration",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["nomination.tenant_id", "nomination.id"], name=op.f("fk_reconsideration_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_reconsideration_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reconsideration")),
    )
    op.create_table(
        "assessment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "candidacy_id"],
            ["candidacy.tenant_id", "candidacy.id"],
            name=op.f("fk_assessment_tenant_id_candidacy_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_assessment_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "tenant_id", "candidacy_id", "kind", name=op.f("uq_assessment_tenant_id_candidacy_id_kind")
        ),
    )


def downgrade() -> None:
    op.drop_table("assessment")
    op.drop_table("reconsideration")
    op.drop_table("dossier")
    op.drop_table("candidacy")
    op.drop_table("nomination")
    op.drop_table("interest")
    op.drop_table("person_key")
    op.drop_table("released_person")
