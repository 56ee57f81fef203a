"""The tables of tenants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_tenants"
down_revision = "0013_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency_profile",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column("note_fr", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_agency_profile_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agency_profile")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_agency_profile_tenant_id")),
    )
    op.create_table(
        "agency_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("marking_en", sa.Text(), nullable=False),
        sa.Column("marking_fr", sa.Text(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("regime_en", sa.Text(), nullable=False),
        sa.Column("regime_fr", sa.Text(), nullable=False),
        sa.Column("needs", postgresql.JSONB(), nullable=False),
        sa.Column("acts", postgresql.JSONB(), nullable=False),
        sa.Column("sponsor", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("claim_value", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_agency_settings_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agency_settings")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_agency_settings_tenant_id")),
    )
    op.create_table(
        "agreement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= expires_on", name=op.f("ck_agreement_period")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_agreement_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_agreement_tenant_id_reference")),
    )
    op.create_table(
        "rank",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr_masculine", sa.Text(), nullable=False),
        sa.Column("title_fr_feminine", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("band BETWEEN 1 AND 7", name=op.f("ck_rank_band")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_rank_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rank")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_rank_tenant_id_code")),
    )
    op.create_table(
        "scope_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code_en", sa.Text(), nullable=False),
        sa.Column("code_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_scope_name_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope_name")),
    )
    op.create_index(op.f("ix_scope_name_scope_id_since"), "scope_name", ["scope_id", "since"], unique=False)
    op.create_table(
        "sharing_contract",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_sharing_contract_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sharing_contract")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_sharing_contract_tenant_id_number")),
    )
    op.create_table(
        "standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("set_by IN ('operator', 'agency')", name=op.f("ck_standing_set_by")),
        sa.CheckConstraint("state IN ('onboarding', 'active', 'on_hold', 'withdrawn')", name=op.f("ck_standing_state")),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_standing_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
    )
    op.create_index(op.f("ix_standing_scope_id_since"), "standing", ["scope_id", "since"], unique=False)
    op.create_table(
        "external_act",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agreement_id"],
            ["agreement.tenant_id", "agreement.id"],
            name=op.f("fk_external_act_tenant_id_agreement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_external_act_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_external_act_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_external_act")),
        sa.UniqueConstraint(
            "tenant_id", "agreement_id", "kind", name=op.f("uq_external_act_tenant_id_agreement_id_kind")
        ),
    )
    op.create_table(
        "privacy_record",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('privacy_assessment', 'written_agreement')", name=op.f("ck_privacy_record_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_privacy_record_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_privacy_record_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_privacy_record")),
        sa.UniqueConstraint("tenant_id", "kind", "reference", name=op.f("uq_privacy_record_tenant_id_kind_reference")),
    )
    op.create_table(
        "sharing_consent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["sharing_contract.tenant_id", "sharing_contract.id"],
            name=op.f("fk_sharing_consent_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_sharing_consent_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sharing_consent")),
        sa.UniqueConstraint("tenant_id", "contract_id", name=op.f("uq_sharing_consent_tenant_id_contract_id")),
    )
    op.create_table(
        "sharing_field",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("retention_days", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["sharing_contract.tenant_id", "sharing_contract.id"],
            name=op.f("fk_sharing_field_tenant_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_sharing_field_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sharing_field")),
        sa.UniqueConstraint(
            "tenant_id", "contract_id", "field", name=op.f("uq_sharing_field_tenant_id_contract_id_field")
        ),
    )


def downgrade() -> None:
    op.drop_table("sharing_field")
    op.drop_table("sharing_consent")
    op.drop_table("privacy_record")
    op.drop_table("external_act")
    op.drop_table("standing")
    op.drop_table("sharing_contract")
    op.drop_table("scope_name")
    op.drop_table("rank")
    op.drop_table("agreement")
    op.drop_table("agency_settings")
    op.drop_table("agency_profile")
