"""The operator's allow-list: which plugins are there for which scopes, as rules that begin and end.

A rule of the scope's own goes before the one for all. Whom a plugin is for is said anew as a whole (everyone, some by
name, nobody), and only the rules that this changes begin and end: so each says since when, by whom and why it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx, Scope
from core.database.directory import ScopeRow
from core.database.writing import Writing
from core.hooks.models import PluginAllowance
from core.hooks.offering import Offer
from core.hooks.stops import raise_generations
from core.ids import new_id


async def rules_for(session: AsyncSession, scope: Scope) -> dict[str, PluginAllowance]:
    """Return the rule that holds for the scope, by plugin."""
    chosen = select(PluginAllowance).where(
        PluginAllowance.ended_at.is_(None),
        or_(PluginAllowance.scope_id.is_(None), PluginAllowance.scope_id == scope.id),
    )
    rows = list(await session.scalars(chosen))
    return {row.plugin: row for row in sorted(rows, key=lambda row: row.scope_id is not None)}


async def offer_of(session: AsyncSession, ctx: Ctx) -> Offer:
    """Return which plugins are there for the scope."""
    rules = await rules_for(session, ctx.scope)
    return Offer({plugin: row.allowed for plugin, row in rules.items()}, ctx.database.settings.new_plugins)


async def rules_of(session: AsyncSession, plugin: str | None = None) -> list[PluginAllowance]:
    """Return every rule there is or was, of one plugin or all, the latest first. For the operator."""
    chosen = select(PluginAllowance).order_by(PluginAllowance.began_at.desc(), PluginAllowance.id.desc())
    return list(await session.scalars(chosen if plugin is None else chosen.where(PluginAllowance.plugin == plugin)))


def allowed_for(rules: Sequence[PluginAllowance], scope: Scope, *, usually: bool) -> bool:
    """Say whether the plugin, whose ``rules`` these are, is there for the scope: where none holds, ``usually``."""
    held = {row.scope_id: row.allowed for row in rules if row.ended_at is None}
    return held.get(scope.id, held.get(None, usually))


async def allow(
    writing: Writing,
    plugin: str,
    among: Sequence[Scope],
    chosen: Collection[UUID] | None,
    reason: str,
    *,
    usually: bool,
) -> list[tuple[Scope, PluginAllowance]] | None:
    """Let the plugin be for everyone (``None``), or for these scopes alone: none, if there are none.

    ``among`` are all the scopes there are; ``usually``: whether it is for everyone without any rule. Returns whom
    this changes something for, with the rule that holds there now; ``None`` if it is so already.
    """
    # Two who decide at once: the second waits here, and sees what the first did.
    await writing.session.execute(select(ScopeRow.id).where(ScopeRow.id == writing.ctx.scope.id).with_for_update())
    rules = [row for row in await rules_of(writing.session, plugin) if row.ended_at is None]
    held = {row.scope_id: row for row in rules}
    before = {scope.id: allowed_for(rules, scope, usually=usually) for scope in among}
    anew: dict[UUID | None, bool] = {}
    if None not in held or held[None].allowed != (chosen is None):
        anew[None] = chosen is None
    for scope in among:
        own = held.get(scope.id)
        wanted = chosen is None or scope.id in chosen
        if chosen is not None and wanted and (own is None or not own.allowed):
            anew[scope.id] = True
        elif not wanted and own is not None and own.allowed and None not in anew:
            anew[scope.id] = False  # it says since when this is so here: the rule for all is older
    ended = [row for row in rules if row.scope_id in anew or _obsolete(row, chosen)]
    if not anew and not ended:
        return None
    for row in ended:
        row.ended_at, row.ended_by, row.end_reason = writing.now, writing.ctx.actor.name, reason
    await writing.session.flush()
    begun = {scope_id: _rule(writing, plugin, scope_id, reason, allowed=is_it) for scope_id, is_it in anew.items()}
    writing.session.add_all(begun.values())
    await raise_generations(writing, None)
    now = {row.scope_id: row for row in rules if row not in ended} | begun
    changed = [scope for scope in among if before[scope.id] != (chosen is None or scope.id in chosen)]
    return [(scope, now.get(scope.id) or now[None]) for scope in changed]


def _obsolete(row: PluginAllowance, chosen: Collection[UUID] | None) -> bool:
    """Say whether a rule of one scope's own says nothing any more, or what is not so any more."""
    return row.scope_id is not None and (chosen is None or (row.allowed and row.scope_id not in chosen))


def _rule(writing: Writing, plugin: str, scope_id: UUID | None, reason: str, *, allowed: bool) -> PluginAllowance:
    return PluginAllowance(
        id=new_id(writing.ctx.clock),
        scope_id=scope_id,
        plugin=plugin,
        allowed=allowed,
        reason=reason,
        by_name=writing.ctx.actor.name,
        began_at=writing.now,
    )
