"""Every use case about one subject with a life, on a row in each state: guard, use case, database and matrix agree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
import pytest

from auth.matrix.cells import NOBODY, StateCell
from auth.matrix.deriving import state_cells
from auth.matrix.who import held
from core.context import ScopeKind
from core.database import embedded
from core.database.rooms import load_models
from core.database.tables import TableClass
from core.use_cases.declaration import DECLARED
from core.use_cases.lifecycle import LIFECYCLES, Lifecycle, Transition
from core.web.pages import Post
from core.web.routes import PREFIX, Route
from tests.matrix.asking import made_for, send
from tests.matrix.telling import table_of
from tests.matrix.test_guard_and_service import Findings, declared_for, status_of
from tests.matrix.trial import DONE, Trial
from tests.reporting import FIGURE
from tests.wall.conftest import superuser

pytestmark = pytest.mark.http

FEWEST = 40
"""Steps of a life that use cases take on these rows; the others need more than a row: a decision, a paper."""

REPORTS = {"deployments.report_movement"}
"""Use cases that ask whether a step follows and leave it to IPOB, who is told, to take it."""


@pytest.fixture
async def rows(server: embedded.Server, worker_id: str) -> AsyncIterator[Any]:
    """A connection past every policy to the rows that are told of."""
    async with superuser(server, f"contingent_fields_{worker_id}") as connection:
        yield connection


@asynccontextmanager
async def in_state(rows: Any, subject: str, state: str) -> AsyncIterator[None]:
    """Let every row of a subject be in one state of its life until the block ends."""
    table = table_of(subject)
    before = [tuple(row) for row in await rows.fetch(f'SELECT id, state FROM "{table}"')]
    await rows.execute(f'UPDATE "{table}" SET state = $1', state)
    try:
        yield
    finally:
        await rows.executemany(f'UPDATE "{table}" SET state = $2 WHERE id = $1', before)


@contextmanager
def steps_asked() -> Iterator[list[tuple[str, str]]]:
    """Collect the steps that use cases ask a subject's life for, by their names, until the block ends."""
    asked: list[tuple[str, str]] = []
    find = Lifecycle.find

    def found(life: Lifecycle, name: str) -> Transition:
        asked.append((life.subject, name))
        return find(life, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lifecycle, "find", found)
        yield asked


def unlike(tried: Iterable[StateCell]) -> list[StateCell]:
    """Leave out who differs from another in no permission that the subject's room or life asks for."""
    kept: dict[tuple[Any, ...], StateCell] = {}
    for one in tried:
        cell, life = one.cell, LIFECYCLES[one.subject]
        asked = {case.permission for case in DECLARED.values() if case.room == cell.address.room}
        asked |= {name for transition in life.transitions for name in transition.permissions} | {
            cell.address.permission or ""
        }
        names = asked | {f"{name}:own" for name in asked}
        had = frozenset(names & held(cell.kind, cell.who, cell.address.surface))
        # A form of the same use case asks nothing else of the state than its route, which comes first.
        known = (cell.address.use_case, one.subject, one.state, cell.kind, cell.relation, cell.allowed)
        kept.setdefault((*known, cell.who == NOBODY, had), one)
    return list(kept.values())


def owner_of(subject: str) -> ScopeKind:
    """Return the kind of scope whose rows a subject's are."""
    table = load_models().tables[table_of(subject)]
    return "program" if table.info["class"] is TableClass.PROGRAM else "agency"


def inputs(trial: Trial, one: StateCell, sent: Route | Post) -> Iterator[dict[str, Any]]:
    """Yield what an address is sent: where it names a step, each step of the life in turn."""
    made = made_for(trial, sent.use_case, sent.pattern, owner_of(one.subject), one.cell.kind)
    taken = msgspec.structs.fields(sent.use_case.input)
    given = {"reason": "Because."} if any(field.name == "reason" for field in taken) else {}
    if one.cell.allowed and "step" in made:
        for transition in LIFECYCLES[one.subject].transitions:
            yield made | given | {"step": transition.name}
    else:
        yield made


