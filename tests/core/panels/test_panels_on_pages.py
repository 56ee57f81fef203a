"""Panels and actions of several plugins on one page: drawn by the host, escaped, and honest about who is silent."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contingent import (
    Action,
    Bar,
    Chosen,
    Column,
    Ctx,
    Done,
    Fact,
    Facts,
    Fault,
    Faults,
    Figure,
    Manifest,
    Notice,
    PageLink,
    Panel,
    Place,
    Question,
    Row,
    Table,
    Words,
    hookimpl,
)
from core.audit.models import AuditLine
from core.database.sessions import tenant_session
from core.extensions.consenting import with_consent
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from tests.core.lists.conftest import Desk, make_desk
from tests.http.ring import fields_of, main_of
from tests.platform import Platform
from tests.way import AGENCY, World

LOUD: Words = {"en": "<b>Loud</b> & %(plugin)s {{ 7 * 7 }}", "fr": "<i>Fort</i> & %(plugin)s {{ 7 * 7 }}"}
PLAIN: Words = {"en": "Plain", "fr": "Simple"}
CALLED: list[UUID] = []


@hookimpl(specname="officer_panels")
def shows(ctx: Ctx, place: Place) -> list[Panel] | None:
    link = PageLink(kind="officer", id=place.id, title=PLAIN)
    rows = [Row(cells=[LOUD, 1, ctx.today], link=link)]
    columns = [Column(title=PLAIN), Column(title=LOUD, kind="number"), Column(title=PLAIN, kind="day")]
    table = Table(title=LOUD, columns=columns, rows=rows)
    figure = Figure(title=PLAIN, unit=PLAIN, bars=[Bar(title=LOUD, part=3, whole=4)])
    facts = Facts(facts=[Fact(title=LOUD, value=LOUD), Fact(title=PLAIN, value=None)])
    panel = Panel(key="loud", title=LOUD, parts=[table, figure, facts, Notice(text=LOUD, tone="bad")], link=link)
    return [panel, *(Panel(key=f"more-{number}", title=PLAIN, parts=[]) for number in range(5))]


@hookimpl(specname="officer_panels")
def breaks(ctx: Ctx, place: Place) -> list[Panel] | None:
    raise LookupError(str(place.id))


@hookimpl(specname="officer_panels")
def has_nothing(ctx: Ctx, place: Place) -> list[Panel] | None:
    return None


@hookimpl(specname="offered_actions")
def offers(ctx: Ctx, place: Place) -> list[Action] | None:
    ask = Question(key="ask", title=LOUD, required=True)
    return [Action(key=f"for-{who}", title=LOUD, who=who, form=[ask]) for who in ("reader", "keeper", "officer")]


@hookimpl(specname="run_action")
async def runs(ctx: Ctx, chosen: Chosen) -> Done | Faults | None:
    if chosen.answers["ask"] == "wrong":
        return Faults(faults=[Fault(key="ask", reason=LOUD), Fault(key="other", reason=PLAIN)])
    if chosen.answers["ask"] == "break":
        raise LookupError
    CALLED.append(chosen.id)
    await ctx.store.put(str(chosen.place.id), {"answer": chosen.answers["ask"]})
    return Done(said=LOUD)


def module_of(name: str, *functions: Any) -> ModuleType:
    made = ModuleType(name)
    title: Words = {"en": f"Plugin {name}", "fr": f"Module {name}"}
    made.manifest = Manifest(name=name, version="2.1", title=title, requires="contingent>=1.0,<2")  # type: ignore[attr-defined]
    for function in functions:
        setattr(made, function.__name__, function)
    return made


MODULES = {
    "loud_one": module_of("loud_one", shows, offers, runs),
    "broken_one": module_of("broken_one", breaks),
    "quiet_one": module_of("quiet_one", has_nothing),
}


@pytest.fixture
async def desk(world: World, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    registry = Registry().load()
    for name, module in MODULES.items():
        assert registry.register(module, name) is None
    host = PluginHost(registry, DatabaseRecords())
    monkeypatch.setattr(world.cast, "assembly", replace(world.cast.assembly, host=host))
    administrator = await world.ctx("administrator")
    for name in MODULES:
        await world.cast.run(administrator, enable_plugin, with_consent(administrator, name))
    CALLED.clear()
    yield make_desk(platform, world)
    for name in MODULES:
        await world.cast.run(administrator, disable_plugin, WithReason(name=name))
    await host.settle()


async def test_what_plugins_say_is_text_and_leads_to_pages_of_the_host(world: World, desk: Desk) -> None:
    officer = world.officers[-1]
    page = await desk.page(AGENCY, "coordinator", f"/officers/{officer}")
    shown = main_of(page)
    assert "<b>Loud" not in shown
    assert "&lt;b&gt;Loud&lt;/b&gt; &amp; %(plugin)s {{ 7 * 7 }}" in shown
    assert f'href="/en/{AGENCY}/officers/{officer}"' in shown
    assert "3 / 4" in shown
    assert len(re.findall(r'id="panel-loud_one-', shown)) == 3, "no plugin fills a page"
    assert "from: Plugin loud_one" in shown
    french = await desk.page(AGENCY, "coordinator", f"/officers/{officer}", "fr")
    assert "&lt;i&gt;Fort&lt;/i&gt;" in french.text
    assert "de : Module loud_one" in french.text.replace("\N{NO-BREAK SPACE}", " ")


async def test_the_page_says_how_many_did_not_answer_and_shows_the_others(world: World, desk: Desk) -> None:
    page = await desk.page(AGENCY, "coordinator", f"/officers/{world.officers[-1]}")
    (said,) = re.findall(r"(\d+) of (\d+) plugins did not answer", page.text)
    assert said[0] == "1"
    assert int(said[1]) >= 3
    assert 'id="panel-loud_one-loud"' in page.text


async def test_offered_actions_are_for_those_they_name_and_run_action_runs_once(world: World, desk: Desk) -> None:
    officer = world.officers[-1]
    reader = await desk.page(AGENCY, "approver", f"/officers/{officer}")
    assert re.findall(r'id="action-loud_one-([\w-]+)"', reader.text) == ["for-reader"]
    path = f"/en/{AGENCY}/officers/{officer}"
    async with await desk.browser(AGENCY, "coordinator") as browser:
        page = await browser.get(path)
        assert re.findall(r'id="action-loud_one-([\w-]+)"', page.text) == ["for-reader", "for-keeper"]
        once = re.findall(r'name="once" value="([^"]+)"', page.text)[1]
        action = f"{path}/actions/loud_one/for-keeper"
        empty = await browser.post(action, data=fields_of(page) | {"once": once, "answer.ask": ""})
        assert (empty.status_code, CALLED) == (422, [])
        assert 'href="#f-loud_one-for-keeper-answer.ask"' in empty.text
        wrong = await browser.post(action, data=fields_of(empty) | {"once": once, "answer.ask": "wrong"})
        assert wrong.status_code == 422
        assert "&lt;b&gt;Loud&lt;/b&gt;" in wrong.text.split('id="f-loud_one-for-keeper-answer.ask-error"', 1)[1][:400]
        broken = await browser.post(action, data=fields_of(wrong) | {"once": once, "answer.ask": "break"})
        assert broken.status_code == 409
        assert once in re.findall(r'name="once" value="([^"]+)"', broken.text), "it is the same choice still"
        assert "failed with an error" in broken.text
        sent = fields_of(broken) | {"once": once, "answer.ask": "right"}
        for _ in range(2):
            assert (await browser.post(action, data=sent)).status_code == 303
        assert [str(one) for one in CALLED] == [once]
        told = await browser.get(path)
        assert told.status_code == 200
        others = await browser.post(f"{path}/actions/loud_one/for-officer", data=sent)
        assert others.status_code == 403
    async with tenant_session(await world.ctx("coordinator"), read_only=True) as session:
        lines = (await session.execute(select(AuditLine).where(AuditLine.action == "officer.act"))).scalars().all()
    assert [(one.plugin, one.plugin_version, one.after) for one in lines] == [
        ("loud_one", "2.1", {"action": "for-keeper"})
    ]


async def test_a_button_pressed_twice_in_one_instant_runs_its_action_once(world: World, desk: Desk) -> None:
    path = f"/en/{AGENCY}/officers/{world.officers[-1]}"
    async with await desk.browser(AGENCY, "coordinator") as browser:
        page = await browser.get(path)
        once = re.findall(r'name="once" value="([^"]+)"', page.text)[0]
        sent = fields_of(page) | {"once": once, "answer.ask": "right"}
        press = [browser.post(f"{path}/actions/loud_one/for-reader", data=sent) for _ in range(3)]
        assert [one.status_code for one in await asyncio.gather(*press)] == [303, 303, 303]
    assert [str(one) for one in CALLED] == [once]
