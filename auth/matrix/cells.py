"""What the matrix is made of: addresses, who comes to one, and one cell for each of both."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.context import ScopeKind

Surface = Literal["api", "page", "form"]
Relation = Literal["any", "own", "other"]
Side = Literal["scope", "health"]

NOBODY = "nobody"
"""Who is not signed in."""
SEATED = "seated"
"""Who is signed in and holds no role."""
READ_ONLY, MEMBER_ACCESS, BREAK_GLASS, LINK = "read_only", "member_access", "break_glass", "link"
"""Who comes by a token that changes nothing, by their own way to their own file, by two halves, by an approval link."""


class Address(msgspec.Struct, frozen=True):
    """Where something is read or done: a route of the API, a page, or a form that is sent.

    ``pattern`` is the whole address, ``/{language}/{scope}`` in front of a page's or form's.
    ``permission`` is what the guard asks for (``None``: to be signed in is enough). ``use_case``
    is the key of what is done; a page, which reads through several, has none. ``side``: of
    which role of the database the use case needs the session. ``narrowed``: in words
    (the sentence to translate), what else must hold for who may. ``apart``: nobody does it on a case that they
    touched for an agency. ``in_person``: no token does it, so that it has no place on the API.
    """

    surface: Surface
    method: str
    pattern: str
    room: str
    scopes: frozenset[ScopeKind]
    permission: str | None
    use_case: str | None = None
    side: Side = "scope"
    narrowed: str = ""
    apart: bool = False
    in_person: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Method and address, the parameters without their names: what a request is told apart by."""
        parts = ["{}" if part.startswith("{") else part for part in self.pattern.split("/")]
        return self.method, "/".join(parts)


class Cell(msgspec.Struct, frozen=True):
    """One field of the matrix: whether ``who`` (a role's key, or one of those above) may in a scope of ``kind``.

    ``relation``: for all there is, or, where the role gives it for what is one's own alone, for one's own and
    for somebody else's. To a program nothing is its own.
    """

    address: Address
    kind: ScopeKind
    who: str
    relation: Relation
    allowed: bool


class Step(msgspec.Struct, frozen=True):
    """Whether ``who`` may take the step ``name`` of a subject's life while it is in ``state``."""

    subject: str
    name: str
    state: str
    kind: ScopeKind
    who: str
    relation: Relation
    allowed: bool


class StateCell(msgspec.Struct, frozen=True):
    """A cell of an address that is about one subject with a life, while that subject is in ``state``."""

    cell: Cell
    subject: str
    state: str
