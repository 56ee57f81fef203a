"""Every field that is given out has a class, and nobody is given a value that the class keeps from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from auth.matrix import exceptions, sources
from auth.matrix.cells import Address, Cell, Side
from auth.matrix.deriving import cells_of, declared
from auth.matrix.fields import RISING, class_of, field_cells, fields, givers
from auth.matrix.who import everybody, held
from core.database.tables import DataClass
from core.deployments import reading
from core.use_cases.declaration import DECLARED, UseCase
from core.web.pages import Post
from core.web.routes import PREFIX
from core.web.wording import worded
from tests.matrix.asking import made_for, send, sides
from tests.matrix.telling import Mark, days_of, marks, values
from tests.matrix.test_guard_and_service import kept
from tests.matrix.trial import DONE, Trial
from tests.reporting import FIGURE

EMPTY: tuple[object, ...] = (None, "", [], {})
SEALED = {"approval_links.get_linked_case", "member.passkey_to_make"}
"""Use cases that read what is sealed, or was begun in a browser: no row that is made up here opens."""


def test_every_field_of_every_output_has_a_class() -> None:
    declared()
    assert [one.key for one in fields() if one.data_class is None] == [], "name its column in auth/matrix/sources.py"


def test_nothing_is_said_of_a_field_that_is_not_there() -> None:
    declared()
    keys, outputs, names = ({getattr(one, what) for one in fields()} for what in ("key", "output", "name"))
    assert sources.FIELDS.keys() | exceptions.APART.keys() | exceptions.WITHHELD.keys() | exceptions.HANDED_OUT <= keys
    assert sources.TABLES.keys() | sources.OUTSIDE.keys() <= outputs
    assert sources.NAMES.keys() <= names


def test_health_and_secrets_leave_through_their_own_use_cases_alone() -> None:
    declared()
    through = {one.key: givers()[one.output] for one in fields()}
    health = [one.key for one in fields() if one.data_class is DataClass.HEALTH]
    assert health
    assert [key for key in health if not all(case.health for case in through[key])] == []
    assert {one.key for one in fields() if one.data_class is DataClass.SECRET} == exceptions.HANDED_OUT
    assert [key for key in exceptions.HANDED_OUT if any(case.reads for case in through[key])] == []


class Reader:
    """What was given to whom, and what of it should not have been."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.days = days_of(trial.whole.land)
        self.fields = {one.key: one for one in fields()}
        self.cells = {(one.field.key, one.kind, one.who): one for one in field_cells()}
        self.found: set[str] = set()
        self.filled: set[str] = set()
        self.answered: set[str] = set()
        self.met = Counter[str]()

    def judge(self, cell: Cell, case: UseCase[Any, Any], answer: httpx.Response) -> None:
        """Compare one answer with the rule."""
        said = answer.text
        what = f"{cell.kind} {cell.who} ({cell.relation}): {case.key}"
        for mark in marks(said, self.days):
            if not self.open_to(cell, mark):
                self.found.add(f"{what} says {mark.table}.{mark.column} of {mark.kind}")
        if answer.status_code >= 400 or not answer.content:
            return
        self.answered.add(case.key)
        for output, name, value in values(case.output, answer.json()):
            key = f"{output}.{name}"
            if key in self.fields and value not in EMPTY:
                self.field(cell, key, value, what)

    def open_to(self, cell: Cell, mark: Mark) -> bool:
        """Say whether a value may stand anywhere in an answer to the cell's somebody."""
        of = class_of(f"{mark.table}.{mark.column}")
        if of is DataClass.HEALTH:
            return cell.allowed and cell.address.side == "health" and mark.kind == cell.kind
        if of is DataClass.AGENCY:
            return cell.allowed and cell.relation != "other" and mark.kind == cell.kind
        return of is not DataClass.SECRET

    def field(self, cell: Cell, key: str, value: Any, what: str) -> None:
        """Compare one field that has a value with its class and with who may have it."""
        one, of = self.fields[key], self.cells[key, cell.kind, cell.who]
        self.met["values"] += 1
        if not of.allowed:
            self.found.add(f"{what} gives {key}, which is {one.data_class}: {value!r}")
        for mark in marks(msgspec.json.encode(value).decode(), self.days):
            self.filled.add(key)
            column = class_of(f"{mark.table}.{mark.column}")
            if RISING.index(column) > RISING.index(one.data_class):
                self.found.add(f"{key} is {one.data_class} and holds {mark.table}.{mark.column}, which is {column}")
        apart = exceptions.APART.get(key)
        if apart and value in apart.values:
            self.met[f"{key} told"] += 1
            if apart.permission not in held(cell.kind, cell.who) and cell.relation != "own":
                self.found.add(f"{what} gives {key} = {value!r} without {apart.permission}")


