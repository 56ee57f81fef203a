"""The pages of a service's own plugins, without JavaScript, and the API's addresses."""

from __future__ import annotations

import base64
import re

import httpx
import pytest

from core.bundles.lifecycle import PLUGIN_UPLOAD
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.hooks.signing import fingerprint, public_line
from core.journal.permissions import AUDIT_READ
from tests.core.bundles.conftest import OTHER_KEY, Yard, bundled
from tests.core.extensions.browsing import controls
from tests.http.ring import TOKEN, main_of

pytestmark = [pytest.mark.http, pytest.mark.sandbox]

ADMINISTERS = (PLUGIN_READ, PLUGIN_MANAGE, PLUGIN_PEOPLE, AUDIT_READ)


async def send_file(browser: httpx.AsyncClient, home: str, content: bytes) -> httpx.Response:
    page = await browser.get(home)
    token = TOKEN.search(page.text.split('action="' + home)[1])
    assert token is not None
    return await browser.post(
        home, data={"_token": token[1]}, files={"file": ("own_chain-1.0.bundle", content, "application/octet-stream")}
    )


async def test_three_people_bring_a_plugin_into_production_on_the_pages_alone(yard: Yard) -> None:
    home = f"/en/{yard.scope.slug}/own-plugins"
    async with (
        yard.ring.browser(yard.scope, PLUGIN_READ, PLUGIN_UPLOAD) as developer,
        yard.ring.browser(yard.scope, *ADMINISTERS) as administrator,
    ):
        page = main_of(await developer.get(home))
        assert "Have it looked at and keep it" in page
        assert "Trust another key" not in page
        assert "Robin Roy" not in page
        assert "Whose key it is" not in page, "whoever is told no names sees fingerprints alone"
        refused = await send_file(developer, home, bundled(key=OTHER_KEY))
        assert refused.status_code == 422
        assert "which is not known here" in main_of(refused)
        added = await administrator.get(home)
        fields = controls(added.text, "/plugin-keys") | {
            "label": "The second key",
            "line": public_line(OTHER_KEY.public_key(), "second"),
        }
        assert (await administrator.post(home.replace("own-plugins", "plugin-keys"), data=fields)).status_code == 303
        brought = await send_file(developer, home, bundled(key=OTHER_KEY))
        assert brought.status_code == 303
        place = brought.headers["location"]
        seen = main_of(await developer.get(place))
        assert "Waits for a different person" in seen
        listed = main_of(await developer.get(home)).split("Versions", 1)[1]
        assert "Signed with the key" in listed
        assert fingerprint(OTHER_KEY.public_key()) in listed
        assert "–" not in listed
        assert not re.search("Signed with the key of|Brought by|Added by|Whose key it is", listed)
        named = main_of(await administrator.get(home)).split("Versions", 1)[1]
        assert re.search(r"Signed with the key of.*Brought by.*The second key.*Whose key it is", named, re.DOTALL)
        assert "Let this version run" not in seen
        assert ".," not in seen, "what it is for is sentences, not a list"
        seen = main_of(await administrator.get(place))
        assert "Let this version run" in seen
        assert "The second key" in seen
        assert re.search(r"own_chain/plugin\.py", seen)
        french = main_of(await administrator.get(place.replace("/en/", "/fr/")))
        assert "Notre chaîne" in french
        offer = await administrator.get(place)
        chosen = await administrator.post(f"{place}/choose", data=controls(offer.text, "/choose"))
        assert chosen.headers["location"].endswith("/plugins/own_chain")
        seen = main_of(await administrator.get(place))
        assert "Take this version away" in seen
        assert "choose another version first" not in seen, "it is offered: nothing has to be done before"
        offer = await administrator.get(chosen.headers["location"])
        assert "own, signed by The second key" in main_of(offer)
        catalogue = main_of(await administrator.get(f"/en/{yard.scope.slug}/plugins"))
        assert "Our own chain" in catalogue.split("Catalogue", 1)[1]
        enabled = await administrator.post(
            f"{chosen.headers['location']}/enable", data=controls(offer.text, "/own_chain/enable")
        )
        assert enabled.status_code == 303
        seen = main_of(await administrator.get(place))
        assert "Take this version away" not in seen
        assert "choose another version first" in seen
        page = main_of(await administrator.get(chosen.headers["location"]))
        assert "Reason of our own" in page
        page = main_of(await administrator.get(chosen.headers["location"].replace("/en/", "/fr/")))
        assert "Raison qui est la nôtre" in page
        log = main_of(await administrator.get(f"/en/{yard.scope.slug}/audit"))
        assert "bringing a version" in log
    assert await yard.answer(yard.worker) == "Delegated 1.0"


