"""Which plugins are there for a scope, and what is in the plan for it: the pure part of the allow-list."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Ctx
from core.hooks.consent import Asks
from core.hooks.offering import POLICIES, Offer, usual
from core.hooks.plans import Enablement, Plans, Stops, alone, assemble
from core.hooks.registry import Registry
from core.hooks.sandbox.code import make_code
from tests.core.hooks import workshop
from tests.core.hooks.workshop import CONTRACT, Panel, plugin

NAMES = ("kept", "asking", "beside", "shut")


def panels(ctx: Ctx, number: int) -> list[Panel]:
    return []


def registry() -> Registry:
    made = Registry([CONTRACT])
    made.register(plugin("kept", panels))
    made.register(plugin("asking", panels, capabilities=frozenset({"files"})))
    made.register(plugin("beside", panels), beside=True)
    made.register(plugin("shut", panels, tier=2), beside=True)
    return made


PLANS = Plans(registry(), sandboxed=False)

states = st.sampled_from(["enabled", "disabled", "suspended", "removed"])
some = st.frozensets(st.sampled_from(NAMES))


@given(
    held=st.dictionaries(st.sampled_from(NAMES), states),
    consented=some,
    rules=st.dictionaries(st.sampled_from(NAMES), st.booleans()),
    policy=st.sampled_from([*POLICIES, "no such policy"]),
    stops=st.builds(Stops, st.booleans(), some),
)
def test_a_plugin_is_in_the_plan_if_and_only_if_it_is_on_consented_to_allowed_and_not_stopped(
    held: dict[str, str],
    consented: frozenset[str],
    rules: dict[str, bool],
    policy: str,
    stops: Stops,
) -> None:
    given_to = {name: Asks(frozenset({"files"})) if name in consented else Asks() for name in NAMES}
    rows = [Enablement(name, state, consented=given_to[name]) for name, state in held.items()]
    tenant = assemble(PLANS, 1, rows, stops, Offer(rules, policy))
    usually = {
        "kept": True,
        "asking": True,
        "beside": policy == "everyone",
        "shut": policy == "everyone",
    }
    runs = {
        name
        for name, state in held.items()
        if state == "enabled"
        and (name != "asking" or name in consented)
        and rules.get(name, usually[name])
        and stops.bars(name) is None
    }
    assert tenant.plan.plugins == runs
    assert {one.origin.plugin for one in tenant.plan.implementations[workshop.panels]} == runs
    assert tenant.off.keys() == held.keys() - runs
    counted = {name for name in held if held[name] in ("enabled", "suspended")}
    assert tenant.unable("panels").keys() == counted - runs, "what is counted on and off is a failure"


@pytest.mark.parametrize("allowed", [True, False])
def test_what_is_not_allowed_is_not_even_tried(allowed: bool) -> None:
    tenant = assemble(PLANS, 1, [Enablement("kept", "enabled")], offer=Offer({"kept": allowed}))
    tried = alone(PLANS, tenant, "kept", None)
    assert tried.plan.plugins == ({"kept"} if allowed else set())
    assert dict(tried.off) == ({} if allowed else {"kept": "unallowed"})


def test_what_came_with_the_product_is_for_everyone_whatever_the_policy() -> None:
    plugins = PLANS.registry.plugins
    assert all(usual(plugins["kept"], policy) for policy in POLICIES)
    assert {policy for policy in POLICIES if usual(plugins["beside"], policy)} == {"everyone"}
    assert {policy for policy in POLICIES if usual(plugins["shut"], policy)} == {"everyone"}, "it was imported"


def test_of_what_did_not_come_with_the_product_only_bundles_are_sandboxed_whole() -> None:
    code = make_code("offered.plugin", {"offered/plugin.py": b""})
    bundle = msgspec.structs.replace(PLANS.registry.plugins["beside"], module=None, code=code, source="folder")
    assert {policy for policy in POLICIES if usual(bundle, policy)} == {"everyone", "sandboxed"}


def test_every_plugin_of_the_product_is_its_own() -> None:
    """Those that are found with it are not taken for others', or an upgrade would take them from everybody."""
    found = Registry().load().plugins
    assert found
    assert not [name for name, one in found.items() if one.beside]
    assert msgspec.structs.replace(found["hr_file"], beside=True).beside
