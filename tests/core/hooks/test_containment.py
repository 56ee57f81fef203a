"""Whatever one tenant's plugin does, its siblings answer, and other tenants do not notice."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from contingent import Ctx, Rejected, hookimpl
from core.hooks.answers import Answers, Failure
from core.hooks.health import FAILURES
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Panel, Workshop, plugin


async def findings(ctx: Ctx, number: int, word: str) -> int:
    return number


async def raises(ctx: Ctx, number: int, word: str) -> int:
    raise ValueError("Tremblay, Alix")


async def exits(ctx: Ctx, number: int, word: str) -> int:
    sys.exit(3)


async def cancels(ctx: Ctx, number: int, word: str) -> int:
    raise asyncio.CancelledError


async def waits_for_ever(ctx: Ctx, number: int, word: str) -> int:
    await asyncio.Event().wait()
    return number


async def will_not_end(ctx: Ctx, number: int, word: str) -> int:
    while True:
        try:
            await asyncio.Event().wait()
        except BaseException:  # noqa: BLE001 - the worst plugin there can be
            continue


async def spins(ctx: Ctx, number: int, word: str) -> int:
    while True:  # noqa: ASYNC110 - it never lets go, and never holds the loop either
        await asyncio.sleep(0)


async def answers_late(ctx: Ctx, number: int, word: str) -> int:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return number
    return 0


async def nonsense(ctx: Ctx, number: int, word: str) -> int:
    return "Tremblay"  # type: ignore[return-value]


async def nameless(ctx: Ctx, number: int, word: str) -> int:
    return object()  # type: ignore[return-value]


BAD: list[tuple[Callable[..., Any], str]] = [
    (raises, "raised"),
    (exits, "raised"),
    (cancels, "raised"),
    (waits_for_ever, "late"),
    (will_not_end, "late"),
    (spins, "late"),
    (answers_late, "late"),
    (nonsense, "nonsense"),
    (nameless, "nonsense"),
]


def named(function: Callable[..., Any], name: str, plugin_name: str, **more: Any) -> ModuleType:
    """Make a plugin of ``function`` as the implementation of the hook ``name``."""
    module = plugin(plugin_name, **more)
    setattr(module, name, hookimpl(specname=name)(function))
    return module


@pytest.fixture(params=BAD, ids=[function.__name__ for function, _ in BAD])
def bad(request: pytest.FixtureRequest) -> tuple[Callable[..., Any], str]:
    found: tuple[Callable[..., Any], str] = request.param
    return found


async def ask(ctx: Ctx) -> Answers[int]:
    return await ctx.hooks.all(workshop.findings, number=5, word="")


async def test_a_bad_plugin_costs_one_line_and_its_siblings_answer(bad: tuple[Callable[..., Any], str]) -> None:
    function, cause = bad
    work = Workshop(
        plugin("before", findings), named(function, "findings", "in_the_middle"), plugin("then_me", findings)
    )
    answers = await ask(work.tenant("unlucky"))
    assert [origin.plugin for origin in answers.origins] == ["before", "then_me"]
    assert answers.results == [5, 5]
    assert [(failure.plugin, failure.cause) for failure in answers.failures] == [("in_the_middle", cause)]
    await work.host.settle()
    assert [(failure.cause, count) for failure, count in work.records.failures] == [(cause, 1)]


async def test_other_tenants_do_not_notice(bad: tuple[Callable[..., Any], str]) -> None:
    function, _ = bad
    work = Workshop(plugin("good", findings), named(function, "findings", "wicked"))
    unlucky = work.tenant("unlucky")
    others = [work.tenant(f"other-{number}", "good") for number in range(3)]
    bad_answers, *good = await asyncio.gather(ask(unlucky), *[ask(other) for other in others])
    assert len(bad_answers.failures) == 1
    assert [answers.results for answers in good] == [[5]] * 3
    assert not any(answers.failures for answers in good)
    assert {key[0] for key in work.host.health.troubled} == {unlucky.scope.id}


async def test_what_is_written_about_a_failure_quotes_nobody(
    bad: tuple[Callable[..., Any], str], caplog: pytest.LogCaptureFixture
) -> None:
    function, _ = bad
    work = Workshop(named(function, "findings", "wicked"))
    with caplog.at_level(logging.DEBUG):
        answers = await ask(work.tenant("unlucky"))
    assert "Tremblay" not in answers.failures[0].error + caplog.text
    assert "wicked" in caplog.text


async def test_the_place_of_an_error_is_written_down() -> None:
    work = Workshop(named(raises, "findings", "wicked"))
    (failure,) = (await ask(work.tenant("unlucky"))).failures
    assert failure.error.startswith("ValueError at core/hooks/test_containment.py:")
    assert failure.error.endswith("in raises")


async def test_a_plugin_that_raises_in_a_def_hook_is_contained() -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        raise StopIteration

    work = Workshop(plugin("bad", panels))
    answers = await work.tenant("a").hooks.all(workshop.panels, number=1)
    assert [failure.cause for failure in answers.failures] == ["raised"]


async def test_nonsense_deep_in_an_answer_is_found() -> None:
    async def duties(ctx: Ctx, number: int) -> Any:
        return [{"key": "a", "number": "Tremblay"}]

    duties.__annotations__["return"] = "list[Panel]"
    work = Workshop(plugin("bad", duties))
    (failure,) = (await work.tenant("a").hooks.all(workshop.duties, number=1)).failures
    assert failure.cause == "nonsense"
    assert failure.error == "Expected `int`, got `str` - at `$[0].number`"


async def test_an_answer_in_plain_values_is_taken_for_what_it_says() -> None:
    async def duties(ctx: Ctx, number: int) -> Any:
        return ({"key": "a", "number": 3},)

    duties.__annotations__["return"] = "list[Panel]"
    work = Workshop(plugin("plain", duties))
    assert (await work.tenant("a").hooks.all(workshop.duties, number=1)).results == [[Panel(key="a", number=3)]]


async def test_those_after_one_that_waits_do_not_wait_for_it() -> None:
    begun = asyncio.Event()

    async def first(ctx: Ctx, number: int, word: str) -> int:
        await begun.wait()
        return 1

    async def second(ctx: Ctx, number: int, word: str) -> int:
        begun.set()
        return 2

    work = Workshop(named(first, "findings", "aa_first"), named(second, "findings", "bb_second"))
    answers = await ask(work.tenant("a"))
    assert answers.results == [1, 2]
    assert not answers.failures


async def test_a_cancelled_caller_cancels_the_plugins_and_blames_nobody() -> None:
    tidied: list[str] = []
    begun = asyncio.Event()

    async def waiting(ctx: Ctx, number: int, word: str) -> int:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            tidied.append("done")
        return 0

    work = Workshop(named(waiting, "findings", "aa"), named(waiting, "findings", "bb"))
    asking = asyncio.create_task(ask(work.tenant("a")))
    await begun.wait()
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert tidied == ["done", "done"]
    assert not work.host.health.troubled
    assert work.host.stage.running is None


async def test_a_cancelled_caller_is_cancelled_even_if_the_plugin_hides_it() -> None:
    work = Workshop(named(answers_late, "findings", "hides"))
    asking = asyncio.create_task(ask(work.tenant("a")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not work.host.health.troubled


async def test_a_deadline_inside_a_plugin_is_the_plugins_own() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return 7
        return 0

    work = Workshop(plugin("careful", findings), plugin("other", findings))
    answers = await ask(work.tenant("a"))
    assert answers.results == [7, 7]
    assert not answers.failures


async def test_a_caller_goes_on_as_before_after_a_late_plugin() -> None:
    work = Workshop(named(waits_for_ever, "findings", "slow"))
    await ask(work.tenant("a"))
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    async with asyncio.timeout(1):
        await asyncio.sleep(0)


async def test_access_is_refused_when_a_plugin_fails() -> None:
    async def authorize_it(ctx: Ctx, number: int) -> bool:
        raise RuntimeError

    work = Workshop(plugin("guard", authorize_it, title={"en": "The guard", "fr": "La garde"}))
    with pytest.raises(Rejected) as refusal:
        await work.tenant("a").hooks.all(workshop.authorize_it, number=1)
    assert refusal.value.plugin == "guard"
    assert "“The guard”" in refusal.value.reason["en"]
    assert "«\u00a0La garde\u00a0»" in refusal.value.reason["fr"]
    assert refusal.value.failure is not None


async def test_access_is_refused_while_a_breaker_is_open() -> None:
    async def authorize_it(ctx: Ctx, number: int) -> bool:
        if number:
            raise RuntimeError
        return True

    work = Workshop(plugin("guard", authorize_it))
    ctx = work.tenant("a")
    for _ in range(FAILURES):
        with pytest.raises(Rejected):
            await ctx.hooks.all(workshop.authorize_it, number=1)
    with pytest.raises(Rejected, match="did not answer") as refusal:
        await ctx.hooks.all(workshop.authorize_it, number=0)
    assert isinstance(refusal.value.failure, Failure)
    assert refusal.value.failure.cause == "resting"


async def test_a_refusal_with_a_reason_is_let_through_and_is_no_failure() -> None:
    async def authorize_it(ctx: Ctx, number: int) -> bool:
        await asyncio.sleep(0)
        raise Rejected({"en": "Not on a Sunday.", "fr": "Pas le dimanche."})

    work = Workshop(plugin("guard", authorize_it))
    with pytest.raises(Rejected, match="Not on a Sunday") as refusal:
        await work.tenant("a").hooks.all(workshop.authorize_it, number=1)
    assert refusal.value.plugin == "guard"
    assert not work.host.health.troubled


class Wordless(Rejected):
    def __init__(self) -> None:
        """Leave out the reason."""


@pytest.mark.parametrize(
    "reason", [{"en": "Only English."}, {"en": "Half.", "fr": " "}, {"en": "One.", "fr": 1}, "in no language", None]
)
async def test_a_refusal_without_its_reason_in_both_languages_refuses_as_a_failure(reason: Any) -> None:
    async def authorize_it(ctx: Ctx, number: int) -> bool:
        refusal = Rejected({"en": "Soon replaced.", "fr": "Bientôt remplacé."}, "somebody else")
        refusal.reason = reason
        raise refusal if reason is not None else Wordless

    work = Workshop(plugin("guard", authorize_it))
    with pytest.raises(Rejected, match="did not answer") as refused:
        await work.tenant("a").hooks.all(workshop.authorize_it, number=1)
    assert refused.value.plugin == "guard"
    assert isinstance(refused.value.failure, Failure)
    assert refused.value.failure.cause == "raised"


async def test_a_refusal_where_none_is_allowed_is_a_failure() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        raise Rejected({"en": "No.", "fr": "Non."})

    work = Workshop(plugin("guard", findings))
    assert [failure.cause for failure in (await ask(work.tenant("a"))).failures] == ["raised"]


async def test_a_keyboard_interrupt_is_not_the_plugins() -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        raise KeyboardInterrupt

    work = Workshop(plugin("any", panels))
    hooks = work.tenant("a").hooks
    coroutine = hooks.all(workshop.panels, number=1)
    with pytest.raises(KeyboardInterrupt):
        await coroutine
    assert work.host.stage.running is None
