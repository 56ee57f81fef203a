"""What works on when no call is under way in it is ended, with one line at each plugin that was there; nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from contingent import Ctx
from core.context import Language
from core.extensions.schemas import FailureOut
from core.extensions.tables import failures_table
from core.hooks.answers import Failure
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.overtime import BEHIND, EVERY, REST, STEP, Ask, Overtime
from core.hooks.sandbox.starting import make_controls
from core.hooks.sandbox.zygote import LARGEST_REQUEST, Question, Request
from core.hooks.titles import BETWEEN
from core.web.tables import Noted
from tests.core.hooks.sandbox.conftest import QUIET, Cell, until
from tests.core.hooks.sandbox.pack import BEHIND_ITS_ANSWER
from tests.core.hooks.sandbox.test_attacks import text_of
from tests.core.hooks.sandbox.test_hosts import PLUGIN, gone, said

MakeCell = Callable[[str, str], Cell]
HOST, PROCESS = "ours/place", 11
STEPS = round(BEHIND / STEP)


class Machine:
    """One host that works as the test says, at a time that it sets, and processes of core's that answer so too."""

    def __init__(self) -> None:
        self.now, self.used = 100.0, 3.0
        self.overtime: Overtime[str] = Overtime(lambda: self.now, lambda _: self.used)
        self.overtime.begin(HOST, PROCESS)

    def look(self, *, worked: float = STEP, after: float = STEP) -> Ask[str] | None:
        """Look once more; return who is asked, if anybody is."""
        self.now += after
        self.used += worked
        asked = self.overtime.look()
        assert len(asked) <= 1
        return asked[0] if asked else None

    def answer(self, ask: Ask[str], way: str, *, rested: bool = True, plugins: tuple[str, ...] = ()) -> bool:
        return self.overtime.answer(HOST, ask.turn, way, rested=rested, plugins=plugins)

    def step(self, *, busy: str | None = None, after: float = STEP) -> bool:
        """Let it work a step, of which all but ``busy`` say that it was none of theirs; say whether it is ended."""
        ask = self.look(after=after)
        assert ask is not None
        return [self.answer(ask, way, rested=way != busy) for way in ask.ways][-1]


@pytest.fixture
def machine() -> Machine:
    found = Machine()
    for way in ("web", "worker"):
        found.overtime.lead(HOST, way)
    return found


def test_who_works_on_for_nobody_is_ended_after_five_seconds_of_it(machine: Machine) -> None:
    assert [machine.step() for _ in range(STEPS)] == [False] * (STEPS - 1) + [True]


def test_one_call_in_one_of_several_processes_makes_a_step_somebodys(machine: Machine) -> None:
    assert not any(machine.step(busy=("web", "worker")[number % 2]) for number in range(5 * STEPS))
    assert [machine.step() for _ in range(STEPS)][-1], "and what comes after it is nobody's again"


def test_calls_between_its_steps_do_not_hide_who_works_on(machine: Machine) -> None:
    found = [machine.step(busy="web" if number % 2 else None) for number in range(2 * STEPS)]
    assert found.index(True) == 2 * STEPS - 2


def test_a_call_under_way_keeps_a_host_that_would_be_ended(machine: Machine) -> None:
    for _ in range(STEPS - 1):
        machine.step()
    ask = machine.look()
    assert ask is not None
    assert not machine.answer(ask, "web", rested=False)
    assert not machine.answer(ask, "worker"), "whichever answers last"


def test_nothing_is_decided_before_all_have_answered_and_nobody_is_asked_twice_meanwhile(machine: Machine) -> None:
    for _ in range(STEPS - 1):
        machine.step()
    ask = machine.look()
    assert ask is not None
    assert not machine.answer(ask, "web")
    assert not machine.answer(ask, "web"), "one answer of each"
    assert machine.look(worked=BEHIND) is None
    assert not machine.answer(ask._replace(turn=ask.turn - 1), "worker"), "an answer to another question"
    assert machine.answer(ask, "worker")


def test_who_does_not_answer_is_asked_anew_and_what_was_meanwhile_counts_for_nothing(machine: Machine) -> None:
    assert machine.look() is not None
    assert machine.look(worked=BEHIND, after=REST - STEP) is None
    anew = machine.look()
    assert anew is not None
    assert not any(machine.answer(anew, way) for way in anew.ways)
    assert [machine.step() for _ in range(STEPS)] == [False] * (STEPS - 1) + [True]


def test_what_is_done_while_they_answer_is_nobodys(machine: Machine) -> None:
    for _ in range(STEPS - 2):
        machine.step()
    ask = machine.look()
    assert ask is not None
    machine.used += BEHIND
    assert not any(machine.answer(ask, way) for way in ask.ways)
    assert machine.look(worked=0) is None


def test_who_is_led_there_meanwhile_has_a_call_there(machine: Machine) -> None:
    for _ in range(STEPS - 1):
        machine.step()
    ask = machine.look()
    assert ask is not None
    machine.overtime.lead(HOST, "another")
    assert not any(machine.answer(ask, way) for way in ask.ways)
    assert machine.step()


def test_a_process_that_is_gone_is_waited_for_no_longer(machine: Machine) -> None:
    ask = machine.look()
    assert ask is not None
    machine.overtime.leave("web")
    assert not machine.answer(ask, "worker")
    assert [machine.step() for _ in range(STEPS - 1)][-1]
    machine.overtime.leave("worker")
    assert machine.look() is None, "with the last way the host ends by itself"


def test_who_rests_between_begins_anew(machine: Machine) -> None:
    for _ in range(STEPS - 1):
        machine.step()
    assert not machine.step(after=REST)
    assert [machine.step() for _ in range(STEPS - 1)][-1]


