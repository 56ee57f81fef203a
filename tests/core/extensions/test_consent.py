"""An administrator consents to what a plugin asks for, by name; one that asks for more waits until somebody does."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any, Literal, get_args
from uuid import UUID

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contingent import Ctx, Milestone, NotConsented, Tour
from core.audit.models import AuditLine
from core.context import LANGUAGES, Language, Scope
from core.database.sessions import tenant_session
from core.errors import Conflict, ContingentError, Invalid, Refused
from core.events.models import NotificationRow
from core.extensions.announcing import AWAITS, announce
from core.extensions.consenting import asked
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.schemas import (
    Asked,
    ByName,
    ConsentToPlugin,
    EnablePlugin,
    PluginFile,
    WithReason,
)
from core.extensions.service import (
    consent_to_plugin,
    disable_plugin,
    enable_plugin,
    get_plugin,
    resume_plugin,
)
from core.hooks.consent import Asks
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.plans import Plans
from core.hooks.records import Suspension
from core.hooks.registry import Registry
from core.hooks.specs import reintegration_milestones
from core.hooks.standing import look_up
from core.journal.permissions import AUDIT_READ
from core.use_cases.execution import execute
from tests.core.extensions.browsing import controls
from tests.core.extensions.conftest import RUNS, TOUR, Bench, Mail, connect, plugin, quiet, registry
from tests.core.extensions.test_containment_on_pages import administrator_of
from tests.http.ring import main_of
from tests.platform import Platform

pytestmark = pytest.mark.http

NAME = "checking"
FILES, AGENCY = frozenset({"files"}), frozenset({"public", "agency"})
REACHING = FILES | {"http"}


def version(number: str, asks: Asks, function: Any = None) -> ModuleType:
    """Return the plugin in this version, which asks for this."""
    more: dict[str, Any] = {"capabilities": asks.capabilities, "hosts": tuple(sorted(asks.hosts))}
    more["data_classes"] = asks.data_classes | {"public"}
    return plugin(NAME, "reintegration_milestones", function or quiet(), version=number, **more)


def upgrade(bench: Bench, module: ModuleType) -> None:
    """Have this version of a plugin installed beside the others."""
    made = registry()
    name = module.manifest.name
    if name in made.plugins:
        made = Registry()
    assert made.register(module) is None
    bench.host.registry, bench.host.plans = made, Plans(made)


class Process:
    """A process with one version of the plugin, over the same database as others."""

    def __init__(self, platform: Platform, number: str, asks: Asks, function: Any = None) -> None:
        self.registry, self.asks = Registry(), asks
        assert self.registry.register(version(number, asks, function)) is None
        self.host = PluginHost(self.registry, DatabaseRecords(announce))
        self.platform = platform

    def ctx(self, scope: Scope) -> Ctx:
        return self.host.bind(self.platform.ctx(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE, name="Dominique Cyr"))

    async def runs(self, scope: Scope) -> bool:
        """Say whether the plugin is in the plan of the scope's next request."""
        found = await self.host.plugins_of(self.ctx(scope))
        await self.host.settle()
        return NAME in found.plan.plugins

    async def file(self, scope: Scope) -> PluginFile:
        return await execute(get_plugin, self.ctx(scope), ByName(NAME))

    async def do(self, scope: Scope, case: Any, data: Any) -> bool:
        """Do it; say whether it was let."""
        try:
            await execute(case, self.ctx(scope), data)
        except ContingentError:
            return False
        return True


Deed = Literal["upgrade", "enable", "enable unseen", "enable as before", "consent", "disable", "suspend", "resume"]
some_asks = st.builds(
    lambda capabilities, hosts, classes: Asks(capabilities | ({"http"} if hosts else set()), hosts, classes),
    st.frozensets(st.just("files")),
    st.frozensets(st.sampled_from(["a.example.org", "b.example.org"])),
    st.frozensets(st.sampled_from(["shared", "agency"])),
)
history = st.lists(st.tuples(st.sampled_from(get_args(Deed)), some_asks), min_size=1, max_size=14)


