"""Trying a call again in a sandbox tenant: it comes out as it did, touches nothing, and tells no secret."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import update

import contingent.kit.rehearsing
import core.extensions.replaying
from contingent.kit.network import TrialNetwork
from contingent.kit.projects import import_path
from contingent.kit.rehearsing import rehearse
from contingent.kit.turns import Turns
from core.context import LANGUAGES, Language
from core.database import embedded
from core.database.sessions import tenant_session
from core.extensions.lifecycle import PLUGIN_LOG, PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ, PLUGIN_REPLAY
from core.extensions.models import Delivery
from core.extensions.telling import DELIVERED
from core.hooks.models import PluginEnablement
from core.hooks.registry import Registry
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote
from core.ids import new_id
from core.journal.permissions import AUDIT_READ
from core.limits.buckets import Limit
from core.personnel.models import Officer
from core.use_cases.work import Work
from tests.core.extensions.listening import Station, station
from tests.http.ring import fields_of, main_of
from tests.platform import Platform
from tests.wall.conftest import superuser

pytestmark = pytest.mark.http

SECRET, UNIT = "Zürich-77-marker", "Unit of Alix Tremblay"
TEXT = """
from typing import Annotated

import msgspec
from contingent import ConnectionStep, Ctx, Event, HttpFailed, Manifest, Officer, Secret, Source, field, hookimpl, t


class Settings(msgspec.Struct, frozen=True):
    word: str = "peace"
    key: Annotated[Secret, field(t("Signing key"))] | None = None


manifest = Manifest(
    name="NAME", version="1.0", title={"en": "Try", "fr": "Essai"}, requires="contingent>=1.0,<2",
    settings=Settings, capabilities=frozenset({"http"}), hosts=frozenset({"api.example.org"}), tier=TIER,
)
CALLS = []


@hookimpl
async def officer_changed(ctx: Ctx, event: Event, officer: Officer) -> None:
    CALLS.append(officer.id)
    await ctx.store.put("seen", {"officer": str(officer.id), "unit": officer.unit, "rank": officer.rank})
    ctx.log.info("heard", officer=officer.id, unit=officer.unit)
    if officer.rank == "constable":
        raise KeyError(officer.unit)


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    said = ctx.settings.key.reveal() if ctx.settings.key else "none"
    ctx.log.warning(said)
    try:
        await ctx.http.send("POST", f"https://api.example.org/?key={said}", content=said.encode())
    except HttpFailed as failed:
        return [ConnectionStep(title={"en": f"{said} {ctx.settings.word}", "fr": str(failed)}, done=False)]


@hookimpl
def scheduled_tasks(ctx: Ctx) -> None:
    while ctx.settings.word == "war":
        pass
