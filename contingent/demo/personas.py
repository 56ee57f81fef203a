"""The invented people of the demonstration: who can sign in, to which scope, as what.

Posts and names are data (``personas.toml``); who approves follows each agency's own chain, so
that every step of it has somebody. A name is a given and a family name of the lists, never
the same two twice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from contingent.demo.issuers import issuer_name, library
from core.context import Language
from core.personnel.schemas import Gender
from tenants.files import AgencyFile, StepEntry

FILE = Path(__file__).with_name("personas.toml")


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One post: its key within the scope, the roles of its seat, what it and its unit are called."""

    key: str
    roles: list[str]
    title_en: str
    title_fr: str
    unit: dict[Language, str] | None = None
    officer: bool = False
    scope: str = ""
    language: Language = "en"
    same_as: str | None = None


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lists of one language from which names are put together; some given names are of ``women``, some of ``men``."""

    given: list[str]
    family: list[str]
    women: list[str]
    men: list[str]


class Cast(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``personas.toml`` holds: posts of every agency, people elsewhere, names."""

    posts: list[Post]
    others: list[Post]
    names: dict[Language, Names]


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """One invented person in one seat.

    ``subject`` is what their provider calls them; the same issuer and subject in two scopes is
    one person with two seats. ``unit`` is written in the service's own language, as its files
    have it. ``officer``: an officer file belongs to them, found by
    ``employee_number``.
    """

    scope: str
    key: str
    issuer: str
    subject: str
    name: str
    language: Language
    roles: tuple[str, ...]
    title_en: str
    title_fr: str
    employee_number: str
    organization: str
    unit: str | None = None
    officer: bool = False

    def title(self, language: Language) -> str:
        """Return what the post is called in ``language``."""
        return self.title_fr if language == "fr" else self.title_en


def personas_for(scope_slug: str) -> list[Persona]:
    """Return the people of a scope, in the order in which they are offered; none for an unknown scope."""
    return list(_by_scope().get(scope_slug, ()))


def further_names(language: Language) -> list[str]:
    """Return the names of ``language`` that nobody with a seat has, for officers in worker files."""
    taken = {persona.name for people in _by_scope().values() for persona in people}
    return [name for name in _names(_cast().names[language]) if name not in taken]


def gender_of(given: str) -> Gender | None:
    """Return the gender that whoever has this given name states, so that ranks in French read right; None: nothing."""
    lists = _cast().names.values()
    if any(given in one.women for one in lists):
        return "woman"
    return "man" if any(given in one.men for one in lists) else None


def all_scopes() -> list[str]:
    """Return the slugs of every scope that has people."""
    return list(_by_scope())


@cache
def _cast() -> Cast:
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Cast)


@cache
def _by_scope() -> dict[str, tuple[Persona, ...]]:
    """Return everybody. Agencies come first and in the order of their slugs, so that names do not move about."""
    names = {language: _names(lists) for language, lists in _cast().names.items()}
    found: dict[str, tuple[Persona, ...]] = {}
    for slug, agency in sorted(library().agencies.items()):
        language = agency.languages[0]
        posts = [*_cast().posts, *_approvers(agency)]
        found[slug] = tuple(
            _persona(post, slug, language, next(names[language]), number) for number, post in enumerate(posts)
        )
    for post in _cast().others:
        twin = _post_of(found, post.same_as)
        number = len(found.get(post.scope, ()))
        made = _persona(post, post.scope, post.language, next(names[post.language]), number)
        if twin is not None:
            made = msgspec.structs.replace(made, name=twin.name, subject=twin.subject, issuer=twin.issuer)
        found[post.scope] = (*found.get(post.scope, ()), made)
    return found


def _post_of(found: dict[str, tuple[Persona, ...]], place: str | None) -> Persona | None:
    if place is None:
        return None
    slug, _, key = place.partition("/")
    return next(persona for persona in found[slug] if persona.key == key)


def _approvers(agency: AgencyFile) -> Iterator[Post]:
    """Yield the people that the agency's chain needs beside the posts every agency has."""
    chain = library().chains[agency.governance.chain]
    present = {role for post in _cast().posts for role in post.roles}
    for step in chain.release:
        if step.kind == "decide" and step.role not in present:
            yield from _deciders(step)


def _deciders(step: StepEntry) -> Iterator[Post]:
    needed = step.how_many if isinstance(step.how_many, int) else 1
    for number in range(1, needed + 1):
        mark = f" {number}" if needed > 1 else ""
        yield Post(
            key=f"{step.key}{mark.replace(' ', '-')}",
            roles=[step.role],
            title_en=f"{step.title.en}{mark}",
            title_fr=f"{step.title.fr}{mark}",
        )


def _persona(post: Post, slug: str, language: Language, name: str, number: int) -> Persona:
    issuer = issuer_name(slug)
    return Persona(
        scope=slug,
        key=post.key,
        issuer=issuer,
        # The same subject at many issuers is many people; only a shared issuer must tell them apart.
        subject=post.key if issuer == slug else f"{slug}.{post.key}",
        name=name,
        language=language,
        roles=tuple(post.roles),
        title_en=post.title_en,
        title_fr=post.title_fr,
        employee_number=f"{90001 + number}",
        organization=slug,
        unit=post.unit[language] if post.unit else None,
        officer=post.officer,
    )


def _names(lists: Names) -> Iterator[str]:
    """Yield names, each pair once: the lengths, 41 and 39, share no divisor with each other or with the strides."""
    for number in range(len(lists.given) * len(lists.family)):
        yield f"{lists.given[17 * number % len(lists.given)]} {lists.family[23 * number % len(lists.family)]}"
