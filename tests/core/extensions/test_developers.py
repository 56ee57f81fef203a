"""Whoever develops plugins reads what became of one, without who it was and without what people wrote."""

from __future__ import annotations

from typing import Any

import pytest

from core.context import LANGUAGES, Language, Scope
from core.database.sessions import tenant_session
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.hooks.database_records import DatabaseRecords
from core.hooks.records import Suspension
from core.hooks.stops import lift, open_stops, stop
from core.use_cases.work import Work
from tests.core.extensions.conftest import Bench
from tests.http.ring import main_of

pytestmark = pytest.mark.http

NAME, WHY = "Alix Tremblay", "Sergeant Roy complained."
SOMEBODY = {"en": "A person of the service", "fr": "Une personne du service"}


@pytest.fixture
async def scope(bench: Bench) -> Scope:
    """A service in which somebody has done with a plugin all that can be done, in their own words."""
    scope = await bench.agency("mailer")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_MANAGE)
    api = "/api/v1/plugins/mailer"
    settings = {"server": {"host": "mail.example.org", "password": "secret"}}
    assert (await script.put(f"{api}/settings", json={"settings": settings})).status_code == 200
    assert (await script.post(f"{api}/disable", json={"reason": WHY})).status_code == 200
    assert (await script.post(f"{api}/data/export", json={})).status_code == 200
    assert (await script.post("/api/v1/safe-mode/enter", json={"reason": WHY})).status_code == 200
    return scope


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_and_the_api_name_nobody_to_a_developer_and_the_administrator_to_an_auditor(
    bench: Bench, scope: Scope, language: Language
) -> None:
    told: dict[str, str] = {}
    for who, held in (("developer", {PLUGIN_READ, PLUGIN_LOG}), ("auditor", {PLUGIN_READ, PLUGIN_PEOPLE})):
        browser = bench.ring.browser(scope, *held, language=language)
        script = bench.ring.script(scope, *held)
        pages = [
            main_of(await browser.get(f"/{language}/{scope.slug}{one}")) for one in ("/plugins", "/plugins/mailer")
        ]
        answers = [(await script.get(f"/api/v1{one}")).text for one in ("/plugins", "/plugins/mailer")]
        told[who] = "".join(pages + answers)
    assert NAME not in told["developer"]
    assert WHY not in told["developer"]
    assert SOMEBODY[language] in told["developer"]
    assert NAME in told["auditor"]
    assert WHY in told["auditor"]
    assert SOMEBODY[language] not in told["auditor"]


async def developer_reads(bench: Bench, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = (await bench.ring.script(scope, PLUGIN_READ).get("/api/v1/plugins/chain")).json()
    return found


async def test_what_the_platform_did_by_itself_is_told_to_developers_as_such(bench: Bench) -> None:
    scope = await bench.agency("chain")
    await DatabaseRecords().suspend(bench.ctx(scope), Suspension("chain", "approval_chain", "failing"))
    changes = (await developer_reads(bench, scope))["history"]
    assert [(one["action"], one["actor_name"]) for one in changes] == [("suspend", "Contingent"), ("enable", None)]


async def test_developers_read_why_the_operator_stopped_a_plugin(bench: Bench) -> None:
    scope, ring = await bench.agency("chain"), bench.ring
    ctx = ring.platform.ctx(ring.platform.operator)
    async with tenant_session(ctx) as session:
        await stop(Work(ctx, session, ctx.today, ctx.clock.now()), scope.id, "chain", "It leaks.")
    (held,) = (await developer_reads(bench, scope))["stops"]
    async with tenant_session(ctx) as session:
        for row in await open_stops(session, scope):
            await lift(Work(ctx, session, ctx.today, ctx.clock.now()), row, None)
    assert (held["by_operator"], held["reason"]) == (True, "It leaks.")
