"""Profiles: what the operator recommends, what a service sees of it before, and what using it does and leaves alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from sqlalchemy import Engine, event, select

from core.context import Language, Scope
from core.database.sessions import tenant_session
from core.errors import Conflict, Invalid, NotFound, Refused
from core.extensions.allowing import AllowPlugin, allow_plugin
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_OFFER, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import PluginProfile
from core.extensions.profiles import look_through, shipped
from core.extensions.using_profiles import OfferedProfile, UseProfile, use_profile
from core.hooks.registry import Registry
from core.journal.permissions import AUDIT_READ
from core.use_cases.execution import execute
from tests.core.extensions.conftest import RUNS, Bench
from tests.http.ring import fields_of, main_of

pytestmark = pytest.mark.http

LANGUAGES: tuple[Language, ...] = ("en", "fr")
CHAIN: dict[str, Any] = {"steps": [{"key": "chief", "role": "approver", "count": 2}], "days": 20}
FILES = {"capabilities": ["files"], "hosts": [], "data_classes": [], "hosts_from": []}
Profile = dict[str, Any]


def profile(**changes: Any) -> Profile:
    made: Profile = {
        "title_en": "Small service",
        "title_fr": "Petit service",
        "summary_en": "A plain chain.",
        "summary_fr": "Une chaîne simple.",
        "plugins": ["chain", "checking", "mailer"],
        "whom": "everyone",
        "settings": {"chain": CHAIN, "mailer": {"copies": ["duty@example.org"]}},
    }
    return made | changes


@pytest.fixture
async def operator(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with bench.ring.script(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_OFFER) as script:
        yield script


@pytest.fixture
async def key(operator: httpx.AsyncClient) -> str:
    """The key of a fresh profile for everyone."""
    return await kept(operator)


async def kept(operator: httpx.AsyncClient, **changes: Any) -> str:
    key = f"small-{uuid4().hex[:8]}"
    answer = await operator.put(f"/api/v1/kept-profiles/{key}", json=profile(**changes))
    assert answer.status_code == 200, answer.text
    return key


async def see(script: httpx.AsyncClient, key: str) -> Any:
    answer = await script.get(f"/api/v1/plugin-profiles/{key}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def use(bench: Bench, scope: Scope, seen: Any, **changes: Any) -> OfferedProfile:
    """Use the profile as it was seen, in person, with consent to all that it asks for."""
    consent = {one["plugin"]: one["asks"] for one in seen["steps"] if any(one["asks"].values())}
    sent = {"key": seen["key"], "digest": seen["digest"], "consent": consent} | changes
    return await execute(use_profile, bench.ctx(scope), msgspec.convert(sent, UseProfile))


async def states(script: httpx.AsyncClient) -> dict[str, str]:
    return {one["name"]: one["state"] for one in (await script.get("/api/v1/plugins")).json()["plugins"]}


async def settings_of(script: httpx.AsyncClient, name: str) -> Any:
    return (await script.get(f"/api/v1/plugins/{name}")).json()["settings"]


async def test_what_it_would_do_is_seen_and_then_done_at_once_with_consent_and_history(bench: Bench, key: str) -> None:
    scope = await bench.ring.platform.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, AUDIT_READ)
    RUNS.clear()
    seen = await see(script, key)
    assert [(one["plugin"], one["does"]) for one in seen["steps"]] == [
        ("chain", "switch_on"),
        ("checking", "switch_on"),
        ("mailer", "switch_on"),
    ]
    assert seen["steps"][0]["settings"] == CHAIN
    assert seen["steps"][1]["asks"] == FILES
    with pytest.raises(Invalid):
        await use(bench, scope, seen, consent={})
    with pytest.raises(Conflict, match="not what the plugin asks for now"):
        await use(bench, scope, seen, consent={"checking": FILES | {"hosts": ["example.org"]}})
    assert RUNS == [], "no code is run before all is consented to"
    assert set((await states(script)).values()) == {"available"}, "nothing is done by halves"
    done = await use(bench, scope, seen)
    stood = await states(script)
    assert (stood["chain"], stood["checking"], stood["mailer"], stood["raising"]) == (*["enabled"] * 3, "available")
    assert (await settings_of(script, "chain"))["steps"] == [CHAIN["steps"][0]]
    assert (await settings_of(script, "chain"))["urgent"] is False, "the rest is the plugin's own"
    for name in ("chain", "checking"):
        history = (await script.get(f"/api/v1/plugins/{name}")).json()["history"]
        assert {one["profile"]["en"] for one in history} == {"Small service"}
    assert done.used_at is not None
    assert (await see(script, key))["used_by_name"] == "Dominique Cyr"
    log = main_of(await bench.ring.browser(scope, AUDIT_READ).get(f"/en/{scope.slug}/audit"))
    assert "Profile of plugins: use of it" in log
    assert log.count("Plugin: switching on") == 3


async def test_used_twice_or_stale_it_changes_nothing(bench: Bench, operator: httpx.AsyncClient, key: str) -> None:
    scope = await bench.ring.platform.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    seen = await see(script, key)
    changed = profile(settings={"chain": CHAIN | {"days": 30}})
    assert (await operator.put(f"/api/v1/kept-profiles/{key}", json=changed)).status_code == 200
    with pytest.raises(Conflict, match="not what the profile would do now"):
        await use(bench, scope, seen)
    seen = await see(script, key)
    both = await asyncio.gather(use(bench, scope, seen), use(bench, scope, seen), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["OfferedProfile", "Refused"]
    before = (await script.get("/api/v1/plugins/chain")).json()
    again = await see(script, key)
    assert {one["does"] for one in again["steps"]} == {"on"}
    with pytest.raises(Refused, match="nothing left to switch on"):
        await use(bench, scope, again)
    assert (await script.get("/api/v1/plugins/chain")).json() == before


async def test_what_runs_or_somebody_has_set_is_left_alone(bench: Bench, key: str) -> None:
    scope = await bench.agency("chain", "mailer", "checking")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    theirs: dict[str, Any] = {
        "mailer": {"server": {"host": "post.example.org"}, "copies": []},
        "chain": {"steps": [{"key": "ours"}], "urgent": True},
    }
    for name, settings in theirs.items():
        saved = await script.put(f"/api/v1/plugins/{name}/settings", json={"settings": settings})
        assert saved.status_code == 200
    for name in ("chain", "checking"):
        assert (await script.post(f"/api/v1/plugins/{name}/disable", json={})).status_code == 200
    mailer = (await script.get("/api/v1/plugins/mailer")).json()
    seen = await see(script, key)
    steps = {one["plugin"]: one for one in seen["steps"]}
    assert steps["mailer"]["does"] == "on"
    assert steps["chain"]["kept"] == ["steps"]
    assert (steps["chain"]["settings"]["steps"][0]["key"], steps["chain"]["settings"]["days"]) == ("ours", 20)
    await use(bench, scope, seen)
    chain = await settings_of(script, "chain")
    assert (chain["steps"][0]["key"], chain["urgent"], chain["days"]) == ("ours", True, 20)
    assert (await script.get("/api/v1/plugins/mailer")).json() == mailer


async def test_what_a_profile_set_a_later_one_may_set_anew_and_says_that_it_has_changed(
    bench: Bench, operator: httpx.AsyncClient, key: str
) -> None:
    scope = await bench.ring.platform.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    await use(bench, scope, await see(script, key))
    assert not (await see(script, key))["changed_since"]
    changed = profile(settings={"chain": CHAIN | {"days": 30}})
    assert (await operator.put(f"/api/v1/kept-profiles/{key}", json=changed)).status_code == 200
    assert (await see(script, key))["changed_since"]
    assert (await settings_of(script, "chain"))["days"] == 20, "a change of the profile changes nothing at services"
    assert (await script.post("/api/v1/plugins/chain/disable", json={})).status_code == 200
    await use(bench, scope, await see(script, key))
    assert (await settings_of(script, "chain"))["days"] == 30
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE)
    history = main_of(await browser.get(f"/en/{scope.slug}/plugins/chain")).split("History")[1]
    switched_on, _, first = history.split("<li><b>")[1:]
    assert "Switched on" in switched_on
    assert "By the profile" in switched_on
    assert re.findall(r'<li class="s">(.*?)</li>', switched_on) == ["Days: 20 → 30"]
    assert "Days: (empty) → 20" in first


async def test_all_that_is_wrong_is_said_at_once_and_no_secret_is_taken(operator: httpx.AsyncClient) -> None:
    wrong = profile(
        plugins=["chain", "mailer", "nosuch"],
        whom="chosen",
        services=["nowhere"],
        settings={
            "chain": {"days": 900, "steps": [{"count": 99}]},
            "mailer": {"key": "a secret", "server": {"password": "another", "port": 0}},
            "raising": {},
        },
    )
    refused = await operator.put("/api/v1/kept-profiles/Bad_Key", json=wrong)
    assert refused.status_code == 422
    assert {one["pointer"] for one in refused.json()["errors"]} == {
        "/key",
        "/services",
        "/plugins/2",
        "/settings/chain/days",
        "/settings/chain/steps/0/key",
        "/settings/chain/steps/0/count",
        "/settings/mailer/key",
        "/settings/mailer/server/password",
        "/settings/mailer/server/port",
        "/settings/raising",
    }
    assert (await operator.get("/api/v1/kept-profiles/Bad_Key")).status_code == 404
    empty = await operator.put("/api/v1/kept-profiles/nothing", json=profile(plugins=[], settings=None))
    assert empty.status_code == 422


async def test_a_profile_is_there_for_those_it_is_for_and_an_empty_list_is_nobody(
    bench: Bench, operator: httpx.AsyncClient
) -> None:
    ours, theirs = await bench.ring.platform.agency(), await bench.ring.platform.agency()
    key = await kept(operator, whom="chosen", services=[theirs.slug])
    nobody = await kept(operator, whom="chosen", services=[])
    script = bench.ring.script(ours, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    for each in (key, nobody, "nosuch"):
        assert (await script.get(f"/api/v1/plugin-profiles/{each}")).status_code == 404
        with pytest.raises(NotFound):
            await use(bench, ours, {"key": each, "digest": "0", "steps": []})
    listed = {one["key"] for one in (await script.get("/api/v1/plugin-profiles")).json()["profiles"]}
    assert not listed & {key, nobody}
    async with tenant_session(bench.ring.platform.ctx(ours), read_only=True) as session:
        seen = set(await session.scalars(select(PluginProfile.key)))
    assert not seen & {key, nobody}, "it is the database that keeps it from others"
    for scope in (ours, theirs):
        other = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, PLUGIN_OFFER)
        assert (await other.get("/api/v1/kept-profiles")).status_code == 404
    assert (await see(bench.ring.script(theirs, PLUGIN_READ), key))["key"] == key


async def test_what_is_not_allowed_is_not_in_it_and_what_is_stopped_is_left_out(
    bench: Bench, operator: httpx.AsyncClient, key: str
) -> None:
    scope = await bench.ring.platform.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    seat = bench.ctx(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_OFFER)
    try:
        await execute(allow_plugin, seat, AllowPlugin(name="checking", whom="nobody", reason="It leaks."))
        seen = await see(script, key)
        assert [one["plugin"] for one in seen["steps"]] == ["chain", "mailer"]
        await use(bench, scope, seen)
    finally:
        await execute(allow_plugin, seat, AllowPlugin(name="checking", whom="everyone", reason="Over."))
    assert (await states(script))["checking"] == "available"
    assert (await script.post("/api/v1/safe-mode/enter", json={"reason": "Odd."})).status_code == 200
    held = {one["plugin"]: one["does"] for one in (await see(script, key))["steps"]}
    assert held == {"chain": "on", "checking": "held", "mailer": "on"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_administrator_looks_at_a_profile_and_uses_it_on_a_page(
    bench: Bench, key: str, language: Language
) -> None:
    scope: Scope = await bench.ring.platform.agency()
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, language=language)
    address = f"/{language}/{scope.slug}/plugin-profiles"
    assert key in (await browser.get(address)).text
    page = await browser.get(f"{address}/{key}")
    shown = main_of(page)
    for words in ({"en": "Small service", "fr": "Petit service"}[language], "chief", "duty@example.org"):
        assert words in shown
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    sent = fields_of(page) | {"digest": digest, "asks/checking/capabilities": "files"}
    unticked = await browser.post(f"{address}/{key}/use", data=sent)
    assert unticked.status_code == 422
    sent |= fields_of(unticked)
    answer = await browser.post(f"{address}/{key}/use", data=sent | {"agreed": "true"})
    assert answer.status_code == 303, main_of(answer)
    page = await browser.get(f"{address}/{key}")
    assert {"en": "There is nothing left to switch on.", "fr": "Il ne reste rien à activer."}[language] in page.text
    plugin = main_of(await browser.get(f"/{language}/{scope.slug}/plugins/chain"))
    assert {"en": "By the profile “Small service”", "fr": "Par le profil «\u00a0Petit service\u00a0»"}[
        language
    ] in plugin
    reader = bench.ring.browser(scope, PLUGIN_READ, language=language)
    assert 'name="digest"' not in (await reader.get(f"{address}/{key}")).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_operator_makes_changes_and_sets_a_profile_on_pages(
    bench: Bench, operator: httpx.AsyncClient, language: Language
) -> None:
    seat = bench.ring.platform.operator
    browser = bench.ring.browser(seat, PLUGIN_READ, PLUGIN_OFFER, language=language)
    address, key = f"/{language}/{seat.slug}/plugin-profiles", f"page-{uuid4().hex[:8]}"
    words = dict.fromkeys(("title_en", "title_fr", "summary_en", "summary_fr"), "Words")
    page = await browser.get(address)
    sent = fields_of(page) | words | {"key": key, "plugins": ["chain", "mailer"], "whom": "nobody"}
    answer = await browser.post(address, data=sent)
    assert answer.status_code == 303, main_of(answer)
    form = await browser.get(f"{address}/{key}/chain")
    chain = {"days": "900", "steps/0/key": "chief", "steps/0/count": "1", "steps/0/role": "approver"}
    wrong = await browser.post(f"{address}/{key}/chain", data=fields_of(form) | chain)
    assert wrong.status_code == 422
    assert "900" in main_of(wrong)
    saved = await browser.post(f"{address}/{key}/chain", data=chain | fields_of(wrong) | {"days": "12"})
    assert saved.status_code == 303, main_of(saved)
    kept = (await operator.get(f"/api/v1/kept-profiles/{key}")).json()
    assert kept["plugins"][0]["settings"] == {"days": 12, "steps": [{"key": "chief", "role": "approver", "count": 1}]}
    secrets = main_of(await browser.get(f"{address}/{key}/mailer"))
    assert "password" not in secrets
    assert 'name="server/host"' in secrets
    page = await browser.get(f"{address}/{key}")
    sent = fields_of(page) | words | {"title_en": "Anew", "title_fr": "Autre", "plugins": ["chain"], "whom": "everyone"}
    stale = dict(sent)
    assert (await browser.post(f"{address}/{key}/change", data=sent)).status_code == 303
    kept = (await operator.get(f"/api/v1/kept-profiles/{key}")).json()
    assert (kept["title"]["en"], kept["whom"], kept["plugins"][0]["settings"]["days"]) == ("Anew", "everyone", 12)
    stale["_token"] = fields_of(await browser.get(f"{address}/{key}"))["_token"]
    assert (await browser.post(f"{address}/{key}/change", data=stale)).status_code == 409


async def test_what_comes_with_the_product_is_taken_over_once(bench: Bench, operator: httpx.AsyncClient) -> None:
    found = (await operator.get("/api/v1/kept-profiles")).json()
    assert {one["key"] for one in [*found["shipped"], *found["profiles"]]} >= set(shipped())
    for key in (one["key"] for one in found["shipped"]):
        assert (await operator.post(f"/api/v1/kept-profiles/{key}/take", json={})).status_code == 200
        assert (await operator.post(f"/api/v1/kept-profiles/{key}/take", json={})).status_code == 409
    assert (await operator.post("/api/v1/kept-profiles/nosuch/take", json={})).status_code == 404


def test_what_comes_with_the_product_fits_the_plugins_that_come_with_it() -> None:
    registry = Registry().load()
    assert set(shipped()) == {"small-service", "large-service"}
    for one in shipped().values():
        assert one.title.keys() == one.summary.keys() == {"en", "fr"}
        assert not [fault for recommended in one.plugins for fault in look_through(registry, recommended)[1]]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Hear every statement that any of this process's sessions sends to the database."""
    heard: list[str] = []

    def hear(_: Any, __: Any, statement: str, *more: Any) -> None:
        heard.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    event.remove(Engine, "before_cursor_execute", hear)


async def test_the_list_asks_the_database_as_often_for_many_profiles_as_for_one(
    bench: Bench, operator: httpx.AsyncClient
) -> None:
    scope = await bench.ring.platform.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    whom = {"whom": "chosen", "services": [scope.slug]}
    first = await kept(operator, **whom)
    await use(bench, scope, await see(script, first))
    for name in ("chain", "mailer"):
        off = await script.post(f"/api/v1/plugins/{name}/disable", json={})
        assert off.status_code == 200, off.text

    async def listed() -> tuple[dict[str, Any], list[str]]:
        with statements() as heard:
            answer = await script.get("/api/v1/plugin-profiles")
        return {one["key"]: one for one in answer.json()["profiles"]}, heard

    before, asked = await listed()
    further = [await kept(operator, **whom, settings={"chain": CHAIN | {"days": days}}) for days in (21, 22, 23)]
    after, asked_then = await listed()
    assert after.keys() - before.keys() == {*further}
    assert len(asked) == len(asked_then), asked_then
    assert [after[one]["used_at"] is not None for one in (first, *further)] == [True, False, False, False]
    for key in (first, *further):
        assert after[key] == await see(script, key), "of one it says what the list says"
