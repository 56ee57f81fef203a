"""For every cell the guard's answer, the use case's own and the database's agree with the matrix and one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import httpx
import pytest
from msgspec import structs

from auth.matrix.cells import Cell
from auth.matrix.deriving import INSIDE, addresses, cells, cells_of
from auth.matrix.who import API, held
from core.context import Actor
from core.database import sessions
from core.database.roles import AGENCY, HEALTH, IDENTITY, PUBLIC, role_for
from core.use_cases.declaration import DECLARED
from core.web.pages import Page, Post
from core.web.routes import PREFIX, Route
from tests.matrix.asking import look, made_for, send, send_form, sides
from tests.matrix.trial import DONE, NOT_SIGNED_IN, REFUSED, STUMBLED, WALLED, Seen, Trial
from tests.reporting import FIGURE

pytestmark = pytest.mark.http

NOTHING = 404
RULED_OUT = 409
"""Let in, and told by a rule what would allow it."""
FAULTY = 422
"""Let in, and told what is wrong with what was sent."""
OUTCOMES = {DONE: "done", NOTHING: "not found", RULED_OUT: "conflict"}
"""What becomes of those whom the matrix lets in."""
OUTSIDE = {IDENTITY, PUBLIC}
"""Roles of the database that see nothing of any scope: the limiter's, and the list of scopes."""

D = TypeVar("D", Page, Post)


class Findings:
    """What did not agree, and how often what was met."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.found: list[str] = []
        self.met = Counter[str]()

    def expect(self, cell: Cell, true: bool, what: str) -> None:
        if not true:
            who = cell.who if cell.relation == "any" else f"{cell.who} ({cell.relation})"
            self.found.append(f"{cell.kind} {who}: {cell.address.method} {cell.address.pattern}: {what}")

    def judge(self, cell: Cell, status: int, said: str, by: str) -> None:
        """Compare one answer with the cell."""
        refused = status in (NOT_SIGNED_IN, REFUSED)
        self.expect(cell, status != WALLED, f"{by} is let in, and the database refuses it")
        self.expect(cell, status == WALLED or status < STUMBLED, f"{by} fails: {status}")
        if cell.allowed:
            self.met[OUTCOMES.get(status, "otherwise")] += 1
        if cell.relation == "other":
            named = status in (REFUSED, NOTHING)
            lists = cell.address.use_case in LISTS or (
                cell.address.surface == "page" and "{" not in cell.address.pattern[len(INSIDE) :]
            )
            listed = lists and status in (DONE, RULED_OUT) and str(self.trial.row(cell)) not in said
            self.expect(cell, named or listed, f"{by} lets somebody else in: {status}")
        elif cell.allowed and cell.address.narrowed and (refused or status == RULED_OUT):
            self.met[f"narrowed {cell.address.use_case or cell.address.pattern}"] += 1
        else:
            self.expect(cell, refused != cell.allowed, f"{by} answers {status}")

    def compare(self, cell: Cell, status: int, served: int, where: str = "", *, upload: bool = False) -> None:
        """Compare the guard's answer with the use case's own, which does not ask whether anybody is signed in.

        ``upload``: a file is asked for, which is not sent.
        """
        same = served == (REFUSED if status == NOT_SIGNED_IN else status)
        told = upload and status == FAULTY and served != REFUSED
        hidden = cell.address.use_case in SHOWN_AGAIN and (status, served) == (NOTHING, RULED_OUT)
        self.expect(cell, same or told or hidden, f"{where}the guard answers {status}, the use case {served}")
        self.met["compared"] += 1
        self.met["same"] += same

    def saw(self, cell: Cell, seen: Iterable[Seen], *, let_in: bool | None, asks: bool = True) -> None:
        """Compare what the database says of each transaction with the cell's scope and side.

        ``asks``: whether an input that is refused as such, before the database is asked, would be a fault.
        """
        own, side = self.trial.scope(cell), cell.address.side
        inside = [one for one in seen if one.role not in OUTSIDE]
        for one in inside:
            self.expect(cell, one.tenant == str(own.id), f"the database has the rows of {one.tenant}")
            self.expect(cell, one.role in self.roles(cell), f"the database is asked as {one.role}")
            self.expect(cell, one.health == (one.role == HEALTH), f"{one.role} reads health's tables: {one.health}")
        if side == "health" and let_in is not None:
            healthy = any(one.role == HEALTH for one in inside)
            self.expect(cell, healthy == let_in, f"the database was asked as health: {healthy}")
        asks = asks and cell.allowed and cell.address.use_case not in UNASKED
        self.expect(cell, bool(inside) or not asks, "is allowed, and the database is asked for nothing")
        self.met["transactions"] += len(inside)

    def roles(self, cell: Cell) -> set[str]:
        """Return as which roles the database may be asked: as health's for health's use cases alone."""
        ordinary = {role_for(cell.kind)}
        if cell.address.surface in API:
            return {*ordinary, HEALTH} if cell.address.side == "health" else ordinary
        # A page and what follows on a form show health's part to whoever has it, or their own to whose it is.
        healthy = {case.permission for case in DECLARED.values() if case.health}
        may = {one.removesuffix(":own") for one in held(cell.kind, cell.who, cell.address.surface)}
        return {*ordinary, HEALTH} if healthy & may else ordinary

    def report(self, what: str) -> None:
        if self.found:
            pytest.fail(f"{len(self.found)} findings:\n" + "\n".join(self.found), pytrace=False)
        assert self.met["done"] >= FEWEST[what], "fewer than before find a row that they can work with"


UNASKED = {"approvals.choose_chain"}
"""Use cases that refuse what these inputs name, a kind of case that there is not, before they ask for anything."""

FEWEST = {"routes": 944, "forms": 632, "pages": 658}
"""How many of those whom the matrix lets in get done what they came for, guard and use case counted apart.

