"""Who comes to an address, and what they hold there: a role by signing in or by a token, or one of the narrower ways.

``auth.callers`` decides this for each request. Here it is said of each role and way once, and a
test asks ``auth.callers`` for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from auth.matrix.cells import BREAK_GLASS, LINK, MEMBER_ACCESS, NOBODY, READ_ONLY, SEATED, Surface
from auth.roles import BY_LINK, EVERYBODY, MANAGES, MEMBER, OF_ONES_OWN, ROLES, permissions_of
from core.context import SCOPE_KINDS, ScopeKind
from core.text import Text, t

SCREENS: frozenset[Surface] = frozenset({"page", "form"})
API: frozenset[Surface] = frozenset({"api"})


@dataclass(frozen=True, slots=True)
class Way:
    """A way in that gives something else than a role does to whoever has signed in, or has a token, with it.

    ``roles``: those in which whoever comes so acts. ``gives``: the permissions they hold. Both by the kind of
    scope, of which only ``kinds`` have this way.
    """

    title: Text
    surfaces: frozenset[Surface]
    kinds: frozenset[ScopeKind]
    roles: Callable[[ScopeKind], frozenset[str]]
    gives: Callable[[ScopeKind], frozenset[str]]


def _every_role(kind: ScopeKind) -> frozenset[str]:
    return frozenset(ROLES[kind])


def _answerable(kind: ScopeKind) -> frozenset[str]:
    return frozenset({MANAGES[kind]})


WAYS: Mapping[str, Way] = {
    READ_ONLY: Way(
        t("a read-only token"),
        API,
        frozenset(SCOPE_KINDS),
        _every_role,
        lambda kind: permissions_of(kind, _every_role(kind)),
    ),
    MEMBER_ACCESS: Way(
        t("member access"),
        SCREENS,
        frozenset({"agency"}),
        lambda _: frozenset({MEMBER}),
        lambda _: OF_ONES_OWN,
    ),
    BREAK_GLASS: Way(
        t("a break-glass account"),
        SCREENS,
        frozenset(MANAGES),
        _answerable,
        lambda kind: permissions_of(kind, _answerable(kind)) | EVERYBODY,
    ),
    LINK: Way(
        t("an approval link"),
        SCREENS,
        frozenset({"agency"}),
        _every_role,
        lambda _: BY_LINK,
    ),
}
"""The narrower ways. A read-only token and whoever comes by a link stand here with every role at once."""


def everybody(kind: ScopeKind) -> list[str]:
    """Return who may come to an address of a scope of ``kind``: nobody known, a seat, and each role."""
    return [NOBODY, SEATED, *ROLES[kind]]


def comers(kind: ScopeKind, surface: Surface) -> list[str]:
    """Return the same and the ways by which somebody else comes to this surface."""
    return everybody(kind) + [key for key, way in WAYS.items() if kind in way.kinds and surface in way.surfaces]


def roles_of(kind: ScopeKind, who: str) -> frozenset[str]:
    """Return the roles in which ``who`` acts."""
    return WAYS[who].roles(kind) if who in WAYS else frozenset({who}) - {NOBODY, SEATED}


def held(kind: ScopeKind, who: str, surface: Surface = "page") -> frozenset[str]:
    """Return the permissions of ``who``; a seat without a role has what every seat has, and a token has no seat."""
    if who in WAYS:
        return WAYS[who].gives(kind)
    given = permissions_of(kind, roles_of(kind, who))
    return given if who == NOBODY or surface in API else given | EVERYBODY