class Model:
    """What a service is owed: nothing runs there but what is on and asks no more than was consented to."""

    def __init__(self) -> None:
        self.state: Literal["never", "on", "off", "suspended"] = "never"
        self.consented = Asks()
        self.told: Asks | None = None
        self.times_told = 0

    def runs(self, asks: Asks) -> bool:
        return self.state == "on" and asks.within(self.consented)

    def look(self, asks: Asks) -> None:
        """A request comes: whoever administers hears once of each thing that waits for them."""
        if self.state == "on" and not asks.within(self.consented) and self.told != asks:
            self.told, self.times_told = asks, self.times_told + 1

    def do(self, deed: Deed, asks: Asks, named: Asks | None) -> None:
        if deed.startswith("enable") and (named == asks or (not asks and named is None)):
            self.state = "on"
            if asks:
                self.consented, self.told = asks, None
        elif deed == "consent" and self.state == "on" and not asks.within(self.consented):
            self.consented, self.told = asks, None
        elif deed == "disable" and self.state != "never":
            self.state = "off"
        elif deed == "suspend" and self.state == "on":
            self.state = "suspended"
        elif deed == "resume" and self.state == "suspended":
            self.state = "on"


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(first=some_asks, script=history)
async def test_a_plugin_is_in_the_plan_if_and_only_if_it_is_on_and_all_that_it_asks_for_is_consented_to(
    platform: Platform, first: Asks, script: list[tuple[Deed, Asks]]
) -> None:
    scope, model, process = await platform.agency(), Model(), Process(platform, "1.0", first)
    before = Asks(FILES)
    for number, (deed, asks) in enumerate(script, start=1):
        now, named = process.asks, None
        if deed == "upgrade":
            before, process = now, Process(platform, f"1.{number}", asks)
        elif deed.startswith("enable"):
            named = {"enable": now, "enable unseen": None}.get(deed, before)
            await process.do(scope, enable_plugin, EnablePlugin(NAME, asked(named) if named is not None else None))
        elif deed == "consent":
            await process.do(scope, consent_to_plugin, ConsentToPlugin(NAME, asked(now)))
        elif deed == "suspend":
            if model.state == "on":
                await process.host.records.suspend(process.ctx(scope), Suspension(NAME, "none", "failing"))
        else:
            case = {"disable": disable_plugin, "resume": resume_plugin}[deed]
            await process.do(scope, case, WithReason(NAME))
        model.do(deed, process.asks, named)
        model.look(process.asks)
        assert await process.runs(scope) == model.runs(process.asks), (deed, process.asks)
        state = (await process.file(scope)).plugin.state
        assert (state == "unconsented") == (model.state == "on" and not model.runs(process.asks))
        assert (state == "enabled") == model.runs(process.asks)
    assert len(await lines(platform.ctx(scope), "plugin.await_consent")) == model.times_told


async def lines(ctx: Ctx, action: str) -> list[AuditLine]:
    async with tenant_session(ctx) as session:
        found = select(AuditLine).where(AuditLine.tenant_id == ctx.scope.id, AuditLine.action == action)
        return list(await session.scalars(found.order_by(AuditLine.at)))


async def notices(ctx: Ctx, seat: UUID) -> list[NotificationRow]:
    async with tenant_session(ctx) as session:
        found = select(NotificationRow).where(
            NotificationRow.tenant_id == ctx.scope.id, NotificationRow.seat_id == seat
        )
        return list(await session.scalars(found))


async def test_administrators_are_told_once_and_no_more_once_one_of_them_has_consented(
    bench: Bench, platform: Platform
) -> None:
    old, new = Process(platform, "1.0", Asks()), Process(platform, "1.1", Asks(FILES))
    scope = await platform.agency()
    seat = await administrator_of(bench, scope)
    assert await old.do(scope, enable_plugin, EnablePlugin(NAME))
    assert await old.runs(scope)
    for process in (new, Process(platform, "1.1", Asks(FILES)), new, old, new):
        assert await process.runs(scope) == (process is old)
    (told,) = await notices(platform.ctx(scope), seat)
    assert (told.sentence, told.link, told.read_at) == (AWAITS.id, f"/plugins/{NAME}", None)
    assert await new.do(scope, consent_to_plugin, ConsentToPlugin(NAME, Asked(["files"])))
    (told,) = await notices(platform.ctx(scope), seat)
    assert told.read_at is not None
    assert await new.runs(scope)
    (line,) = await lines(platform.ctx(scope), "plugin.consent")
    assert line.actor_name == "Dominique Cyr"
    assert line.after == {"plugin": NAME, "capabilities": ["files"], "hosts": [], "data_classes": [], "hosts_from": []}


