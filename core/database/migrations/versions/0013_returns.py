"""The tables of returns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_returns"
down_revision = "0012_deployments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "program_milestone_note",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_program_milestone_note_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_program_milestone_note")),
        sa.UniqueConstraint(
            "tenant_id",
            "agency_id",
            "milestone_id",
            name=op.f("uq_program_milestone_note_tenant_id_agency_id_milestone_id"),
        ),
    )
    op.create_table(
        "milestone_status",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tour_id"], ["tour.tenant_id", "tour.id"], name=op.f("fk_milestone_status_tenant_id_tour_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_milestone_status_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_milestone_status")),
        sa.UniqueConstraint("tenant_id", "tour_id", "key", name=op.f("uq_milestone_status_tenant_id_tour_id_key")),
    )
    op.create_table(
        "program_milestone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tour_id"], ["tour.tenant_id", "tour.id"], name=op.f("fk_program_milestone_tenant_id_tour_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_program_milestone_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_program_milestone")),
        sa.UniqueConstraint("tenant_id", "tour_id", "key", name=op.f("uq_program_milestone_tenant_id_tour_id_key")),
    )
    op.create_index(
        op.f("ix_program_milestone_tenant_id_due_on"), "program_milestone", ["tenant_id", "due_on"], unique=False
    )
    op.create_table(
        "return_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tour_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("tour_ends_on", sa.Date(), nullable=False),
        sa.Column("home_on", sa.Date(), nullable=True),
        sa.Column("duty_on", sa.Date(), nullable=True),
        sa.Column("supervisor_seat", sa.Uuid(), nullable=True),
        sa.Column("target_unit", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["officer.tenant_id", "officer.id"],
            name=op.f("fk_return_file_tenant_id_officer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tour_id"], ["tour.tenant_id", "tour.id"], name=op.f("fk_return_file_tenant_id_tour_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_return_file_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_return_file")),
        sa.UniqueConstraint("tenant_id", "tour_id", name=op.f("uq_return_file_tenant_id_tour_id")),
    )
    op.create_index(
        op.f("ix_return_file_tenant_id_officer_id"), "return_file", ["tenant_id", "officer_id"], unique=False
    )
    op.create_index(op.f("ix_return_file_tenant_id_state"), "return_file", ["tenant_id", "state"], unique=False)
    op.create_table(
        "return_status",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["tour.tenant_id", "tour.id"], name=op.f("fk_return_status_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_return_status_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_return_status")),
    )
    op.create_table(
        "check_in",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "return_id"],
            ["return_file.tenant_id", "return_file.id"],
            name=op.f("fk_check_in_tenant_id_return_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_check_in_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_check_in")),
    )
    op.create_index(
        op.f("ix_check_in_tenant_id_return_id_due_on"), "check_in", ["tenant_id", "return_id", "due_on"], unique=False
    )
    op.create_table(
        "competency",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("in_use", sa.Boolean(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "return_id"],
            ["return_file.tenant_id", "return_file.id"],
            name=op.f("fk_competency_tenant_id_return_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_competency_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_competency")),
    )
    op.create_index(op.f("ix_competency_tenant_id_return_id"), "competency", ["tenant_id", "return_id"], unique=False)
    op.create_table(
        "contact_request",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "return_id"],
            ["return_file.tenant_id", "return_file.id"],
            name=op.f("fk_contact_request_tenant_id_return_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_contact_request_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact_request")),
    )
    op.create_index(
        op.f("ix_contact_request_tenant_id_return_id"), "contact_request", ["tenant_id", "return_id"], unique=False
    )
    op.create_table(
        "milestone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("before_duty", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "return_id"],
            ["return_file.tenant_id", "return_file.id"],
            name=op.f("fk_milestone_tenant_id_return_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_milestone_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("tenant_id", "return_id", "key", name=op.f("uq_milestone_tenant_id_return_id_key")),
    )
    op.create_index(op.f("ix_milestone_tenant_id_due_on"), "milestone", ["tenant_id", "due_on"], unique=False)
    op.create_table(
        "shared_check_in",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "return_id"],
            ["return_file.tenant_id", "return_file.id"],
            name=op.f("fk_shared_check_in_tenant_id_return_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_shared_check_in_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shared_check_in")),
    )
    op.create_index(
        op.f("ix_shared_check_in_tenant_id_return_id"), "shared_check_in", ["tenant_id", "return_id"], unique=False
    )
    op.create_table(
        "health_milestone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["milestone.tenant_id", "milestone.id"], name=op.f("fk_health_milestone_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["scope.id"], name=op.f("fk_health_milestone_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_health_milestone")),
    )


def downgrade() -> None:
    op.drop_table("health_milestone")
    op.drop_table("shared_check_in")
    op.drop_table("milestone")
    op.drop_table("contact_request")
    op.drop_table("competency")
    op.drop_table("check_in")
    op.drop_table("return_status")
    op.drop_table("return_file")
    op.drop_table("program_milestone")
    op.drop_table("milestone_status")
    op.drop_table("program_milestone_note")
