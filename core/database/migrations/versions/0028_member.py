"""The tables of member."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_member"
down_revision = "0027_break_glass"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_access",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["officer.tenant_id", "officer.id"],
            name=op.f("fk_member_access_tenant_id_officer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_member_access_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_member_access_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_access")),
        sa.UniqueConstraint(
            "tenant_id", "seat_id", "officer_id", name=op.f("uq_member_access_tenant_id_seat_id_officer_id")
        ),
    )
    op.create_table(
        "member_challenge",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("browser_digest", sa.Text(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(browser_digest IS NULL) = (seat_id IS NOT NULL)", name=op.f("ck_member_challenge_of_one")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "seat_id"], ["seat.tenant_id", "seat.id"], name=op.f("fk_member_challenge_tenant_id_seat_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_member_challenge_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_challenge")),
    )
    op.create_index(
        op.f("ix_member_challenge_tenant_id_expires_at"), "member_challenge", ["tenant_id", "expires_at"], unique=False
    )
    op.create_table(
        "member_code",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "access_id"],
            ["member_access.tenant_id", "member_access.id"],
            name=op.f("fk_member_code_tenant_id_access_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_member_code_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_code")),
        sa.UniqueConstraint("tenant_id", "digest", name=op.f("uq_member_code_tenant_id_digest")),
    )
    op.create_index(op.f("ix_member_code_tenant_id_access_id"), "member_code", ["tenant_id", "access_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "access_id"],
            ["member_access.tenant_id", "member_access.id"],
            name=op.f("fk_passkey_tenant_id_access_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_passkey_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("tenant_id", "credential_id", name=op.f("uq_passkey_tenant_id_credential_id")),
    )
    op.create_index(op.f("ix_passkey_tenant_id_access_id"), "passkey", ["tenant_id", "access_id"], unique=False)


def downgrade() -> None:
    op.drop_table("passkey")
    op.drop_table("member_code")
    op.drop_table("member_challenge")
    op.drop_table("member_access")
