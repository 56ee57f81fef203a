"""The dispatcher against a model of a few lines that says what a caller is owed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from contingent import Ctx
from core.hooks.answers import merge
from core.hooks.health import FAILURES
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Workshop, plugin

Behaviour = Literal["answers", "answers late on", "silent", "raises", "raises later", "nonsense", "hangs"]
TENANTS = ("ab", "cd")


@dataclass(frozen=True)
class Act:
    """What plugin number ``plugin`` does when tenant number ``tenant`` asks."""

    tenant: int
    behaviours: tuple[Behaviour, ...]


behaviours = st.sampled_from(["answers", "answers late on", "silent", "raises", "raises later", "nonsense"])
acts = st.builds(Act, tenant=st.integers(0, 1), behaviours=st.tuples(behaviours, behaviours, behaviours))
enabled = st.tuples(*[st.frozensets(st.sampled_from(["p0", "p1", "p2"]))] * 2)


class Reference:
    """Allow list, results kept, failures counted: nothing else."""

    def __init__(self, enabled: tuple[frozenset[str], ...]) -> None:
        self.enabled = enabled
        self.failed: dict[tuple[int, str], int] = {}

    def all(self, act: Act) -> tuple[list[int], list[tuple[str, str]]]:
        results, failures = [], []
        for number, behaviour in enumerate(act.behaviours):
            key = (act.tenant, f"p{number}")
            if key[1] not in self.enabled[act.tenant]:
                continue
            if self.failed.get(key, 0) >= FAILURES:
                failures.append((key[1], "resting"))
            elif behaviour in {"raises", "raises later", "nonsense"}:
                self.failed[key] = self.failed.get(key, 0) + 1
                failures.append((key[1], "nonsense" if behaviour == "nonsense" else "raised"))
            else:
                self.failed[key] = 0
                if behaviour != "silent":
                    results.append(number)
        return results, failures


@given(enabled=enabled, script=st.lists(acts, max_size=25), one_request=st.booleans())
@settings(max_examples=150)
def test_every_caller_gets_what_the_model_says(
    enabled: tuple[frozenset[str], ...], script: list[Act], one_request: bool
) -> None:
    now: list[Act] = []

    def make(number: int) -> Any:
        async def findings(ctx: Ctx, number: int, word: str) -> int | None:
            assert ctx.plugin is not None
            place = int(ctx.plugin[1])
            behaviour = now[-1].behaviours[place]
            if behaviour in {"answers late on", "raises later"}:
                await asyncio.sleep(0)
            if behaviour in {"raises", "raises later"}:
                raise RuntimeError
            if behaviour == "nonsense":
                return {"no": "number"}  # type: ignore[return-value]
            assert TENANTS.index(ctx.scope.slug) == now[-1].tenant
            return None if behaviour == "silent" else place

        return plugin(f"p{number}", findings)

    async def run() -> None:
        work = Workshop(*[make(number) for number in range(3)])
        contexts = [work.tenant(slug, *(enabled[place] or ["nothing"])) for place, slug in enumerate(TENANTS)]
        for ctx in contexts:
            work.records.put(ctx.scope.id, "nothing", "disabled")
        model = Reference(enabled)
        for act in script:
            now.append(act)
            ctx = contexts[act.tenant] if one_request else work.again(contexts[act.tenant].scope)
            answers = await ctx.hooks.all(workshop.findings, number=1, word="")
            expected, failures = model.all(act)
            assert answers.results == expected
            assert [origin.plugin for origin in answers.origins] == [f"p{place}" for place in expected]
            assert [(failure.plugin, failure.cause) for failure in answers.failures] == failures
            assert {failure.tenant for failure in answers.failures} <= {ctx.scope.id}
            assert work.host.stage.running is None
        await work.host.settle()

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()


@given(
    lists=st.lists(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 9)), max_size=6), max_size=4),
)
def test_merging_keeps_the_first_of_each_key_in_order(lists: list[list[tuple[str, int]]]) -> None:
    panels = [[workshop.Panel(key=key, number=number) for key, number in one] for one in lists]
    merged = merge(panels)
    flat = [panel for one in panels for panel in one]
    assert [panel.key for panel in merged] == list(dict.fromkeys(panel.key for panel in flat))
    assert all(panel == next(one for one in flat if one.key == panel.key) for panel in merged)