async def hiding(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    with contextlib.suppress(NotConsented):
        await ctx.files.open(tour.id)
    return None


async def test_what_a_plugin_used_unconsented_stands_in_the_log_and_on_its_page_with_its_cause(
    bench: Bench, platform: Platform
) -> None:
    upgrade(bench, plugin("raising", "reintegration_milestones", hiding))
    scope, other = await bench.agency("raising"), await bench.agency("raising")
    for _ in range(3):
        await bench.ctx(scope).hooks.all(reintegration_milestones, tour=TOUR)
    await bench.host.settle()
    (line,) = await lines(bench.ctx(scope), "plugin.overreach")
    assert (line.plugin, line.plugin_version, line.actor_kind) == ("raising", "1.0", "system")
    assert line.after == {"plugin": "raising", "hook": "reintegration_milestones", "used": "ctx.files"}
    assert await lines(bench.ctx(other), "plugin.overreach") == []
    said = {
        "en": ("Used what nobody consented to", "Plugin: use of what nobody consented to"),
        "fr": ("A utilisé ce à quoi personne n’a consenti", "Module : utilisation de ce à quoi personne n’a consenti"),
    }
    for language, (on_page, in_log) in said.items():
        browser = bench.ring.browser(scope, PLUGIN_READ, AUDIT_READ)
        page = main_of(await browser.get(f"/{language}/{scope.slug}/plugins/raising"))
        assert page.count(on_page) == 1
        assert "ctx.files" in page
        log = main_of(await browser.get(f"/{language}/{scope.slug}/audit")).replace("\u00a0", " ")
        assert in_log in log


async def test_nothing_is_enabled_whose_asks_were_not_named_or_have_changed(bench: Bench) -> None:
    upgrade(bench, version("1.0", Asks(REACHING, frozenset({"a.example.org"}), frozenset({"agency"}))))
    scope = await bench.agency()
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = f"/api/v1/plugins/{NAME}"
    found = (await script.get(address)).json()
    assert found["asks"] == msgspec.to_builtins(Asked(["files", "http"], ["a.example.org"], ["agency"]))
    assert found["asks_beyond"] == found["asks"]
    assert found["consent"] is None
    with pytest.raises(Invalid) as unnamed:
        await bench.do(scope, enable_plugin, EnablePlugin(NAME))
    assert [one.pointer for one in unnamed.value.faults] == ["/consent"]
    for wrong in ({}, {**found["asks"], "hosts": []}, {**found["asks"], "hosts": ["a.example.org", "b.example.org"]}):
        with pytest.raises(Conflict):
            await bench.do(scope, enable_plugin, EnablePlugin(NAME, Asked(**wrong)))
    assert (await script.get(address)).json()["plugin"]["state"] == "available"
    enabled = await bench.do(scope, enable_plugin, EnablePlugin(NAME, Asked(**found["asks"])))
    assert enabled.consent is not None
    given = enabled.consent
    assert (enabled.plugin.state, given.asked, given.plugin_version) == ("enabled", Asked(**found["asks"]), "1.0")
    assert enabled.asks_beyond == Asked()
    with pytest.raises(Refused, match="does not wait"):
        await bench.do(scope, consent_to_plugin, ConsentToPlugin(NAME, Asked(**found["asks"])))


WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "asks": "What it asks for",
        "files": "Opens the files that are given to it.",
        "hosts": "Reaches these machines: a.example.org.",
        "classes": "Sees: data of your service.",
        "box": "We consent to this for our service",
        "unticked": "consent to it for your service",
        "waits": "Waits for consent",
        "addition": "What it asks for in addition",
        "consented": "Given by Alix Tremblay for version 1.0",
        "given": "Consent given",
    },
    "fr": {
        "asks": "Ce qu’il demande",
        "files": "Ouvre les fichiers qui lui sont remis.",
        "hosts": "Communique avec ces machines : a.example.org.",
        "classes": "Voit : données de votre service.",
        "box": "Nous y consentons pour notre service",
        "unticked": "puis consentez-y pour votre service",
        "waits": "Attend un consentement",
        "addition": "Ce qu’il demande en plus",
        "consented": "Donné par Alix Tremblay pour la version 1.0",
        "given": "Consentement donné",
    },
}


