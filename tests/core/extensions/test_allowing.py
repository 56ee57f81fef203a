"""The operator's allow-list over HTTP and on pages: what is not allowed is not there, and stops where it was on."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from core.context import Language, Scope
from core.database.folding import fold
from core.errors import Invalid, NotFound, Refused
from core.events.worker import drain
from core.extensions.allowing import Allowance, AllowPlugin, Whom, allow_plugin
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_MANAGE, PLUGIN_OFFER, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.removing import erase_plugin_data
from core.extensions.schemas import ErasePlugin
from core.hooks.answers import Answers
from core.hooks.specs import approval_chain
from core.hooks.types import Subject
from core.ids import new_id
from core.journal.permissions import AUDIT_READ, NOTIFICATION_READ
from core.use_cases.execution import execute
from tests.core.extensions.conftest import RUNS, Bench
from tests.http.ring import fields_of, main_of

pytestmark = pytest.mark.http

LANGUAGES: tuple[Language, ...] = ("en", "fr")
SETTINGS = {"settings": {"steps": [{"key": "chief"}]}}
ADDRESS = "/api/v1/installed-plugins/{}/allowance"
Allows = Callable[..., Awaitable[Allowance]]
"""Says whom a plugin is for: its name, whom, the words of services, and why."""
TAKEN = "It leaks what it should keep."


async def ask(bench: Bench, scope: Scope) -> Answers[object]:
    """Ask for a chain, as the scope's next request would."""
    subject = Subject(kind="agreement", id=new_id(bench.ring.platform.clock))
    return await bench.ctx(scope).hooks.one("chain", approval_chain, subject=subject)


async def follow(bench: Bench, *scopes: Scope) -> None:
    """Let the scopes hear of what happened."""
    platform = bench.ring.platform
    await drain(
        platform.database,
        lambda scope, actor, _: replace(bench.ctx(scope), actor=actor),
        platform.clock,
        only=[scope.id for scope in scopes],
    )


@pytest.fixture
async def scope(bench: Bench) -> Scope:
    """A service that runs a chain of approvals."""
    scope = await bench.agency("chain")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await script.put("/api/v1/plugins/chain/settings", json=SETTINGS)).status_code == 200
    return scope


@pytest.fixture
async def operator(bench: Bench) -> AsyncIterator[Allows]:
    """The operator in person; at the end all is for everyone again, for other tests."""

    async def allows(name: str, whom: Whom, *services: str, reason: str = TAKEN) -> Allowance:
        ctx = bench.ctx(bench.ring.platform.operator, PLUGIN_READ, PLUGIN_OFFER)
        sent = AllowPlugin(name=name, whom=whom, services=list(services), reason=reason)
        return await execute(allow_plugin, ctx, sent)

    yield allows
    for name in ("chain", "checking"):
        with suppress(Refused):
            await allows(name, "everyone", reason="The test is over.")


@pytest.mark.parametrize("whom", ["nobody", "chosen"])
async def test_what_is_not_allowed_is_not_there_on_any_page_or_address(
    bench: Bench, operator: Allows, whom: Whom
) -> None:
    scope = await bench.ring.platform.agency()
    await operator("checking", whom)  # those chosen are none: that is nobody, and never everybody
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, PLUGIN_LOG)
    listed = [one["name"] for one in (await script.get("/api/v1/plugins")).json()["plugins"]]
    assert "checking" not in listed
    assert "chain" in listed
    RUNS.clear()
    sent = {"consent": {"capabilities": ["files"], "hosts": [], "data_classes": [], "hosts_from": []}}
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/enable", sent),
        ("POST", "/disable", {}),
        ("PUT", "/settings", {"settings": {}}),
        ("GET", "/figures", None),
        ("GET", "/deliveries", None),
    ):
        got = await script.request(method, f"/api/v1/plugins/checking{path}", json=body)
        unknown = await script.request(method, f"/api/v1/plugins/nosuch{path}", json=body)
        assert got.status_code == unknown.status_code == 404, path
        assert got.json()["detail"] == unknown.json()["detail"]
    assert RUNS == []
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, PLUGIN_LOG)
    assert (await browser.get(f"/en/{scope.slug}/plugins/checking")).status_code == 404
    for path in ("/plugins", "/plugin-log"):
        assert "checking" not in main_of(await browser.get(f"/en/{scope.slug}{path}"))
    await operator("checking", "chosen", scope.slug, reason="They asked.")
    await bench.enable(scope, "checking")
    assert (await script.get("/api/v1/plugins/checking")).json()["plugin"]["state"] == "enabled"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_it_was_on_it_stops_says_so_keeps_its_data_and_comes_back_by_itself(
    bench: Bench, scope: Scope, operator: Allows, language: Language
) -> None:
    other = await bench.agency("chain")
    mine = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    theirs = bench.ring.script(other, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    assert (await theirs.put("/api/v1/plugins/chain/settings", json=SETTINGS)).status_code == 200
    await operator("chain", "chosen", other.slug)
    with pytest.raises(Refused, match="so already"):
        await operator("chain", "chosen", other.slug)
    assert [one.cause for one in (await ask(bench, scope)).failures] == ["unallowed"]
    assert (await ask(bench, other)).results
    file = (await mine.get("/api/v1/plugins/chain")).json()
    assert file["plugin"]["state"] == "unallowed"
    assert file["not_allowed"]["reason"] == TAKEN
    assert file["settings"]["steps"][0]["key"] == "chief"
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, language=language)
    page = main_of(await browser.get(f"/{language}/{scope.slug}/plugins/chain"))
    assert {"en": "Not allowed by the operator", "fr": "Non autorisé par l’exploitation"}[language] in page
    assert TAKEN in page
    assert "/plugins/chain/settings" not in page
    assert "/plugins/chain/disable" in page
    for what, sent in (("enable", {}), ("test", SETTINGS)):
        assert (await mine.post(f"/api/v1/plugins/chain/{what}", json=sent)).status_code == 409
    assert (await mine.put("/api/v1/plugins/chain/settings", json=SETTINGS)).status_code == 409
    await operator("chain", "everyone", reason="Mended.")
    assert (await ask(bench, scope)).results
    assert (await mine.get("/api/v1/plugins/chain")).json()["not_allowed"] is None


