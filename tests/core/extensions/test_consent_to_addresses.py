"""A version that takes another of its settings for an address asks for more, and waits until somebody consents."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Any

import msgspec
import pytest

from core.context import LANGUAGES, Language
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.schemas import Asked, ByName, ConfigurePlugin
from core.extensions.service import get_plugin
from core.extensions.settings import configure_plugin
from core.text import t
from core.use_cases.execution import execute
from core.use_cases.fields import field
from tests.core.extensions.browsing import controls
from tests.core.extensions.conftest import Bench, connect, plugin
from tests.core.extensions.test_consent import plain, upgrade

pytestmark = pytest.mark.http


class Pointing(msgspec.Struct, frozen=True):
    """Settings with a text that a later version takes for an address."""

    words: Annotated[str, field(t("Where it looks"), longest=200)] = ""


SAID: dict[Language, str] = {
    "en": "Reaches the address that stands in the setting “Where it looks”.",
    "fr": "Communique avec l’adresse inscrite dans le paramètre « Where it looks ».",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_version_that_takes_another_setting_for_an_address_waits_until_somebody_consents(
    bench: Bench, language: Language
) -> None:
    def looking(number: str, *hosts_from: str) -> ModuleType:
        reaching = frozenset({"http", "http:settings"})
        more: dict[str, Any] = {"capabilities": reaching, "hosts": ("a.example.org",), "hosts_from": hosts_from}
        return plugin("looking", "hr_test_connection", connect, Pointing, version=number, **more)

    upgrade(bench, looking("1.0"))
    scope = await bench.agency("looking")
    await bench.do(scope, configure_plugin, ConfigurePlugin("looking", {"words": "https://elsewhere.example.org"}))
    upgrade(bench, looking("2.0", "words"))
    found = await execute(get_plugin, bench.ctx(scope), ByName("looking"))
    assert (found.plugin.state, found.asks_beyond) == ("unconsented", Asked(hosts_from=["words"]))
    await bench.host.settle()
    assert "looking" not in (await bench.host.plugins_of(bench.ctx(scope))).plan.plugins
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = f"/{language}/{scope.slug}/plugins/looking"
    page = await browser.get(address)
    assert plain(page).count(SAID[language]) == 1
    sent = controls(page.text, "/consent")
    assert sent["hosts_from"] == "words"
    assert (await browser.post(f"{address}/consent", data=sent | {"hosts_from": ""})).status_code == 409
    assert (await browser.post(f"{address}/consent", data=sent)).status_code == 303
    after = await execute(get_plugin, bench.ctx(scope), ByName("looking"))
    assert (after.plugin.state, after.asks_beyond, after.hosts) == (
        "enabled",
        Asked(),
        ["a.example.org", "elsewhere.example.org"],
    )
    assert SAID[language] in plain(await browser.get(address)), "the history says what was consented to anew"
    upgrade(bench, looking("2.1"))
    assert (await execute(get_plugin, bench.ctx(scope), ByName("looking"))).plugin.state == "enabled"
