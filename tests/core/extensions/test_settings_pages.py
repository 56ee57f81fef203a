"""Settings are tried as they stand in the form, taken along as a file, and filled in from one."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from core.context import Scope
from core.database.sessions import tenant_session
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.hooks.models import PluginEnablement
from core.journal.permissions import AUDIT_READ
from tests.core.extensions.browsing import controls
from tests.core.extensions.conftest import REVEALED, Bench
from tests.http.ring import main_of

pytestmark = pytest.mark.http


def address(scope: Scope, rest: str = "", plugin: str = "mailer", language: str = "en") -> str:
    return f"/{language}/{scope.slug}/plugins/{plugin}{rest}"


def signed_in(bench: Bench, scope: Scope) -> httpx.AsyncClient:
    return bench.ring.browser(scope, PLUGIN_READ, PLUGIN_MANAGE, AUDIT_READ)


async def form_of(browser: httpx.AsyncClient, scope: Scope, plugin: str = "mailer") -> dict[str, str]:
    page = await browser.get(address(scope, plugin=plugin))
    return controls(page.text, f"/{plugin}/settings")


async def stored(bench: Bench, scope: Scope, plugin: str = "mailer") -> dict[str, object]:
    script = bench.ring.script(scope, PLUGIN_READ)
    found: dict[str, object] = (await script.get(f"/api/v1/plugins/{plugin}")).json()["settings"]
    return found


async def bring(
    browser: httpx.AsyncClient, scope: Scope, content: bytes | str, plugin: str = "mailer"
) -> httpx.Response:
    token = (await form_of(browser, scope, plugin))["_token"]
    data = content.encode() if isinstance(content, str) else content
    files = {"file": ("settings.json", data, "application/json")}
    return await browser.post(address(scope, "/import", plugin), data={"_token": token}, files=files)


async def test_a_test_runs_with_what_stands_in_the_form_and_saves_nothing(bench: Bench) -> None:
    scope = await bench.agency("mailer")
    browser = signed_in(bench, scope)
    before = await stored(bench, scope)
    REVEALED.clear()
    sent = await form_of(browser, scope) | {"server/host": "smtp.example.org"}
    failed = await browser.post(address(scope, "/test"), data=sent)
    assert failed.status_code == 200
    main = main_of(failed)
    assert "The test did not go through." in main
    assert "Find smtp.example.org" in main
    assert "Set a password." in main
    assert 'value="smtp.example.org"' in main
    sent = controls(failed.text, "/mailer/settings") | {"server/password": "new-one"}
    passed = await browser.post(address(scope, "/test"), data=sent)
    assert "The test went through." in main_of(passed)
    assert REVEALED == ["new-one"]
    assert await stored(bench, scope) == before
    saved = await browser.post(address(scope, "/settings"), data=controls(passed.text, "/mailer/settings"))
    assert saved.status_code == 303
    assert (await stored(bench, scope))["server"] == {"host": "smtp.example.org", "port": 587}
    await browser.post(address(scope, "/test"), data=await form_of(browser, scope))
    assert REVEALED == ["new-one", "new-one"]
    assert "Plugin: test" in main_of(await browser.get(f"/en/{scope.slug}/audit"))


async def test_what_is_wrong_is_told_before_anything_is_tried(bench: Bench) -> None:
    scope = await bench.agency("mailer")
    browser = signed_in(bench, scope)
    sent = await form_of(browser, scope) | {"server/port": "99999", "copies": "a\r\nb\r\nc\r\nd"}
    refused = await browser.post(address(scope, "/test"), data=sent)
    assert refused.status_code == 422
    main = main_of(refused)
    assert 'id="f-server-port-error"' in main
    assert "Enter at most 3 entries." in main
    assert 'value="99999"' in main
    assert "a\nb\nc\nd" in main
    assert 'href="#f-server-port"' in main


async def test_only_a_plugin_that_is_in_use_and_connects_is_tested(bench: Bench) -> None:
    scope = await bench.agency("mailer", "chain")
    browser = signed_in(bench, scope)
    assert 'formaction="' not in (await browser.get(address(scope, plugin="chain"))).text
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_MANAGE)
    nothing: dict[str, Any] = {"settings": {}}
    assert (await script.post("/api/v1/plugins/chain/test", json=nothing)).status_code == 409
    assert (await script.post("/api/v1/plugins/mailer/test", json=nothing)).json()["reached"] is False
    await script.post("/api/v1/plugins/mailer/disable", json={})
    assert 'formaction="' not in (await browser.get(address(scope))).text
    refused = await script.post("/api/v1/plugins/mailer/test", json=nothing)
    assert refused.status_code == 409
    assert "is not in use" in refused.text


async def test_settings_are_taken_along_without_secrets_and_filled_in_again(bench: Bench) -> None:
    scope, other = await bench.agency("mailer"), await bench.agency("mailer")
    browser, there = signed_in(bench, scope), signed_in(bench, other)
    sent = await form_of(browser, scope) | {"server/port": "25", "server/password": "pw", "copies": "a\r\nb"}
    await browser.post(address(scope, "/settings"), data=sent)
    file = await browser.get(address(scope, "/export"))
    assert 'filename="mailer-settings.json"' in file.headers["content-disposition"]
    told = json.loads(file.content)
    assert told["settings"] == {"server": {"host": "mail.example.org", "port": 25}, "copies": ["a", "b"]}
    assert (told["plugin"], told["version"]) == ("mailer", "1.0")
    before = await stored(bench, other)
    shown = await bring(there, other, file.content)
    assert shown.status_code == 200
    assert "Nothing is saved yet" in main_of(shown)
    assert await stored(bench, other) == before
    answer = await there.post(address(other, "/settings"), data=controls(shown.text, "/mailer/settings"))
    assert answer.status_code == 303
    assert await stored(bench, other) == told["settings"]


async def test_what_a_file_holds_wrongly_is_told_at_its_field_and_what_is_unknown_is_left_out(bench: Bench) -> None:
    scope = await bench.agency("mailer")
    browser = signed_in(bench, scope)
    settings = {"server": {"host": "x" * 99, "port": 0, "password": "never-shown"}, "copies": ["a"], "colour": "red"}
    file = {"format": "contingent plugin settings 1", "plugin": "mailer", "version": "9", "settings": settings}
    main = main_of(await bring(browser, scope, json.dumps(file)))
    assert "colour, server/password" in main
    assert 'href="#f-server-host"' in main
    assert 'href="#f-server-port"' in main
    assert "never-shown" not in main


OF_ANOTHER_SHAPE = [
    ("chain", {"steps": "chief"}),
    ("chain", {"steps": ["chief"]}),
    ("chain", {"steps": [{"key": "chief"}, "deputy"]}),
    ("chain", {"steps": {"key": "chief"}}),
    ("chain", {"steps": 5}),
    ("mailer", {"server": "mail.example.org"}),
    ("mailer", {"server": ["mail.example.org"]}),
    ("mailer", {"copies": {"a": 1}}),
]
"""Settings as another version of a plugin may have kept them."""


@pytest.mark.parametrize(("plugin", "settings"), OF_ANOTHER_SHAPE)
async def test_settings_of_another_shape_are_shown_as_ones_that_do_not_fit(
    bench: Bench, plugin: str, settings: dict[str, Any]
) -> None:
    scope = await bench.agency(plugin)
    browser = signed_in(bench, scope)
    file = {"format": "contingent plugin settings 1", "plugin": plugin, "version": "9", "settings": settings}
    brought = await bring(browser, scope, json.dumps(file), plugin)
    assert brought.status_code == 200
    (name,) = settings
    assert f'href="#f-{name}' in main_of(brought), "the fault is told at the field"
    async with tenant_session(bench.ctx(scope)) as session:
        mine = (PluginEnablement.tenant_id == scope.id, PluginEnablement.plugin == plugin)
        await session.execute(update(PluginEnablement).where(*mine).values(settings=settings))
    for reader in (browser, bench.ring.browser(scope, PLUGIN_READ)):
        page = await reader.get(address(scope, plugin=plugin))
        assert page.status_code == 200
        assert "Settings do not fit" in main_of(page)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "This is no file of settings"),
        ("{}", "This is no file of settings"),
        ('{"settings": {"a": ' + "[" * 5000, "This is no file of settings"),
        ('{"format": "2", "plugin": "mailer", "version": "1", "settings": {}}', "This is no file of settings"),
        (
            '{"format": "contingent plugin settings 1", "plugin": "chain", "version": "1", "settings": {}}',
            "These are settings of another plugin, “chain”.",
        ),
        ("", "Fill this in."),
    ],
)
async def test_a_file_that_holds_no_settings_of_the_plugin_is_refused(bench: Bench, content: str, said: str) -> None:
    scope = await bench.agency("mailer")
    browser = signed_in(bench, scope)
    refused = await bring(browser, scope, content)
    assert refused.status_code == 422
    assert said in main_of(refused)


async def test_who_may_only_read_sees_settings_in_words_and_no_test(bench: Bench) -> None:
    scope = await bench.agency("mailer")
    await signed_in(bench, scope).post(
        address(scope, "/settings"), data=await form_of(signed_in(bench, scope), scope) | {"server/password": "pw"}
    )
    reader = bench.ring.browser(scope, PLUGIN_READ)
    main = main_of(await reader.get(address(scope, language="fr")))
    assert "<form" not in main
    assert "mail.example.org" in main
    assert "587" in main
