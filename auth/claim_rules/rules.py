"""From what a provider says of somebody to roles: exact text, an allow list, and nothing from a missing claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from auth.relying_party.claims import decides, is_kept

MOST_VALUES = 1_000
"""Values of one claim that are looked at; Entra ID itself leaves the groups out beyond 200 of them.

Source: learn.microsoft.com, “Configure group claims for applications by using Microsoft Entra ID”.
"""
USUAL = ("groups", "roles", "/realm_access/roles")
"""Claims in which providers usually say what somebody is: kept for trying a rule before there is one."""


class Ruled(Protocol):
    """What of a rule matters here; one of another source names no claim."""

    @property
    def claim(self) -> str | None:
        """Which claim is looked at."""

    @property
    def value(self) -> str | None:
        """What has to be in it."""


R = TypeVar("R", bound=Ruled)


def values_of(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the values of a claim: its text, or the texts of its list; of anything else none.

    A ``name`` that begins with a slash leads into objects, part by part: ``/realm_access/roles``.
    Text for display, such as an e-mail address, has no values here: nothing follows from it.
    """
    if not decides(name):
        return frozenset()
    found: Any = claims
    for part in name.removeprefix("/").split("/") if name.startswith("/") else [name]:
        found = found.get(part) if isinstance(found, Mapping) else None
    said = found[:MOST_VALUES] if isinstance(found, list) else [found]
    return frozenset(one for one in said if isinstance(one, str) and is_kept(one))


def person_in(claims: Mapping[str, Any], name: str | None) -> str | None:
    """Return whose account a provider says it is for all its clients: the claim and its one value, else nobody's.

    A blank one names nobody: all who come with it would else be one person. The claim stands before the value, so
    that what two services read from different claims is never taken for one person's because it reads alike.
    """
    said = values_of(claims, name) if name is not None else frozenset()
    return f"{name} {next(iter(said))}" if len(said) == 1 and all(one.strip() for one in said) else None


def matching(claims: Mapping[str, Any], rules: Iterable[R]) -> list[R]:
    """Return the rules that the claims satisfy. No rule, no claim, no text: nobody."""
    return [rule for rule in rules if rule.claim is not None and rule.value in values_of(claims, rule.claim)]


def named(rules: Iterable[Ruled]) -> list[str]:
    """Return the claims that are looked at: the usual ones, and those that a rule names."""
    return list(dict.fromkeys([*USUAL, *(rule.claim for rule in rules if rule.claim is not None)]))


def kept(claims: Mapping[str, Any], rules: Iterable[Ruled]) -> dict[str, list[str]]:
    """Return what is worth keeping of the claims: the usual ones, and those that a rule names.

    One that said nothing is kept with no value: it was looked at, which of others is not known.
    """
    return {name: sorted(values_of(claims, name)) for name in named(rules)}