About 95 of 100 of what these rows reach. Fewer: a row or an input has lost its meaning, and what both sides
refuse alike shows nothing of whether they agree.
"""

SHOWN_AGAIN = {"member.add_passkey"}
"""Use cases whose form, which tells the rule, is on a page that is not there for whoever the rule keeps out."""

LISTS = {
    "personnel.list_officers",
    "nominations.list_nominations",
    "nominations.list_interests",
    "deployments.list_tours",
    "deployments.my_tours",
    "returns.list_returns",
    "member.own_access",
    "member.print_codes",
    "member.passkey_to_make",
    "member.add_passkey",
    "member.begin_passkey",
    "member.rename_passkey",
    "member.drop_passkey",
}
"""Use cases that give or change what is one's own and leave the rest out, instead of refusing."""


def kept(trial: Trial, surface: str) -> list[Cell]:
    """Return the cells of one surface."""
    return [cell for cell in cells(trial.whole.site) if cell.address.surface == surface]


def narrowed(tried: Iterable[Cell]) -> set[str]:
    """Return what is to be met where, of those whom the matrix lets in, something else must hold besides."""
    return {f"narrowed {one.address.use_case}" for one in tried if one.allowed and one.address.narrowed}


def status_of(answer: httpx.Response) -> int:
    """Return a status in which every success is one, and being sent to sign in is 401."""
    if answer.status_code == 303 and answer.headers["location"].startswith("/t/"):
        return NOT_SIGNED_IN
    return DONE if answer.status_code < 400 else answer.status_code


async def try_routes(trial: Trial, tried: Iterable[Cell]) -> Findings:
    """Try cells of the API, over HTTP and without it, and return what does not agree."""
    routes = {f"{one.method} {PREFIX}{one.pattern}": one for one in trial.whole.routes}
    findings = Findings(trial)
    for cell in as_whom(trial, tried):
        route = routes[f"{cell.address.method} {cell.address.pattern}"]
        values, status, said = await guarded(trial, cell, route)
        let_in = status not in (NOT_SIGNED_IN, REFUSED)
        findings.saw(cell, trial.taken(), let_in=let_in)
        findings.judge(cell, status, said, "the guard")
        served = await trial.served(cell, route.use_case, values)
        findings.saw(cell, trial.taken(), let_in=let_in)
        findings.judge(cell, served, "", "the use case")
        findings.compare(cell, status, served)
    return findings


async def test_on_every_route_guard_use_case_and_database_agree(
    trial: Trial, record_property: Callable[[str, object], None]
) -> None:
    tried = kept(trial, "api")
    findings = await try_routes(trial, tried)
    findings.report("routes")
    assert narrowed(tried) <= set(findings.met)
    record_property(FIGURE, figure("routes", tried, findings))


async def test_what_only_a_person_does_is_open_to_no_token_by_matrix_or_use_case(trial: Trial) -> None:
    forms = [one for one in addresses(trial.whole.site) if one.in_person]
    wrong, met = list[str](), set[str | None]()
    for form in forms:
        post = next(one for one in trial.whole.posts if one.use_case.key == form.use_case)
        for cell in cells_of(structs.replace(form, surface="api")):
            values = made_for(trial, post.use_case, post.pattern, cell.kind, cell.kind)
            served = await trial.served(cell, post.use_case, values)
            if cell.allowed or served not in (REFUSED, RULED_OUT):
                wrong.append(f"{cell.kind} {cell.who}: {form.use_case}: {cell.allowed}, {served}")
            met.add(form.use_case if served == RULED_OUT else None)
    assert wrong == []
    assert met - {None} == {case.key for case in DECLARED.values() if case.in_person}
    assert [one.pattern for one in forms if one.surface == "api"] == []


