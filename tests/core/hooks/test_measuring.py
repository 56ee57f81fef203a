"""What is counted of calls: percentiles against a sorted list, and every way in which a call can end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Ctx, Rejected
from core.hooks.dispatch import TIMED
from core.hooks.measuring import (
    BOUNDS,
    FAILED,
    FORGOTTEN,
    UNTIMED,
    Counted,
    Measures,
    bucket_of,
    calls_in,
    percentile,
)
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Panel, Workshop, plugin

SECONDS = st.floats(0, 4000, allow_nan=False)
WIDER = 2**0.25
"""Each bucket is so much wider than the one before."""


@given(st.lists(SECONDS, min_size=1, max_size=200), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_percentile_is_the_bound_of_the_bucket_in_which_the_sorted_list_has_it(
    taken: list[float], share: float
) -> None:
    found = percentile(Counter(map(bucket_of, taken)), share)
    right = sorted(taken)[ceil(share * len(taken)) - 1]
    assert found is not None
    if right > BOUNDS[-1]:
        assert found == BOUNDS[-1]
    else:
        assert right <= found
        assert found == BOUNDS[0] or found < right * WIDER * 1.000001


@given(st.lists(SECONDS, max_size=50), st.integers(0, 9), st.integers(0, 9))
def test_failures_and_what_was_not_timed_change_the_number_of_calls_and_no_percentile(
    taken: list[float], failed: int, untimed: int
) -> None:
    timed = Counter(map(bucket_of, taken))
    counts = timed | Counter({FAILED: failed, UNTIMED: untimed})
    assert percentile(counts, 0.95) == percentile(timed, 0.95)
    assert calls_in(counts) == len(taken) + untimed


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({FAILED: 3, UNTIMED: 3}, 0.5) is None


@given(SECONDS, SECONDS)
def test_a_longer_call_is_never_in_an_earlier_bucket(one: float, other: float) -> None:
    assert (bucket_of(one) <= bucket_of(other)) or one > other


def test_a_tally_that_somebody_holds_is_counted_batch_after_batch_and_dropped_when_long_idle() -> None:
    measures, of = Measures(), Counted(workshop.NAMES, "one", "1.0", "findings")
    held = measures.tally(of)
    for batch in range(3):
        held.taken.append(0.001 * (batch + 1))
        held.failures += 1
        (measured,) = measures.collect()
        assert (measured.of, measured.calls, measured.failures) == (of, 1, 1)
    for _ in range(FORGOTTEN):
        assert measures.collect() == []
    assert measures.tally(of) is held
    measures.collect()
    assert measures.tally(of) is not held


async def findings(ctx: Ctx, number: int, word: str) -> int | None:
    if word == "wait":
        await asyncio.sleep(0)
    if word == "hang":
        await asyncio.Event().wait()
    if word == "raise":
        raise ValueError
    return "nonsense" if word == "nonsense" else number  # type: ignore[return-value] # on purpose


def panels(ctx: Ctx, number: int) -> list[Panel]:
    if number < 0:
        raise ValueError
    return []


async def authorize_it(ctx: Ctx, number: int) -> bool | None:
    raise Rejected({"en": "No.", "fr": "Non."})


async def chain(ctx: Ctx, number: int) -> list[Panel] | None:
    return None if number == 0 else [Panel(key="a")]


async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
    for _ in range(number):
        yield Panel(key="a")


async def counted(work: Workshop) -> dict[str, tuple[int, int, int]]:
    """Return, by hook, the calls, those that were timed, and the failures of the one batch that there is."""
    await work.host.settle()
    ((_, notes),) = work.records.notes
    work.records.notes.clear()
    return {one.of.hook: (one.calls, one.calls - one.buckets.get(UNTIMED, 0), one.failures) for one in notes.measured}


@pytest.mark.parametrize(("word", "failures"), [("", 0), ("wait", 0), ("raise", 1), ("hang", 1), ("nonsense", 1)])
async def test_every_call_is_counted_once_however_it_ends(word: str, failures: int) -> None:
    work = Workshop(plugin("one", findings), plugin("two", findings, version="2.0"))
    await work.tenant("a").hooks.all(workshop.findings, number=1, word=word)
    await work.host.settle()
    ((tenant, notes),) = work.records.notes
    assert tenant == work.tenant("a").scope.id
    assert [(one.of.plugin, one.of.version, one.calls, one.failures) for one in notes.measured] == [
        ("one", "1.0", 1, failures),
        ("two", "2.0", 1, failures),
    ]


async def test_a_refusal_is_an_answer_and_no_answer_where_one_is_due_is_a_failure() -> None:
    work = Workshop(plugin("one", authorize_it, chain, panels, pages))
    hooks = work.tenant("a").hooks
    with pytest.raises(Rejected):
        await hooks.all(workshop.authorize_it, number=1)
    for number in (0, 1):
        await hooks.one("one", workshop.chain, number=number)
        await hooks.all(workshop.panels, number=number - 1)
    assert [page async for page in hooks.stream("one", workshop.pages, number=2)]
    assert await counted(work) == {
        "authorize_it": (1, 0, 0),
        "chain": (2, 2, 1),
        "panels": (2, 1, 1),
        "pages": (3, 3, 0),
    }


async def test_a_hook_asked_again_and_again_is_timed_at_first_and_counted_to_the_end() -> None:
    work = Workshop(plugin("one", panels, findings))
    hooks = work.tenant("a").hooks
    for _ in range(TIMED + 7):
        await hooks.all(workshop.panels, number=1)
        await hooks.all(workshop.findings, number=1, word="")
    assert await counted(work) == {"panels": (TIMED + 7, TIMED, 0), "findings": (TIMED + 7, TIMED, 0)}


async def test_a_plugin_that_rests_is_not_counted_and_its_breakers_openings_are_kept() -> None:
    work = Workshop(plugin("one", findings))
    ctx = work.tenant("a")
    for _ in range(7):
        await ctx.hooks.all(workshop.findings, number=1, word="raise")
    assert ctx.hooks.breaker("one") == "open"
    await work.host.settle()
    ((_, notes),) = work.records.notes
    assert [(one.calls, one.failures) for one in notes.measured] == [(5, 5)]
    assert [(one.plugin, one.hook, one.cause, one.suspended) for one in notes.openings] == [
        ("one", "findings", "raised", False)
    ]
