"""Stopping plugins, whatever services decided: safe mode, and what the operator stops; in every process at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from core.context import Language, Scope
from core.database.engines import Database
from core.errors import NotFound, Refused
from core.events.worker import drain
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ, PLUGIN_STOP
from core.extensions.schemas import LiftStop
from core.extensions.stopping import leave_safe_mode, lift_stop
from core.hooks.answers import Answers
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.specs import approval_chain
from core.hooks.types import Subject
from core.ids import new_id
from core.journal.permissions import AUDIT_READ
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from tests.core.extensions.conftest import RUNS, Bench
from tests.http.ring import fields_of, main_of

pytestmark = pytest.mark.http

LANGUAGES: tuple[Language, ...] = ("en", "fr")
BANNER = {
    "en": "Safe mode: no plugin runs for this service.",
    "fr": "Mode sans échec\u00a0: aucun module ne fonctionne pour ce service.",
}
SETTINGS = {"settings": {"steps": [{"key": "chief"}]}}


async def ask(bench: Bench, scope: Scope) -> Answers[object]:
    """Ask for a chain, as the scope's next request would."""
    subject = Subject(kind="agreement", id=new_id(bench.ring.platform.clock))
    return await bench.ctx(scope).hooks.one("chain", approval_chain, subject=subject)


@pytest.fixture
async def scope(bench: Bench) -> Scope:
    """A service that runs a chain of approvals and a plugin whose settings run code."""
    scope = await bench.agency("chain", "checking")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await script.put("/api/v1/plugins/chain/settings", json=SETTINGS)).status_code == 200
    return scope


@pytest.fixture
async def operator(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """The operator's way to stop plugins; what is stopped at the end goes on again, for other tests."""
    async with bench.ring.script(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_STOP) as script:
        yield script
        for one in (await script.get("/api/v1/installed-plugins")).json()["stops"]:
            if one["by_operator"]:
                await let_run(bench, one["id"])


async def let_run(bench: Bench, stop: str) -> None:
    """End a stop as the operator, in person."""
    ctx = bench.ctx(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_STOP)
    await execute(lift_stop, ctx, LiftStop(id=stop, reason=None))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_safe_mode_no_plugin_s_code_runs_every_page_says_so_and_it_can_be_left(
    bench: Bench, scope: Scope, language: Language
) -> None:
    assert (await ask(bench, scope)).results
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, AUDIT_READ, language=language)
    address = f"/{language}/{scope.slug}/plugins"
    page = await browser.get(address)
    assert BANNER[language] not in page.text
    RUNS.clear()
    sent = fields_of(page) | {"reason": "Something is odd."}
    assert (await browser.post(f"{address}/safe-mode/enter", data=sent)).status_code == 303
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["safe"]
    for path in ("/plugins", "/plugins/chain", "/plugins/checking", "/audit"):
        page = await browser.get(f"/{language}/{scope.slug}{path}")
        assert page.status_code == 200
        assert BANNER[language] in page.text
        assert (f'<p><a href="{address}">' in page.text) is (path != "/plugins"), "no page leads to itself"
    page = await browser.get(address)
    assert "Something is odd." in main_of(page)
    assert RUNS == []
    assert (await browser.post(f"{address}/safe-mode/leave", data=fields_of(page))).status_code == 303
    assert (await ask(bench, scope)).results
    page = await browser.get(f"/{language}/{scope.slug}/audit")
    assert BANNER[language] not in page.text
    assert {"en": "Stop of plugins: entry into force", "fr": "Arrêt de modules\u00a0: entrée en vigueur"}[
        language
    ] in main_of(page)


async def test_in_safe_mode_a_plugin_is_switched_off_and_nothing_that_runs_its_code_is_done(
    bench: Bench, scope: Scope
) -> None:
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await script.post("/api/v1/safe-mode/enter", json={"reason": "Something is odd."})).status_code == 200
    assert (await script.post("/api/v1/safe-mode/enter", json={"reason": "Something is odd."})).status_code == 409
    RUNS.clear()
    for what, sent in (("enable", {}), ("settings", {"settings": {"word": "peace"}}), ("test", {"settings": {}})):
        send = script.put if what == "settings" else script.post
        refused = await send(f"/api/v1/plugins/checking/{what}", json=sent)
        assert refused.status_code == 409, what
        assert "safe mode" in refused.text
    listed = {one["name"]: one["state"] for one in (await script.get("/api/v1/plugins")).json()["plugins"]}
    assert (listed["chain"], listed["checking"], listed["mailer"]) == ("safe", "safe", "available")
    assert (await script.post("/api/v1/plugins/checking/disable", json={})).status_code == 200
    assert RUNS == []
    await bench.do(scope, leave_safe_mode, Nothing())
    with pytest.raises(Refused, match="not in safe mode"):
        await bench.do(scope, leave_safe_mode, Nothing())


