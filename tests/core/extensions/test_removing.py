"""Removing a plugin on its page and through the API: first the export, then the erasure, with a receipt."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import delete, update

from core.context import Scope
from core.database.sessions import tenant_session
from core.documents.disposal import dispose_of_old
from core.documents.purposes import DOCUMENT_READ
from core.errors import NotFound, Refused
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.removing import erase_plugin_data
from core.extensions.schemas import ErasePlugin
from core.hooks.models import PluginEnablement, PluginSecret
from core.journal.permissions import AUDIT_READ
from tests.core.extensions.browsing import controls
from tests.core.extensions.conftest import Bench
from tests.http.ring import main_of

pytestmark = pytest.mark.http

SECRET = "Zürich-77-marker"


@pytest.fixture
async def scope(bench: Bench) -> Scope:
    """A service in which a plugin with a secret was switched on, set, and switched off."""
    scope = await bench.agency("mailer")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    settings = {"server": {"host": "mail.example.org", "password": SECRET}, "copies": ["alix@example.org"]}
    assert (await script.put("/api/v1/plugins/mailer/settings", json={"settings": settings})).status_code == 200
    assert (await script.post("/api/v1/plugins/mailer/disable", json={})).status_code == 200
    return scope


@pytest.fixture
async def browser(bench: Bench, scope: Scope) -> AsyncIterator[httpx.AsyncClient]:
    async with bench.ring.browser(
        scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, DOCUMENT_READ, AUDIT_READ
    ) as client:
        yield client


def address(scope: Scope, rest: str = "", language: str = "en") -> str:
    return f"/{language}/{scope.slug}/plugins/mailer{rest}"


async def press(browser: httpx.AsyncClient, scope: Scope, what: str) -> httpx.Response:
    """Send the form of the page that leads to ``what``."""
    page = await browser.get(address(scope))
    return await browser.post(address(scope, what), data=controls(page.text, f"/mailer{what}"))


async def test_a_plugin_is_removed_in_two_steps_and_its_receipt_stays(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    page = main_of(await browser.get(address(scope)))
    assert "Export its data" in page
    assert "/data/erase" not in page
    assert (await press(browser, scope, "/data/export")).status_code == 303
    page = main_of(await browser.get(address(scope)))
    (link,) = re.findall(r'href="(/en/[^"]+/documents/[^"]+)"', page)
    file = await browser.get(link)
    assert file.headers["content-disposition"].endswith("mailer-data.jsonl")
    heading, kept = map(json.loads, file.text.splitlines())
    assert heading["secrets_left_out"] == ["server/password"]
    assert kept["settings"]["copies"] == ["alix@example.org"]
    assert SECRET not in file.text
    assert (await press(browser, scope, "/data/erase")).status_code == 303
    page = main_of(await browser.get(address(scope)))
    assert "Receipt: its data were erased" in page
    assert heading["sha256"] in page
    assert "alix@example.org" not in page.split("History")[0]
    assert "Removed" in page
    french = main_of(await browser.get(address(scope, language="fr")))
    assert "Reçu : ses données ont été effacées".replace(" :", "\u00a0:") in french
    log = main_of(await browser.get(f"/en/{scope.slug}/audit"))
    assert "Plugin: taking along as a file" in log
    assert "Plugin: erasure" in log
    bench.ring.platform.clock.advance(timedelta(days=31))
    await dispose_of_old(bench.ctx(scope))
    page = main_of(await browser.get(address(scope)))
    assert "The file is not kept any more." in page
    assert heading["sha256"] in page


async def test_what_has_become_a_secret_since_it_was_saved_is_in_no_file(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    former = {"server": {"host": "mail.example.org", "password": SECRET}}
    async with tenant_session(bench.ctx(scope)) as session:
        mine = update(PluginEnablement).where(PluginEnablement.plugin == "mailer")
        await session.execute(mine.values(settings=former))
        await session.execute(delete(PluginSecret).where(PluginSecret.plugin == "mailer"))
    assert (await press(browser, scope, "/data/export")).status_code == 303
    (link,) = re.findall(r'href="(/en/[^"]+/documents/[^"]+)"', main_of(await browser.get(address(scope))))
    heading, kept = map(json.loads, (await browser.get(link)).text.splitlines())
    assert heading["secrets_left_out"] == ["server/password"]
    assert kept == {"settings": {"server": {"host": "mail.example.org"}}}
    assert (await press(browser, scope, "/data/erase")).status_code == 303
    assert "Receipt: its data were erased" in main_of(await browser.get(address(scope)))


async def test_pressing_twice_erases_once_and_never_without_the_export(
    bench: Bench, scope: Scope, browser: httpx.AsyncClient
) -> None:
    exporting = controls((await browser.get(address(scope))).text, "/data/export")
    for _ in range(2):
        assert (await browser.post(address(scope, "/data/export"), data=exporting)).status_code == 303
    erasing = controls((await browser.get(address(scope))).text, "/data/erase")
    for _ in range(2):
        assert (await browser.post(address(scope, "/data/erase"), data=erasing)).status_code == 303
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    found = (await script.get("/api/v1/plugins/mailer")).json()
    assert found["plugin"]["state"] == "removed"
    assert found["settings"] is None
    assert found["secrets"] == []
    (receipt,) = found["removals"]
    assert (receipt["secrets"], receipt["erased_by_name"]) == (1, "Alix Tremblay")
    with pytest.raises(Refused, match="erased already"):
        await bench.do(scope, erase_plugin_data, ErasePlugin("mailer", receipt["id"]))
    assert (await script.post("/api/v1/plugins/mailer/data/export", json={})).status_code == 409
    refused = await script.post("/api/v1/plugins/mailer/enable", json={})
    assert (refused.status_code, "A person does this" in refused.text) == (409, True), "what was erased is nobody's"
    await bench.enable(scope, "mailer")
    assert (await script.get("/api/v1/plugins/mailer")).json()["settings"]["copies"] == []


async def test_only_what_is_off_is_removed_and_only_by_its_own_present_export(bench: Bench, scope: Scope) -> None:
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    export = (await script.post("/api/v1/plugins/mailer/data/export", json={})).json()["removals"][0]["id"]
    erase = ErasePlugin("mailer", export)
    with pytest.raises(NotFound):
        await bench.do(scope, erase_plugin_data, ErasePlugin("chain", export))
    await bench.enable(scope, "mailer", "chain")
    with pytest.raises(Refused, match="switched on"):
        await bench.do(scope, erase_plugin_data, erase)
    assert (await script.post("/api/v1/plugins/mailer/data/export", json={})).status_code == 409
    assert (await script.post("/api/v1/plugins/chain/disable", json={})).status_code == 200
    with pytest.raises(NotFound):
        await bench.do(scope, erase_plugin_data, ErasePlugin("chain", export))
    changed = {"settings": {"copies": ["noor@example.org"]}}
    assert (await script.put("/api/v1/plugins/mailer/settings", json=changed)).status_code == 200
    assert (await script.post("/api/v1/plugins/mailer/disable", json={})).status_code == 200
    with pytest.raises(Refused, match="not what the file holds"):
        await bench.do(scope, erase_plugin_data, erase)
    export = (await script.post("/api/v1/plugins/mailer/data/export", json={})).json()["removals"][0]["id"]
    bench.ring.platform.clock.advance(timedelta(days=31))
    await dispose_of_old(bench.ctx(scope))
    with pytest.raises(Refused, match="not kept any more"):
        await bench.do(scope, erase_plugin_data, ErasePlugin("mailer", export))
    other = await bench.agency("mailer")
    with pytest.raises(NotFound):
        await bench.do(other, erase_plugin_data, ErasePlugin("mailer", export))
    reader = bench.ring.script(scope, PLUGIN_READ)
    assert (await reader.post("/api/v1/plugins/mailer/data/export", json={})).status_code == 403