def plain(page: httpx.Response) -> str:
    return main_of(page).replace("\u00a0", " ")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_somebody_sees_what_it_asks_for_ticks_a_box_and_consents_anew_where_it_asks_for_more(
    bench: Bench, language: Language
) -> None:
    words = WORDS[language]
    upgrade(bench, version("1.0", Asks(FILES, data_classes=frozenset({"agency"}))))
    scope = await bench.agency()
    browser = bench.ring.browser(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    address = f"/{language}/{scope.slug}/plugins/{NAME}"
    page = await browser.get(address)
    assert all(words[one] in plain(page) for one in ("asks", "files", "classes", "box"))
    fields = controls(page.text, "/enable")
    assert (fields["capabilities"], fields["data_classes"], "agreed" in fields) == ("files", "agency", False)
    unticked = await browser.post(f"{address}/enable", data=fields)
    assert unticked.status_code == 422
    assert words["unticked"] in plain(unticked)
    assert 'href="#f-agreed"' in main_of(unticked)
    stale = await browser.post(f"{address}/enable", data=fields | {"capabilities": "", "agreed": "true"})
    assert stale.status_code == 409
    assert (await browser.post(f"{address}/enable", data=fields | {"agreed": "true"})).status_code == 303
    page = await browser.get(address)
    assert all(words[one] in plain(page) for one in ("consented", "given"))
    assert words["box"] not in plain(page)

    more = Asks(REACHING, frozenset({"a.example.org"}), frozenset({"agency"}))
    upgrade(bench, version("1.1", more))
    page = await browser.get(address)
    assert all(words[one] in plain(page) for one in ("waits", "addition", "hosts"))
    card = plain(page).partition(words["addition"])[2].partition("</section>")[0]
    assert words["classes"] not in card
    looking = bench.ring.browser(scope, PLUGIN_READ)
    assert "<form" not in plain(await looking.get(address))
    refused = await looking.post(f"{address}/consent", data=controls(page.text, "/consent"))
    assert refused.status_code == 403
    assert (await browser.post(f"{address}/consent", data=controls(page.text, "/consent"))).status_code == 303
    page = await browser.get(address)
    assert words["waits"] not in plain(page)
    assert words["hosts"] in plain(page)


async def test_a_plugin_that_waits_is_not_tried_and_asking_for_less_needs_nobody(bench: Bench) -> None:
    def mailer(**more: Any) -> ModuleType:
        return plugin("mailer", "hr_test_connection", connect, Mail, **more)

    scope = await bench.agency("mailer")
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    upgrade(bench, mailer(data_classes=AGENCY))
    tried = await script.post("/api/v1/plugins/mailer/test", json={"settings": {}})
    assert tried.status_code == 409
    assert "waits for consent" in tried.text
    await bench.do(scope, consent_to_plugin, ConsentToPlugin("mailer", Asked(data_classes=["agency"])))
    upgrade(bench, mailer())
    assert (await script.get("/api/v1/plugins/mailer")).json()["plugin"]["state"] == "enabled"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_operator_sees_what_a_plugin_asks_for_who_consented_and_where_it_waits(
    bench: Bench, platform: Platform, language: Language
) -> None:
    upgrade(bench, version("1.0", Asks(FILES)))
    consenting, waiting = await bench.agency(NAME), await bench.agency(NAME)
    more = Asks(FILES, data_classes=frozenset({"agency"}))
    upgrade(bench, version("1.1", more))
    await execute(consent_to_plugin, bench.ctx(consenting), ConsentToPlugin(NAME, asked(more)))
    browser = bench.ring.browser(platform.operator, PLUGIN_READ)
    page = plain(await browser.get(f"/{language}/{platform.operator.slug}/plugins"))
    waits = {"en": "waits for consent", "fr": "attend un consentement"}[language]
    assert page.count(f"{waiting.name_en}: {waits}".replace(":", " :" if language == "fr" else ":")) == 1
    assert f"{consenting.name_en}: {waits}".replace(":", " :" if language == "fr" else ":") not in page
    assert WORDS[language]["files"] in page
    assert {"en": ", the last on ", "fr": ", le dernier le "}[language] in page
    assert {"en": "Switched on: ", "fr": "Activé dans : "}[language] in page
    script = bench.ring.script(platform.operator, PLUGIN_READ)
    listed = (await script.get("/api/v1/installed-plugins")).json()["plugins"]
    (one,) = [one for one in listed if one["name"] == NAME]
    told = {one["scope"]["en"]: (one["plugin_version"], one["waits"]) for one in one["uses"]["consents"]}
    assert (told[consenting.name_en], told[waiting.name_en]) == (("1.1", False), ("1.0", True))


async def test_settings_that_are_set_while_a_plugin_waits_for_consent_run_none_of_its_code(bench: Bench) -> None:
    scope = await bench.agency(NAME)
    script = bench.ring.script(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE)
    ctx = bench.ctx(scope)
    async with tenant_session(ctx) as session:
        row = await look_up(session, ctx.scope, NAME)
        assert row is not None
        row.consented = {}
    RUNS.clear()
    address = f"/api/v1/plugins/{NAME}/settings"
    assert (await script.put(address, json={"settings": {"word": 7}})).status_code == 422
    saved = await script.put(address, json={"settings": {"word": "calm"}})
    assert (saved.status_code, saved.json()["settings"]) == (200, {"word": "calm"})
    assert RUNS == []
