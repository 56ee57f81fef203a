"""The plugins that are a service's own, read anew at each change: what is run is what was looked at and chosen."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.bundles.making import Unusable, make_plugin
from core.bundles.models import PluginBundle, PluginKey
from core.context import Ctx
from core.database.sealing import NotSealedHere, unseal
from core.hooks.allowing import offer_of
from core.hooks.bundles import BundleRefused, read_bundle
from core.hooks.marking import Hook
from core.hooks.registry import NOTHING_HELD, BrokenPlugin, Held, Plugin

log = logging.getLogger("contingent.plugins")


class _Chosen(NamedTuple):
    id: UUID
    plugin: str
    sha256: str
    fingerprint: str
    label: str
    revoked: bool


class OwnBundles:
    """Reads the services' own plugins for one of the platform's processes."""

    def __init__(self, hooks: Mapping[str, Hook]) -> None:
        self._hooks = hooks
        self._made: WeakValueDictionary[tuple[UUID, UUID, str], Plugin] = WeakValueDictionary()
        """By tenant, bundle and digest; kept as long as somebody's plan or list holds it."""

    async def __call__(self, ctx: Ctx, session: AsyncSession) -> Held:
        """Return those of the context's scope: of each the version that was chosen, if its key is trusted still."""
        rows = await session.execute(
            select(
                PluginBundle.id,
                PluginBundle.plugin,
                PluginBundle.sha256,
                PluginKey.fingerprint,
                PluginKey.label,
                PluginKey.revoked_at.is_not(None),
            )
            .join(PluginKey, (PluginKey.tenant_id == PluginBundle.tenant_id) & (PluginKey.id == PluginBundle.key_id))
            .where(PluginBundle.tenant_id == ctx.scope.id, PluginBundle.state == "chosen")
            .order_by(PluginBundle.plugin)
        )
        found = [await self._read(ctx, session, _Chosen(*row)) for row in rows]
        if not found:
            return NOTHING_HELD
        return Held(
            [one for one in found if isinstance(one, Plugin)],
            [one for one in found if isinstance(one, BrokenPlugin)],
            await offer_of(session, ctx),
        )

    async def _read(self, ctx: Ctx, session: AsyncSession, one: _Chosen) -> Plugin | BrokenPlugin:
        if one.revoked:
            return BrokenPlugin(one.plugin, "bundle", f"the key {one.fingerprint} that signed it is revoked")
        key = (ctx.scope.id, one.id, one.sha256)
        known = self._made.get(key)
        if known is not None:
            return known
        chosen = select(PluginBundle.sealed).where(PluginBundle.tenant_id == ctx.scope.id, PluginBundle.id == one.id)
        sealed = await session.scalar(chosen)
        try:
            made = await asyncio.to_thread(_opened, ctx, one, sealed or b"", self._hooks)
        except (BundleRefused, Unusable, NotSealedHere) as error:
            log.error("bundle %s of %s cannot be used: %s", one.plugin, ctx.scope.slug, error)  # noqa: TRY400 - the fault is said whole; how it came is not news
            return BrokenPlugin(one.plugin, "bundle", line_of(error))
        self._made[key] = made
        return made


def _opened(ctx: Ctx, one: _Chosen, sealed: bytes, hooks: Mapping[str, Hook]) -> Plugin:
    """Return the plugin of a bundle, looked at once more: whole, of this digest, signed with this key."""
    content = unseal(ctx, PluginBundle, one.id, sealed)
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise NotSealedHere(f"what is kept as {one.plugin} is not the file that was looked at")
    return make_plugin(read_bundle(content, {one.fingerprint: one.label}), hooks, "own")


def line_of(error: Exception) -> str:
    """Return every fault in one line."""
    faults: Any = getattr(error, "faults", ())
    return " ".join(str(one) for one in faults) or str(error)
