"""A host that works without a pause gives way to every other, for as long as it does and a little longer."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.hooks.sandbox.turns import BUSY, CALM, EVERY, Turns, may_rank, rank, worked
from tests.contracts.sources import ROOT
from tests.core.hooks.sandbox.conftest import QUIET, Cell

OURS, SECOND, THEIRS = 11, 12, 21


class Machine:
    """Processes that work as the test says, at a time that it sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.used = {OURS: 3.0, SECOND: 1.0, THEIRS: 0.0}
        self.last: dict[int, bool] = {}
        self.turns = Turns(lambda: self.now, lambda process: self.used[process], self._rank)

    def _rank(self, process: int, *, last: bool) -> None:
        self.last[process] = last

    def look(self, *, busy: int | None = None, part: float = BUSY, after: float = EVERY) -> dict[int, bool]:
        """Look once more, ``busy`` having worked for that part of the time; return who was ranked anew."""
        self.last.clear()
        self.now += after
        if busy is not None:
            self.used[busy] += part * after + 1e-9
        self.turns.look()
        return dict(self.last)


@pytest.fixture
def machine() -> Machine:
    found = Machine()
    found.turns.begin(OURS, "ours")
    found.turns.begin(THEIRS, "theirs")
    return found


def test_who_works_most_of_the_time_is_ranked_last_and_nobody_else(machine: Machine) -> None:
    assert machine.look(busy=OURS) == {OURS: True}
    assert machine.look() == {}
    assert machine.look(busy=THEIRS, part=BUSY / 2) == {}


def test_what_it_used_before_it_was_heeded_does_not_count(machine: Machine) -> None:
    assert machine.look() == {}


def test_a_look_before_its_time_is_none(machine: Machine) -> None:
    assert machine.look(busy=OURS, part=10, after=EVERY / 2) == {}
    assert machine.turns.wait() == pytest.approx(EVERY / 2)
    assert machine.look(after=EVERY / 2) == {OURS: True}


def test_it_is_ranked_as_the_others_again_when_it_has_been_calm_for_long(machine: Machine) -> None:
    machine.look(busy=OURS)
    machine.look(busy=OURS)
    assert machine.look(after=CALM - EVERY) == {}
    assert machine.look() == {OURS: False}
    assert machine.look() == {}
    assert machine.look(busy=OURS) == {OURS: True}


def test_a_tenants_next_host_and_its_others_begin_where_the_last_one_was(machine: Machine) -> None:
    machine.look(busy=OURS)
    machine.turns.begin(SECOND, "ours")
    assert machine.last == {OURS: True, SECOND: True}
    assert machine.look(after=CALM) == {OURS: False, SECOND: False}


def test_who_ends_is_not_kept_waiting_for_its_end_and_not_looked_at_any_more(machine: Machine) -> None:
    machine.look(busy=OURS)
    machine.turns.end(OURS)
    assert machine.last == {OURS: False}
    machine.turns.end(THEIRS)
    machine.used.clear()
    assert machine.turns.wait() is None
    assert machine.look() == {}


def test_the_work_of_a_process_is_read_from_the_kernel() -> None:
    before = worked(os.getpid())
    while worked(os.getpid()) == before:
        pass
    assert worked(os.getpid()) > before


def test_a_process_that_is_gone_is_not_ranked() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    rank(child, last=True)


COMPUTES = """
import asyncio, os, threading
from contingent import Ctx, Manifest, NoApproval, Step, Subject, hookimpl

manifest = Manifest(
    name="computes", version="1.0", title={"en": "Computes", "fr": "Calcule"}, requires="contingent>=1.0,<2", tier=2
)


def work():
    while True:
        pass


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    if subject.concerns is None:
        threading.Thread(target=work, daemon=True).start()
    return NoApproval(reason={"en": str(os.getpid()), "fr": "oui"})
"""


@pytest.mark.sandbox
async def test_what_works_on_behind_its_answer_gives_way_where_it_may_and_a_calm_neighbour_does_not(
    make_cell: Callable[[str, str], Cell],
) -> None:
    cell = make_cell("computes", COMPUTES)
    (calm,) = (await cell.ask(cell.tenant("calm"), QUIET)).results
    (busy,) = (await cell.ask(cell.tenant("busy"))).results
    process = int(busy.reason["en"])

    expected = os.SCHED_IDLE if may_rank() else os.SCHED_OTHER

    def given_way() -> int:
        while True:
            threads = [int(one.name) for one in Path(f"/proc/{process}/task").iterdir()]
            if {os.sched_getscheduler(one) for one in threads} == {expected}:
                return len(threads)
            os.sched_yield()

    try:
        assert await asyncio.to_thread(given_way) > 1
        assert os.sched_getscheduler(int(calm.reason["en"])) == os.SCHED_OTHER
    finally:
        os.kill(process, signal.SIGKILL)  # it would take a processor from all tests that come after this one


AS_NOBODY = """
import os
from core.hooks.sandbox.turns import may_rank
print(may_rank())
os.setresuid(65534, 65534, 65534)
print(may_rank())
"""


def test_root_may_rank_and_nobody_else_without_a_limit_that_allows_it() -> None:
    assert may_rank() == (os.geteuid() == 0)
    if os.geteuid() == 0:
        said = subprocess.run([sys.executable, "-c", AS_NOBODY], cwd=ROOT, check=True, capture_output=True, text=True)
        assert said.stdout.split() == ["True", "False"]


def test_where_nobody_may_rank_no_host_is_looked_at() -> None:
    machine = Machine()
    turns = Turns(lambda: machine.now, lambda process: machine.used[process], machine._rank, may_rank=False)
    turns.begin(OURS, "ours")
    assert turns.wait() is None
    turns.end(OURS)
    assert machine.last == {}
