"""A secret goes in and never comes out: not on pages, in files, logs, the database, nor to another's plugin."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import structs
from sqlalchemy import select, text, update

from contingent import specs
from core.context import Scope
from core.database.directory import ScopeRow
from core.database.rooms import load_models
from core.database.sealing import NotSealedHere
from core.database.sessions import tenant_session
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.hooks.database_secrets import secrets_of
from core.hooks.models import PluginChange, PluginDifference, PluginEnablement, PluginSecret
from core.hooks.types import Source
from core.ids import new_id
from core.journal.permissions import AUDIT_READ
from core.use_cases.step_up import PLUGIN
from core.web.i18n_formats import instant
from tests.core.extensions.browsing import controls
from tests.core.extensions.conftest import REVEALED, Bench
from tests.http.ring import main_of

pytestmark = pytest.mark.http

MARK = "Zürich-77-marker"
KEY = "-----BEGIN KEY-----\nmarker-of-lines\n-----END KEY-----\n"
TRACES = (MARK, "marker-of-lines", MARK.encode("unicode_escape").decode(), MARK.encode().hex())


@pytest.fixture
async def scope(bench: Bench) -> Scope:
    REVEALED.clear()
    return await bench.agency("mailer")


@pytest.fixture
async def browser(bench: Bench, scope: Scope) -> AsyncIterator[httpx.AsyncClient]:
    async with bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, AUDIT_READ) as client:
        yield client


def address(scope: Scope, rest: str = "") -> str:
    return f"/en/{scope.slug}/plugins/mailer{rest}"


async def form_of(browser: httpx.AsyncClient, scope: Scope) -> dict[str, str]:
    return controls((await browser.get(address(scope))).text, "/mailer/settings")


async def save(browser: httpx.AsyncClient, scope: Scope, **more: str) -> httpx.Response:
    sent = await form_of(browser, scope) | {name.replace("__", "/"): value for name, value in more.items()}
    return await browser.post(address(scope, "/settings"), data=sent)


async def kept(bench: Bench, scope: Scope) -> dict[str, str]:
    """Return the secrets of the plugin, by path."""
    ctx = bench.ctx(scope)
    async with tenant_session(ctx, read_only=True) as session:
        found = (await secrets_of(session, ctx)).get("mailer", {})
        return {path: secret.reveal() for path, secret in found.items()}


async def test_a_secret_is_set_kept_replaced_and_taken_away(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    assert "Not set. Once saved it is encrypted" in (await browser.get(address(scope))).text
    assert (await save(browser, scope, server__password=MARK, key=KEY.replace("\n", "\r\n"))).status_code == 303
    assert await kept(bench, scope) == {"server/password": MARK, "key": KEY}
    page = (await browser.get(address(scope))).text
    assert "by Alix Tremblay." in page
    assert "Server: Password: set, and kept out of sight" in page
    assert (await save(browser, scope, server__port="25")).status_code == 303
    assert await kept(bench, scope) == {"server/password": MARK, "key": KEY}
    assert (await save(browser, scope, server__password=" another ", key___clear="true")).status_code == 303
    assert await kept(bench, scope) == {"server/password": " another "}
    page = (await browser.get(address(scope))).text
    assert "Server: Password: replaced by another" in page
    assert "Private key: taken away" in page
    assert "Server: Port: 587 → 25" in page


async def test_since_when_a_secret_is_set_is_told_in_the_services_own_time(bench: Bench) -> None:
    platform, zone = bench.ring.platform, "America/St_Johns"
    scope = structs.replace(await platform.agency(), zone=zone)
    async with tenant_session(platform.ctx(platform.operator)) as session:
        await session.execute(update(ScopeRow).where(ScopeRow.id == scope.id).values(zone=zone))
    await bench.enable(scope, "mailer")
    async with bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE) as browser:
        await save(browser, scope, server__password=MARK)
        at = instant(platform.clock.now(), "en", zone)
        assert at != instant(platform.clock.now(), "en", "America/Toronto")
        assert f"Set on {at} by Alix Tremblay." in unescape((await browser.get(address(scope))).text)


async def test_the_plugin_alone_reads_it(bench: Bench, scope: Scope, browser: httpx.AsyncClient) -> None:
    await save(browser, scope, server__password=MARK)
    answers = await bench.ctx(scope).hooks.one("mailer", specs.hr_test_connection, source=Source(id=scope.id))
    assert REVEALED == [MARK]
    assert [step.done for step in answers.results[0]] == [True, True]


async def test_a_secret_is_nowhere_to_be_seen(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    wrong = await save(browser, scope, server__password=MARK, server__port="0")
    tested = await browser.post(address(scope, "/test"), data=await form_of(browser, scope) | {"server/password": MARK})
    saved = await save(browser, scope, server__password=MARK, key=KEY)
    put = {"settings": {"server": {"password": MARK, "port": 25}}}
    again = await script.put("/api/v1/plugins/mailer/settings", json=put, headers={"idempotency-key": "once"})
    faulty = {"settings": {"server": {"password": MARK, "port": 0, MARK[:3]: 1}, "key": 7, "copies": [1]}}
    seen = [
        wrong,
        tested,
        saved,
        again,
        await script.put("/api/v1/plugins/mailer/settings", json=faulty),
        await script.post("/api/v1/plugins/mailer/test", json=put),
        await script.get("/api/v1/plugins/mailer"),
        await browser.get(address(scope)),
        await browser.get(address(scope, "/export")),
        await browser.get(f"/en/{scope.slug}/audit"),
    ]
    assert [one.status_code for one in seen] == [422, 200, 303, 200, 422, 200, 200, 200, 200, 200]
    told = [one.text + str(one.headers) for one in seen] + [caplog.text] + await rows_of(bench, scope)
    assert [trace for trace in TRACES for one in told if trace in one] == []
    assert await kept(bench, scope) == {"server/password": MARK, "key": KEY}


async def test_what_an_older_version_kept_as_a_setting_is_out_of_sight_once_it_is_a_secret(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    ctx = bench.ctx(scope)
    clear = {"server": {"host": "mail.example.org", "port": 25, "password": MARK}, "key": MARK}
    difference = {"server": [{"port": 25}, {"port": 587, "password": MARK}], "key": [None, MARK]}
    of_it = {"tenant_id": scope.id, "plugin": "mailer"}
    async with tenant_session(ctx) as session:
        mine = update(PluginEnablement).where(PluginEnablement.plugin == "mailer")
        await session.execute(mine.values(settings=clear))
        by = {"plugin_version": "0.9", "action": "configure", "actor_id": ctx.actor.id, "actor_name": "Alix Tremblay"}
        change = PluginChange(**of_it, **by, id=new_id(ctx.clock), at=ctx.clock.now())
        session.add(change)
        await session.flush()
        session.add(PluginDifference(**of_it, change_id=change.id, difference=difference))
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    file = {"format": "contingent plugin settings 1", "plugin": "mailer", "version": "1.0", "settings": {"copies": []}}
    sent = {"file": ("settings.json", msgspec.json.encode(file), "application/json")}
    token = {"_token": (await form_of(browser, scope))["_token"]}
    read = await browser.post(address(scope, "/import"), data=token, files=sent)
    assert read.status_code == 200
    api = await script.get("/api/v1/plugins/mailer")
    page, exported = await browser.get(address(scope)), await browser.get(address(scope, "/export"))
    assert [trace for trace in TRACES for one in (read, api, page, exported) if trace in one.text] == []
    assert api.json()["settings"] == {"server": {"host": "mail.example.org", "port": 25}}
    assert "Private key: set, and kept out of sight" in page.text
    assert "Server: Port: 25 → 587" in page.text
    assert (await save(browser, scope, server__port="587")).status_code == 303
    assert await kept(bench, scope) == {"server/password": MARK, "key": MARK}, "sealed with what is saved next"
    assert [trace for trace in TRACES if trace in (await browser.get(address(scope))).text] == []


async def rows_of(bench: Bench, scope: Scope) -> list[str]:
    """Return every row of every table that the scope can read, as text."""
    found = []
    async with tenant_session(bench.ctx(scope), read_only=True) as session:
        readable = "select has_table_privilege(:name, 'select')"
        for table in sorted(load_models().tables):
            if await session.scalar(text(readable), {"name": table}):
                found += [str(row[0]) for row in await session.execute(text(f'select t::text from "{table}" t'))]
    assert any("plugin.configure" in one for one in found)
    return found


async def test_what_was_entered_stays_with_a_refused_form_out_of_sight(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    refused = await save(browser, scope, server__password=MARK, server__port="0")
    assert refused.status_code == 422
    assert "What you entered is held here" in main_of(refused)
    sent = controls(refused.text, "/mailer/settings") | {"server/port": "25"}
    assert MARK not in str(sent)
    assert (await browser.post(address(scope, "/settings"), data=sent)).status_code == 303
    assert await kept(bench, scope) == {"server/password": MARK}


async def test_what_a_form_holds_is_of_no_use_to_anybody_else_or_elsewhere(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    refused = await save(browser, scope, server__password=MARK, server__port="0")
    held = controls(refused.text, "/mailer/settings")["server/password/_held"]
    moved = await save(browser, scope, key___held=held)
    assert moved.status_code == 422
    assert "Enter this once more" in main_of(moved)
    async with bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE) as other:
        assert (await save(other, scope, server__password___held=held)).status_code == 422
    assert (await save(browser, scope, server__password___held="zz")).status_code == 422
    assert await kept(bench, scope) == {}


async def test_a_secret_is_held_out_of_sight_while_its_sender_signs_in_once_more(bench: Bench, scope: Scope) -> None:
    async with bench.ring.browser(
        scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, ruled=frozenset({PLUGIN})
    ) as browser:
        asked = await save(browser, scope, server__password=MARK, server__port="25")
        assert asked.status_code == 403
        assert "server/password/_held" in asked.text
        assert MARK not in asked.text


async def test_a_secret_opens_for_its_tenant_plugin_and_field_alone(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    await save(browser, scope, server__password=MARK, key=KEY)
    ctx, other = bench.ctx(scope), await bench.agency("mailer")
    async with tenant_session(ctx) as session:
        sealed = await session.scalar(select(PluginSecret.sealed).where(PluginSecret.field == "server/password"))
        await session.execute(update(PluginSecret).where(PluginSecret.field == "key").values(sealed=sealed))
    foreign = bench.ctx(other)
    async with tenant_session(foreign) as session:
        row: dict[str, Any] = {"plugin": "mailer", "field": "server/password", "sealed": sealed}
        set_by = {"set_by": new_id(foreign.clock), "set_by_name": "x", "set_at": foreign.clock.now()}
        session.add(PluginSecret(tenant_id=other.id, **row, **set_by))
    async with tenant_session(ctx, read_only=True) as session:
        found = (await secrets_of(session, ctx))["mailer"]
    assert found["server/password"].reveal() == MARK
    with pytest.raises(NotSealedHere):
        found["key"].reveal()
    async with tenant_session(foreign, read_only=True) as session:
        stolen = (await secrets_of(session, foreign))["mailer"]["server/password"]
    with pytest.raises(NotSealedHere):
        stolen.reveal()


async def test_the_api_sets_keeps_and_takes_away(bench: Bench, scope: Scope) -> None:
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)

    async def put(**settings: Any) -> list[str]:
        answer = await script.put("/api/v1/plugins/mailer/settings", json={"settings": settings})
        assert answer.status_code == 200, answer.text
        assert "password" not in answer.json()["settings"]["server"]
        return [one["field"] for one in answer.json()["secrets"]]

    assert await put(server={"password": MARK}, key=KEY) == ["key", "server/password"]
    assert await put(server={"port": 25}) == ["key", "server/password"]
    assert await put(server={"password": ""}, key=None) == ["server/password"]
    assert await kept(bench, scope) == {"server/password": MARK}
    assert await put(server={"password": None}) == []


async def test_the_same_request_with_another_secret_is_another_request(bench: Bench, scope: Scope) -> None:
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    first, second = ({"settings": {"key": f"{MARK}-{number}"}} for number in (1, 2))
    once = {"idempotency-key": "once"}
    assert (await script.put("/api/v1/plugins/mailer/settings", json=first, headers=once)).status_code == 200
    assert (await script.put("/api/v1/plugins/mailer/settings", json=first, headers=once)).status_code == 200
    assert (await script.put("/api/v1/plugins/mailer/settings", json=second, headers=once)).status_code == 409
