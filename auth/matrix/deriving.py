"""The matrix, derived: from the addresses that the rooms declared, the roles, and the lives of the subjects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from auth.matrix.cells import LINK, NOBODY, READ_ONLY, Address, Cell, Relation, StateCell, Step, Surface
from auth.matrix.who import API, WAYS, comers, everybody, held
from auth.roles import ROLES
from core.app import ROOMS, furnish
from core.context import SCOPE_KINDS, ScopeKind
from core.hooks.kernel import Kernel
from core.use_cases.declaration import UseCase
from core.use_cases.lifecycle import LIFECYCLES, Transition
from core.web.pages import Pages
from core.web.public_pages import PublicPages
from core.web.routes import PREFIX, Route
from core.web.site import Addresses

INSIDE = "/{language}/{scope}"
"""Before the pattern of every page and form of a scope."""


PLURALS = {
    "agencies": "agency",
    "approvals": "approval_case",
    "calls": "call",
    "candidacies": "candidacy",
    "interests": "interest",
    "missions": "mission",
    "nominations": "nomination",
    "providers": "identity_provider",
    "relinking": "relink",
    "relinks": "relink",
    "returns": "return",
    "runs": "hr_run",
    "tours": "tour",
}
"""What routes and pages call the subjects that have a life."""


@dataclass(slots=True)
class Declared:
    """What the rooms declare, without a process that answers there."""

    pages: list[Pages] = field(default_factory=list)
    public_pages: list[PublicPages] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


def declared() -> Declared:
    """Load every room and return what they declare."""
    made = Declared()
    furnish(made, (*ROOMS, *Kernel("tenants.plugin", "auth.plugin").routes()))
    return made


def addresses(site: Addresses) -> list[Address]:
    """Return every address of ``site`` at which a use case or a page of a scope answers."""
    return [*_routes(site), *_pages(site), *_forms(site)]


def cells(site: Addresses) -> Iterator[Cell]:
    """Yield the matrix: each address for each who, in each kind of scope that has the address."""
    for address in addresses(site):
        yield from cells_of(address)


def cells_of(address: Address) -> Iterator[Cell]:
    """Yield the part of the matrix that one address is."""
    for kind in in_order(address.scopes):
        for who in comers(kind, address.surface):
            for relation, allowed in _may_at(address, kind, who):
                yield Cell(address, kind, who, relation, allowed)


def steps() -> Iterator[Step]:
    """Yield each step of each subject's life, from each state, for each role of the scopes where some role may take it.

    The rooms must be loaded: ``declared`` does.
    """
    for life in LIFECYCLES.values():
        for transition in life.transitions:
            for kind in kinds_of(transition):
                for who in everybody(kind)[1:]:
                    for relation, allowed in _may(held(kind, who), transition.permissions):
                        for state in life.states:
                            may = allowed and state in transition.sources
                            yield Step(life.subject, transition.name, state, kind, who, relation, may)


def state_cells(site: Addresses) -> Iterator[StateCell]:
    """Yield the cells of every route and form about one subject with a life, once for each state it may be in.

    Without the narrower ways: by none of them does anybody hold more of a life than some role does.
    """
    for cell in cells(site):
        subject = subject_of(cell.address)
        if subject is not None and cell.who not in WAYS:
            for state in LIFECYCLES[subject].states:
                yield StateCell(cell, subject, state)


def subject_of(address: Address) -> str | None:
    """Return the subject with a life whose one row is called or sent to: that after whose plural an id stands."""
    parts = address.pattern.removeprefix(PREFIX).removeprefix(INSIDE).strip("/").split("/")
    named = next((place for place, after in pairwise(parts) if after.startswith("{")), None)
    return PLURALS.get(named or "") if address.use_case else None


def kinds_of(transition: Transition) -> list[ScopeKind]:
    """Return the kinds of scope in which some role may take the step."""
    names = {name for one in transition.permissions for name in (one, f"{one}:own")}
    return [kind for kind in SCOPE_KINDS if any(role.permissions & names for role in ROLES[kind].values())]


def in_order(kinds: frozenset[ScopeKind]) -> list[ScopeKind]:
    """Return kinds of scope in the order in which they are always told."""
    return [kind for kind in SCOPE_KINDS if kind in kinds]


def _may_at(address: Address, kind: ScopeKind, who: str) -> list[tuple[Relation, bool]]:
    """Say what ``who`` may do at an address; where no permission is asked for, to be signed in is enough."""
    if address.permission is None:
        return [("any", who not in (NOBODY, LINK))]
    to_tokens = address.surface in API
    if (to_tokens and address.in_person) or (who == READ_ONLY and address.method != "GET"):
        return [("any", False)]
    return _may(held(kind, who, address.surface), (address.permission,), owning=not to_tokens)


def _may(had: frozenset[str], permissions: tuple[str, ...], *, owning: bool = True) -> list[tuple[Relation, bool]]:
    """Say what one of ``permissions`` lets whoever ``had`` them do. ``owning``: whether anything is their own."""
    if had.isdisjoint(permissions) and any(f"{one}:own" in had for one in permissions):
        return [("own", True), ("other", False)] if owning else [("other", False)]
    return [("any", not had.isdisjoint(permissions))]


def _routes(site: Addresses) -> Iterator[Address]:
    for route in site.routes:
        case = route.use_case
        yield _doing(case, "api", route.method, PREFIX + route.pattern, room=case.room, scopes=case.scopes)


def _pages(site: Addresses) -> Iterator[Address]:
    for room in site.pages:
        for page in room.shown:
            pattern = INSIDE + page.pattern.rstrip("/")
            narrowed = page.narrowed.id if page.narrowed else ""
            scopes = frozenset(room.scopes)
            yield Address("page", "GET", pattern, room.name, scopes, page.permission, narrowed=narrowed)


def _forms(site: Addresses) -> Iterator[Address]:
    for room in site.pages:
        for post in room.posted:
            pattern = INSIDE + post.pattern.rstrip("/")
            yield _doing(post.use_case, "form", "POST", pattern, room=room.name, scopes=post.scopes)


def _doing(
    case: UseCase[Any, Any], surface: Surface, method: str, pattern: str, *, room: str, scopes: frozenset[ScopeKind]
) -> Address:
    return Address(
        surface,
        method,
        pattern,
        room,
        scopes,
        case.permission,
        case.key,
        side="health" if case.health else "scope",
        narrowed=case.narrowed.id if case.narrowed else "",
        apart=case.cases is not None,
        in_person=case.in_person is not None,
    )
