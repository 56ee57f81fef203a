"""Which plugins a scope runs, how they fared, and the documents they keep."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, public, secret

BYTEWISE = Text(collation="C")
"""Text ordered by code points, so that a prefix is a range."""


class PluginEnablement(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """One plugin as the scope has it. ``state``: enabled, disabled, suspended, or removed with all that it kept.

    ``cause`` says what suspended it (blocked, failing); ``reason`` is what a person wrote.
    ``plugin_version`` is the version that was installed when a person last decided.
    ``consented`` is what was consented to (``Asks``), with the version that asked, by whom and when; ``told`` what of
    it the administrators were last told that a version asks beyond it.
    """

    __tablename__ = "plugin_enablement"
    __table_args__ = (
        UniqueConstraint("tenant_id", "plugin"),
        CheckConstraint("state in ('enabled', 'disabled', 'suspended', 'removed')", name="state"),
    )

    plugin: Mapped[str] = public()
    state: Mapped[str] = public()
    settings: Mapped[dict[str, Any]] = agency()
    plugin_version: Mapped[str] = public()
    since: Mapped[datetime] = public()
    cause: Mapped[str | None] = public()
    reason: Mapped[str | None] = agency()
    consented: Mapped[dict[str, Any]] = public(default=dict)
    consented_version: Mapped[str | None] = public()
    consented_by: Mapped[UUID | None] = public()
    consented_by_name: Mapped[str | None] = agency()
    consented_at: Mapped[datetime | None] = public()
    told: Mapped[dict[str, Any] | None] = public()


class PluginStanding(Base, table_class=TableClass.PLATFORM):
    """In which state a plugin is in which scope: what the operator sees of an enablement, and no more.

    Written with the enablement, in its transaction; ``enablement_id`` is that row's id.
    """

    __tablename__ = "plugin_standing"
    __table_args__ = (Index(None, "plugin"),)

    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    enablement_id: Mapped[UUID] = public(primary_key=True)
    plugin: Mapped[str] = public()
    state: Mapped[str] = public()
    cause: Mapped[str | None] = public()
    since: Mapped[datetime] = public()
    consented: Mapped[dict[str, Any]] = public()
    consented_version: Mapped[str | None] = public()
    consented_at: Mapped[datetime | None] = public()


class BundleStanding(Base, table_class=TableClass.PLATFORM):
    """A version of a service's own plugin: what the operator sees of it, and no more.

    Written with the service's row of it, in its transaction; ``id`` is that row's.
    """

    __tablename__ = "bundle_standing"
    __table_args__ = (CheckConstraint("state in ('waiting', 'chosen', 'former')", name="state"),)

    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    id: Mapped[UUID] = public(primary_key=True)
    plugin: Mapped[str] = public()
    plugin_version: Mapped[str] = public()
    sha256: Mapped[str] = public()
    state: Mapped[str] = public()
    since: Mapped[datetime] = public()


class PluginStop(Base, table_class=TableClass.PLATFORM):
    """That a plugin does not run in a scope, whatever that enabled, from ``began_at`` until ``lifted_at``.

    Without ``scope_id``: in none; without ``plugin``: no plugin at all, which is safe mode. A table without a
    tenant, so that the operator can stop a plugin with one row and see nothing else of the scope. ``by_scope``
    is whose doing it is: a scope's own, or the operator's.
    """

    __tablename__ = "plugin_stop"
    __table_args__ = (
        Index("ix_plugin_stop_open", "scope_id", "plugin", postgresql_where="lifted_at IS NULL"),
        Index(None, "began_at"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID | None] = public(ForeignKey("scope.id"))
    plugin: Mapped[str | None] = public()
    reason: Mapped[str] = agency()
    by_scope: Mapped[UUID] = public()
    by_name: Mapped[str] = agency()
    began_at: Mapped[datetime] = public()
    lifted_at: Mapped[datetime | None] = public()
    lifted_by: Mapped[str | None] = agency()
    lift_reason: Mapped[str | None] = agency()


class PluginAllowance(Base, table_class=TableClass.PLATFORM):
    """That the operator allows a plugin, or does not, from ``began_at`` until ``ended_at``.

    In one scope, or without ``scope_id`` in every one that has no rule of its own. Nothing is ever deleted: it is
    the history.
    """

    __tablename__ = "plugin_allowance"
    __table_args__ = (
        Index(
            "ux_plugin_allowance_open",
            "scope_id",
            "plugin",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index(None, "plugin", "began_at"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID | None] = public(ForeignKey("scope.id"))
    plugin: Mapped[str] = public()
    allowed: Mapped[bool] = public()
    reason: Mapped[str] = agency()
    by_name: Mapped[str] = agency()
    began_at: Mapped[datetime] = public()
    ended_at: Mapped[datetime | None] = public()
    ended_by: Mapped[str | None] = agency()
    end_reason: Mapped[str | None] = agency()


class PluginChange(TenantRow, Base, table_class=TableClass.SCOPE, append_only=True):
    """Who changed something about a plugin, when and why. What it was before and after: ``PluginDifference``.

    ``profile``: what the operator's profile is called, in both languages, by which it came.
    """

    __tablename__ = "plugin_change"
    __table_args__ = (Index(None, "tenant_id", "plugin", "at"),)

    plugin: Mapped[str] = public()
    plugin_version: Mapped[str] = public()
    action: Mapped[str] = public()
    actor_id: Mapped[UUID] = public()
    actor_name: Mapped[str] = agency()
    reason: Mapped[str | None] = agency()
    profile: Mapped[dict[str, Any] | None] = public(JSONB(none_as_null=True))
    at: Mapped[datetime] = public()


class PluginDifference(Base, table_class=TableClass.SCOPE):
    """What a change changed: by setting, the value before and after. It goes when the plugin's data are erased.

    Of a secret, by its path: ``{"secret": [whether it was set, whether it is]}``. Of a consent, what was consented
    to before and after.
    """

    __tablename__ = "plugin_difference"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "change_id"], ["plugin_change.tenant_id", "plugin_change.id"]),
        Index(None, "tenant_id", "plugin"),
    )

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    change_id: Mapped[UUID] = public(primary_key=True)
    plugin: Mapped[str] = public()
    difference: Mapped[dict[str, Any]] = agency()


class PluginSecret(Base, table_class=TableClass.SCOPE):
    """A secret of a plugin's settings, sealed for its tenant, plugin and field: nothing else holds it.

    ``field`` is its path in the settings: ``password``, or ``server/password`` in a group.
    """

    __tablename__ = "plugin_secret"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    plugin: Mapped[str] = public(primary_key=True)
    field: Mapped[str] = public(primary_key=True)
    sealed: Mapped[bytes] = secret()
    set_by: Mapped[UUID] = public()
    set_by_name: Mapped[str] = agency()
    set_at: Mapped[datetime] = public()


class PluginRemoval(TenantRow, Base, table_class=TableClass.SCOPE):
    """That what a plugin keeps was written to a file, and then, where it was, erased: the receipt.

    ``settings``, ``documents`` and ``sha256`` (hex) are of the lines of the file; ``secrets``, ``fields`` and
    ``failures`` are what was erased beside them, and never written out.
    """

    __tablename__ = "plugin_removal"
    __table_args__ = (Index(None, "tenant_id", "plugin", "exported_at"),)

    plugin: Mapped[str] = public()
    plugin_version: Mapped[str] = public()
    document_id: Mapped[UUID] = agency()
    settings: Mapped[int] = agency()
    documents: Mapped[int] = agency()
    sha256: Mapped[str] = agency()
    exported_at: Mapped[datetime] = public()
    exported_by: Mapped[UUID] = public()
    exported_by_name: Mapped[str] = agency()
    erased_at: Mapped[datetime | None] = public()
    erased_by: Mapped[UUID | None] = public()
    erased_by_name: Mapped[str | None] = agency()
    secrets: Mapped[int | None] = agency()
    fields: Mapped[int | None] = agency()
    failures: Mapped[int | None] = agency()


class PluginFailure(TenantRow, Base, table_class=TableClass.SCOPE):
    """How often a plugin failed at a hook for one cause; ``detail`` is of the last time and holds no content."""

    __tablename__ = "plugin_failure"
    __table_args__ = (UniqueConstraint("tenant_id", "plugin", "hook", "cause"),)

    plugin: Mapped[str] = public()
    hook: Mapped[str] = public()
    cause: Mapped[str] = public()
    detail: Mapped[str] = agency()
    count: Mapped[int] = public()
    first_at: Mapped[datetime] = public()
    last_at: Mapped[datetime] = public()


class PluginRun(Base, table_class=TableClass.SCOPE):
    """How often one version of a plugin was called at a hook, ever: written in batches, a few seconds late.

    ``answered_at`` is the last success: of the batch in which it was, as are the other instants.
    """

    __tablename__ = "plugin_run"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    plugin: Mapped[str] = public(primary_key=True)
    hook: Mapped[str] = public(primary_key=True)
    plugin_version: Mapped[str] = public(primary_key=True)
    calls: Mapped[int] = public()
    failures: Mapped[int] = public()
    first_at: Mapped[datetime] = public()
    last_at: Mapped[datetime] = public()
    answered_at: Mapped[datetime | None] = public()


class PluginTiming(Base, table_class=TableClass.SCOPE):
    """Calls of a plugin at a hook in one quarter of an hour, by how long they took (``measuring.BOUNDS``).

    ``bucket`` ``-1`` counts those that failed, which stand in the bucket of their time as well.
    """

    __tablename__ = "plugin_timing"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    plugin: Mapped[str] = public(primary_key=True)
    hook: Mapped[str] = public(primary_key=True)
    quarter: Mapped[datetime] = public(primary_key=True)
    bucket: Mapped[int] = public(primary_key=True)
    calls: Mapped[int] = public()


class PluginOpening(TenantRow, Base, table_class=TableClass.SCOPE):
    """That a breaker opened: the plugin had failed the tenant several times in a row, at ``hook`` the last time."""

    __tablename__ = "plugin_opening"
    __table_args__ = (Index(None, "tenant_id", "plugin", "at"),)

    plugin: Mapped[str] = public()
    hook: Mapped[str] = public()
    cause: Mapped[str] = public()
    suspended: Mapped[bool] = public()
    at: Mapped[datetime] = public()


class PluginLine(TenantRow, Base, table_class=TableClass.SCOPE):
    """A line of a plugin's log. ``level``: its own, or failure; ``fields`` hold numbers, ids and words of its code."""

    __tablename__ = "plugin_line"
    __table_args__ = (Index(None, "tenant_id", "plugin", "id"),)

    plugin: Mapped[str] = public()
    plugin_version: Mapped[str] = public()
    hook: Mapped[str] = public()
    level: Mapped[str] = public()
    cause: Mapped[str | None] = public()
    message: Mapped[str] = agency()
    fields: Mapped[dict[str, Any]] = agency()
    request_id: Mapped[str] = public()
    at: Mapped[datetime] = public()


