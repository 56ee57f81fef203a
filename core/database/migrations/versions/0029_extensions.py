"""The tables of extensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_extensions"
down_revision = "0028_member"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("summary_fr", sa.Text(), nullable=False),
        sa.Column("scope_ids", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("plugins", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_profile")),
        sa.UniqueConstraint("key", name=op.f("uq_plugin_profile_key")),
    )
    op.create_table(
        "plugin_delivery",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("sending_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("reason", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("receipt", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'done', 'dropped', 'dead')", name=op.f("ck_plugin_delivery_state")),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_delivery_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_delivery")),
        sa.UniqueConstraint(
            "tenant_id", "plugin", "hook", "event_id", name=op.f("uq_plugin_delivery_tenant_id_plugin_hook_event_id")
        ),
    )
    op.create_index(
        op.f("ix_plugin_delivery_tenant_id_plugin_created_at"),
        "plugin_delivery",
        ["tenant_id", "plugin", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_plugin_delivery_tenant_id_subject_id_state"),
        "plugin_delivery",
        ["tenant_id", "subject_id", "state"],
        unique=False,
    )
    op.create_table(
        "plugin_profile_use",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("plugins", postgresql.JSONB(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.Uuid(), nullable=False),
        sa.Column("used_by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_profile_use_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_profile_use")),
    )
    op.create_index(
        op.f("ix_plugin_profile_use_tenant_id_key_used_at"),
        "plugin_profile_use",
        ["tenant_id", "key", "used_at"],
        unique=False,
    )
    op.create_table(
        "plugin_task",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_task_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_task")),
        sa.UniqueConstraint("tenant_id", "plugin", "key", name=op.f("uq_plugin_task_tenant_id_plugin_key")),
    )


def downgrade() -> None:
    op.drop_table("plugin_task")
    op.drop_table("plugin_profile_use")
    op.drop_table("plugin_delivery")
    op.drop_table("plugin_profile")