def test_nobody_is_asked_of_a_host_that_hardly_works_or_before_it_is_time(machine: Machine) -> None:
    assert machine.look(worked=STEP / 2) is None
    assert machine.look(after=EVERY / 2) is None
    assert machine.overtime.wait() == pytest.approx(EVERY / 2)
    assert machine.look(worked=0, after=EVERY / 2) is not None
    machine.overtime.end(HOST)
    assert machine.overtime.wait() is None


def test_it_is_known_who_had_which_plugins_taken_in(machine: Machine) -> None:
    ask = machine.look()
    assert ask is not None
    machine.answer(ask, "worker", plugins=("one", "other"))
    assert machine.overtime.plugins(HOST) == {"worker": {"one", "other"}}


class Played:
    """A zygote that is played over a real way: the host stands, and the test asks of it."""

    def __init__(self, real: Hosts, cell: Cell) -> None:
        ((self._ours, self.theirs),) = make_controls(1)
        self.theirs.setblocking(False)
        self._real, self._turn = real, 0
        real._control, self._control = self._ours, real._control
        self._ours.setblocking(False)

    def ask(self, key: str) -> Request:
        """Return what core's process answers of the host by now."""
        self._turn += 1
        self.theirs.send(msgspec.msgpack.encode(Question(key, self._turn)))
        self._real._listen()
        answer = msgspec.msgpack.decode(self.theirs.recv(LARGEST_REQUEST), type=Request)
        assert (answer.wanted, answer.key, answer.turn) == ("answer", key, self._turn)
        return answer

    def end(self) -> None:
        self._real._control = self._control
        self._ours.close()
        self.theirs.close()


@pytest.mark.sandbox
async def test_a_process_says_whether_it_had_a_call_since_it_was_asked(hosts: Hosts, make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    (key,) = [one for one in hosts._ways if one.startswith(str(ctx.scope.id))]
    played = Played(hosts, cell)
    try:
        first, second = played.ask(key), played.ask(key)
        assert (first.rested, second.rested) == (False, True)
        assert first.plugins == second.plugins == ("witness",)
        asked = asyncio.create_task(cell.ask(ctx, QUIET))
        await until(lambda: not hosts._ways[key].idle)
        assert [played.ask(key).rested for _ in range(2)] == [False, False], "a call is under way"
        assert (await asked).failures
        await hosts._ways[key].settle()
        assert [played.ask(key).rested for _ in range(2)] == [False, True], "one was when it was asked"
        await said(cell, ctx)
        assert [played.ask(key).rested for _ in range(2)] == [False, True], "a call was over before it was asked"
        assert played.ask("of nobody").rested
    finally:
        played.end()


async def failures_of(cell: Cell, ctx: Ctx) -> list[Failure]:
    """Return the lines at the tenant's plugins, once they are written."""
    await cell.host.settle()
    return [one for one, _ in cell.records.failures if one.tenant == ctx.scope.id]


@pytest.mark.sandbox
async def test_what_computes_on_behind_its_answer_is_ended_with_one_line_and_everybody_goes_on(
    make_cell: MakeCell,
) -> None:
    cell = make_cell("attacker", text_of(BEHIND_ITS_ANSWER[0]))
    ours, theirs = cell.tenant("attacked"), cell.tenant("beside")
    assert (await cell.ask(theirs, QUIET)).results
    (answer,) = (await cell.ask(ours)).results
    await asyncio.to_thread(gone, int(answer.reason["en"].rpartition(" ")[2]))
    while not await failures_of(cell, ours):  # noqa: ASYNC110 - what the zygote says comes after the host's end
        await asyncio.sleep(0)
    (failure,) = await failures_of(cell, ours)
    assert (failure.plugin, failure.hook, failure.cause) == ("attacker", BETWEEN, "overtime")
    assert failure.error == "something in its sandbox worked 5 seconds with no call under way, and was ended with it"
    lines = [line for tenant, notes in cell.records.notes for line in notes.lines if tenant == ours.scope.id]
    assert [(line.cause, line.hook, line.message) for line in lines] == [("overtime", BETWEEN, failure.error)]
    for ctx in (ours, theirs):
        assert (await cell.ask(ctx, QUIET)).results
    assert await failures_of(cell, ours) == [failure]
    assert not await failures_of(cell, theirs)
    assert cell.host.health.troubled == {}, "a breaker could punish one plugin for another's work"


@pytest.mark.sandbox
async def test_of_several_plugins_in_one_host_each_has_the_line_and_it_names_all(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    cell.host.note_overtime(f"{ctx.scope.id}/place", ("witness", "other"))
    found = await failures_of(cell, ctx)
    assert [one.plugin for one in found] == ["witness", "other"]
    assert {one.error.partition("; ")[2] for one in found} == {"one of those in it: other, witness"}


@pytest.mark.sandbox
async def test_of_a_tenant_that_this_process_never_asked_for_there_is_nothing_to_write(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    cell.host.note_overtime(f"{ctx.scope.id}/place", ("witness",))
    assert not await failures_of(cell, ctx)


@pytest.mark.parametrize(("language", "title"), [("en", "Between calls"), ("fr", "Entre les appels")])
def test_the_plugins_page_says_what_went_on_between_calls(language: Language, title: str) -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    line = FailureOut(hook=BETWEEN, cause="overtime", detail="something", count=1, first_at=at, last_at=at)
    (row,) = failures_table([line], language).rows
    assert row["hook"] == Noted(title, BETWEEN)
    assert str(row["cause"]) == "Something in its sandbox worked on after the answers"