"""


@pytest.fixture(scope="module")
async def hosts() -> AsyncIterator[Hosts]:
    with own_zygote() as way:
        found = Hosts(way, needs=())
        yield found
        await found.close()


@pytest.fixture
async def place(platform: Platform, hosts: Hosts, tmp_path: Path) -> AsyncIterator[Station]:
    """A service with one plugin in the process and the same one in the sandbox."""
    made: list[ModuleType] = []
    for tier in (1, 2):
        file = tmp_path / f"replayed_{tier}.py"
        file.write_text(TEXT.replace("NAME", file.stem).replace("TIER", str(tier)), encoding="utf-8")
        registry = Registry()
        assert registry.load_module(file.stem, import_path(file)) is None
        made.append(sys.modules[file.stem])
    effects = {"http": TrialNetwork(platform.clock)}
    async with station(platform, made, hosts=hosts, rehearsing=rehearse, effects=effects) as found:
        await found.enable(*(one.__name__ for one in made))
        yield found
    for one in made:
        del sys.modules[one.__name__]


def script(place: Station, *more: str) -> httpx.AsyncClient:
    return place.ring.script(place.scope, PLUGIN_READ, PLUGIN_REPLAY, *more)


async def fail(place: Station, name: str) -> Delivery:
    """Let the plugin hear of an officer, at whom it fails."""
    await place.change_an_officer()
    await place.work()
    (row,) = [one for one in await place.deliveries() if one.plugin == name]
    assert row.cause == "raised"
    async with tenant_session(place.ctx()) as session:
        await session.execute(update(Officer).where(Officer.id == row.subject_id).values(unit=UNIT))
    return row


async def counted(place: Station, server: embedded.Server) -> Mapping[str, int]:
    """Return how many rows each table has, once all that the process noted is written."""
    await place.host.settle()
    async with superuser(server, place.platform.database.target.database) as connection:
        names = await connection.fetch("SELECT relid::regclass::text AS name FROM pg_stat_user_tables")
        return {one["name"]: await connection.fetchval(f"SELECT count(*) FROM {one['name']}") for one in names}


@pytest.mark.parametrize("name", ["replayed_1", "replayed_2"])
async def test_a_message_fails_in_the_sandbox_as_it_did_and_nothing_is_written(
    place: Station, server: embedded.Server, name: str
) -> None:
    row = await fail(place, name)
    module = sys.modules[name]
    before, calls = await counted(place, server), list(module.CALLS)
    answer = await script(place).post(f"/api/v1/plugins/{name}/deliveries/{row.id}/replay", json={})
    assert answer.status_code == 200, answer.text
    came = answer.json()
    assert (came["cause"], came["error"]) == (row.cause, row.failure)
    assert f"{name}.py:" in came["error"]
    assert came["subject_id"] == str(row.subject_id)
    assert UNIT not in answer.text
    assert datetime.fromisoformat(came["clock_at"]) == row.tried_at
    (kept,) = came["kept"]
    assert kept["document"] == {"officer": str(row.subject_id), "unit": "invented unit", "rank": "constable"}
    assert [(one["message"], one["fields"]["officer"]) for one in came["said"]] == [("heard", str(row.subject_id))]
    after = await counted(place, server)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"audit_line", "audit_pending", "rate_bucket"}
    assert calls == module.CALLS, "no process of the platform's own ran it"


async def test_reading_a_subject_that_writes_down_what_is_read_writes_nothing(
    place: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await fail(place, "replayed_1")
    told = DELIVERED["officer_changed"]["officer"]

    async def read(work: Work, delivery: Delivery) -> Any:
        found: Delivery = await work.get(Delivery, delivery.id)
        found.attempts = 77
        await work.session.flush()
        return await told.read(work, delivery)

    monkeypatch.setitem(DELIVERED["officer_changed"], "officer", told._replace(read=read))
    answer = await script(place).post(f"/api/v1/plugins/replayed_1/deliveries/{row.id}/replay", json={})
    assert answer.json()["cause"] == "raised"
    assert {one.attempts for one in await place.deliveries()} == {1}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["replayed_1", "replayed_2"])
async def test_the_page_says_what_came_of_it_and_the_log_who_tried(
    place: Station, name: str, language: Language
) -> None:
    row = await fail(place, name)
    browser = place.ring.browser(place.scope, PLUGIN_READ, PLUGIN_REPLAY, AUDIT_READ, language=language)
    address = f"/{language}/{place.scope.slug}/plugins/{name}/deliveries/{row.id}"
    page = await browser.get(address)
    assert {"en": "Try again in the sandbox", "fr": "Réessayer dans le bac à sable"}[language] in main_of(page)
    shown = await browser.post(f"{address}/replay", data=fields_of(page))
    main = main_of(shown)
    assert shown.status_code == 200, main
    assert row.failure is not None
    words = {
        "en": ["failed with an error", "What it kept", "Lines for its log", "ids, states, days and codes are its own"],
        "fr": ["a échoué", "Ce qu’il a conservé", "Lignes pour son journal", "identifiants, états, jours et codes"],
    }
    assert [one for one in [row.failure, str(row.subject_id), *words[language]] if one not in main] == []
    assert UNIT not in main
    assert "invented unit" in main
    log = main_of(await browser.get(f"/{language}/{place.scope.slug}/audit"))
    tried = {"en": "Plugin: trial in a sandbox", "fr": "Module\u00a0: essai dans un bac à sable"}[language]
    assert tried in log
    (link,) = re.findall(rf'href="([^"]+/audit/[^"]+)"[^>]*>{tried}', log)
    line = main_of(await browser.get(link))
    names = {"en": ["Try", "Change to an officer’s record"], "fr": ["Essai", "Changement au dossier d’un membre"]}
    assert [one for one in names[language] if one not in line] == []
    assert name not in line, "it is called by its title"


@pytest.mark.parametrize("name", ["replayed_1", "replayed_2"])
async def test_a_plugin_gets_the_settings_without_the_secret_and_reaches_nobody(place: Station, name: str) -> None:
    manage = script(place, PLUGIN_MANAGE, PLUGIN_PEOPLE)
    settings = {"word": "tranquillity", "key": SECRET}
    set_ = await manage.put(f"/api/v1/plugins/{name}/settings", json={"settings": settings})
    assert set_.status_code == 200, set_.text
    answer = await script(place).post(f"/api/v1/plugins/{name}/hooks/hr_test_connection/replay", json={})
    assert answer.status_code == 200, answer.text
    came = answer.json()
    assert came["secrets"] == ["key"]
    page = await shown(place, name, "hr_test_connection")
    assert SECRET not in answer.text + page
    assert "Signing key" in page, "what the setting is called, and not its key"
    if name == "replayed_2":
        assert (came["cause"], came["reached"]) == ("raised", []), "in the sandbox there is no secret to reveal"
        return
    assert came["answer"][0]["title"]["en"] == "this is not the secret tranquillity"
    assert came["reached"] == [
        {"method": "POST", "address": "https://api.example.org/?key=this is not the secret", "allowed": True}
    ]
    assert [one["message"] for one in came["said"]] == ["…"]
    assert "What it tried to reach" in page


async def test_what_has_become_a_secret_since_it_was_saved_is_none_of_the_settings_either(place: Station) -> None:
    async with tenant_session(place.ctx()) as session:
        mine = update(PluginEnablement).where(PluginEnablement.plugin == "replayed_1")
        await session.execute(mine.values(settings={"word": "tranquillity", "key": SECRET}))
    answer = await script(place).post("/api/v1/plugins/replayed_1/hooks/hr_test_connection/replay", json={})
    assert answer.status_code == 200, answer.text
    assert answer.json()["secrets"] == ["key"]
    assert answer.json()["answer"][0]["title"]["en"] == "this is not the secret tranquillity"
    assert SECRET not in answer.text


async def shown(place: Station, name: str, hook: str) -> str:
    """Return the page after the button on the page of figures."""
    browser = place.ring.browser(place.scope, PLUGIN_READ, PLUGIN_REPLAY)
    address = f"/en/{place.scope.slug}/plugins/{name}"
    page = await browser.get(f"{address}/figures")
    answer = await browser.post(f"{address}/hooks/{hook}/replay", data=fields_of(page))
    assert answer.status_code == 200, main_of(answer)
    return main_of(answer)


async def test_without_a_subject_it_is_called_with_what_the_kit_invents(place: Station) -> None:
    came = (await script(place).post("/api/v1/plugins/replayed_1/hooks/officer_changed/replay", json={})).json()
    assert (came["subject_id"], came["cause"], came["tried"]) == (None, None, 1), "no invented officer is a constable"
    assert came["kept"][0]["document"]["rank"].startswith("MARK")


async def test_what_holds_its_process_is_killed_and_the_platform_goes_on(
    place: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("STARTING", "LONGEST"):
        monkeypatch.setattr(contingent.kit.rehearsing, limit, 1.0)
    manage = script(place, PLUGIN_MANAGE, PLUGIN_PEOPLE)
    await manage.put("/api/v1/plugins/replayed_1/settings", json={"settings": {"word": "war"}})
    came = (await script(place).post("/api/v1/plugins/replayed_1/hooks/scheduled_tasks/replay", json={})).json()
    assert came["cause"] == "blocked"


async def test_who_may_not_and_what_may_not(place: Station) -> None:
    row = await fail(place, "replayed_1")
    api = f"/api/v1/plugins/replayed_1/deliveries/{row.id}/replay"
    reader = place.ring.script(place.scope, PLUGIN_READ, PLUGIN_LOG, PLUGIN_MANAGE)
    assert (await reader.post(api, json={})).status_code == 403
    page = await place.ring.browser(place.scope, PLUGIN_READ, PLUGIN_MANAGE).get(
        f"/en/{place.scope.slug}/plugins/replayed_1/deliveries/{row.id}"
    )
    assert '/replay"' not in page.text
    assert (await script(place).post(api.replace("replayed_1", "replayed_2"), json={})).status_code == 404
    assert (await script(place).post("/api/v1/plugins/replayed_1/hooks/claim_lines/replay", json={})).status_code == 404
    await script(place, PLUGIN_MANAGE).post("/api/v1/plugins/replayed_1/disable", json={})
    assert (await script(place).post(api, json={})).status_code == 409


async def test_another_services_message_is_not_found(place: Station, hosts: Hosts) -> None:
    row = await fail(place, "replayed_1")
    registry = [sys.modules["replayed_1"]]
    async with station(place.platform, registry, rehearsing=rehearse, effects=place.host.effects) as theirs:
        await theirs.enable("replayed_1")
        answer = await script(theirs).post(f"/api/v1/plugins/replayed_1/deliveries/{row.id}/replay", json={})
        assert answer.status_code == 404


async def test_what_receives_health_data_is_never_tried_again_and_the_page_says_why(
    platform: Platform, hosts: Hosts
) -> None:
    async with station(platform, hosts=hosts, rehearsing=rehearse) as place:
        await place.enable("wellbeing_check_in")
        for hook in ("check_in_advice", "dashboard_panels"):
            answer = await script(place).post(f"/api/v1/plugins/wellbeing_check_in/hooks/{hook}/replay", json={})
            assert answer.status_code == 409
            assert "health data" in answer.text
        page = await place.ring.browser(place.scope, PLUGIN_READ, PLUGIN_REPLAY).get(
            f"/en/{place.scope.slug}/plugins/wellbeing_check_in/figures"
        )
        assert "It receives health data" in main_of(page)
        assert '/replay"' not in page.text


async def test_a_service_tries_no_more_than_so_often_an_hour(place: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.extensions.replaying, "REPLAY", Limit("replay", quota=1, window=3600))
    api = "/api/v1/plugins/replayed_1/hooks/officer_changed/replay"
    assert [(await script(place).post(api, json={})).status_code for _ in range(2)] == [200, 429]


async def test_one_that_has_no_turn_is_told_so_and_the_log_has_no_line(
    place: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(at_once=1, patience=0)
    monkeypatch.setattr(contingent.kit.rehearsing, "TURNS", turns)
    async with turns.taken(new_id(place.platform.clock)):
        answer = await script(place).post("/api/v1/plugins/replayed_1/hooks/officer_changed/replay", json={})
    assert answer.status_code == 409
    assert "Try again in a minute" in answer.text
    log = await place.ring.browser(place.scope, AUDIT_READ).get(f"/en/{place.scope.slug}/audit")
    assert "Plugin: trial in a sandbox" not in main_of(log)


async def test_every_built_in_that_sees_no_health_data_can_be_tried_again(platform: Platform, hosts: Hosts) -> None:
    async with station(platform, hosts=hosts, rehearsing=rehearse) as place:
        plugins = place.host.registry.plugins
        chosen = [name for name, one in plugins.items() if not one.manifest.receives_health]
        await place.enable(*chosen)
        for name in chosen:
            hook = min(plugins[name].hooks)
            answer = await script(place).post(f"/api/v1/plugins/{name}/hooks/{hook}/replay", json={})
            assert answer.json()["cause"] in (None, "nothing"), (name, answer.text)
