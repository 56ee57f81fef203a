"""The tables of auth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_auth"
down_revision = "0014_tenants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_issuer_person"), "identity", ["issuer", "person"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reads_only", sa.Boolean(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_cause", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "end_cause IN ('shut_out', 'stop', 'maker', 'unvouched', 'operator')", name=op.f("ck_api_token_end_cause")
        ),
        sa.CheckConstraint("kind IN ('api', 'scim')", name=op.f("ck_api_token_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_api_token_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("tenant_id", "secret_digest", name=op.f("uq_api_token_tenant_id_secret_digest")),
    )
    op.create_table(
        "identity_provider",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_auth", sa.Text(), nullable=False),
        sa.Column("secret_ref", sa.Text(), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_ends_on", sa.Date(), nullable=True),
        sa.Column("assertion_audience", sa.Text(), nullable=False),
        sa.Column("algorithms", postgresql.JSONB(), nullable=False),
        sa.Column("pinned_claim", sa.Text(), nullable=True),
        sa.Column("pinned_value", sa.Text(), nullable=True),
        sa.Column("person_claim", sa.Text(), nullable=True),
        sa.Column("assurance", postgresql.JSONB(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=True),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number_claim", sa.Text(), nullable=True),
        sa.Column("just_in_time", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refresh", sa.Text(), nullable=False),
        sa.Column("programs", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "assertion_audience IN ('issuer', 'token_endpoint')", name=op.f("ck_identity_provider_assertion_audience")
        ),
        sa.CheckConstraint(
            "client_auth IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
            name=op.f("ck_identity_provider_client_auth"),
        ),
        sa.CheckConstraint("programs IN ('go_on', 'end')", name=op.f("ck_identity_provider_programs")),
        sa.CheckConstraint("refresh IN ('never', 'given', 'offline')", name=op.f("ck_identity_provider_refresh")),
        sa.CheckConstraint(
            "state IN ('draft', 'tested', 'enforced', 'retiring', 'off')", name=op.f("ck_identity_provider_state")
        ),
        sa.CheckConstraint("(pinned_claim IS NULL) = (pinned_value IS NULL)", name=op.f("ck_identity_provider_pinned")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_identity_provider_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_identity_provider")),
    )
    op.create_index(
        op.f("ix_identity_provider_tenant_id_issuer_client_id"),
        "identity_provider",
        ["tenant_id", "issuer", "client_id"],
        unique=False,
    )
    op.create_table(
        "identity_seat",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "origin IN ('command', 'invitation', 'number', 'just_in_time', 'relink', 'test')",
            name=op.f("ck_identity_seat_origin"),
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_identity_seat_identity_id")),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_identity_seat_scope_id")),
        sa.PrimaryKeyConstraint("identity_id", "scope_id", name=op.f("pk_identity_seat")),
    )
    op.create_index(op.f("ix_identity_seat_scope_id_seat_id"), "identity_seat", ["scope_id", "seat_id"], unique=False)
    op.create_table(
        "logout_seen",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_logout_seen_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "token_digest", name=op.f("pk_logout_seen")),
    )
    op.create_table(
        "seat",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("shut_by_directory", sa.Boolean(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('en', 'fr')", name=op.f("ck_seat_language")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_seat_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_seat")),
    )
    op.create_index(
        op.f("ix_seat_tenant_id_officer_id"),
        "seat",
        ["tenant_id", "officer_id"],
        unique=True,
        postgresql_where="officer_id IS NOT NULL",
    )
    op.create_table(
        "sign_in_flow",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("state_digest", sa.Text(), nullable=False),
        sa.Column("browser_digest", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("step_up", sa.Text(), nullable=True),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_digest", sa.Text(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('sign_in', 'test')", name=op.f("ck_sign_in_flow_purpose")),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_sign_in_flow_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_flow")),
        sa.UniqueConstraint("state_digest", name=op.f("uq_sign_in_flow_state_digest")),
    )
    op.create_index(op.f("ix_sign_in_flow_expires_at"), "sign_in_flow", ["expires_at"], unique=False)
    op.create_table(
        "touched",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_touched_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "seat_id", "case_id", name=op.f("pk_touched")),
    )
    op.create_index(op.f("ix_touched_case_id"), "touched", ["case_id"], unique=False)
    op.create_table(
        "touched_before",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_touched_before_identity_id")),
        sa.PrimaryKeyConstraint("identity_id", "case_id", name=op.f("pk_touched_before")),
    )
    op.create_table(
        "client_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("algorithm IN ('ES256', 'PS256', 'RS256')", name=op.f("ck_client_key_algorithm")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_client_key_tenant_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_client_key_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_client_key")),
        sa.UniqueConstraint("tenant_id", "kid", name=op.f("uq_client_key_tenant_id_kid")),
    )
    op.create_index(
        op.f("ix_client_key_tenant_id_provider_id"), "client_key", ["tenant_id", "provider_id"], unique=False
    )
    op.create_table(
        "role_grant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "origin IN ('manual', 'claim', 'directory', 'hr', 'delegation')", name=op.f("ck_role_grant_origin")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_role_grant_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_role_grant_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_tenant_id_role"), "role_grant", ["tenant_id", "role"], unique=False)
    op.create_index(
        op.f("ix_role_grant_tenant_id_seat_id_role_origin"),
        "role_grant",
        ["tenant_id", "seat_id", "role", "origin"],
        unique=True,
        postgresql_where="ends_on IS NULL",
    )
    op.create_table(
        "session",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("access_id", sa.Uuid(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("acr", sa.Text(), nullable=True),
        sa.Column("amr", postgresql.JSONB(), nullable=False),
        sa.Column("acrs", postgresql.JSONB(), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id_token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("form_secret", sa.LargeBinary(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'member') = (access_id IS NOT NULL)", name=op.f("ck_session_access")),
        sa.CheckConstraint(
            "(kind = 'provider') = (provider_id IS NOT NULL AND issuer IS NOT NULL)", name=op.f("ck_session_begun")
        ),
        sa.CheckConstraint("kind IN ('provider', 'break_glass', 'member')", name=op.f("ck_session_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_session_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_session_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_session")),
        sa.UniqueConstraint("tenant_id", "secret_digest", name=op.f("uq_session_tenant_id_secret_digest")),
    )
    op.create_index(op.f("ix_session_tenant_id_issuer_sid"), "session", ["tenant_id", "issuer", "sid"], unique=False)
    op.create_index(op.f("ix_session_tenant_id_seat_id"), "session", ["tenant_id", "seat_id"], unique=False)
    op.create_table(
        "refresh_grant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["session.tenant_id", "session.id"], name=op.f("fk_refresh_grant_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_refresh_grant_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refresh_grant")),
    )
    op.create_index(op.f("ix_refresh_grant_tenant_id_due_at"), "refresh_grant", ["tenant_id", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("refresh_grant")
    op.drop_table("session")
    op.drop_table("role_grant")
    op.drop_table("client_key")
    op.drop_table("touched_before")
    op.drop_table("touched")
    op.drop_table("sign_in_flow")
    op.drop_table("seat")
    op.drop_table("logout_seen")
    op.drop_table("identity_seat")
    op.drop_table("identity_provider")
    op.drop_table("api_token")
    op.drop_table("identity")
