"""Seeing, setting and switching plugins, on pages and through the API."""

from __future__ import annotations

import httpx
import pytest

from core.context import LANGUAGES, Language
from core.errors import Refused
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.schemas import WithReason
from core.extensions.service import resume_plugin
from core.extensions.words import ACTIONS, CLASSES, HOOKS
from core.hooks.consent import CAPABILITIES
from core.hooks.registry import Registry
from core.journal.permissions import AUDIT_READ
from tests.core.extensions.conftest import RUNS, Bench
from tests.http.ring import fields_of, main_of

pytestmark = pytest.mark.http


async def seen(browser: httpx.AsyncClient, address: str, status: int = 200) -> httpx.Response:
    page = await browser.get(address)
    assert page.status_code == status, page.text[:500]
    return page


async def test_a_plugin_is_switched_on_set_and_switched_off_with_who_and_what_in_its_history(bench: Bench) -> None:
    scope = await bench.agency()
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, AUDIT_READ)
    address = f"/en/{scope.slug}/plugins/chain"
    page = await seen(browser, address)
    assert "Never switched on" in main_of(page)
    assert (await browser.post(f"{address}/enable", data=fields_of(page))).status_code == 303
    page = await seen(browser, address)
    assert "In use" in main_of(page)
    sent = fields_of(page) | {"days": "12", "urgent": "true", "nobody": "true"}
    sent |= {"steps/0/key": "chief", "steps/0/role": "approver", "steps/0/count": "1"}
    answer = await browser.post(f"{address}/settings", data=sent)
    assert answer.status_code == 303, answer.text[:800]
    page = await seen(browser, address)
    main = main_of(page)
    assert 'value="chief"' in main
    assert "Days: 10 → 12" in main
    assert "Urgent: No → Yes" in main
    assert "Steps: “chief” added" in main
    assert "Alix Tremblay" in main
    answer = await browser.post(f"{address}/disable", data=fields_of(page) | {"reason": "We decide on paper."})
    assert answer.status_code == 303
    main = main_of(await seen(browser, address))
    assert "We decide on paper." in main
    assert "Switched off" in main
    log = main_of(await seen(browser, f"/en/{scope.slug}/audit"))
    assert all(
        words in log for words in ("Plugin: switching on", "Plugin: change of settings", "Plugin: switching off")
    )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_plugin_that_was_never_switched_on_shows_no_settings_that_nobody_can_enter(
    bench: Bench, language: Language
) -> None:
    scope = await bench.agency()
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_MANAGE)
    address = f"/{language}/{scope.slug}/plugins/mailer"
    main = main_of(await seen(browser, address))
    assert 'id="settings"' not in main
    begins = {"en": "Names and dates of missions", "fr": "Noms et dates des missions"}[language]
    assert begins in main.split({"en": "What it sees", "fr": "Ce qu’il voit"}[language])[1][:200]
    await bench.enable(scope, "mailer")
    assert 'id="settings"' in main_of(await seen(browser, address))


async def test_every_wrong_setting_is_named_at_its_field_and_nothing_is_saved(bench: Bench) -> None:
    scope = await bench.agency("chain")
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = f"/en/{scope.slug}/plugins/chain"
    sent = fields_of(await seen(browser, address))
    sent |= {"days": "900", "steps/0/key": "chief", "steps/0/role": "mayor", "steps/0/count": "x"}
    answer = await browser.post(f"{address}/settings", data=sent)
    assert answer.status_code == 422
    main = main_of(answer)
    for field in ("f-days", "f-steps-0-role", "f-steps-0-count"):
        assert f'href="#{field}"' in main
        assert f'id="{field}-error"' in main or f'aria-describedby="{field}-error"' in main
    assert 'value="900"' in main
    found = (await bench.ring.script(scope, PLUGIN_READ).get("/api/v1/plugins/chain")).json()
    assert found["settings"] == {"steps": [], "days": 10, "urgent": False, "nobody": False}


async def test_a_stale_form_shows_both_values(bench: Bench) -> None:
    scope = await bench.agency("chain")
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = f"/en/{scope.slug}/plugins/chain"
    old = fields_of(await seen(browser, address))
    fresh = fields_of(await seen(browser, address))
    assert (await browser.post(f"{address}/settings", data=fresh | {"days": "20", "nobody": "on"})).status_code == 303
    answer = await browser.post(f"{address}/settings", data=old | {"days": "30", "nobody": "on"})
    assert answer.status_code == 409
    assert "You entered this. It is now: 20" in main_of(answer)


async def test_the_api_says_the_same_and_points_into_the_settings(bench: Bench) -> None:
    scope = await bench.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    listed = (await script.get("/api/v1/plugins")).json()["plugins"]
    assert {one["state"] for one in listed} == {"available"}
    assert "shattered" not in {one["name"] for one in listed}
    refused = await script.put("/api/v1/plugins/chain/settings", json={"settings": {"days": 5}})
    assert refused.status_code == 409
    await bench.enable(scope, "chain")
    assert (await script.post("/api/v1/plugins/chain/enable", json={})).status_code == 200
    wrong = {"days": 0, "colour": "red", "steps": [{"role": "approver"}]}
    refused = await script.put("/api/v1/plugins/chain/settings", json={"settings": wrong})
    assert refused.status_code == 422
    pointers = {one["pointer"] for one in refused.json()["errors"]}
    assert pointers == {"/settings/days", "/settings/colour", "/settings/steps/0/key"}
    saved = await script.put("/api/v1/plugins/chain/settings", json={"settings": {"days": 5, "nobody": True}})
    assert saved.json()["settings"]["days"] == 5
    with pytest.raises(Refused, match="not suspended"):
        await bench.do(scope, resume_plugin, WithReason("chain"))
    assert (await script.post("/api/v1/plugins/nothing/enable", json={})).status_code == 404
    assert (await script.get("/api/v1/plugins/nothing")).status_code == 404


async def test_pages_run_no_code_of_a_plugin(bench: Bench) -> None:
    scope = await bench.agency("checking")
    RUNS.clear()
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    await seen(browser, f"/en/{scope.slug}/plugins")
    page = main_of(await seen(browser, f"/en/{scope.slug}/plugins/checking"))
    assert 'value="peace"' in page
    assert CAPABILITIES["files"].words["en"] in page
    assert RUNS == []
    answer = await browser.post(
        f"/en/{scope.slug}/plugins/checking/settings",
        data=fields_of(await seen(browser, f"/en/{scope.slug}/plugins/checking")) | {"word": "war"},
    )
    assert answer.status_code == 422
    assert "own check of its settings failed" in main_of(answer)


async def test_who_may_only_read_gets_no_button_and_no_deed(bench: Bench) -> None:
    scope = await bench.agency("chain")
    browser = bench.ring.browser(scope, PLUGIN_READ)
    main = main_of(await seen(browser, f"/fr/{scope.slug}/plugins/chain"))
    assert "<form" not in main
    assert "Days" in main
    script = bench.ring.script(scope, PLUGIN_READ)
    assert (await script.post("/api/v1/plugins/chain/disable", json={})).status_code == 403


def test_every_hook_action_and_class_has_its_words() -> None:
    registry = Registry().load()
    assert registry.hooks.keys() == HOOKS.keys()
    assert set(ACTIONS) == {"enable", "consent", "disable", "configure", "suspend", "resume", "remove"}
    assert CLASSES.keys() == {"public", "shared", "agency", "health"}
