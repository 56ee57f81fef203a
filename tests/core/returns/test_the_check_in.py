"""The officer's check-in, panels and actions on real pages: in a real sandbox, and where there is none."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, text

from auth.roles import EVERYBODY, permissions_of
from core.audit.models import AuditLine
from core.database.rooms import load_models
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.extensions.consenting import with_consent
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import NOWHERE, Calling
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote
from core.panels.schemas import RunAction
from core.returns.acting import act_on_return
from core.returns.check_in import answer_check_in, share_check_in
from core.returns.check_in_schemas import AnswersIn
from core.returns.health import get_follow_up
from core.returns.models import CheckIn, ContactRequest, SharedCheckIn
from core.returns.reading import get_return
from core.returns.schemas import OfReturn, ReturnFileOut
from core.use_cases.execution import execute
from tests.core.lists.conftest import Desk, make_desk
from tests.core.returns.test_the_way_home import came_home
from tests.http.ring import fields_of, main_of
from tests.platform import Platform
from tests.way import AGENCY, World

NAME = "wellbeing_check_in"
WORST = {"sleep": "1", "on-edge": "5", "memories": "4", "somebody": "no", "else": "Nights <b>are</b> long"}


class Home:
    """A world in which the plugin is switched on, and an officer who is home."""

    def __init__(self, world: World, desk: Desk, file: ReturnFileOut) -> None:
        self.world = world
        self.desk = desk
        self.file = file
        self.id = str(file.summary.id)

    async def officer(self) -> httpx.AsyncClient:
        """Return the browser of the officer."""
        scope = await self.world.cast.scope(AGENCY)
        allowed = [*EVERYBODY, *permissions_of("agency", frozenset({"member"}))]
        return self.desk.ring.browser(scope, *allowed, officer_id=self.file.summary.officer_id)

    async def own_ctx(self) -> Any:
        return await self.world.cast.member_ctx(AGENCY, self.file.summary.officer_id)

    async def again(self) -> ReturnFileOut:
        found: ReturnFileOut = await self.world.cast.run(
            await self.world.ctx("coordinator"), get_return, OfReturn(id=self.id)
        )
        return found


@pytest.fixture(scope="module")
async def hosts() -> AsyncIterator[Hosts]:
    with own_zygote() as way:
        found = Hosts(way, needs=())
        yield found
        await found.close()


async def settle_in(world: World, platform: Platform, patch: pytest.MonkeyPatch, hosts: Calling) -> Home:
    _, file = await came_home(world)
    host = PluginHost(Registry().load(), DatabaseRecords(), hosts=hosts)
    patch.setattr(world.cast, "assembly", replace(world.cast.assembly, host=host))
    administrator = await world.ctx("administrator")
    await world.cast.run(administrator, enable_plugin, with_consent(administrator, NAME))
    return Home(world, make_desk(platform, world), file)


@pytest.fixture
async def home(world: World, platform: Platform, hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    yield await settle_in(world, platform, monkeypatch, hosts)
    await world.cast.run(await world.ctx("administrator"), disable_plugin, WithReason(name=NAME))


@pytest.fixture
async def bare(world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Home]:
    """Give the same on a machine that has no sandbox."""
    yield await settle_in(world, platform, monkeypatch, NOWHERE)
    await world.cast.run(await world.ctx("administrator"), disable_plugin, WithReason(name=NAME))


async def everything(home: Home, word: str) -> list[str]:
    """Return the tables that hold ``word`` anywhere in a row that somebody of the service may read."""
    found = set()
    for role, health in (("health", True), ("administrator", False)):
        async with tenant_session(await home.world.ctx(role), read_only=True, health=health) as session:
            for table in sorted(load_models().tables):
                if await session.scalar(text("SELECT has_table_privilege(:name, 'SELECT')"), {"name": table}):
                    asked = text(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE :word')
                    if await session.scalar(asked, {"word": f"%{word}%"}):
                        found.add(table)
    return sorted(found)


async def amounts(home: Home) -> dict[str, int]:
    """Return how many rows each table has that the service may read."""
    async with tenant_session(await home.world.ctx("health"), read_only=True, health=True) as session:
        found = {}
        for table in sorted(load_models().tables):
            if await session.scalar(text("SELECT has_table_privilege(:name, 'SELECT')"), {"name": table}):
                found[table] = await session.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0
    return found


async def test_check_in_questions_and_check_in_advice_are_the_officer_s_to_see_and_kept_nowhere(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with await home.officer() as browser:
        asked = await browser.get(f"/en/{AGENCY}/my/return/check-in")
        assert 'novalidate autocomplete="off"' in asked.text, "a browser must not fill the answers in again"
        assert asked.status_code == 200
        assert "how often did you sleep well?" in asked.text
        assert "1 – never" in asked.text
        sent = fields_of(asked) | {f"answer.{key}": value for key, value in WORST.items()}
        before = await amounts(home)
        told = await browser.post(f"/en/{AGENCY}/returns/{home.id}/check-in", data=sent)
        assert told.status_code == 200, main_of(told)
        assert "talk with the health service" in told.text
        assert "9-8-8" in told.text
        assert "Nights &lt;b&gt;are&lt;/b&gt; long" in told.text
        assert told.headers["cache-control"].startswith("no-store") or "private" in told.headers["cache-control"]
        again = await browser.post(f"/en/{AGENCY}/returns/{home.id}/check-in", data=sent | {"answer.sleep": "5"})
        assert again.status_code == 200, "nothing was kept that it could be held against"
        wrong = await browser.post(f"/en/{AGENCY}/returns/{home.id}/check-in", data=sent | {"answer.sleep": "9"})
        assert wrong.status_code == 422
    assert await amounts(home) == before, "not even that somebody answered"
    assert await everything(home, "Nights") == []
    assert caplog.text
    assert "Nights" not in caplog.text


async def test_what_the_officer_shares_is_read_by_health_alone(home: Home) -> None:
    own = await home.own_ctx()
    shared = AnswersIn(id=home.id, answers=dict(WORST))
    advised = await execute(answer_check_in, own, shared)
    assert advised.said[0].answer["fr"] == "1 – jamais"
    await execute(share_check_in, own, shared, key="once")
    await execute(share_check_in, own, shared, key="once")
    health = await home.world.ctx("health")
    found = (await home.world.cast.run(health, get_follow_up, OfReturn(id=home.id))).shared
    assert [one.question["en"] for one in found[0].said][-1] == "Is there anything else?"
    assert len(found) == 1
    page = await home.desk.page(AGENCY, "health", f"/returns/{home.id}")
    assert "Shared by the officer" in page.text
    for role in ("coordinator", "supervisor"):
        assert "Nights" not in (await home.desk.page(AGENCY, role, f"/returns/{home.id}")).text
    assert await everything(home, "Nights") == [SharedCheckIn.__tablename__]
    async with tenant_session(await home.world.ctx("coordinator"), read_only=True) as session:
        line = (
            (await session.execute(select(AuditLine).where(AuditLine.action == "check_in.share"))).scalars().all()[-1]
        )
    assert line.after == {"shared": True}


async def test_nobody_but_the_officer_answers_and_nothing_is_shared_that_was_not_answered(home: Home) -> None:
    own, coordinator = await home.own_ctx(), await home.world.ctx("coordinator")
    cases: tuple[Any, ...] = (answer_check_in, share_check_in)
    for case in cases:
        with pytest.raises(Forbidden):
            await execute(case, coordinator, AnswersIn(id=home.id, answers=dict(WORST)))
        with pytest.raises(Invalid) as wrong:
            await execute(case, own, AnswersIn(id=home.id, answers={"sleep": 9, "unheard-of": 1}))
        assert {one.pointer for one in wrong.value.faults} == {"/answer.sleep", "/answer.unheard-of"}
    with pytest.raises(Refused):
        await execute(share_check_in, own, AnswersIn(id=home.id))
    another = await came_home(home.world)
    stranger = await home.world.cast.member_ctx(AGENCY, another[1].summary.officer_id)
    with pytest.raises(NotFound):
        await execute(answer_check_in, stranger, AnswersIn(id=home.id))


async def test_a_fault_is_shown_at_its_question_with_what_was_answered(home: Home) -> None:
    async with await home.officer() as browser:
        asked = await browser.get(f"/fr/{AGENCY}/my/return/check-in")
        sent = fields_of(asked) | {"answer.sleep": "9", "answer.else": "Rien d’autre"}
        again = await browser.post(f"/fr/{AGENCY}/returns/{home.id}/check-in", data=sent)
    assert again.status_code == 422
    assert 'href="#f-check-in-answer.sleep"' in again.text
    assert "Rien d’autre" in unescape(again.text)


async def test_where_there_is_no_sandbox_the_page_says_so_and_the_officer_can_still_ask_to_be_called(
    bare: Home,
) -> None:
    async with await bare.officer() as browser:
        page = await browser.get(f"/en/{AGENCY}/my/return/check-in")
        assert page.status_code == 200
        assert "did not answer" in page.text
        assert "There are no questions at the moment" in page.text
        sent = fields_of(page) | {"choice": "chaplain"}
        assert (await browser.post(f"/en/{AGENCY}/returns/{bare.id}/contacts", data=sent)).status_code == 303
    assert "did not answer" in (await bare.desk.page(AGENCY, "coordinator", "/?overview=1")).text
    with pytest.raises(Refused):
        await execute(answer_check_in, await bare.own_ctx(), AnswersIn(id=bare.id))


async def test_dashboard_panels_and_officer_panels_are_on_the_pages_they_are_for_in_both_languages(home: Home) -> None:
    tour = f"/tours/{AGENCY}/{home.file.tour_id}"
    for language, words in (("en", "Wellbeing check-ins"), ("fr", "Points sur le mieux-être")):
        overview = await home.desk.page(AGENCY, "coordinator", "/?overview=1", language)
        assert words in overview.text
        async with await home.officer() as browser:
            own = await browser.get(f"/{language}/{AGENCY}/my/return")
        assert words in own.text
        assert words not in (await home.desk.page(AGENCY, "coordinator", f"/returns/{home.id}", language)).text
    assert "did not answer" not in (await home.desk.page(AGENCY, "coordinator", tour)).text


async def test_the_officer_arranges_a_talk_with_whom_they_choose(home: Home) -> None:
    day = home.world.cast.assembly.clock.now().date() + timedelta(days=9)
    async with await home.officer() as browser:
        page = await browser.get(f"/en/{AGENCY}/my/return")
        once = re.findall(r'name="once" value="([^"]+)"', page.text)[0]
        path = f"/en/{AGENCY}/returns/{home.id}/actions/{NAME}/arrange-talk"
        sent = fields_of(page) | {"once": once, "answer.day": "2020-01-01", "answer.whom": "peer"}
        past = await browser.post(path, data=sent)
        assert past.status_code == 422
        assert "Choose today or a later day." in past.text
        assert 'value="2020-01-01"' in past.text
        assert f'href="/fr/{AGENCY}/my/return"' in past.text, "the other language is that of the page, not of the form"
        sent = fields_of(past) | {"once": once, "answer.day": day.isoformat(), "answer.whom": "peer"}
        done = await browser.post(path, data=sent)
        assert done.status_code == 303, main_of(done)
        assert (await browser.post(path, data=sent)).status_code == 303
        page = await browser.get(f"/en/{AGENCY}/my/return")
    assert "Talk arranged" in page.text
    async with tenant_session(await home.world.ctx("coordinator"), read_only=True) as session:
        talks = (await session.execute(select(CheckIn).where(CheckIn.kind == "talk"))).scalars().all()
        mine = [one for one in talks if str(one.return_id) == home.id]
        asked = select(ContactRequest.choice).where(ContactRequest.return_id == home.file.summary.id)
        choices = (await session.execute(asked)).scalars().all()
        line = (await session.execute(select(AuditLine).where(AuditLine.action == "return.act"))).scalars().all()[-1]
    assert [one.due_on for one in mine] == [day]
    assert choices == ["peer"]
    assert (line.plugin, line.plugin_version) == (NAME, "1.0")
    assert "peer" not in str(line.after)


async def test_what_is_not_offered_to_somebody_is_not_theirs_to_choose(home: Home) -> None:
    def chosen(action: str = "arrange-talk", plugin: str = NAME) -> RunAction:
        answers: dict[str, str | int | bool] = {"day": "2026-12-24"}
        return RunAction(id=home.id, plugin=plugin, action=action, once=uuid4(), answers=answers)

    supervisor, coordinator = await home.world.ctx("supervisor"), await home.world.ctx("coordinator")
    with pytest.raises(Forbidden):
        await execute(act_on_return, supervisor, chosen())
    for asked in (chosen("unheard-of"), chosen(plugin="unheard_of")):
        with pytest.raises(Refused, match="does not offer this"):
            await execute(act_on_return, coordinator, asked)
    page = await home.desk.page(AGENCY, "supervisor", f"/returns/{home.id}")
    assert "arrange-talk" not in page.text
    assert "arrange-talk" in (await home.desk.page(AGENCY, "coordinator", f"/returns/{home.id}")).text
