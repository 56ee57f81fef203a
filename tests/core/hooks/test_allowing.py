"""The operator's allow-list in the database: a model of a few lines says for whom a plugin is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.context import Scope
from core.database.sessions import tenant_session
from core.hooks.allowing import allow, offer_of, rules_for
from core.hooks.database_records import DatabaseRecords, SystemWriting
from core.hooks.models import PluginAllowance
from tests.platform import Platform

SERVICES = 3
decisions = st.lists(st.one_of(st.none(), st.frozensets(st.integers(0, SERVICES - 1))), min_size=1, max_size=8)
"""Everyone, or those with these numbers: none of them is nobody."""


@dataclass
class Model:
    """Whom the plugin is for, and since which decision it is so for each."""

    allowed: list[bool]
    since: list[int] = field(default_factory=lambda: [0] * SERVICES)

    def decide(self, number: int, chosen: frozenset[int] | None) -> set[int]:
        after = [chosen is None or place in chosen for place in range(SERVICES)]
        changed = {place for place in range(SERVICES) if after[place] != self.allowed[place]}
        self.allowed = after
        for place in changed:
            self.since[place] = number
        return changed


async def decide(
    platform: Platform, plugin: str, among: list[Scope], chosen: frozenset[int] | None, reason: str, *, usually: bool
) -> list[UUID] | None:
    ctx = platform.ctx(platform.operator)
    async with tenant_session(ctx) as session:
        writing = SystemWriting(ctx, session, ctx.today, ctx.clock.now())
        named = None if chosen is None else {among[place].id for place in chosen}
        changed = await allow(writing, plugin, among, named, reason, usually=usually)
    return None if changed is None else [scope.id for scope, _ in changed]


async def allowed(platform: Platform, scope: Scope, plugin: str) -> bool | None:
    """Return the rule that holds for the scope, as it reads it itself."""
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return (await offer_of(session, platform.ctx(scope))).rules.get(plugin)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(script=decisions, usually=st.booleans())
async def test_whom_a_plugin_is_for_is_what_was_decided_last_and_each_learns_since_when(
    platform: Platform, script: list[frozenset[int] | None], usually: bool
) -> None:
    among = [await platform.agency() for _ in range(SERVICES)]
    plugin, model = f"plugin_{uuid4().hex[:12]}", Model([usually] * SERVICES)
    for number, chosen in enumerate(script, start=1):
        platform.clock.advance(timedelta(seconds=1))
        changed = model.decide(number, chosen)
        told = await decide(platform, plugin, among, chosen, f"Decision {number}", usually=usually)
        assert set(told or []) == {among[place].id for place in changed}
        for place, scope in enumerate(among):
            assert await allowed(platform, scope, plugin) == model.allowed[place]
            if not model.allowed[place] and model.since[place]:
                async with tenant_session(platform.ctx(scope), read_only=True) as session:
                    rule = (await rules_for(session, scope))[plugin]
                assert rule.reason == f"Decision {model.since[place]}"
        again = await decide(platform, plugin, among, chosen, "Again", usually=usually)
        assert again is None, "the same decision twice changes nothing"
    newcomer = await platform.agency()
    assert await allowed(platform, newcomer, plugin) == (script[-1] is None)


async def test_a_scope_reads_no_rule_that_is_another_s_and_writes_none(platform: Platform) -> None:
    ours, theirs = await platform.agency(), await platform.agency()
    plugin = f"plugin_{uuid4().hex[:12]}"
    await decide(platform, plugin, [ours, theirs], frozenset({1}), "Theirs alone", usually=True)
    async with tenant_session(platform.ctx(ours), read_only=True) as session:
        seen = list(await session.scalars(select(PluginAllowance).where(PluginAllowance.plugin == plugin)))
    assert [(row.scope_id, row.allowed) for row in seen] == [(None, False)]
    assert await allowed(platform, theirs, plugin)


async def test_each_decision_raises_the_generation_that_processes_compare(platform: Platform) -> None:
    scope = await platform.agency()
    records = DatabaseRecords()
    before = await records.state(platform.ctx(scope), None)
    assert before is not None
    await decide(platform, f"plugin_{uuid4().hex[:12]}", [scope], frozenset(), "Nobody", usually=True)
    after = await records.state(platform.ctx(scope), before.generation)
    assert after is not None
    assert after.generation > before.generation
