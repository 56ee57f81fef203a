"""What nobody consented to: kept from a plugin, written down whether it hides it or not, and never a flood."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Ctx, NotConsented
from core.hooks.binding import WITHHELD
from core.hooks.consent import CAPABILITIES, EFFECTS, Asks, asks_of, read_asks
from core.hooks.granting import Grant
from core.hooks.host import MOST_TOLD
from core.hooks.marking import Rejected
from core.hooks.sandbox.effects import OPERATIONS
from core.hooks.saying import of
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Workshop, manifest, plugin

OWN = {"log", "scope", "actor", "clock", "language", "request_id", "plugin", "settings", "store"}
"""What every plugin has of ``ctx``, unasked."""

keys = st.frozensets(st.sampled_from("abcd"))
asks = st.builds(Asks, keys, keys, keys, keys)


@given(wanted=asks, consented=asks)
def test_what_is_asked_beyond_consent_is_what_is_missing_from_it(wanted: Asks, consented: Asks) -> None:
    beyond = wanted.beyond(consented)
    assert wanted.within(consented) == (not beyond)
    whole = [getattr(consented, name) | getattr(beyond, name) for name in Asks.__struct_fields__]
    assert wanted.within(Asks(*whole))
    assert not any(getattr(beyond, name) & getattr(consented, name) for name in Asks.__struct_fields__)
    assert read_asks(wanted.stored()) == wanted


def test_whatever_a_plugin_has_of_ctx_is_its_own_or_stands_in_the_table() -> None:
    fields = {one.name for one in dataclasses.fields(Ctx)}
    assert fields == OWN | set(WITHHELD) | set(EFFECTS)
    assert {one.effect for one in CAPABILITIES.values()} == set(EFFECTS)
    assert all(one.words.keys() == {"en", "fr"} for one in CAPABILITIES.values())
    assert {operation.partition(".")[0] for operation in OPERATIONS} <= {"store"} | set(EFFECTS)


def test_a_manifest_asks_for_its_capabilities_its_machines_and_the_data_that_is_not_everybodys() -> None:
    told = manifest(
        "one",
        capabilities=frozenset({"files", "http"}),
        hosts=("a.example.org",),
        data_classes=frozenset({"public", "agency"}),
    )
    assert told.asks == Asks(frozenset({"files", "http"}), frozenset({"a.example.org"}), frozenset({"agency"}))
    assert not manifest("two").asks


def test_what_is_signed_asks_for_what_the_manifest_does() -> None:
    class Entered(msgspec.Struct, frozen=True):
        address: str = ""

    told = manifest(
        "one",
        settings=Entered,
        capabilities=frozenset({"http", "http:settings"}),
        hosts=("a.example.org",),
        hosts_from=("address",),
        data_classes=frozenset({"public", "shared"}),
    )
    assert told.asks.hosts_from == {"address"}
    assert asks_of(of(told, {})) == told.asks


@pytest.mark.parametrize("effect", EFFECTS)
async def test_what_was_not_asked_for_raises_and_is_written_down_even_where_the_plugin_hides_it(effect: str) -> None:
    said: list[str] = []

    async def findings(ctx: Ctx, number: int, word: str) -> int | None:
        for _ in range(3):
            try:
                getattr(ctx, effect).anything  # noqa: B018 - reaching for it is the use
            except NotConsented as refused:
                said.append(str(refused))
        return 1

    work = Workshop(plugin("sly", findings))
    ctx = work.tenant("durham")
    assert (await ctx.hooks.all(workshop.findings, number=1, word="")).results == [1]
    await work.host.settle()
    assert all(word in said[0] for word in ("plugin sly", f"ctx.{effect}", "durham", "capabilities", "consents"))
    ((failure, count),) = work.records.failures
    assert (failure.tenant, failure.plugin, failure.hook, failure.cause) == (
        ctx.scope.id,
        "sly",
        "findings",
        "withheld",
    )
    assert (failure.error, count) == (f"ctx.{effect}", 3)
    ((tenant, overreach),) = work.records.overreaches
    assert (tenant, overreach.used, overreach.origin.plugin) == (ctx.scope.id, f"ctx.{effect}", "sly")
    assert not work.host.health.troubled


async def test_what_was_asked_for_is_made_for_the_tenant_that_consented() -> None:
    grants: list[Grant] = []

    def make(grant: Grant) -> str:
        grants.append(grant)
        return "its files"

    def panels(ctx: Ctx, number: int) -> list[workshop.Panel]:
        return [workshop.Panel(key=str(ctx.files))]

    work = Workshop(plugin("reader", panels, capabilities=frozenset({"files", "http"}), hosts=("a.example.org",)))
    work.host.effects = {"files": make}
    ctx = work.tenant("a")
    ((panel,),) = (await ctx.hooks.all(workshop.panels, number=1)).results
    assert panel.key == "its files"
    (grant,) = grants
    assert (grant.ctx.scope, grant.origin.plugin, grant.hosts) == (ctx.scope, "reader", frozenset({"a.example.org"}))


async def test_what_an_effect_refuses_beyond_consent_is_written_down_by_the_same_way() -> None:
    def panels(ctx: Ctx, number: int) -> list[workshop.Panel]:
        raise ctx.files("evil\n.example.org")  # type: ignore[operator] # an invented effect

    work = Workshop(plugin("reader", panels, capabilities=frozenset({"files"})))
    work.host.effects = {"files": lambda grant: lambda host: grant.refuse(f"the machine {host}", "name it in hosts")}
    answers = await work.tenant("a").hooks.all(workshop.panels, number=1)
    assert answers.failures[0].error.startswith("NotConsented at ")
    await work.host.settle()
    causes = {failure.cause: failure.error for failure, _ in work.records.failures}
    assert causes["withheld"] == "the machine evil .example.org"


async def test_a_thread_of_the_plugins_is_refused_and_written_down_too() -> None:
    async def unhurried(ctx: Ctx, number: int) -> int | None:
        def reach() -> str:
            try:
                return str(ctx.files.open)
            except NotConsented:
                return "refused"

        return int(await asyncio.to_thread(reach) == "refused")

    work = Workshop(plugin("threading", unhurried))
    assert (await work.tenant("a").hooks.one("threading", workshop.unhurried, number=1)).results == [1]
    await work.host.settle()
    assert [overreach.used for _, overreach in work.records.overreaches] == ["ctx.files"]


async def test_the_log_gets_a_line_a_day_of_each_and_no_flood() -> None:
    def panels(ctx: Ctx, number: int) -> list[workshop.Panel]:
        for host in range(number):
            ctx.files(f"machine {host}")  # type: ignore[operator] # an invented effect
        return []

    work = Workshop(plugin("reader", panels, capabilities=frozenset({"files"})))
    work.host.effects = {"files": lambda grant: lambda used: grant.refuse(used, "leave it")}
    one, other = work.tenant("a"), work.tenant("b")
    for number in (2, 2, 3):
        await one.hooks.all(workshop.panels, number=number)
    await work.host.settle()
    assert len(work.records.overreaches) == 3
    await one.hooks.all(workshop.panels, number=500)
    await work.host.settle()
    assert len(work.records.overreaches) == MOST_TOLD
    assert sum(count for _, count in work.records.failures) == 507
    await other.hooks.all(workshop.panels, number=1)
    work.clock.advance(timedelta(days=1))
    await one.hooks.all(workshop.panels, number=1)
    await work.host.settle()
    assert len(work.records.overreaches) == MOST_TOLD + 2


async def test_a_plugin_that_asks_for_more_than_was_consented_to_is_not_called_and_counts_as_not_answering() -> None:
    called: list[str] = []

    def make(name: str, **more: Any) -> ModuleType:
        async def chain(ctx: Ctx, number: int) -> list[workshop.Panel]:
            called.append(name)
            return [workshop.Panel(key=name)]

        return plugin(name, chain, **more)

    work = Workshop(make("greedy", data_classes=frozenset({"agency"})), make("modest"))
    ctx = work.tenant("a")
    work.records.put(ctx.scope.id, "greedy", consented=Asks(frozenset({"files"})))
    ctx = work.again(ctx.scope)
    (failure,) = (await ctx.hooks.one("greedy", workshop.chain, number=1)).failures
    assert failure.cause == "unconsented"
    assert (await ctx.hooks.one("modest", workshop.chain, number=1)).complete
    await work.host.settle()
    ((tenant, awaiting),) = work.records.awaiting
    assert (tenant, awaiting.plugin, awaiting.asks) == (
        ctx.scope.id,
        "greedy",
        Asks(data_classes=frozenset({"agency"})),
    )
    work.records.put(ctx.scope.id, "greedy", consented=Asks(data_classes=frozenset({"agency", "shared"})))
    assert (await work.again(ctx.scope).hooks.one("greedy", workshop.chain, number=1)).complete
    assert called == ["modest", "greedy"]


async def test_a_guard_that_waits_for_consent_leaves_its_door_shut() -> None:
    async def authorize_it(ctx: Ctx, number: int) -> bool | None:
        return True

    work = Workshop(plugin("guard", authorize_it, data_classes=frozenset({"agency"})))
    ctx = work.tenant("a")
    work.records.put(ctx.scope.id, "guard", consented=Asks())
    with pytest.raises(Rejected, match="administrator"):
        await work.again(ctx.scope).hooks.all(workshop.authorize_it, number=1)
