"""What a program does with plugins: what takes power from them, and nothing that gives them more (0036)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import pytest

from contingent import ConnectionStep, Ctx, Source, field, t
from core.database.sessions import tenant_session
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.schemas import Asked, ConfigurePlugin, EnablePlugin
from core.extensions.service import enable_plugin
from core.extensions.settings import configure_plugin
from core.hooks.consent import Asks
from core.hooks.service import suspend
from core.use_cases.work import Work
from tests.core.extensions.conftest import Bench, plugin
from tests.core.extensions.test_consent import FILES, NAME, upgrade, version

pytestmark = pytest.mark.http


class Reporting(msgspec.Struct, frozen=True):
    """Settings that say where the plugin sends what it knows."""

    address: Annotated[str, field(t("Address"), longest=200)] = ""
    days: Annotated[int, field(t("Days"))] = 1


async def reach(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    return [ConnectionStep(title={"en": "Reach it", "fr": "Le joindre"}, done=True)]


async def test_a_program_switches_off_and_on_again_what_a_person_decided_and_nothing_else(bench: Bench) -> None:
    upgrade(bench, version("1.0", Asks(FILES)))
    scope = await bench.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_MANAGE)
    address, asks = (
        f"/api/v1/plugins/{NAME}",
        {"capabilities": ["files"], "hosts": [], "data_classes": [], "hosts_from": []},
    )

    async def enable(consent: Mapping[str, Any] | None) -> tuple[int, bool]:
        answer = await script.post(f"{address}/enable", json={"consent": consent} if consent else {})
        return answer.status_code, "A person does this, signed in" in answer.text

    assert await enable(asks) == (409, True)
    await bench.enable(scope, NAME)
    assert (await script.post(f"{address}/disable", json={})).status_code == 200
    assert await enable(asks) == (200, False)
    assert (await script.post(f"{address}/disable", json={})).status_code == 200
    upgrade(bench, version("1.1", Asks(FILES, data_classes=frozenset({"agency"}))))
    assert await enable(asks | {"data_classes": ["agency"]}) == (409, True)
    await bench.do(scope, enable_plugin, EnablePlugin(NAME, Asked(["files"], [], ["agency"])))
    ctx = bench.ctx(scope)
    async with tenant_session(ctx) as session:
        assert await suspend(Work(ctx, session, ctx.today, ctx.clock.now()), NAME)
    assert await enable(asks | {"data_classes": ["agency"]}) == (409, True), "what was suspended a person resumes"
    for gone in ("consent", "resume", "data/erase"):
        assert (await script.post(f"{address}/{gone}", json={})).status_code in (404, 405)


async def test_a_program_sends_a_plugin_to_no_machine_that_no_person_entered(bench: Bench) -> None:
    made = plugin(
        "reporting",
        "hr_test_connection",
        reach,
        Reporting,
        hosts_from=("address",),
        capabilities=frozenset({"http:settings"}),
    )
    upgrade(bench, made)
    scope = await bench.agency("reporting")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_MANAGE)

    async def send(what: str, address: str) -> tuple[int, bool]:
        call = script.put if what == "settings" else script.post
        answer = await call(f"/api/v1/plugins/reporting/{what}", json={"settings": {"address": address, "days": 9}})
        return answer.status_code, "A person enters an address that is new: elsewhere.example.org" in answer.text

    mine, theirs = "https://a.example.org/x", "https://elsewhere.example.org/x"
    await bench.do(scope, configure_plugin, ConfigurePlugin("reporting", {"address": mine}))
    for what in ("settings", "test"):
        assert await send(what, theirs) == (409, True), "what it keeps, its secrets too, would be sent there"
    assert await send("settings", "https://a.example.org/another") == (200, False)
    assert (await send("test", mine))[1] is False
