"""Whatever the application answers is in the matrix, or is an entrance with its reason; nothing else is in either."""

from __future__ import annotations

import pytest

from auth.matrix.cells import NOBODY, SEATED
from auth.matrix.deriving import PLURALS, addresses, cells, declared, in_order, state_cells, steps
from auth.matrix.entrances import ENTRANCES
from auth.matrix.who import WAYS, comers
from auth.roles import ROLES
from core.context import LANGUAGES, SCOPE_KINDS
from core.use_cases.lifecycle import LIFECYCLES
from tests.matrix.trial import Trial


@pytest.mark.http
async def test_the_application_answers_where_the_matrix_or_an_entrance_says_so_and_nowhere_else(trial: Trial) -> None:
    told = {address.place for address in addresses(trial.whole.site)}
    told |= {place for entrance in ENTRANCES for place in entrance.places}
    served = {
        (str(method), shape(route.path))
        for route in trial.whole.ring.app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    assert served - told == set(), "name these in auth/matrix/entrances.py, with who comes there and why"
    assert told - served == set(), "nothing answers here any more: take them out of auth/matrix/entrances.py"


def shape(path: str) -> str:
    """Return the address of a handler as the matrix writes it, without the parameters' names."""
    first, *rest = path.rstrip("/").split("/")[1:] or [""]
    parts = ["{}" if first in LANGUAGES else first, *rest]
    return "/" + "/".join("{}" if part.startswith("{") else part for part in parts)


@pytest.mark.http
async def test_the_matrix_that_is_written_down_is_that_of_the_application(trial: Trial) -> None:
    assert addresses(declared()) == addresses(trial.whole.site)


def test_every_address_has_a_cell_for_everybody_who_may_come() -> None:
    made = declared()
    met = {(cell.address, cell.kind, cell.who) for cell in cells(made)}
    wanted = {
        (address, kind, who)
        for address in addresses(made)
        for kind in in_order(address.scopes)
        for who in comers(kind, address.surface)
    }
    assert met == wanted


def test_whoever_may_come_is_known_or_not_and_has_a_role_or_one_of_the_narrower_ways() -> None:
    for kind in SCOPE_KINDS:
        assert {*comers(kind, "page"), *comers(kind, "api")} - WAYS.keys() == {NOBODY, SEATED, *ROLES[kind]}
    assert {who for kind in SCOPE_KINDS for one in ("api", "page", "form") for who in comers(kind, one)} >= WAYS.keys()


def test_every_address_lets_somebody_in() -> None:
    made = declared()
    open_ones = {cell.address for cell in cells(made) if cell.allowed}
    assert set(addresses(made)) - open_ones == set(), "nobody who can come here may: take it away"


def test_every_step_of_a_life_can_be_taken_by_somebody_from_each_state_it_begins_in() -> None:
    declared()
    open_to = {(step.subject, step.name, step.state) for step in steps() if step.allowed}
    wanted = {
        (life.subject, one.name, state)
        for life in LIFECYCLES.values()
        for one in life.transitions
        for state in one.sources
    }
    assert wanted - open_to == set()


def test_every_life_is_met_at_the_addresses_of_its_subject() -> None:
    met = {one.subject for one in state_cells(declared())}
    assert set(LIFECYCLES) - met == set(), "name these in PLURALS of auth/matrix/deriving.py, as their routes do"
    assert set(PLURALS.values()) == set(LIFECYCLES), "these have no life"


def test_an_entrance_says_who_and_why() -> None:
    assert [one.pattern for one in ENTRANCES if not (one.who and one.why)] == []
