"""Profiles: named sets of plugins with settings to begin with, which the operator recommends to services.

Two come with the product, as data (``shipped/*.toml``): they are the opening state, kept when the operator's scope is
opened or when the operator takes one over; from then on the row is the truth.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.writing import Writing
from core.errors import Fault, Invalid, NotFound
from core.extensions.models import PluginProfile
from core.hooks.data import Words
from core.hooks.registry import Registry
from core.hooks.settings_values import found_at, secret_paths, stored
from core.ids import new_id
from core.text import t
from core.use_cases import intake

SHIPPED = Path(__file__).parent / "shipped"


class Recommended(msgspec.Struct, frozen=True):
    """A plugin, and the settings that are recommended; those that are not named stay the plugin's own."""

    plugin: str
    settings: dict[str, Any] = {}


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A set of plugins. ``scope_ids``: whom it is for; ``None`` is everyone, an empty list nobody."""

    key: str
    title: Words
    summary: Words
    plugins: list[Recommended]
    scope_ids: list[UUID] | None = None
    row: PluginProfile | None = None
    """Where it is kept; without, it is one that comes with the product."""

    @property
    def digest(self) -> str:
        """The SHA-256 of what it recommends, in hexadecimal: with another one it recommends something else."""
        return hashlib.sha256(msgspec.json.encode(self.plugins, order="deterministic")).hexdigest()

    def is_for(self, scope_id: UUID) -> bool:
        """Say whether it is for the scope."""
        return self.scope_ids is None or scope_id in self.scope_ids

    def settings_of(self, plugin: str) -> dict[str, Any] | None:
        """Return what it recommends to set, or ``None`` if the plugin is not in it."""
        return next((one.settings for one in self.plugins if one.plugin == plugin), None)


@cache
def shipped() -> Mapping[str, Profile]:
    """Return the profiles that come with the product, by key."""
    made = [msgspec.convert(tomllib.loads(path.read_text("utf-8")), Profile) for path in sorted(SHIPPED.glob("*.toml"))]
    return {one.key: one for one in made}


async def profiles(session: AsyncSession) -> list[Profile]:
    """Return every profile that whoever asks may see, by key."""
    return [_of(row) for row in await session.scalars(select(PluginProfile).order_by(PluginProfile.key))]


async def find_profile(session: AsyncSession, key: str) -> Profile:
    """Return the profile. Raises ``NotFound`` for one that is not there for whoever asks."""
    row = await session.scalar(select(PluginProfile).where(PluginProfile.key == key))
    if row is None:
        raise NotFound
    return _of(row)


def keep(writing: Writing, profile: Profile) -> PluginProfile:
    """Keep a profile that is not there yet."""
    row = PluginProfile(
        id=new_id(writing.ctx.clock), key=profile.key, created_at=writing.now, **written(writing, profile)
    )
    writing.session.add(row)
    return row


def written(writing: Writing, profile: Profile) -> dict[str, Any]:
    """Return the profile as the columns that change with it."""
    return {
        "title_en": profile.title["en"],
        "title_fr": profile.title["fr"],
        "summary_en": profile.summary["en"],
        "summary_fr": profile.summary["fr"],
        "scope_ids": None if profile.scope_ids is None else [str(one) for one in profile.scope_ids],
        "plugins": msgspec.to_builtins(profile.plugins),
        "changed_at": writing.now,
        "changed_by": writing.ctx.actor.name,
    }


def _of(row: PluginProfile) -> Profile:
    return Profile(
        key=row.key,
        title={"en": row.title_en, "fr": row.title_fr},
        summary={"en": row.summary_en, "fr": row.summary_fr},
        plugins=msgspec.convert(row.plugins, list[Recommended]),
        scope_ids=None if row.scope_ids is None else [UUID(one) for one in row.scope_ids],
        row=row,
    )


def look_through(registry: Registry, recommended: Recommended) -> tuple[Recommended, list[Fault]]:
    """Return what is recommended as it is kept, and all that is wrong with it, at pointers within the settings.

    A secret is always wrong.
    """
    plugin = registry.plugins.get(recommended.plugin)
    if plugin is None:
        return recommended, [Fault("", t("The plugin “%(plugin)s” is not installed.", plugin=recommended.plugin))]
    struct, given = plugin.manifest.settings, recommended.settings
    if struct is None:
        return recommended, [Fault("", t("It has no settings."))] if given else []
    faults = [
        Fault(f"/{path}", t("A secret is the service’s own: no profile holds one."))
        for path in secret_paths(struct)
        if found_at(given, path)[0]
    ]
    try:
        made = stored(intake.read(struct, given))
    except Invalid as invalid:
        faults += [one for one in invalid.faults if one.pointer not in {fault.pointer for fault in faults}]
    except Exception:  # noqa: BLE001 - the struct's own check may raise anything
        faults.append(Fault("", t("The plugin’s own check of its settings failed.")))
    else:
        return Recommended(recommended.plugin, {name: made[name] for name in given if name in made}), faults
    return recommended, faults
