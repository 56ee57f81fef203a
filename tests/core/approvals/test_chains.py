"""What a plugin's answer does to a case: nothing but an explicit answer ever approves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from contingent import Manifest, hookimpl
from core.approvals.chain import Chain, ask
from core.approvals.schemas import CaseOut
from core.approvals.service import ask_again, get_case
from core.context import Ctx
from core.errors import Refused
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.hooks.types import NoApproval, Step, Subject
from core.text import t
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.core.approvals.bench import Bench, step

NOBODY = NoApproval(reason={"en": "Delegated to the chief.", "fr": "Délégué à la direction."})


def plugin(answer: Callable[[], Any]) -> ModuleType:
    async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
        made = answer()
        return await made if asyncio.iscoroutine(made) else made  # type: ignore[no-any-return]  # may be nonsense

    module = ModuleType("chain_under_test")
    module.manifest = Manifest(  # type: ignore[attr-defined]
        name="chain_under_test", version="2.1", title={"en": "x", "fr": "x"}, requires="contingent>=1.0,<2"
    )
    module.approval_chain = hookimpl(approval_chain)  # type: ignore[attr-defined]
    return module


async def asked(bench: Bench, answer: Callable[[], Any], *, on: bool = True, nobody_allowed: bool = False) -> Chain:
    """Return the chain that the host makes of what a plugin of the service answers."""
    registry, records = Registry(), MemoryRecords()
    assert registry.register(plugin(answer)) is None
    if on:
        records.put(bench.scope.id, "chain_under_test", settings=None)
    host = PluginHost(registry, records)
    bench.person("Olive")
    await bench.outside("Olive", "chain_under_test", nobody_allowed=nobody_allowed)
    subject = msgspec.structs.replace(Subject(kind="agreement", id=uuid4()), kind="nomination")
    try:
        return await ask(host.bind(bench.ctx()), subject)
    finally:
        await host.close()


def failing() -> Any:
    raise RuntimeError("no")


async def hanging() -> Any:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    "answer",
    [failing, lambda: None, list, lambda: "approve", lambda: [step("told", kind="inform")], lambda: True],
    ids=["raises", "none", "empty", "nonsense", "only informs", "true"],
)
async def test_an_answer_that_is_no_chain_approves_nothing(bench: Bench, answer: Callable[[], Any]) -> None:
    chain = await asked(bench, answer)
    assert chain.waiting_for is not None
    case = await bench.open(chain=chain)
    assert (await shown(bench, case)).state == "waiting_for_chain"
    assert bench.toy.settled == []


async def test_a_plugin_that_hangs_approves_nothing(bench: Bench) -> None:
    chain = await asked(bench, hanging)
    assert chain.waiting_for is not None
    assert not chain.steps


async def test_a_plugin_that_is_off_approves_nothing(bench: Bench) -> None:
    chain = await asked(bench, lambda: [step("chief")], on=False)
    assert chain.waiting_for is not None


async def test_without_a_plugin_named_a_case_waits(bench: Bench) -> None:
    chain = await ask(bench.ctx(), Subject(kind="agreement", id=uuid4()))
    assert chain.waiting_for is not None


async def test_approval_chain_is_kept_with_the_plugin_and_its_version(bench: Bench) -> None:
    chain = await asked(bench, lambda: [step("chief")])
    assert (chain.plugin, chain.version, [one.key for one in chain.steps]) == ("chain_under_test", "2.1", ["chief"])


async def test_a_case_keeps_the_steps_and_the_version_it_began_with(bench: Bench) -> None:
    bench.person("Olive", "approver")
    case = await bench.open(
        chain=Chain(plugin="own", version="1.0", steps=(step("chief"), step("told", kind="inform")))
    )
    bench.toy.chain = Chain(plugin="own", version="1.1", steps=(step("chief"), step("council")))
    with pytest.raises(Refused, match="has its chain"):
        await again(bench, case)
    decided = await bench.decide("Olive", case)
    assert (decided.state, decided.plugin_version, [one.title_en for one in decided.steps]) == (
        "approved",
        "1.0",
        ["chief", "told"],
    )
    later = await shown(bench, await bench.open(chain=bench.toy.chain))
    assert (later.plugin_version, [one.title_en for one in later.steps]) == ("1.1", ["chief", "council"])


async def test_only_an_explicit_answer_means_that_nobody_need_approve(bench: Bench) -> None:
    chain = await asked(bench, lambda: NOBODY, nobody_allowed=True)
    await bench.open(chain=chain)
    assert bench.toy.settled == [("approved", "Delegated to the chief.")]


async def test_that_nobody_need_approve_counts_only_where_the_service_allows_that_answer(bench: Bench) -> None:
    chain = await asked(bench, lambda: NOBODY)
    case = await shown(bench, await bench.open(chain=chain))
    assert case.state == "waiting_for_chain"
    assert "does not allow" in str(case.waiting_for)
    assert bench.toy.settled == []


async def test_that_nobody_need_approve_does_not_outdo_a_check_that_blocks(bench: Bench) -> None:
    chain = await asked(bench, lambda: NOBODY, nobody_allowed=True)
    bench.toy.blocked = True
    with pytest.raises(Refused, match="Conduct"):
        await bench.open(chain=chain)
    waiting = await bench.open(chain=Chain(waiting_for=t("No plugin is named.")))
    bench.toy.chain = chain
    with pytest.raises(Refused, match="Conduct"):
        await again(bench, waiting)
    assert bench.toy.settled == []
    bench.toy.blocked = False
    assert (await again(bench, waiting)).state == "approved"


async def test_a_waiting_case_can_be_asked_again_and_goes_on(bench: Bench) -> None:
    bench.person("Ana", "approver")
    waiting = await asked(bench, failing)
    case = await bench.open(chain=waiting)
    with pytest.raises(Refused):
        await bench.decide("Ana", case)
    bench.toy.chain = waiting
    assert (await again(bench, case)).state == "waiting_for_chain", "it may fail as often as it likes"
    bench.toy.chain = Chain(plugin="toy", steps=(step("chief"),))
    assert (await again(bench, case)).state == "open"
    with pytest.raises(Refused, match="has its chain"):
        await again(bench, case)
    assert (await bench.decide("Ana", case)).state == "approved"


async def test_a_step_that_informs_never_blocks(bench: Bench) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("told", "coordinator", kind="inform"), step("chief"))
    assert [one.state for one in (await shown(bench, case)).steps] == ["informed", "open"]


async def again(bench: Bench, case: str) -> CaseOut:
    return await execute(ask_again, bench.ctx(), ById(case))


async def shown(bench: Bench, case: str) -> CaseOut:
    return await execute(get_case, bench.ctx(), ById(case))
