"""Moves along a lifecycle against a reference model that is nothing but a dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ManualClock
from core.context import Actor, Ctx, Scope
from core.errors import Conflict, ContingentError, Forbidden, Invalid, Refused
from core.text import t
from core.use_cases.lifecycle import LIFECYCLES, Lifecycle, Transition, move

STATES = ("draft", "open", "closed", "gone")
MODEL = {
    # name: (from, to, permission, needs a reason)
    "open": ({"draft"}, "open", "call.write", False),
    "close": ({"open"}, "closed", "call.close", False),
    "reopen": ({"closed"}, "open", "call.close", True),
    "drop": ({"draft", "open"}, "gone", "call.drop", True),
}
CALL = Lifecycle(
    "toy_call",
    {state: t(state.capitalize()) for state in STATES},
    "draft",
    tuple(
        Transition(name, t(name), frozenset(sources), target, permission, needs_reason)
        for name, (sources, target, permission, needs_reason) in MODEL.items()
    ),
)
del LIFECYCLES["toy_call"]  # It is nobody's: what reads all lives must not meet it.
SCOPE = Scope(uuid4(), "program", "ipob", "IPOB", "DGOMIP")


@dataclass
class Row:
    state: str = "draft"
    version: int = 1
    note: str = ""
    id: UUID = field(default_factory=uuid4)
    tenant_id: UUID = SCOPE.id


class Session:
    def __init__(self, row: Row) -> None:
        self.row = row

    async def flush(self) -> None:
        self.row.version += 1


class Work:
    """A unit of work that keeps what is written in lists."""

    def __init__(self, row: Row, permissions: set[str], expected: int | None = None) -> None:
        self.ctx = Ctx(
            SCOPE,
            Actor(uuid4(), "A. Planner", permissions=frozenset(permissions), officer_id=SCOPE.id),
            ManualClock(datetime(2026, 3, 1, tzinfo=UTC)),
        )
        self.session, self.expected, self.on = Session(row), expected, date(2026, 3, 1)
        self.lines: list[tuple[str, Any, Any]] = []
        self.events: list[str] = []

    def require(self, permission: str, *, owner: UUID | None = None, at_all: bool = False) -> None:
        if not self.ctx.actor.may(permission, owner=owner):
            raise Forbidden(permission)

    def check_version(self, row: Row) -> None:
        if self.expected is not None and self.expected != row.version:
            raise Conflict

    async def audit(self, action: str, subject: object, *, before: Any, after: Any, reason: str | None) -> None:
        self.lines.append((action, before, after))

    async def emit(self, event: str, subject: object, *, tenant: UUID) -> None:
        self.events.append(event)


def expected_error(
    state: str, step: str, permissions: set[str], *, seen: int | None, version: int, reason: str
) -> type:
    sources, _, permission, needs_reason = MODEL[step]
    if permission not in permissions:
        return Forbidden
    if seen is not None and seen != version:
        return Conflict
    if state not in sources:
        return Refused
    return Invalid if needs_reason and not reason.strip() else type(None)


every_permission = sorted({str(permission) for _, _, permission, _ in MODEL.values()})
attempts = st.lists(
    st.tuples(
        st.sampled_from(sorted(MODEL)),
        st.sets(st.sampled_from(every_permission), min_size=1),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(["", "  ", "Because."]),
    ),
    max_size=12,
)


@given(attempts)
async def test_every_sequence_of_moves_ends_where_the_model_says(
    steps: list[tuple[str, set[str], int | None, str]],
) -> None:
    row, lines, events = Row(), 0, 0
    state = "draft"
    for step, permissions, behind, reason in steps:
        seen = None if behind is None else row.version - behind
        work = Work(row, permissions, seen)
        wanted = expected_error(state, step, permissions, seen=seen, version=row.version, reason=reason)
        got = await _error_of(work, row, step, reason)
        assert type(got) is wanted
        if got is None:
            before, state = state, str(MODEL[step][1])
            lines, events = lines + 1, events + 1
            assert work.lines == [(f"toy_call.{step}", {"state": before}, {"state": state, "on": work.on})]
        assert row.state == state
        assert len(work.lines) == len(work.events) == (got is None)


async def _error_of(work: Work, row: Row, step: str, reason: str) -> ContingentError | None:
    try:
        await move(work, row, CALL, step, reason=reason)  # type: ignore[arg-type]
    except ContingentError as error:
        return error
    return None


@given(st.sampled_from(STATES), st.sets(st.sampled_from(every_permission)))
def test_what_is_offered_is_what_would_be_allowed(state: str, permissions: set[str]) -> None:
    actor = Actor(uuid4(), "A. Planner", permissions=frozenset(permissions))
    offered = {transition.name for transition in CALL.offered(state, actor)}
    assert offered == {
        name for name, (sources, _, permission, _) in MODEL.items() if state in sources and permission in permissions
    }


async def test_a_refusal_says_from_where_it_would_be_possible() -> None:
    row = Row(state="gone")
    with pytest.raises(Refused) as caught:
        await move(Work(row, {"call.drop"}), row, CALL, "drop", reason="x")  # type: ignore[arg-type]
    assert "Gone" in str(caught.value.text)
    assert str(caught.value.remedy) == "It is possible from: Draft, Open."


async def test_changes_are_told_with_what_was_there_before() -> None:
    row = Row(note="old")
    work = Work(row, {"call.write"})
    await move(work, row, CALL, "open", changes={"note": "new"})  # type: ignore[arg-type]
    assert row.note == "new"
    assert work.lines == [
        ("toy_call.open", {"state": "draft", "note": "old"}, {"state": "open", "on": work.on, "note": "new"})
    ]


async def test_an_unknown_step_is_a_fault_that_names_the_steps_there_are() -> None:
    row = Row()
    with pytest.raises(Invalid) as caught:
        await move(Work(row, set()), row, CALL, "fly")  # type: ignore[arg-type]
    assert str(caught.value.faults[0].text) == "Choose one of: open, close, reopen, drop."


async def test_the_holder_of_an_own_permission_moves_only_what_is_theirs() -> None:
    row, other = Row(), uuid4()
    with pytest.raises(Forbidden):
        await move(Work(row, {"call.write:own"}), row, CALL, "open", owner=other)  # type: ignore[arg-type]
    await move(Work(row, {"call.write:own"}), row, CALL, "open", owner=SCOPE.id)  # type: ignore[arg-type]
    assert row.state == "open"


def test_a_life_is_declared_once() -> None:
    made = Lifecycle("toy_call", {"draft": t("Draft")}, "draft", ())
    with pytest.raises(TypeError, match="declared twice"):
        Lifecycle("toy_call", {"draft": t("Draft")}, "draft", ())
    assert LIFECYCLES.pop("toy_call") is made