async def ask(trial: Trial, cell: Cell) -> httpx.Response:
    """Ask about a row of one's own scope; where there is none, of the other side's."""
    routes = {f"{one.method} {PREFIX}{one.pattern}": one for one in trial.whole.routes}
    route = routes.get(f"{cell.address.method} {cell.address.pattern}")
    answer, case = httpx.Response(404), DECLARED[str(cell.address.use_case)]
    for side in sides(cell):
        values = made_for(trial, case, cell.address.pattern, side, cell.kind)
        answer = await (send(trial, cell, route, values) if route else worked(trial, cell, case, values))
        if answer.status_code != 404:
            break
    return answer


async def worked(trial: Trial, cell: Cell, case: UseCase[Any, Any], values: dict[str, Any]) -> httpx.Response:
    """Return as an answer what a use case makes for a person, which pages show in parts."""
    status, made = await trial.made(cell, case, values)
    said = worded(made, "en", trial.scope(cell).zone) if status == DONE else None
    return httpx.Response(status, content=msgspec.json.encode(said))


def tried(trial: Trial) -> list[Cell]:
    """Return what is asked: all that reads for everybody, and what changes for whoever may.

    Nothing is a program's own: where something may be somebody's own, a person asks, as where only pages do.
    """
    routed = [cell for cell in kept(trial, "api") if cell.who in everybody(cell.kind)[1:]]
    keys, posts = {cell.address.use_case for cell in routed}, {one.use_case.key: one for one in trial.whole.posts}
    pages = [
        cell
        for case in DECLARED.values()
        for cell in cells_of(at_a_page(case, posts.get(case.key)))
        if cell.who in everybody(cell.kind)[1:] and (cell.relation != "any" or case.key not in keys)
    ]
    return [cell for cell in routed + pages if cell.allowed or cell.address.method == "GET"]


def at_a_page(case: UseCase[Any, Any], post: Post | None) -> Address:
    """Return where a person does something: in a form, or anywhere."""
    method, pattern = "GET" if case.reads else "POST", post.pattern if post else ""
    side: Side = "health" if case.health else "scope"
    return Address("form", method, pattern, case.room, case.scopes, case.permission, case.key, side)


async def read_all(trial: Trial, cells: list[Cell]) -> Reader:
    """Ask every cell and return what was found."""
    reader = Reader(trial)
    for cell in cells:
        reader.judge(cell, DECLARED[str(cell.address.use_case)], await ask(trial, cell))
    return reader


@pytest.mark.http
async def test_nobody_is_given_a_value_that_its_class_keeps_from_them(
    telling: Trial, record_property: Callable[[str, object], None]
) -> None:
    reader = await read_all(telling, tried(telling))
    if reader.found:
        pytest.fail(f"{len(reader.found)} findings:\n" + "\n".join(sorted(reader.found)), pytrace=False)
    reading = {key for key, case in DECLARED.items() if case.reads} - SEALED
    assert reading - reader.answered == set(), "nothing was read: give it an input or a row that it can show"
    assert {f"{key} told" for key in exceptions.APART} <= set(reader.met), (
        "nobody was told: the rows have no such value"
    )
    cells = list(field_cells())
    record_property(
        FIGURE,
        f"authorisation matrix, fields: {len(reader.fields)} fields, {len(cells)} cells of field and role; "
        f"{reader.met['values']} values given, {len(reader.filled)} fields traced to their column; 0 disagreements",
    )


@pytest.mark.http
async def test_a_value_that_gets_out_is_noticed(telling: Trial) -> None:
    asked = ("deployments.get_tour", "auditor")
    cells = [cell for cell in tried(telling) if (cell.address.use_case, cell.who) == asked]
    assert cells
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "told_state", lambda state, _actor: state)
        assert (await read_all(telling, cells)).found
    assert (await read_all(telling, cells)).found == set()
