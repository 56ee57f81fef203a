"""Whoever comes by a real session, token or link is the somebody whom the matrix tells of and is tried with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auth import callers
from auth.matrix.cells import NOBODY, SEATED
from auth.matrix.who import comers
from auth.roles import EVERYBODY, permissions_of
from core.context import SCOPE_KINDS, Actor, Scope, ScopeKind
from core.database.sessions import tenant_session
from tests.matrix.arriving import Came, Door, the_callers
from tests.platform import Platform
from tests.reporting import FIGURE

SAID = ("id", "kind", "roles", "permissions", "officer_id", "reads_only", "only")
"""What of somebody decides what they may."""


@pytest.fixture
async def came(platform: Platform) -> list[Came]:
    """Everybody who may come, in every kind of scope; a token without a role there is not."""
    doors = [Door(platform, await platform.scope(kind)) for kind in SCOPE_KINDS]
    return [
        await door.let_in(who, surface)
        for door in doors
        for surface in ("api", "page")
        for who in comers(door.scope.kind, surface)
        if who != NOBODY and (who, surface) != (SEATED, "api")
    ]


async def compared(platform: Platform, came: list[Came]) -> list[str]:
    """Return in what those who came are not whom the matrix takes them for."""
    known, wrong = the_callers(platform), list[str]()
    for one in came:
        async with tenant_session(platform.ctx(one.scope), read_only=True) as session:
            caller = await known.caller(session, one.scope, one.credential)
        whom = f"{one.scope.kind} {one.who} ({one.surface})"
        if caller is None:
            wrong.append(f"{whom}: is not let in")
            continue
        for name in SAID[1:] if one.surface == "api" else SAID:  # A program's id is its own.
            real, told = getattr(caller.actor, name), getattr(one.told, name)
            if real != told:
                said = sorted(real ^ told) if isinstance(real, frozenset) else (real, told)
                wrong.append(f"{whom}: {name}: {said}")
        if one.told.ruled - one.told.meets - (caller.actor.ruled - caller.actor.meets):
            wrong.append(f"{whom}: is not asked to prove anew who they are")
    return wrong


async def test_whoever_really_comes_holds_what_the_matrix_says(
    platform: Platform, came: list[Came], record_property: Callable[[str, object], None]
) -> None:
    wrong = await compared(platform, came)
    if wrong:
        pytest.fail(f"{len(wrong)} findings:\n" + "\n".join(wrong), pytrace=False)
    record_property(
        FIGURE, f"authorisation matrix, real callers: {len(came)} sessions, tokens and links; 0 disagreements"
    )


def _with_all_of_the_role(row: Any, scope: Scope, roles: frozenset[str]) -> frozenset[str]:
    return permissions_of(scope.kind, roles) | EVERYBODY


def _with_one_more(kind: ScopeKind, roles: frozenset[str]) -> frozenset[str]:
    return permissions_of(kind, roles) | {"view.keep"}


MUTANTS: dict[str, tuple[str, Any]] = {
    "what every seat has is not given": ("EVERYBODY", frozenset[str]()),
    "a token has what a seat has": ("permissions_of", _with_one_more),
    "member access and a link give what the roles do": ("_given", _with_all_of_the_role),
    "everybody acts in the roles of their seat": ("_counted", lambda row, _: frozenset(row.roles or ())),
    "a token that only reads changes things": ("Actor", lambda **said: Actor(**said | {"reads_only": False})),
    "breaking the glass opens one's own file": ("BREAK_GLASS", "otherwise"),
    "a link opens every case": ("Actor", lambda **said: Actor(**said | {"only": None})),
}
"""What is broken in ``auth.callers``: its name, and what stands there instead."""


async def test_a_caller_who_holds_something_else_is_noticed(platform: Platform, came: list[Came]) -> None:
    for what, (name, broken) in MUTANTS.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(callers, name, broken)
            assert await compared(platform, came), what
    assert await compared(platform, came) == []