class PluginDocument(Base, table_class=TableClass.SCOPE):
    """A document that a plugin keeps (``ctx.store``)."""

    __tablename__ = "plugin_document"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    plugin: Mapped[str] = public(BYTEWISE, primary_key=True)
    key: Mapped[str] = agency(BYTEWISE, primary_key=True)
    document: Mapped[dict[str, Any]] = agency()
    written_at: Mapped[datetime] = public()


class PluginDocumentField(Base, table_class=TableClass.SCOPE):
    """A declared field of a document, copied out on writing: the policy keeps ``document->>'x'`` off any index."""

    __tablename__ = "plugin_document_field"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "plugin", "key"],
            ["plugin_document.tenant_id", "plugin_document.plugin", "plugin_document.key"],
        ),
        Index(None, "tenant_id", "plugin", "field", "as_text", "key"),
        Index(None, "tenant_id", "plugin", "field", "as_int", "key"),
        Index(None, "tenant_id", "plugin", "field", "as_date", "key"),
    )

    tenant_id: Mapped[UUID] = public(primary_key=True)
    plugin: Mapped[str] = public(BYTEWISE, primary_key=True)
    key: Mapped[str] = agency(BYTEWISE, primary_key=True)
    field: Mapped[str] = public(BYTEWISE, primary_key=True)
    as_text: Mapped[str | None] = agency(BYTEWISE)
    as_int: Mapped[int | None] = agency()
    as_date: Mapped[date | None] = agency()
