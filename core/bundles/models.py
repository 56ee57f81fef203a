"""The keys that a service trusts, and the bundles that were brought to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, public, secret
from core.hooks.models import BundleStanding
from core.hooks.removal import keeps


class PluginKey(TenantRow, Base, table_class=TableClass.SCOPE):
    """A public key by which the service knows its own developers, as OpenSSH writes it."""

    __tablename__ = "plugin_key"
    __table_args__ = (UniqueConstraint("tenant_id", "fingerprint"),)

    label: Mapped[str] = agency()
    line: Mapped[str] = agency()
    fingerprint: Mapped[str] = public()
    added_by: Mapped[UUID] = public()
    added_by_name: Mapped[str] = agency()
    added_at: Mapped[datetime] = public()
    revoked_at: Mapped[datetime | None] = public()
    revoked_by: Mapped[UUID | None] = public()
    revoked_by_name: Mapped[str | None] = agency()
    reason: Mapped[str | None] = agency()


class PluginBundle(TenantRow, Base, table_class=TableClass.SCOPE):
    """A version of a plugin that is the service's own. ``sealed`` is the file, ``sha256`` (hex) that of its bytes.

    ``statement`` is what the file says of itself and was signed; of each plugin one version is ``chosen`` at most.
    """

    __tablename__ = "plugin_bundle"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "key_id"], ["plugin_key.tenant_id", "plugin_key.id"]),
        UniqueConstraint("tenant_id", "plugin", "plugin_version"),
        Index(
            "uq_plugin_bundle_chosen",
            "tenant_id",
            "plugin",
            unique=True,
            postgresql_where="state = 'chosen'",
        ),
        CheckConstraint("state in ('waiting', 'chosen', 'former')", name="state"),
    )

    plugin: Mapped[str] = public()
    plugin_version: Mapped[str] = public()
    sha256: Mapped[str] = public()
    size: Mapped[int] = public()
    key_id: Mapped[UUID] = public()
    statement: Mapped[dict[str, Any]] = agency()
    sealed: Mapped[bytes] = secret(deferred=True)
    state: Mapped[str] = public()
    uploaded_by: Mapped[UUID] = public()
    uploaded_by_name: Mapped[str] = agency()
    uploaded_at: Mapped[datetime] = public()
    chosen_by: Mapped[UUID | None] = public()
    chosen_by_name: Mapped[str | None] = agency()
    chosen_at: Mapped[datetime | None] = public()


keeps(PluginBundle)
keeps(BundleStanding)
