"""What a caller gets from the plugins of its tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contingent import Actor, Ctx, Rejected
from core.hooks.answers import Answers, Origin, merge
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Panel, Workshop, best_guess, plugin, refined


def panels(ctx: Ctx, number: int) -> list[Panel]:
    return [Panel(key="a", number=number)]


async def findings(ctx: Ctx, number: int, word: str) -> int:
    return number + len(word)


async def chain(ctx: Ctx, number: int) -> list[Panel]:
    return [Panel(key=ctx.scope.slug, number=number)]


async def test_answers_come_in_the_order_of_the_plugins_names_with_their_origin() -> None:
    async def two(ctx: Ctx, number: int, word: str) -> int:
        return number

    two.__name__ = "findings"
    work = Workshop(plugin("zebra", findings), plugin("alpha", two, version="2.1"))
    answers = await work.tenant("a").hooks.all(workshop.findings, number=1, word="xyz")
    assert answers.results == [1, 4]
    assert answers.origins == [Origin("alpha", "2.1"), Origin("zebra", "1.0")]
    assert answers.complete
    assert answers.version == "2.1"


async def test_a_plugin_sees_whoever_acts_in_the_context_it_is_called_for_but_neither_name_nor_rights() -> None:
    async def findings(ctx: Ctx) -> int:
        return ctx.actor.id.int + len(ctx.actor.name) + len(ctx.actor.permissions)

    ctx = Workshop(plugin("one", findings)).tenant("a")
    other = ctx.acting_as(Actor(UUID(int=7), "Noor", permissions=frozenset({"tour.read"})))
    assert (await other.hooks.all(workshop.findings, number=1, word="")).results == [7]
    assert (await ctx.hooks.all(workshop.findings, number=1, word="")).results == [ctx.actor.id.int]


async def test_a_plugin_that_gives_none_has_no_result() -> None:
    async def silent(ctx: Ctx, number: int, word: str) -> int | None:
        return None

    silent.__name__ = "findings"
    work = Workshop(plugin("silent", silent), plugin("talks", findings))
    assert (await work.tenant("a").hooks.all(workshop.findings, number=1, word="")).results == [1]


async def test_a_disabled_plugin_is_not_called() -> None:
    work = Workshop(plugin("one", panels), plugin("two", panels))
    ctx = work.tenant("a", "one")
    work.records.put(ctx.scope.id, "two", "disabled")
    answers = await ctx.hooks.all(workshop.panels, number=1)
    assert [origin.plugin for origin in answers.origins] == ["one"]
    assert answers.complete


async def test_a_plugin_installed_later_is_off_for_everybody() -> None:
    work = Workshop(plugin("one", panels))
    ctx = work.tenant("a")
    await ctx.hooks.all(workshop.panels, number=1)
    work.add(plugin("late", panels))
    answers = await work.again(ctx.scope).hooks.all(workshop.panels, number=1)
    assert [origin.plugin for origin in answers.origins] == ["one"]


async def test_an_implementation_names_only_the_arguments_it_wants() -> None:
    async def findings(word: str) -> int:
        return len(word)

    work = Workshop(plugin("one", findings))
    assert (await work.tenant("a").hooks.all(workshop.findings, number=1, word="four")).results == [4]


async def test_the_context_is_the_tenants_own_and_leads_to_nothing_of_the_host() -> None:
    seen: list[Ctx] = []

    def panels(ctx: Ctx, number: int) -> list[Panel]:
        seen.append(ctx)
        return []

    class Settings(msgspec.Struct, frozen=True):
        colour: str = "blue"

    work = Workshop(plugin("one", panels, settings=Settings))
    ctx = work.tenant("a", settings={"colour": "green"})
    await ctx.hooks.all(workshop.panels, number=1)
    given = seen[0]
    assert (given.scope, given.plugin, given.settings) == (ctx.scope, "one", Settings("green"))
    assert [getattr(given, name) for name in ("hooks", "database", "people", "agencies")] == [None] * 4
    with pytest.raises(PermissionError, match="capabilities"):
        given.files.open  # noqa: B018 - reaching for it is the use


async def test_settings_that_do_not_fit_switch_the_plugin_off_for_that_tenant_only() -> None:
    class Settings(msgspec.Struct):
        days: int = 30

    work = Workshop(plugin("one", chain, settings=Settings))
    good, bad = work.tenant("good"), work.tenant("bad", settings={"days": "many"})
    assert (await good.hooks.one("one", workshop.chain, number=1)).complete
    assert [failure.cause for failure in (await bad.hooks.one("one", workshop.chain, number=1)).failures] == ["unset"]


@pytest.mark.parametrize(
    ("name", "cause"), [("off", "disabled"), ("never", "disabled"), ("stopped", "suspended"), ("unknown", "missing")]
)
async def test_asking_a_plugin_that_is_not_on_says_why(name: str, cause: str) -> None:
    work = Workshop(plugin("off", chain), plugin("never", chain), plugin("stopped", chain), plugin("on", chain))
    ctx = work.tenant("a", "on")
    work.records.put(ctx.scope.id, "off", "disabled")
    work.records.put(ctx.scope.id, "stopped", "suspended")
    answers = await ctx.hooks.one(name, workshop.chain, number=1)
    assert [failure.cause for failure in answers.failures] == [cause]
    assert name in str(answers.failures[0].text)
    assert not answers.results


async def test_asking_a_plugin_for_what_it_does_not_do_says_it_is_missing() -> None:
    work = Workshop(plugin("one", panels))
    answers = await work.tenant("a").hooks.one("one", workshop.chain, number=1)
    assert answers.failures[0].cause == "missing"


async def test_a_duty_is_never_an_empty_answer() -> None:
    async def empty(ctx: Ctx, number: int) -> list[Panel]:
        return []

    async def none(ctx: Ctx, number: int) -> list[Panel] | None:
        return None

    empty.__name__ = none.__name__ = "chain"
    work = Workshop(plugin("empty", empty), plugin("none", none))
    ctx = work.tenant("a")
    for name in ("empty", "none"):
        answers = await ctx.hooks.one(name, workshop.chain, number=1)
        assert [failure.cause for failure in answers.failures] == ["nothing"]
        assert not answers.complete


async def test_a_duty_that_nobody_has_an_answer_to_is_incomplete() -> None:
    async def duties(ctx: Ctx, number: int) -> list[Panel]:
        return [Panel(key="x")] if number else []

    work = Workshop(plugin("one", duties))
    ctx = work.tenant("a")
    assert not (await ctx.hooks.all(workshop.duties, number=0)).complete
    assert (await ctx.hooks.all(workshop.duties, number=1)).complete
    assert not (await work.tenant("nobody", "missing").hooks.all(workshop.duties, number=1)).complete


@pytest.mark.parametrize(
    ("state", "cause"), [("suspended", "suspended"), ("unset", "unset"), ("missing", "missing"), ("broken", "broken")]
)
async def test_a_plugin_that_the_tenant_counts_on_and_that_does_not_run_is_a_failure_in_every_call(
    state: str, cause: str
) -> None:
    class Settings(msgspec.Struct):
        days: int = 30

    async def duties(ctx: Ctx, number: int) -> list[Panel]:
        return [Panel(key="x")]

    async def authorize_it(ctx: Ctx, number: int) -> bool:
        return True

    async def one_guess(ctx: Ctx, number: int) -> int:
        return number

    async def one_step(ctx: Ctx, number: int, by: int) -> int:
        return number + by

    one_guess.__name__, one_step.__name__ = "best_guess", "refined"
    functions = (panels, duties, authorize_it, one_guess, one_step)
    work = Workshop(plugin("here", *functions))
    if state in ("suspended", "unset"):
        work.add(plugin("guard", *functions, settings=Settings))
    elif state == "broken":
        work.add(plugin("guard", *functions, requires="contingent>=99"))
    ctx = work.tenant("a", "here")
    settings = {"days": "many"} if state == "unset" else {}
    work.records.put(ctx.scope.id, "guard", "suspended" if state == "suspended" else "enabled", settings)

    calls: list[Callable[[], Awaitable[Answers[Any]]]] = [
        lambda: ctx.hooks.all(workshop.panels, number=1),
        lambda: ctx.hooks.all(workshop.duties, number=1),
        lambda: ctx.hooks.first(best_guess, number=1),
        lambda: ctx.hooks.pipe(refined, 1, by=1),
    ]
    for call in calls:
        answers = await call()
        assert len(answers.results) == 1, "the others answer"
        assert [(failure.plugin, failure.cause) for failure in answers.failures] == [("guard", cause)]
        assert not answers.complete
    with pytest.raises(Rejected) as refused:
        await ctx.hooks.all(workshop.authorize_it, number=1)
    assert refused.value.plugin == "guard"
    assert "administrator" in refused.value.reason["en"]
    assert "sous Modules" in refused.value.reason["fr"]
    work.records.put(ctx.scope.id, "guard", "disabled", settings)
    again = work.again(ctx.scope)
    assert (await again.hooks.all(workshop.authorize_it, number=1)).results == [True]
    assert (await again.hooks.all(workshop.duties, number=1)).complete, "what the tenant switched off it does without"


async def test_a_suspended_plugin_is_no_failure_of_a_hook_that_it_never_answered() -> None:
    work = Workshop(plugin("one", panels), plugin("other", findings))
    ctx = work.tenant("a", "one")
    work.records.put(ctx.scope.id, "other", "suspended")
    assert (await ctx.hooks.all(workshop.panels, number=1)).complete


async def test_first_stops_at_the_first_answer() -> None:
    asked: list[str] = []

    def guesser(name: str, guess: int | None) -> Any:
        async def best_guess(ctx: Ctx, number: int) -> int | None:
            asked.append(name)
            return guess

        return plugin(name, best_guess)

    work = Workshop(guesser("aa", None), guesser("bb", 7), guesser("cc", 8))
    assert (await work.tenant("x").hooks.first(best_guess, number=1)).results == [7]
    assert asked == ["aa", "bb"]


async def test_pipe_gives_each_plugin_what_the_one_before_made() -> None:
    def step(name: str, times: int) -> Any:
        async def refined(ctx: Ctx, number: int, by: int) -> int | None:
            if times < 0:
                raise ValueError
            return number * times + by if times else None

        return plugin(name, refined)

    work = Workshop(step("aa", 2), step("bb", 0), step("cc", -1), step("dd", 10))
    answers = await work.tenant("x").hooks.pipe(refined, 3, by=1)
    assert answers.results == [7, 71]
    assert [failure.cause for failure in answers.failures] == ["raised"]


async def test_of_milestones_with_one_key_the_first_plugins_is_kept() -> None:
    first, second = [Panel(key="a", number=1), Panel(key="b")], [Panel(key="c"), Panel(key="a", number=2)]
    assert merge([first, second]) == [Panel(key="a", number=1), Panel(key="b"), Panel(key="c")]


async def test_a_caller_that_names_arguments_wrongly_is_told_and_no_plugin_runs() -> None:
    work = Workshop(plugin("one", panels))
    ask: Any = work.tenant("a").hooks.all
    with pytest.raises(TypeError, match="panels takes number by name, got nothing"):
        await ask(workshop.panels)
    with pytest.raises(TypeError, match="takes number by name"):
        await ask(workshop.panels, 1)
    with pytest.raises(TypeError, match="numer"):
        await ask(workshop.panels, numer=1)
    assert not work.host.health.troubled


async def test_a_hook_is_called_only_in_the_declared_way() -> None:
    work = Workshop(plugin("one", panels, chain))
    hooks: Any = work.tenant("a").hooks
    with pytest.raises(TypeError, match=r"hooks\.one, not hooks\.all"):
        await hooks.all(workshop.chain, number=1)
    with pytest.raises(TypeError, match="not a hook of the contract"):
        await hooks.all(panels, number=1)


async def test_arguments_may_be_named_in_any_order() -> None:
    work = Workshop(plugin("one", findings))
    assert (await work.tenant("a").hooks.all(workshop.findings, word="ab", number=1)).results == [3]
