"""Lists that come in pages: the pages together are the list, every row once, with the same filters."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from auth.schemas import ListSeats
from auth.service import list_seats
from core.events.worker import drain
from core.missions.calls import create_call, list_calls
from core.missions.schemas import CallIn, ListCalls
from core.nominations.candidacies import list_candidacies
from core.nominations.candidacy_schemas import ListCandidacies
from core.nominations.reading import list_nominations
from core.nominations.schemas import ListNominations
from core.returns.program import list_program_returns
from core.returns.reading import list_returns
from core.returns.schemas import ListReturns
from core.use_cases.declaration import UseCase
from core.workforce.schemas import ListRuns
from core.workforce.service import list_runs
from tests.way import AGENCY, OPENED, STARTS, World

Listed = tuple[str, str, UseCase[Any, Any], Any, str, str]
LISTS: list[Listed] = [
    ("ipob", "planner", list_calls, ListCalls(state="all"), "calls", "id"),
    (AGENCY, "coordinator", list_nominations, ListNominations(state="all"), "nominations", "id"),
    (AGENCY, "coordinator", list_nominations, ListNominations(state="all", q="unway"), "nominations", "id"),
    ("ipob", "selection", list_candidacies, ListCandidacies(state="all"), "candidacies", "id"),
    ("ipob", "selection", list_candidacies, ListCandidacies(agency=AGENCY), "candidacies", "id"),
    (AGENCY, "coordinator", list_returns, ListReturns(state="all"), "returns", "id"),
    ("ipob", "support", list_program_returns, ListReturns(state="all"), "returns", "tour_id"),
    (AGENCY, "administrator", list_seats, ListSeats(), "seats", "id"),
    (AGENCY, "hr_clerk", list_runs, ListRuns(), "runs", "id"),
]


@pytest.fixture(scope="module")
async def stages(world: World) -> None:
    """Several of everything that is listed."""
    planner = await world.ipob("planner")
    for day in (18, 19, 19):
        data = CallIn(mission_id=str(world.mission), closes_on=OPENED.replace(day=day), tour_starts_on=STARTS)
        await world.cast.run(planner, create_call, data, on=OPENED)
    for stage in ("draft", "nominated", "nominated", "assessment"):
        await world.at(stage)
    for _ in range(3):
        await world.at("ended", left_on=date(2026, 10, 20))
    assembly = world.cast.assembly
    scopes = [(await world.cast.scope(slug)).id for slug in (AGENCY, "ipob")]
    await drain(assembly.database, assembly.context, assembly.clock, only=scopes)  # it opens the return files


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: f"{one[0]}-{one[4]}")
@pytest.mark.usefixtures("stages")
async def test_the_pages_together_are_the_list(world: World, listed: Listed) -> None:
    scope, role, case, asked, rows, key = listed
    ctx = await world.cast.ctx(scope, role)

    async def page(**changes: Any) -> tuple[list[UUID], UUID | None]:
        found = await world.cast.run(ctx, case, msgspec.structs.replace(asked, **changes))
        return [getattr(one, key) for one in getattr(found, rows)], found.next

    whole, none_left = await page()
    assert none_left is None
    assert whole
    seen: list[UUID] = []
    after: UUID | None = None
    while True:
        ids, after = await page(after=after, limit=2)
        assert len(ids) <= 2
        seen += ids
        if after is None:
            break
    assert seen == whole
    assert await page(after=UUID(int=1)) == ([], None) or case is list_runs
