"""Roles and what is asked for agree: nothing is asked for that nobody has, nothing is given that nobody asks for."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from auth.roles import BY_LINK, EVERYBODY, ROLES
from core.context import ScopeKind
from core.documents.purposes import PURPOSES
from core.use_cases.declaration import DECLARED
from core.use_cases.lifecycle import Lifecycle
from core.web.pages import Pages
from tests.contracts.sources import ROOT

UNHELD: dict[ScopeKind, set[str]] = {
    # A commander's seat is given with the mission and managed where it is given.
    "mission": {"seat.read", "seat.manage", "audit.read", "document.read"},
    "department": {"document.read"},
    "platform": {"document.read"},
}
"""What a kind of scope could do, and nobody there may."""
ASKING = {"may", "may_at_all", "require"}


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    return [
        importlib.import_module(module.name)
        for package in ("core", "tenants", "auth")
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if ".migrations" not in module.name and not module.name.endswith("__main__")
    ]


@pytest.fixture(scope="module")
def asked(modules: list[ModuleType]) -> dict[str, str]:
    """Return each permission that something asks for, and who asks."""
    found = {case.permission: case.key for case in DECLARED.values()}
    found |= {purpose.permission: f"document {purpose.key}" for purpose in PURPOSES.values()}
    for module in modules:
        for thing in vars(module).values():
            if isinstance(thing, Lifecycle):
                found |= {one.permission: f"{thing.subject} {one.name}" for one in thing.transitions}
            elif isinstance(thing, Pages):
                found |= {page.permission: f"{thing.name}{page.pattern}" for page in thing.shown if page.permission}
                found |= {nav.permission: f"{thing.name} {nav.path}" for nav in thing.nav if nav.permission}
        found |= dict.fromkeys(asked_within(module), module.__name__)
    return found


def asked_within(module: ModuleType) -> Iterator[str]:
    """Yield the permissions, named by a constant, that a module's code asks an actor for."""
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            match node.args:
                case [ast.Name(id=name), *_] if isinstance(value := getattr(module, name, None), str):
                    yield value


def given() -> dict[ScopeKind, dict[str, set[str]]]:
    """Return by kind of scope which roles hold each permission, for all or for their own."""
    found: dict[ScopeKind, dict[str, set[str]]] = {kind: defaultdict(set) for kind in ROLES}
    for kind, roles in ROLES.items():
        for key, role in roles.items():
            for permission in role.permissions:
                found[kind][permission.removesuffix(":own")].add(key)
    return found


def test_whatever_is_asked_for_is_given_by_some_role(asked: dict[str, str]) -> None:
    held = {one for roles in ROLES.values() for role in roles.values() for one in role.permissions}
    everything = held | {permission.removesuffix(":own") for permission in held} | EVERYBODY | BY_LINK
    assert {permission: who for permission, who in asked.items() if permission not in everything} == {}


def test_whatever_a_role_gives_is_asked_for_somewhere(asked: dict[str, str]) -> None:
    idle = {
        f"{kind} {', '.join(sorted(roles))}: {permission}"
        for kind, held in given().items()
        for permission, roles in held.items()
        if permission not in asked and f"{permission}:own" not in asked
    }
    assert idle == set()


def test_in_every_kind_of_scope_somebody_may_do_what_can_be_done_there(modules: list[ModuleType]) -> None:
    held = given()
    lacking = {
        f"{kind}: {case.permission} for {case.key}"
        for case in DECLARED.values()
        for kind in case.scopes
        if case.permission not in held[kind]
        and case.permission not in EVERYBODY | BY_LINK
        and case.permission not in UNHELD.get(kind, set())
    }
    assert lacking == set()


def test_what_is_somebodys_own_is_the_members_alone() -> None:
    owners = {
        key
        for roles in ROLES.values()
        for key, role in roles.items()
        if any(permission.endswith(":own") for permission in role.permissions)
    }
    assert owners == {"member"}


def test_nobody_of_the_programme_may_do_what_only_an_agency_decides() -> None:
    forbidden = {"nomination.release", "approval.decide", "officer.read", "fitness.read", "milestone.complete"}
    assert [key for key, role in ROLES["program"].items() if role.permissions & forbidden] == []


def test_the_operator_has_no_permission_on_content() -> None:
    subjects = {permission.split(".")[0] for permission in ROLES["platform"]["operator"].permissions}
    assert subjects <= {
        "seat",
        "provider",
        "token",
        "audit",
        "security",
        "agency",
        "queue",
        "plugin",
        "breakage",
        "red_button",
        "break_glass",
    }
