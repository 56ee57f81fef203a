"""A plugin that receives health data: its process ends with the call, it has no store, and nothing it says is noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from contingent import Answered, Homecoming, Overview, Tour
from core.hooks.registry import Registry
from core.hooks.specs import check_in_advice, check_in_questions, dashboard_panels
from tests.core.hooks.sandbox.conftest import Cell

MakeCell = Callable[[str, str], Cell]

HEAD = """
import os
from contingent import *
manifest = Manifest(
    name="{name}", version="1.0", title={{"en": "E", "fr": "F"}}, requires="contingent>=1.0,<2",
    data_classes=frozenset({{"health"}}),
)
HEARD = []
"""
KEEPS = (
    HEAD
    + """
@hookimpl
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice] | None:
    HEARD.append(answered.answers)
    heard = f"{{os.getpid()}} {{len(HEARD)}}"
    return [Advice(key="heard", text={{"en": heard, "fr": heard}})]

@hookimpl
def dashboard_panels(ctx: Ctx, overview: Overview) -> list[Panel] | None:
    heard = f"{{os.getpid()}} {{len(HEARD)}}"
    return [Panel(key="heard", title={{"en": heard, "fr": heard}}, parts=[])]
"""
)
STORES = (
    HEAD
    + """
@hookimpl
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice] | None:
    said = []
    for way in (ctx.store.get("a"), ctx.store.put("a", answered.answers), ctx.files.open(answered.homecoming.id)):
        try:
            await way
            said.append("done")
        except PermissionError as error:
            said.append("refused")
    return [Advice(key="said", text={{"en": " ".join(said), "fr": "F"}})]

@hookimpl
async def check_in_questions(ctx: Ctx, homecoming: Homecoming) -> list[Question] | None:
    raise type("SleepsBadly", (Exception,), {{}})
"""
)
TOUR = Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="M", start=date(2026, 1, 1), end=date(2026, 6, 1))
HOME = Homecoming(id=UUID(int=3), tour=TOUR, state="initial")


async def test_what_a_plugin_heard_is_gone_when_it_is_asked_again_or_for_something_else(make_cell: MakeCell) -> None:
    cell = make_cell("keeps", KEEPS.format(name="keeps"))
    ctx = cell.tenant("ours")
    told = []
    for _ in range(2):
        answers = await ctx.hooks.all(check_in_advice, answered=Answered(homecoming=HOME, answers={"sleep": 1}))
        assert not answers.failures
        told.append(answers.results[0][0].text["en"].split())
    shown = await ctx.hooks.all(dashboard_panels, overview=Overview())
    process, heard = shown.results[0][0].title["en"].split()
    assert [one[1] for one in told] == ["1", "1"]
    assert heard == "0"
    assert len({process, *(one[0] for one in told)}) == 3


async def test_it_has_no_store_and_no_files_and_what_its_errors_say_is_not_written_down(make_cell: MakeCell) -> None:
    cell = make_cell("stores", STORES.format(name="stores"))
    ctx = cell.tenant("ours")
    answers = await ctx.hooks.all(check_in_advice, answered=Answered(homecoming=HOME, answers={"sleep": 1}))
    assert answers.results[0][0].text["en"] == "refused refused refused"
    (failure,) = (await ctx.hooks.all(check_in_questions, homecoming=HOME)).failures
    assert (failure.cause, failure.error) == ("raised", "")
    await cell.host.settle()
    assert not cell.records.documents
    assert {(one.cause, one.error) for one, _ in cell.records.failures} == {("withheld", "ctx.files"), ("raised", "")}


@pytest.mark.parametrize("classes", ['"public"', '"agency"'])
def test_a_plugin_that_does_not_say_that_it_receives_health_data_is_not_loaded(classes: str) -> None:
    scope: dict[str, object] = {}
    exec(KEEPS.format(name="hides").replace('"health"', classes), scope)
    broken = Registry().register(type("Hides", (), scope))
    assert broken is not None
    assert "check_in_advice is of health" in broken.error


@pytest.mark.parametrize(
    "more", ['hosts=("a.example",)', 'capabilities=frozenset({"files"})', 'store_fields={"a": "text"}']
)
def test_a_plugin_of_health_that_would_keep_or_send_something_is_not_loaded(more: str) -> None:
    with pytest.raises(ValueError, match="names health"):
        exec(HEAD.format(name="sends").replace("data_classes", f"{more}, data_classes"), {})