async def test_only_services_that_have_it_on_are_told_once_each_and_their_logs_keep_it(
    bench: Bench, scope: Scope, operator: Allows
) -> None:
    off, never = await bench.agency("chain"), await bench.ring.platform.agency()
    assert (
        await bench.ring.script(off, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE).post(
            "/api/v1/plugins/chain/disable", json={}
        )
    ).status_code == 200
    await operator("chain", "nobody")
    for _ in range(2):
        await follow(bench, scope, off, never)
    for each, times in ((scope, 1), (off, 0), (never, 0)):
        log = main_of(await bench.ring.browser(each, AUDIT_READ).get(f"/en/{each.slug}/audit"))
        assert log.count(TAKEN) == times
    await operator("chain", "everyone", reason="Mended.")
    await follow(bench, scope, off, never)
    log = main_of(await bench.ring.browser(scope, AUDIT_READ).get(f"/en/{scope.slug}/audit"))
    assert log.count("Mended.") == 1


async def test_what_is_off_and_not_allowed_can_still_be_exported_and_erased(
    bench: Bench, scope: Scope, operator: Allows
) -> None:
    mine = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    await operator("chain", "nobody")
    assert (await mine.post("/api/v1/plugins/chain/disable", json={})).status_code == 200
    exported = (await mine.post("/api/v1/plugins/chain/data/export", json={})).json()
    erasing = ErasePlugin(name="chain", export=exported["removals"][0]["id"])
    await execute(erase_plugin_data, bench.ctx(scope), erasing)
    listed = [one["name"] for one in (await mine.get("/api/v1/plugins")).json()["plugins"]]
    assert "chain" not in listed
    assert (await mine.get("/api/v1/plugins/chain")).json()["removals"], "the receipt stays"
    with pytest.raises(Refused, match="does not allow it here"):
        await bench.enable(scope, "chain")


async def test_only_the_operator_allows_in_person_and_only_what_and_whom_there_is(
    bench: Bench, scope: Scope, operator: Allows
) -> None:
    with pytest.raises(NotFound):
        await operator("nosuch", "nobody")
    with pytest.raises(Invalid) as wrong:
        await operator("chain", "chosen", "nowhere")
    assert [one.pointer for one in wrong.value.faults] == ["/services"]
    seat = bench.ring.platform.operator
    reader = bench.ring.script(seat, PLUGIN_READ, PLUGIN_OFFER)
    assert (await reader.get(ADDRESS.format("chain"))).json()["whom"] == "everyone"
    assert (await reader.put(ADDRESS.format("chain"), json={"whom": "nobody", "reason": TAKEN})).status_code == 405
    address = f"/en/{seat.slug}/plugins/chain"
    looking = bench.ring.browser(seat, PLUGIN_READ)
    page = await looking.get(address)
    assert 'name="whom"' not in main_of(page)
    theirs = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, PLUGIN_OFFER)
    assert (await theirs.get(ADDRESS.format("chain"))).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_operator_says_on_a_page_whom_a_plugin_is_for_and_sees_what_was_decided(
    bench: Bench, scope: Scope, operator: Allows, language: Language
) -> None:
    seat = bench.ring.platform.operator
    browser = bench.ring.browser(seat, PLUGIN_READ, PLUGIN_OFFER, AUDIT_READ, NOTIFICATION_READ, language=language)
    address = f"/{language}/{seat.slug}/plugins/chain"
    page = await browser.get(address)
    services = re.findall(r'name="services" value="[^"]+"[^>]*> <span>([^<]+)</span>', page.text)
    assert scope.name(language) in map(html.unescape, services)
    assert [fold(one) for one in services] == sorted(fold(one) for one in services), "as an alphabet has them"
    sent = fields_of(page) | {"whom": "chosen", "services": scope.slug, "reason": TAKEN}
    answer = await browser.post(f"{address}/allowance", data=sent)
    assert answer.status_code == 303, main_of(answer)
    shown = main_of(await browser.get(address))
    assert TAKEN in shown
    assert f'value="{scope.slug}" checked' in shown
    assert 'value="chosen" checked' in shown
    assert scope.name(language) in main_of(await browser.get(f"/{language}/{seat.slug}/plugins"))
    short = await browser.post(f"{address}/allowance", data=sent | fields_of(page) | {"reason": ""})
    assert short.status_code in (409, 422)
    log = main_of(await browser.get(f"/{language}/{seat.slug}/audit"))
    assert {"en": "Allow-list of plugins: setting", "fr": "Liste des modules autorisés\u00a0: "}[language] in log
