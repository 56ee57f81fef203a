"""The tables of bundles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031_bundles"
down_revision = "0030_calendars"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_by_name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_by_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_key_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_key")),
        sa.UniqueConstraint("tenant_id", "fingerprint", name=op.f("uq_plugin_key_tenant_id_fingerprint")),
    )
    op.create_table(
        "plugin_bundle",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("statement", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by_name", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        sa.Column("chosen_by_name", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'chosen', 'former')", name=op.f("ck_plugin_bundle_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"],
            ["plugin_key.tenant_id", "plugin_key.id"],
            name=op.f("fk_plugin_bundle_tenant_id_key_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_bundle_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_bundle")),
        sa.UniqueConstraint(
            "tenant_id", "plugin", "plugin_version", name=op.f("uq_plugin_bundle_tenant_id_plugin_plugin_version")
        ),
    )
    op.create_index(
        "uq_plugin_bundle_chosen",
        "plugin_bundle",
        ["tenant_id", "plugin"],
        unique=True,
        postgresql_where="state = 'chosen'",
    )


def downgrade() -> None:
    op.drop_table("plugin_bundle")
    op.drop_table("plugin_key")
