"""``eligibility_findings``: asked before the write, kept with who gave them, shown as checks, and a block stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from contingent import Finding, Manifest, Nomination, Strength, hookimpl
from contingent.demo.workers import UNITS
from core.approvals.subjects import Check
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.extensions.consenting import with_consent
from core.extensions.schemas import ConfigurePlugin, EnterSafeMode, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.extensions.stopping import enter_safe_mode, leave_safe_mode
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.models import PluginEnablement
from core.hooks.registry import Registry
from core.nominations.describing import About, describe_for_findings, describe_nomination
from core.nominations.eligibility import Findings, Missing, anybody_to_ask, ask_findings, check_findings
from core.nominations.models import Dossier
from core.nominations.reading import get_nomination
from core.nominations.schemas import NominationFile, OfNomination
from core.nominations.service import ask_plugins
from core.personnel.models import Officer
from core.use_cases.declaration import Nothing
from core.use_cases.work import Work
from tests.core.nominations.test_leaving import send, with_a_call_until
from tests.way import ENDS, STARTS, World

PLUGIN = "duty_cover"


class Cover:
    """The plugin that watches strength, in use at the service of the tests."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def ask_for(self, minimum: int, verdict: str = "warn") -> None:
        """Set the same minimum for every unit."""
        units = [{"unit": unit, "minimum": minimum, "verdict": verdict} for unit in UNITS["en"]]
        administrator = await self.world.ctx("administrator")
        await self.world.cast.run(administrator, configure_plugin, ConfigurePlugin(PLUGIN, {"units": units}))

    async def switch(self, *, on: bool) -> None:
        administrator = await self.world.ctx("administrator")
        if on:
            await self.world.cast.run(administrator, enable_plugin, with_consent(administrator, PLUGIN))
        else:
            await self.world.cast.run(administrator, disable_plugin, WithReason(PLUGIN, "For the test."))

    async def look(self, nomination: UUID) -> NominationFile:
        coordinator = await self.world.ctx("coordinator")
        return await self.world.cast.run(coordinator, get_nomination, OfNomination(id=str(nomination)))

    async def ask(self, nomination: UUID) -> NominationFile:
        coordinator = await self.world.ctx("coordinator")
        return await self.world.cast.run(coordinator, ask_plugins, OfNomination(id=str(nomination)))


@pytest.fixture
async def cover(world: World) -> AsyncIterator[Cover]:
    made = Cover(world)
    await made.switch(on=True)
    yield made
    await made.switch(on=False)


def said(file: NominationFile) -> list[Check]:
    return [one for one in file.checks if str(one.title).startswith("Plugin: ")]


async def about(ctx: Ctx, nomination: UUID) -> About:
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        return await describe_for_findings(work, await describe_nomination(work, nomination))


async def test_eligibility_findings_are_seen_by_whoever_puts_an_officer_forward(cover: Cover) -> None:
    await cover.ask_for(9_999)
    id = (await cover.world.at("draft")).nomination
    file = await cover.look(id)
    (check,) = said(file)
    assert (check.outcome, str(check.title)) == ("warn", "Plugin: Duty cover")
    assert "minimum of 9999" in str(check.detail)
    assert file.findings is not None
    (finding,) = file.findings.said
    assert (finding.plugin, finding.version, file.findings.asked) == (PLUGIN, "1.0", 1)
    assert file.findings.digest == (await about(await cover.world.ctx("coordinator"), id)).digest


async def test_they_are_asked_again_on_the_way_and_a_block_stops_what_was_approved(cover: Cover) -> None:
    await cover.ask_for(1)
    today = (await cover.world.ctx("coordinator")).today
    here = await with_a_call_until(cover.world, today)
    id = (await here.at("approved")).nomination
    assert [one.outcome for one in said(await cover.look(id))] == ["pass"]
    await cover.ask_for(9_999, "block")
    with pytest.raises(Refused, match="would be short: strength of") as refused:
        await send(here, id)
    assert "no check blocks" in str(refused.value.remedy)
    assert (await cover.look(id)).nomination.state == "agency_review"
    await cover.ask_for(9_999, "warn")
    sent = await send(here, id)
    assert sent.nomination.state == "nominated"
    assert [one.outcome for one in said(sent)] == ["warn"]
    with pytest.raises(Refused, match="has left"):
        await cover.ask(id)


async def test_while_a_finding_blocks_nobody_approves_and_asking_again_tells_that_it_is_settled(cover: Cover) -> None:
    await cover.ask_for(9_999, "block")
    with pytest.raises(Refused, match="Plugin: Duty cover"):
        await cover.world.at("approved")
    await cover.ask_for(1, "block")
    id = (await cover.world.at("review")).nomination
    assert [one.outcome for one in said(await cover.look(id))] == ["pass"]
    await cover.ask_for(9_999, "block")
    assert [one.outcome for one in said(await cover.ask(id))] == ["block"]
    await cover.ask_for(1, "block")
    assert [one.outcome for one in said(await cover.look(id))] == ["block"]
    assert [one.outcome for one in said(await cover.ask(id))] == ["pass"]


async def test_what_a_plugin_found_does_not_count_once_it_is_switched_off(cover: Cover) -> None:
    await cover.ask_for(9_999, "block")
    id = (await cover.world.at("draft")).nomination
    await cover.switch(on=False)
    assert said(await cover.look(id)) == []
    with pytest.raises(Refused, match="No plugin of your service"):
        await cover.ask(id)
    await cover.switch(on=True)


