"""What waits for plugins (deliveries, each of one plugin, and when its tasks were last begun), and profiles of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, public
from core.events.models import ChannelAddress, ChannelCodes
from core.hooks.removal import keeps


class Delivery(TenantRow, Base, table_class=TableClass.SCOPE):
    """One call of one plugin's hook that is made from the outbox. It holds ids, never content.

    ``waiting``: until it is done or was tried as often as is allowed; ``done``; ``dropped``: the plugin
    was switched off, or the subject is gone; ``dead``: somebody may send it again. ``event_id`` is what
    the plugin knows it by; ``sending_id`` is the event of its latest sending, whose job makes the attempts.
    ``cause``: of the last failure, ``refused`` where a service outside did not take it, for the ``reason``
    that the plugin gave; ``failure`` is one line without content.
    ``receipt``: what the plugin gave for it, where its hook gives one (``reference``, ``at``, ``note``), and
    whether what was told had changed since it was put here (``newer``).
    """

    __tablename__ = "plugin_delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "plugin", "hook", "event_id"),
        Index(None, "tenant_id", "plugin", "created_at"),
        Index(None, "tenant_id", "subject_id", "state"),
        CheckConstraint("state in ('waiting', 'done', 'dropped', 'dead')", name="state"),
    )

    plugin: Mapped[str] = public()
    hook: Mapped[str] = public()
    event_id: Mapped[UUID] = public()
    event: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    on_day: Mapped[date] = public()
    sending_id: Mapped[UUID] = public()
    state: Mapped[str] = public()
    attempts: Mapped[int] = public(default=0)
    cause: Mapped[str | None] = public()
    reason: Mapped[dict[str, Any] | None] = agency(JSONB(none_as_null=True))
    failure: Mapped[str | None] = agency()
    receipt: Mapped[dict[str, Any] | None] = agency(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = public()
    tried_at: Mapped[datetime | None] = public()
    ended_at: Mapped[datetime | None] = public()


class PluginTask(TenantRow, Base, table_class=TableClass.SCOPE):
    """A task that a plugin asked for: when it was first seen and when it was last begun.

    Key and title are the plugin's own words, which may quote anybody.
    """

    __tablename__ = "plugin_task"
    __table_args__ = (UniqueConstraint("tenant_id", "plugin", "key"),)

    plugin: Mapped[str] = public()
    key: Mapped[str] = agency()
    title_en: Mapped[str] = agency()
    title_fr: Mapped[str] = agency()
    seen_at: Mapped[datetime] = public()
    begun_at: Mapped[datetime | None] = public()


class PluginProfile(Versioned, Base, table_class=TableClass.PLATFORM):
    """A set of plugins that the operator recommends, with settings to begin with.

    ``scope_ids``: whom it is for; ``None`` is every service, an empty list none. ``plugins``: in their order, each
    with the settings that are recommended (``profiles.Recommended``), without any secret.
    """

    __tablename__ = "plugin_profile"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[UUID] = public(primary_key=True)
    key: Mapped[str] = public()
    title_en: Mapped[str] = public()
    title_fr: Mapped[str] = public()
    summary_en: Mapped[str] = public()
    summary_fr: Mapped[str] = public()
    scope_ids: Mapped[list[str] | None] = public(JSONB(none_as_null=True))
    plugins: Mapped[list[Any]] = public()
    changed_at: Mapped[datetime] = public()
    changed_by: Mapped[str] = agency()


class PluginProfileUse(TenantRow, Base, table_class=TableClass.SCOPE, append_only=True):
    """That a scope used a profile: what was switched on by it, and the digest of what it then recommended."""

    __tablename__ = "plugin_profile_use"
    __table_args__ = (Index(None, "tenant_id", "key", "used_at"),)

    key: Mapped[str] = public()
    title_en: Mapped[str] = public()
    title_fr: Mapped[str] = public()
    digest: Mapped[str] = public()
    plugins: Mapped[list[str]] = public()
    used_at: Mapped[datetime] = public()
    used_by: Mapped[UUID] = public()
    used_by_name: Mapped[str] = agency()


keeps(Delivery)
keeps(PluginTask)
keeps(ChannelAddress, "channel")
keeps(ChannelCodes, "channel")