async def test_on_every_form_guard_use_case_and_database_agree(
    trial: Trial, record_property: Callable[[str, object], None]
) -> None:
    findings, tried = Findings(trial), kept(trial, "form")
    for cell in as_whom(trial, tried):
        post = declared_for(cell, trial.whole.posts)
        trial.taken()
        for side in sides(cell):
            values = made_for(trial, post.use_case, post.pattern, side, cell.kind)
            answer = await send_form(trial, cell, post, values)
            if answer.status_code != NOTHING:
                break
        status = status_of(answer)
        findings.saw(cell, trial.taken(), let_in=None)
        findings.judge(cell, status, answer.text, "the guard")
        served = await trial.served(cell, post.use_case, values)
        findings.saw(cell, trial.taken(), let_in=served != REFUSED)
        findings.judge(cell, served, "", "the use case")
        findings.compare(cell, status, served, upload=post.upload is not None)
    findings.report("forms")
    assert narrowed(tried) <= set(findings.met)
    record_property(FIGURE, figure("forms", tried, findings))


async def test_on_every_page_guard_and_database_agree(
    trial: Trial, record_property: Callable[[str, object], None]
) -> None:
    findings, tried = Findings(trial), kept(trial, "page")
    for cell in as_whom(trial, tried):
        page = declared_for(cell, trial.whole.pages)
        trial.taken()
        for side in sides(cell):
            answer = await look(trial, cell, page, side)
            if answer.status_code != NOTHING:
                break
        status = status_of(answer)
        findings.saw(cell, trial.taken(), let_in=None)
        findings.judge(cell, status, answer.text, "the page")
    findings.report("pages")
    record_property(FIGURE, figure("pages", tried, findings))


def declared_for(cell: Cell, declared: Sequence[D]) -> D:
    """Return the page or form at the cell's address for its kind of scope."""
    pattern = cell.address.pattern.removeprefix(INSIDE) or "/"
    return next(one for one in declared if one.pattern == pattern and cell.kind in kinds_of(one))


def kinds_of(declared: Page | Post) -> Collection[str]:
    return declared.scopes if isinstance(declared, Post) else declared.pages.scopes


async def guarded(trial: Trial, cell: Cell, route: Route) -> tuple[dict[str, Any], int, str]:
    """Return what the API is sent and what it answers, as a status and a text."""
    trial.taken()
    for side in sides(cell):
        values = made_for(trial, route.use_case, route.pattern, side, cell.kind)
        answer = await send(trial, cell, route, values)
        if answer.status_code != NOTHING:
            break
    return values, status_of(answer), answer.text


def as_whom(trial: Trial, tried: Iterable[Cell]) -> Iterator[Cell]:
    """Yield cells for whoever the rows speak of, and where that is not enough to be let in for a stranger too."""
    for cell in tried:
        yield cell
        if cell.allowed and cell.address.narrowed and cell.address.surface not in API:
            trial.stranger = True
            yield cell
            trial.stranger = False


def figure(what: str, tried: list[Cell], findings: Findings) -> str:
    told = ", ".join(f"{findings.met[outcome]} {outcome}" for outcome in (*OUTCOMES.values(), "otherwise"))
    compared, met = findings.met["compared"], findings.met["same"]
    same = f"guard and use case compared {compared} times, {met} the same answer; " if compared else ""
    return (
        f"authorisation matrix, {what}: {len(tried)} cells, {findings.met['transactions']} transactions; "
        f"{same}of whom the matrix lets in: {told}; {len(findings.found)} disagreements"
    )


def always(answer: object) -> Callable[..., object]:
    return lambda *_, **__: answer


MUTANTS: dict[str, tuple[object, str, object]] = {
    "the guard lets everybody in": (Actor, "may_at_all", always(True)),
    "the guard lets nobody in": (Actor, "may_at_all", always(False)),
    "what is one's own is everybody's": (Actor, "may", always(True)),
    "health's part is read as the scope": (sessions, "role_for", always(AGENCY)),
    "everything is read as health": (sessions, "role_for", always(HEALTH)),
}
"""What is broken: where, its name, and what stands there instead."""


@pytest.mark.parametrize("what", MUTANTS)
async def test_a_break_is_noticed(trial: Trial, what: str) -> None:
    where, name, broken = MUTANTS[what]
    tried = [
        cell
        for cell in kept(trial, "api")
        if cell.kind == "agency" and cell.address.room == "returns" and cell.who in {"coordinator", "health", "member"}
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, name, broken)
        assert (await try_routes(trial, tried)).found
    assert (await try_routes(trial, tried)).found == []
