"""The lists there are, and what each says of itself: the search and saved views know them by this alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.context import Actor, ScopeKind
from core.text import Text


@dataclass(frozen=True, slots=True)
class Listing:
    """A page that lists.

    ``title`` names it where it is not on its own page. ``search`` is what its address needs so
    that it looks in all its rows for the words in ``q``, such as ``{"state": "all"}``; a list
    without ``q`` has none and is not searched.
    """

    title: Text
    search: Mapping[str, str] | None = None


LISTINGS: dict[tuple[ScopeKind, str], tuple[Listing, str | None]] = {}
"""Every list with its permission, by the kind of scope that has it and its path; filled as pages are declared."""


def declare(kinds: Iterable[ScopeKind], path: str, listing: Listing, permission: str | None) -> None:
    """Make a list known. Raises ``TypeError`` for a path that stands for more than one page."""
    if "{" in path:
        raise TypeError(f"{path}: a list has one address; what it lists stands after the question mark")
    for kind in kinds:
        LISTINGS[kind, path] = (listing, permission)


def listing_at(kind: ScopeKind, path: str, actor: Actor) -> Listing | None:
    """Return the list at ``path`` in scopes of ``kind``, if there is one that ``actor`` may open."""
    listing, permission = LISTINGS.get((kind, path), (None, None))
    return listing if permission is None or actor.may_at_all(permission) else None
