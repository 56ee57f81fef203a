"""Where the secrets of settings are kept: sealed, a row each; opened when a plugin asks for the text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Actor, Ctx
from core.database.sealing import NotSealedHere, seal, unseal
from core.database.writing import Writing
from core.hooks.models import PluginSecret
from core.secret import Secret

HELD = "held"
"""Stands for the column where a secret is sealed that a form holds and nothing has saved."""

NOBODY = Actor(id=UUID(int=0), name="", kind="system")


class SetSecret(msgspec.Struct, frozen=True):
    """That a secret is set, when and by whom."""

    field: str
    at: datetime
    by: str


async def secrets_of(session: AsyncSession, ctx: Ctx) -> dict[str, dict[str, Secret]]:
    """Return the scope's secrets, by plugin and path; each is opened when its text is asked for."""
    found: dict[str, dict[str, Secret]] = {}
    bare = Ctx(ctx.scope, NOBODY, ctx.clock, database=ctx.database)  # a secret outlives the request that read it
    rows = await session.execute(
        select(PluginSecret.plugin, PluginSecret.field, PluginSecret.sealed).where(
            PluginSecret.tenant_id == ctx.scope.id
        )
    )
    for plugin, field, sealed in rows:
        found.setdefault(plugin, {})[field] = Secret(partial(_open, bare, f"{plugin}/{field}", sealed))
    return found


async def set_secrets(session: AsyncSession, ctx: Ctx, plugin: str) -> list[SetSecret]:
    """Return which secrets of the plugin are set, by path."""
    rows = await session.execute(
        select(PluginSecret.field, PluginSecret.set_at, PluginSecret.set_by_name)
        .where(PluginSecret.tenant_id == ctx.scope.id, PluginSecret.plugin == plugin)
        .order_by(PluginSecret.field)
    )
    return [SetSecret(*row) for row in rows]


async def keep_secrets(writing: Writing, plugin: str, changes: Mapping[str, Secret | None]) -> dict[str, Any]:
    """Seal each new secret and forget each that is ``None``.

    Returns, by path, ``{"secret": [whether it was set, whether it is]}``; of what was and is not set, nothing.
    """
    ctx, session = writing.ctx, writing.session
    known = {one.field for one in await set_secrets(session, ctx, plugin)}
    difference = {}
    for field, changed in changes.items():
        if changed is not None:
            place = {"tenant_id": ctx.scope.id, "plugin": plugin, "field": field}
            values = {
                "sealed": seal(ctx, PluginSecret, f"{plugin}/{field}", changed.reveal().encode()),
                "set_by": ctx.actor.id,
                "set_by_name": ctx.actor.name,
                "set_at": writing.now,
            }
            row = insert(PluginSecret).values(**place, **values)
            await session.execute(row.on_conflict_do_update(index_elements=list(place), set_=values))
        elif field in known:
            gone = delete(PluginSecret).where(
                PluginSecret.tenant_id == ctx.scope.id, PluginSecret.plugin == plugin, PluginSecret.field == field
            )
            await session.execute(gone)
        if changed is not None or field in known:
            difference[field] = {"secret": [field in known, changed is not None]}
    return difference


def hold(ctx: Ctx, plugin: str, field: str, text: str) -> str:
    """Return a secret as a form may hold it that is not saved yet: sealed, for whoever entered it alone."""
    return seal(ctx, PluginSecret, _held_by(ctx, plugin, field), text.encode(), column=HELD).hex()


def held(ctx: Ctx, plugin: str, field: str, token: str) -> str | None:
    """Return what the form held, or ``None`` if it was not made for this field and this person."""
    try:
        sealed = bytes.fromhex(token)
        return unseal(ctx, PluginSecret, _held_by(ctx, plugin, field), sealed, column=HELD).decode()
    except (NotSealedHere, ValueError):
        return None


def _held_by(ctx: Ctx, plugin: str, field: str) -> str:
    return f"{plugin}/{field}/{ctx.actor.id}"


def _open(ctx: Ctx, place: str, sealed: bytes) -> str:
    return unseal(ctx, PluginSecret, place, sealed).decode()