async def test_settings_are_saved_by_a_process_that_has_not_looked_yet(yard: Yard) -> None:
    await yard.run(bundled())
    yard.web._own.clear()
    path = f"/en/{yard.scope.slug}/plugins/own_chain"
    async with yard.ring.browser(yard.scope, *ADMINISTERS) as administrator:
        form = await administrator.get(path)
        fields = controls(form.text, "/own_chain/settings") | {"reason": "By decree"}
        yard.web._own.clear()
        assert (await administrator.post(f"{path}/settings", data=fields)).status_code == 303
    assert await yard.answer(yard.worker) == "By decree 1.0"


async def test_removing_it_takes_its_versions_along_and_afterwards_nothing_can_be_switched_on(yard: Yard) -> None:
    await yard.run(bundled())
    path = f"/en/{yard.scope.slug}/plugins/own_chain"
    async with yard.ring.browser(yard.scope, *ADMINISTERS) as administrator:
        for form in ("/disable", "/data/export", "/data/erase"):
            page = await administrator.get(path)
            assert (await administrator.post(path + form, data=controls(page.text, form))).status_code == 303
            if form == "/data/export":
                assert "The versions of it that were brought go with it" in main_of(await administrator.get(path))
        gone = await administrator.get(path)
        assert "Receipt: its data were erased" in main_of(gone)
        assert "is not there any more" in main_of(gone)
        assert f"{path}/enable" not in gone.text


async def test_a_program_may_bring_and_read_and_trusts_and_chooses_nothing_on_the_api(yard: Yard) -> None:
    secret, caller = yard.ring.caller(yard.scope, PLUGIN_READ, PLUGIN_UPLOAD, PLUGIN_MANAGE, kind="token")
    async with yard.ring.bearing(yard.scope, secret) as script:
        content = base64.b64encode(bundled()).decode()
        await yard.let_in(caller.actor.id, None)
        refused = await script.post("/api/v1/own-plugins", json={"file": content})
        assert (refused.status_code, "nobody answers for what it brings" in refused.text) == (409, True), refused.text
        await yard.let_in(caller.actor.id, yard.people["dominique"])
        answer = await script.post("/api/v1/own-plugins", json={"file": content})
        assert answer.status_code == 201, answer.text
        id = answer.json()["bundle"]["id"]
        assert (await script.get(f"/api/v1/own-plugins/{id}")).json()["bundle"]["state"] == "waiting"
        assert (await script.post(f"/api/v1/own-plugins/{id}/choose", json={})).status_code == 404
        line = {"label": "Whoever", "line": public_line(OTHER_KEY.public_key())}
        assert (await script.post("/api/v1/plugin-keys", json=line)).status_code == 404
        bad = await script.post("/api/v1/own-plugins", json={"file": content[:-8]})
        assert bad.status_code == 422
        assert bad.json()["errors"][0]["pointer"] == "/file"
        assert (await script.post(f"/api/v1/own-plugins/{id}/withdraw", json={})).status_code == 200
        assert (await script.get("/api/v1/own-plugins")).json()["bundles"] == []
