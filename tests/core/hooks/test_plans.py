"""An allow list per tenant, shared by tenants with the same plugins, frozen once made."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from contingent import Ctx
from core.hooks.consent import Asks
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.plans import NOTHING_STOPPED, Enablement, Plans, Stops, assemble, why_off
from core.hooks.registry import Held, Plugin, Registry, Source
from core.hooks.sandbox.code import make_code
from tests.core.hooks import workshop
from tests.core.hooks.workshop import CONTRACT, Panel, Workshop, manifest, plugin


def panels(ctx: Ctx, number: int) -> list[Panel]:
    return []


@pytest.fixture
def plans() -> Plans:
    registry = Registry([CONTRACT])
    for name in ("one", "two", "three"):
        registry.register(plugin(name, panels))
    return Plans(registry)


def test_tenants_with_the_same_plugins_share_one_plan(plans: Plans) -> None:
    assert plans.plan(["one", "two"]) is plans.plan(["two", "one", "not installed"])
    assert plans.plan(["one"]) is not plans.plan(["one", "two"])


def test_a_plan_cannot_be_changed(plans: Plans) -> None:
    plan: Any = plans.plan(["one"])
    with pytest.raises(TypeError):
        plan.implementations[workshop.panels] = ()
    with pytest.raises(AttributeError):
        plan.plugins = frozenset({"two"})


def test_only_what_is_enabled_has_a_part_in_it(plans: Plans) -> None:
    tenant = assemble(
        plans,
        7,
        [Enablement("one", "enabled"), Enablement("two", "disabled"), Enablement("three", "suspended")],
    )
    assert tenant.generation == 7
    assert [one.origin.plugin for one in tenant.plan.implementations[workshop.panels]] == ["one"]
    assert tenant.off == {"two": "disabled", "three": "suspended"}
    assert assemble(plans, 1, []).plan.plugins == frozenset()


def test_what_is_not_loaded_is_missing_or_broken_unless_the_tenant_switched_it_off(plans: Plans) -> None:
    plans.registry.register(plugin("newer", panels, requires="contingent>=99"))
    known = [Enablement("gone", "enabled"), Enablement("newer", "suspended"), Enablement("left", "disabled")]
    assert assemble(plans, 1, known).off == {"gone": "missing", "newer": "broken", "left": "disabled"}


async def test_the_plan_is_read_once_a_request_and_made_anew_when_the_generation_moves() -> None:
    work = Workshop(plugin("one", panels), plugin("two", panels))
    ctx = work.tenant("a", "one")
    await ctx.hooks.all(workshop.panels, number=1)
    first = await work.host.plugins_of(ctx)
    assert await work.host.plugins_of(ctx) is first
    work.records.put(ctx.scope.id, "two")
    second = await work.host.plugins_of(ctx)
    assert second.plan.plugins == {"one", "two"}
    assert second.generation == first.generation + 1


class Loud(msgspec.Struct, frozen=True):
    """Settings that run code of the plugin's own whenever they are made."""

    word: str = ""

    def __post_init__(self) -> None:
        MADE.append(self.word)


MADE: list[str] = []


@pytest.mark.parametrize(
    ("stops", "cause"), [(Stops(safe=True), "safe"), (Stops(plugins=frozenset({"loud"})), "stopped"), (Stops(), None)]
)
def test_of_what_is_stopped_not_even_the_settings_are_made(stops: Stops, cause: str | None) -> None:
    MADE.clear()
    registry = Registry([CONTRACT])
    registry.register(plugin("loud", panels, settings=Loud))
    tenant = assemble(Plans(registry), 1, [Enablement("loud", "enabled", {"word": "made"})], stops)
    assert tenant.off == ({"loud": cause} if cause else {})
    assert tenant.unable("panels") == tenant.off
    assert ([] if cause else ["made"]) == MADE


def test_why_a_plugin_is_off_is_the_service_s_own_reason_first() -> None:
    registry = Registry([CONTRACT])
    registry.register(plugin("one", panels))
    known = [Enablement("one", "disabled"), Enablement("gone", "enabled")]
    off = assemble(Plans(registry), 1, known, Stops(safe=True)).off
    assert off == {"one": "disabled", "gone": "missing"}


def test_two_bundles_of_one_code_that_say_different_things_of_themselves_share_no_plan(plans: Plans) -> None:
    def there(*capabilities: str) -> Registry:
        said = manifest("own", tier=2, capabilities=frozenset(capabilities))
        code = make_code("own.plugin", {"own/plugin.py": b""}, repr(capabilities).encode())
        return plans.registry.with_bundles(Held([Plugin(said, None, frozenset({"panels"}), code=code, source="own")]))

    made = [plans.plan(["own"], there()), plans.plan(["own"], there("notifications"))]
    granted = [one.implementations[workshop.panels][0].plugin.manifest.capabilities for one in made]
    assert granted == [frozenset(), frozenset({"notifications"})]
    assert plans.plan(["own"], there()) is made[0]


@pytest.mark.parametrize(
    ("held", "stops", "offer", "cause"),
    [
        (Enablement("one", "enabled"), NOTHING_STOPPED, EVERYTHING, None),
        (Enablement("one", "removed"), Stops(safe=True), EVERYTHING, "disabled"),
        (Enablement("one", "suspended"), Stops(safe=True), EVERYTHING, "suspended"),
        (Enablement("one", "enabled"), Stops(safe=True), EVERYTHING, "safe"),
        (Enablement("one", "enabled"), Stops(plugins=frozenset({"one"})), EVERYTHING, "stopped"),
        (Enablement("one", "enabled"), NOTHING_STOPPED, Offer({"one": False}), "unallowed"),
        (Enablement("asking", "enabled"), NOTHING_STOPPED, EVERYTHING, "unconsented"),
        (
            Enablement("asking", "enabled", consented=Asks(frozenset({"files"}))),
            NOTHING_STOPPED,
            Offer({"asking": False}),
            "unallowed",
        ),
        (Enablement("gone", "enabled"), NOTHING_STOPPED, EVERYTHING, "missing"),
    ],
)
def test_why_a_plugin_does_not_run_is_known_without_its_settings(
    plans: Plans, held: Enablement, stops: Stops, offer: Offer, cause: str | None
) -> None:
    plans.registry.register(plugin("asking", panels, capabilities=frozenset({"files"})))
    assert why_off(held, plans.registry, stops, offer) == cause


def test_what_the_operator_answers_for_shares_a_host_and_each_of_a_services_own_has_one() -> None:
    def bundle(name: str, source: Source, text: bytes) -> Plugin:
        made = msgspec.structs.replace(registry.plugins["one"], source=source, code=make_code("one", {"one.py": text}))
        return msgspec.structs.replace(made, manifest=msgspec.structs.replace(made.manifest, name=name))

    registry = Registry([CONTRACT])
    registry.register(plugin("one", panels))
    given = [("red", "folder"), ("blue", "folder"), ("white", "own"), ("black", "own")]
    held = {name: bundle(name, cast("Source", source), b"pass") for name, source in given}
    everything = registry.with_bundles(Held(tuple(held.values())))
    found = {
        one.origin.plugin: one.place
        for parts in Plans(everything).plan(held, everything).implementations.values()
        for one in parts
    }
    assert found["red"] == found["blue"]
    assert len(set(found.values())) == 3
