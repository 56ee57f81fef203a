"""The tables of hooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_hooks"
down_revision = "0001_database"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bundle_standing",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'chosen', 'former')", name=op.f("ck_bundle_standing_state")),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_bundle_standing_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "id", name=op.f("pk_bundle_standing")),
    )
    op.create_table(
        "plugin_allowance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_plugin_allowance_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_allowance")),
    )
    op.create_index(
        op.f("ix_plugin_allowance_plugin_began_at"), "plugin_allowance", ["plugin", "began_at"], unique=False
    )
    op.create_index(
        "ux_plugin_allowance_open",
        "plugin_allowance",
        ["scope_id", "plugin"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "plugin_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("profile", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_change_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_change")),
    )
    op.create_index(
        op.f("ix_plugin_change_tenant_id_plugin_at"), "plugin_change", ["tenant_id", "plugin", "at"], unique=False
    )
    op.create_table(
        "plugin_document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_document_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", "key", name=op.f("pk_plugin_document")),
    )
    op.create_table(
        "plugin_enablement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("consented", postgresql.JSONB(), nullable=False),
        sa.Column("consented_version", sa.Text(), nullable=True),
        sa.Column("consented_by", sa.Uuid(), nullable=True),
        sa.Column("consented_by_name", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('enabled', 'disabled', 'suspended', 'removed')", name=op.f("ck_plugin_enablement_state")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_enablement_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_enablement")),
        sa.UniqueConstraint("tenant_id", "plugin", name=op.f("uq_plugin_enablement_tenant_id_plugin")),
    )
    op.create_table(
        "plugin_failure",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_failure_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_failure")),
        sa.UniqueConstraint(
            "tenant_id", "plugin", "hook", "cause", name=op.f("uq_plugin_failure_tenant_id_plugin_hook_cause")
        ),
    )
    op.create_table(
        "plugin_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_line_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_line")),
    )
    op.create_index(
        op.f("ix_plugin_line_tenant_id_plugin_id"), "plugin_line", ["tenant_id", "plugin", "id"], unique=False
    )
    op.create_table(
        "plugin_opening",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_opening_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_opening")),
    )
    op.create_index(
        op.f("ix_plugin_opening_tenant_id_plugin_at"), "plugin_opening", ["tenant_id", "plugin", "at"], unique=False
    )
    op.create_table(
        "plugin_removal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("settings", sa.BigInteger(), nullable=False),
        sa.Column("documents", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exported_by", sa.Uuid(), nullable=False),
        sa.Column("exported_by_name", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("erased_by_name", sa.Text(), nullable=True),
        sa.Column("secrets", sa.BigInteger(), nullable=True),
        sa.Column("fields", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_removal_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plugin_removal")),
    )
    op.create_index(
        op.f("ix_plugin_removal_tenant_id_plugin_exported_at"),
        "plugin_removal",
        ["tenant_id", "plugin", "exported_at"],
        unique=False,
    )
    op.create_table(
        "plugin_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("plugin_version", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_run_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", "hook", "plugin_version", name=op.f("pk_plugin_run")),
    )
    op.create_table(
        "plugin_secret",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_secret_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", "field", name=op.f("pk_plugin_secret")),
    )
    op.create_table(
        "plugin_standing",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("enablement_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consented", postgresql.JSONB(), nullable=False),
        sa.Column("consented_version", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_plugin_standing_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "enablement_id", name=op.f("pk_plugin_standing")),
    )
    op.create_index(op.f("ix_plugin_standing_plugin"), "plugin_standing", ["plugin"], unique=False)
    op.create_table(
        "plugin_stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_scope", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scope.id"], name=op.f("fk_plugin_stop_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_stop")),
    )
    op.create_index(op.f("ix_plugin_stop_began_at"), "plugin_stop", ["began_at"], unique=False)
    op.create_index(
        "ix_plugin_stop_open", "plugin_stop", ["scope_id", "plugin"], unique=False, postgresql_where="lifted_at IS NULL"
    )
    op.create_table(
        "plugin_timing",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("quarter", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bucket", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_timing_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", "hook", "quarter", "bucket", name=op.f("pk_plugin_timing")),
    )
    op.create_table(
        "plugin_difference",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("difference", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["plugin_change.tenant_id", "plugin_change.id"],
            name=op.f("fk_plugin_difference_tenant_id_change_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_plugin_difference_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name=op.f("pk_plugin_difference")),
    )
    op.create_index(
        op.f("ix_plugin_difference_tenant_id_plugin"), "plugin_difference", ["tenant_id", "plugin"], unique=False
    )
    op.create_table(
        "plugin_document_field",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("field", sa.Text(collation="C"), nullable=False),
        sa.Column("as_text", sa.Text(collation="C"), nullable=True),
        sa.Column("as_int", sa.BigInteger(), nullable=True),
        sa.Column("as_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plugin", "key"],
            ["plugin_document.tenant_id", "plugin_document.plugin", "plugin_document.key"],
            name=op.f("fk_plugin_document_field_tenant_id_plugin_key"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plugin", "key", "field", name=op.f("pk_plugin_document_field")),
    )
    op.create_index(
        op.f("ix_plugin_document_field_tenant_id_plugin_field_as_date_key"),
        "plugin_document_field",
        ["tenant_id", "plugin", "field", "as_date", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_plugin_document_field_tenant_id_plugin_field_as_int_key"),
        "plugin_document_field",
        ["tenant_id", "plugin", "field", "as_int", "key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_plugin_document_field_tenant_id_plugin_field_as_text_key"),
        "plugin_document_field",
        ["tenant_id", "plugin", "field", "as_text", "key"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("plugin_document_field")
    op.drop_table("plugin_difference")
    op.drop_table("plugin_timing")
    op.drop_table("plugin_stop")
    op.drop_table("plugin_standing")
    op.drop_table("plugin_secret")
    op.drop_table("plugin_run")
    op.drop_table("plugin_removal")
    op.drop_table("plugin_opening")
    op.drop_table("plugin_line")
    op.drop_table("plugin_failure")
    op.drop_table("plugin_enablement")
    op.drop_table("plugin_document")
    op.drop_table("plugin_change")
    op.drop_table("plugin_allowance")
    op.drop_table("bundle_standing")