async def test_what_a_suspended_plugin_found_does_not_count_and_that_it_is_missing_is_told(cover: Cover) -> None:
    await cover.ask_for(9_999, "block")
    id = (await cover.world.at("draft")).nomination
    administrator = await cover.world.ctx("administrator")
    async with tenant_session(administrator) as session:
        here = select(PluginEnablement).where(PluginEnablement.plugin == PLUGIN)
        row = (await session.execute(here)).scalar_one()
        row.state = "suspended"
        await session.flush()
        work = Work(administrator, session, administrator.today, administrator.clock.now())
        (check,) = await check_findings(work, await session.get_one(Dossier, (administrator.scope.id, id)))
        row.state = "enabled"
    assert (check.outcome, str(check.title)) == ("warn", "The plugin did not answer")
    assert str(check.detail) == "The plugin “Duty cover” is suspended."


async def test_what_a_plugin_found_does_not_count_while_it_is_stopped(cover: Cover) -> None:
    await cover.ask_for(9_999, "block")
    id = (await cover.world.at("draft")).nomination
    administrator = await cover.world.ctx("administrator")
    await cover.world.cast.run(administrator, enter_safe_mode, EnterSafeMode("For the test."))
    try:
        file = await cover.look(id)
    finally:
        await cover.world.cast.run(administrator, leave_safe_mode, Nothing())
    assert said(file) == []
    (silent,) = [one for one in file.checks if str(one.title) == "The plugin did not answer"]
    assert (silent.outcome, str(silent.detail)) == ("warn", "The plugin “Duty cover” does not run in safe mode.")
    assert [one.outcome for one in said(await cover.look(id))] == ["block"]


async def test_whoever_has_a_plugin_to_ask_is_told_so(cover: Cover) -> None:
    async def anybody() -> bool:
        ctx = await cover.world.ctx("coordinator")
        async with tenant_session(ctx, read_only=True) as session:
            return await anybody_to_ask(Work(ctx, session, ctx.today, ctx.clock.now()))

    assert await anybody()
    await cover.switch(on=False)
    assert not await anybody()
    await cover.switch(on=True)


async def test_a_plugin_that_fails_leaves_out_its_findings_and_is_counted(world: World) -> None:
    async def saying(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
        return [Finding(key="a", verdict="warn", reason={"en": "Mind it.", "fr": "Attention."})]

    async def silent(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
        return None

    async def failing(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
        raise ValueError

    coordinator = await world.ctx("coordinator")
    asked = await about(coordinator, (await world.at("draft")).nomination)
    registry, records = Registry(), MemoryRecords()
    for function in (saying, silent, failing):
        assert registry.register(_plugin(function)) is None
        records.put(coordinator.scope.id, function.__name__, settings=None)
    host = PluginHost(registry, records)
    try:
        found = await ask_findings(host.bind(coordinator), asked)
    finally:
        await host.close()
    assert [(one.plugin, one.version, one.verdict) for one in found.said] == [("saying", "2.1", "warn")]
    assert (found.asked, [(one.plugin, one.cause) for one in found.missing]) == (3, [("failing", "raised")])


def _plugin(function: Any) -> ModuleType:
    name = function.__name__
    module = ModuleType(name)
    module.manifest = Manifest(  # type: ignore[attr-defined]
        name=name, version="2.1", title={"en": name, "fr": name}, requires="contingent>=1.0,<2"
    )
    module.eligibility_findings = hookimpl(specname="eligibility_findings")(function)  # type: ignore[attr-defined]
    return module


async def test_the_page_says_how_many_plugins_did_not_answer(cover: Cover) -> None:
    ctx = await cover.world.ctx("coordinator")
    missing = (Missing(plugin=PLUGIN, cause="late"), Missing(plugin="gone_since", cause="raised"))
    findings = Findings(at=ctx.clock.now(), digest="", asked=4, missing=missing)
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        (check,) = await check_findings(work, Dossier(findings=_stored(findings)))
    assert (check.outcome, str(check.title)) == ("warn", "1 of 3 plugins did not answer")
    assert str(check.detail) == "The plugin “Duty cover” did not answer in time."


def _stored(findings: Findings) -> dict[str, Any]:
    stored: dict[str, Any] = msgspec.to_builtins(findings)
    return stored


async def test_strength_counts_the_unit_and_who_of_the_others_is_away_or_may_be(world: World) -> None:
    ctx = await world.ctx("coordinator")
    ids = world.officers[-4:]
    async with tenant_session(ctx) as session:
        for officer in (await session.execute(select(Officer).where(Officer.id.in_(ids)))).scalars():
            officer.unit = "Marine"
    abroad, waiting = await world.at("in_mission"), await world.at("review")
    draft, other_draft = await world.at("draft"), await world.at("draft")
    strength = (await about(ctx, draft.nomination)).strength
    assert strength is not None
    assert sum(strength.officers.values()) == 4
    told = [(one.first, one.last, one.certain) for one in strength.absences]
    tour = (await about(ctx, abroad.nomination)).strength
    assert tour is not None
    assert sorted(told) == sorted([(STARTS, ENDS, True), (strength.first, strength.last, False)])
    assert [one.certain for one in tour.absences] == [False]
    assert (await about(ctx, waiting.nomination)).strength != strength
    assert (await about(ctx, other_draft.nomination)).strength == strength