@pytest.mark.parametrize("everywhere", [False, True])
async def test_what_the_operator_stops_stands_still_with_its_reason_until_the_operator_lets_it_run(
    bench: Bench, scope: Scope, operator: httpx.AsyncClient, everywhere: bool
) -> None:
    other = await bench.agency("chain")
    script = bench.ring.script(other, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await script.put("/api/v1/plugins/chain/settings", json=SETTINGS)).status_code == 200
    stop = {"plugin": "chain", "reason": "It leaks.", "service": "*" if everywhere else scope.slug}
    assert (await operator.post("/api/v1/plugin-stops", json=stop)).status_code == 200
    assert (await operator.post("/api/v1/plugin-stops", json=stop)).status_code == 409
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["stopped"]
    assert bool((await ask(bench, other)).failures) == everywhere
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    page = main_of(await browser.get(f"/en/{scope.slug}/plugins/chain"))
    assert "Stopped by the operator" in page
    assert "It leaks." in page
    assert "/plugins/chain/settings" not in page
    mine = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    refused = await mine.put("/api/v1/plugins/chain/settings", json=SETTINGS)
    assert refused.status_code == 409
    assert "It leaks." in refused.text
    for deed in ("disable", "enable"):
        answer = await mine.post(f"/api/v1/plugins/chain/{deed}", json={})
        assert answer.status_code == (200 if deed == "disable" else 409)
    found = (await operator.get("/api/v1/installed-plugins")).json()["stops"]
    (made,) = [one for one in found if one["plugin"] == "chain"]
    assert (made["service"] is None) == everywhere
    await let_run(bench, made["id"])
    with pytest.raises(NotFound):
        await let_run(bench, made["id"])
    assert (await mine.post("/api/v1/plugins/chain/enable", json={})).status_code == 200
    assert (await ask(bench, scope)).results
    assert (await ask(bench, other)).results


async def test_a_service_does_not_end_what_the_operator_stopped_and_is_told_of_it_in_its_own_log(
    bench: Bench, scope: Scope, operator: httpx.AsyncClient
) -> None:
    ring = bench.ring
    stop = {"plugin": "*", "service": scope.slug, "reason": "We look into it."}
    assert (await operator.post("/api/v1/plugin-stops", json=stop)).status_code == 200
    script = ring.script(scope, PLUGIN_READ, PLUGIN_MANAGE)
    with pytest.raises(Refused, match="not in safe mode by its own decision"):
        await bench.do(scope, leave_safe_mode, Nothing())
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["safe"]
    assert (await script.post("/api/v1/safe-mode/enter", json={"reason": "So do we."})).status_code == 200
    assert (await bench.do(scope, leave_safe_mode, Nothing())).safe_mode[0].by_operator
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["safe"]
    for _ in range(2):
        await drain(
            ring.platform.database,
            lambda scope, actor, _: replace(bench.ctx(scope), actor=actor),
            ring.platform.clock,
            only=[scope.id],
        )
    log = main_of(await ring.browser(scope, AUDIT_READ).get(f"/en/{scope.slug}/audit"))
    assert log.count("We look into it.") == 1


async def test_only_the_operator_stops_for_others_and_only_what_there_is(
    bench: Bench, scope: Scope, operator: httpx.AsyncClient
) -> None:
    wrong = {"plugin": "nothing", "service": "nowhere", "reason": "It leaks."}
    refused = await operator.post("/api/v1/plugin-stops", json=wrong)
    assert {one["pointer"] for one in refused.json()["errors"]} == {"/plugin", "/service"}
    silent = await operator.post("/api/v1/plugin-stops", json={"reason": "It leaks."})
    assert silent.status_code == 422, "what is not said does not stop everything everywhere"
    all_of_it = {"plugin": "*", "service": "*", "reason": "It leaks."}
    reader = bench.ring.script(bench.ring.platform.operator, PLUGIN_READ)
    assert (await reader.post("/api/v1/plugin-stops", json=all_of_it)).status_code == 403
    theirs = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, PLUGIN_STOP)
    assert (await theirs.post("/api/v1/plugin-stops", json=all_of_it)).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_operator_stops_a_plugin_on_a_page(
    bench: Bench, scope: Scope, operator: httpx.AsyncClient, language: Language
) -> None:
    browser = bench.ring.browser(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_STOP, language=language)
    address = f"/{language}/{bench.ring.platform.operator.slug}/plugins"
    sent = {"plugin": "chain", "service": scope.slug, "reason": "It leaks."}
    answer = await browser.post(f"{address}/stops", data=fields_of(await browser.get(address)) | sent)
    assert answer.status_code == 303, main_of(answer)
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["stopped"]
    page = await browser.get(address)
    assert "It leaks." in main_of(page)
    assert scope.name(language) in main_of(page)
    short = await browser.post(f"{address}/stops", data=fields_of(page) | sent | {"reason": ""})
    assert short.status_code == 422


async def test_every_process_knows_of_it_within_two_seconds(
    bench: Bench, scope: Scope, operator: httpx.AsyncClient
) -> None:
    """The other process has its own connections and its own host: nothing but the database is between them."""
    platform = bench.ring.platform
    database = Database(platform.database.target, platform.database.settings)
    elsewhere = PluginHost(bench.host.registry, DatabaseRecords())
    subject = Subject(kind="agreement", id=new_id(platform.clock))

    async def there() -> Answers[object]:
        ctx = elsewhere.bind(replace(platform.ctx(scope), database=database))
        return await ctx.hooks.one("chain", approval_chain, subject=subject)

    mine = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    try:
        for deed, sent, cause in (
            (mine, ("plugins/chain/disable", {}), "disabled"),
            (mine, ("plugins/chain/enable", {}), None),
            (mine, ("safe-mode/enter", {"reason": "Something is odd."}), "safe"),
            (None, ("safe-mode/leave", {}), None),
            (operator, ("plugin-stops", {"plugin": "chain", "service": "*", "reason": "It leaks."}), "stopped"),
        ):
            began = time.monotonic()
            if deed is None:
                await bench.do(scope, leave_safe_mode, Nothing())
            else:
                assert (await deed.post(f"/api/v1/{sent[0]}", json=sent[1])).status_code == 200
            failures = [one.cause for one in (await there()).failures]
            assert failures == ([cause] if cause else [])
            assert time.monotonic() - began < 2
    finally:
        await elsewhere.close()
        await database.close()
