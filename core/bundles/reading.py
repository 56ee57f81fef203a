"""A service's own plugins as they are shown: from what was signed and kept, with none of their code."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from core.bundles.models import PluginBundle, PluginKey
from core.bundles.schemas import BundleFile, BundleSummary, KeyOut, OwnPlugins
from core.extensions.consenting import asked
from core.extensions.lifecycle import PLUGIN_PEOPLE
from core.hooks.bundles import Statement
from core.hooks.consent import Asks, asks_of
from core.hooks.standing import look_up
from core.use_cases.output import shown
from core.use_cases.work import Work

NOT_ASKED = Asks()
NAMELESS = dict.fromkeys(("label", "added_by_name", "revoked_by_name", "reason"))
"""What of a key is not for developers, who see no personal data."""


async def own_plugins(work: Work) -> OwnPlugins:
    """Return the keys and the versions, the latest first."""
    keys = await _keys(work)
    mine = select(PluginBundle).where(PluginBundle.tenant_id == work.ctx.scope.id)
    bundles = list(await work.session.scalars(mine.order_by(PluginBundle.plugin, PluginBundle.uploaded_at.desc())))
    return OwnPlugins(
        [
            shown(
                KeyOut,
                key,
                **({} if work.ctx.actor.may(PLUGIN_PEOPLE) else NAMELESS),
                plugins=[one.plugin for one in bundles if one.key_id == key.id and one.state == "chosen"],
            )
            for key in keys.values()
        ],
        [_summary(work, one, keys[one.key_id]) for one in bundles],
    )


async def file_of(work: Work, row: PluginBundle) -> BundleFile:
    """Return everything about one version."""
    said, key = statement_of(row), await work.get(PluginKey, row.key_id)
    runs = select(PluginBundle).filter_by(tenant_id=work.ctx.scope.id, plugin=row.plugin, state="chosen")
    chosen = await work.session.scalar(runs)
    asks = asks_of(said)
    return BundleFile(
        bundle=_summary(work, row, key),
        summary=said.summary,
        sha256=row.sha256,
        size=row.size,
        requires=said.requires,
        hooks=sorted(said.hooks),
        quality=said.quality,
        asks=asked(asks),
        asks_beyond=asked(asks.beyond(asks_of(statement_of(chosen)) if chosen else NOT_ASKED)),
        files=dict(said.files),
        removable=await removable(work, row),
        mine=await work.ctx.people.is_actor(work.session, row.uploaded_by),
    )


async def removable(work: Work, row: PluginBundle) -> bool:
    """Say whether the version can be taken away: another is chosen, or the plugin has nothing here that needs one."""
    if row.state != "chosen":
        return True
    kept = await look_up(work.session, work.ctx.scope, row.plugin)
    return kept is None or kept.state == "removed"


def statement_of(row: PluginBundle) -> Statement:
    """Return what the bundle says of itself."""
    return msgspec.convert(row.statement, Statement)


async def _keys(work: Work) -> dict[object, PluginKey]:
    mine = select(PluginKey).where(PluginKey.tenant_id == work.ctx.scope.id)
    return {key.id: key for key in await work.session.scalars(mine.order_by(PluginKey.added_at, PluginKey.id))}


def _summary(work: Work, row: PluginBundle, key: PluginKey) -> BundleSummary:
    said, people = statement_of(row), work.ctx.actor.may(PLUGIN_PEOPLE)
    names = {} if people else {"uploaded_by_name": None, "chosen_by_name": None}
    signer = key.label if people else None
    return shown(
        BundleSummary,
        row,
        title=said.title,
        fingerprint=key.fingerprint,
        signer=signer,
        trusted=key.revoked_at is None,
        **names,
    )