async def try_states(trial: Trial, tried: Iterable[StateCell]) -> Findings:
    """Try cells of addresses about a subject in the state that its rows are in, and return what does not agree."""
    routes = {f"{one.method} {PREFIX}{one.pattern}": one for one in trial.whole.routes}
    findings = Findings(trial)
    for one in tried:
        route = routes.get(f"{one.cell.address.method} {one.cell.address.pattern}")
        sent = route or declared_for(one.cell, trial.whole.posts)
        for values in inputs(trial, one, sent):
            await try_state(findings, one, sent, values)
    return findings


async def try_state(findings: Findings, one: StateCell, sent: Route | Post, values: dict[str, Any]) -> None:
    """Try one cell with one input: a route over HTTP and without it, what a form does without the page it is on."""
    trial, cell, life = findings.trial, one.cell, LIFECYCLES[one.subject]
    trial.taken()
    answer = await send(trial, cell, sent, values) if isinstance(sent, Route) else None
    findings.saw(cell, trial.taken(), let_in=None, asks=False)
    with steps_asked() as asked:
        served = await trial.served(cell, sent.use_case, values)
    findings.saw(cell, trial.taken(), let_in=None, asks=False)
    if answer is not None:
        findings.compare(cell, status_of(answer), served, f"in {one.state} ")
    status, said = (status_of(answer), answer.text) if answer is not None else (served, "")
    steps = [step for step in life.transitions if (life.subject, step.name) in asked]
    named = [step for step in life.transitions if step.name == values.get("step")]
    # A step that asks for more than the address does, or for which there is another address, is judged by itself.
    if all(cell.address.permission in step.permissions for step in (*steps, *named)):
        findings.judge(cell, status, said, f"in {one.state} the guard")
    findings.met["tried"] += 1
    if served == DONE:
        had = held(cell.kind, cell.who, cell.address.surface)
        for step in steps:
            own = {f"{name}:own" for name in step.permissions} if cell.relation == "own" else set[str]()
            may = cell.address.use_case in REPORTS or not had.isdisjoint({*step.permissions, *own})
            findings.expect(cell, may, f"in {one.state}: {step.name} is done, which asks for {step.permission}")
            findings.expect(
                cell, one.state in step.sources, f"in {one.state}: {step.name} is done, which begins elsewhere"
            )
            findings.met[f"done {one.subject} {step.name}"] += 1


async def test_in_every_state_guard_use_case_and_database_agree(
    telling: Trial, rows: Any, record_property: Callable[[str, object], None]
) -> None:
    cells = list(state_cells(telling.whole.site))
    tried, found, met = unlike(cells), [], set[str]()
    times = 0
    for life in LIFECYCLES.values():
        for state in life.states:
            here = [one for one in tried if (one.subject, one.state) == (life.subject, state)]
            async with in_state(rows, life.subject, state):
                findings = await try_states(telling, here)
            found += findings.found
            times += findings.met["tried"]
            met |= {key for key in findings.met if key.startswith("done ")}
    assert len(met) >= FEWEST, "fewer use cases than before find a row that they can move"
    if found:
        pytest.fail(f"{len(found)} findings:\n" + "\n".join(found), pytrace=False)
    record_property(
        FIGURE,
        f"authorisation matrix, states: {len(cells)} cells of address, state, role and relation, {times} tries of the "
        f"{len(tried)} that differ; {len(met)} steps of a life done; 0 disagreements",
    )


async def test_a_step_from_the_wrong_state_is_noticed(telling: Trial, rows: Any) -> None:
    tried = [
        one
        for one in state_cells(telling.whole.site)
        if (one.subject, one.state, one.cell.who, one.cell.address.use_case)
        == ("mission", "closed", "planner", "missions.move_mission")
    ]
    assert tried
    with pytest.MonkeyPatch.context() as patch:
        find = Lifecycle.find
        everywhere = frozenset(LIFECYCLES["mission"].states)
        patch.setattr(
            Lifecycle, "find", lambda life, name: msgspec.structs.replace(find(life, name), sources=everywhere)
        )
        async with in_state(rows, "mission", "closed"):
            assert (await try_states(telling, tried)).found
    async with in_state(rows, "mission", "closed"):
        assert (await try_states(telling, tried)).found == []
