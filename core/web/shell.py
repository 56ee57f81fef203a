"""What every page shows around its content: the values that ``page.html`` and the macros read as ``page``."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import quote, urlencode

from core.context import Language, Scope
from core.text import Text, t

Tone = Literal["ok", "info", "warn", "bad", "idle"]
Query = Mapping[str, str | Sequence[str]]

STRIPES = ("red", "blue", "green", "amber", "violet", "teal", "slate", "wine")
"""The colours a scope may be known by; each is a class of the style sheet."""

PROGRAM_MARKING = t("Protected B when completed")
"""A federal marking: it stands on IPOB's pages only. An agency's pages carry the agency's own."""

TITLES: dict[Language, str] = {"en": "English", "fr": "Français"}


def marking_for(scope: Scope | None, own: Text | str | None) -> Text | str | None:
    """Return the scope's ``own`` marking, or the program's."""
    return PROGRAM_MARKING if not own and scope is not None and scope.kind == "program" else own


@dataclass(frozen=True, slots=True)
class NavLink:
    """One line of the navigation. ``path`` is below the scope; ``count`` says how many things wait there."""

    title: Text | str
    path: str
    icon: str = "doc"
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NavSection:
    """A group of the navigation; the first has no title."""

    title: Text | str | None
    links: Sequence[NavLink]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to read before anything else; ``bad`` and ``warn`` receive the focus."""

    text: Text | str
    tone: Tone = "info"
    remedy: Text | str | None = None
    link: tuple[str, Text | str] | None = None
    """An address below the scope and its name."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, and in which seat."""

    name: str
    seat: Text | str
    links: Sequence[NavLink] = ()

    @property
    def initials(self) -> str:
        """At most two capitals of the name, titles such as “Sgt.” left out."""
        words = [word for word in self.name.split() if word[:1].isalpha() and not word.endswith(".")]
        chosen = words[:1] + words[1:][-1:]
        return "".join(word[0] for word in chosen).upper()


def everywhere(path: str) -> bool:
    """Let every address be a link: on pages that anybody reads."""
    return True


def no_token() -> str:
    """Stand for the one-time token on pages without any form."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The shell of one page.

    ``path`` is the address below language and scope (``/calls``), ``query`` what follows its
    question mark, ``place`` the address by which the navigation knows the page, if that is
    another. ``token`` makes a fresh one-time token for each form; ``opens`` says of an
    address below the scope whether the reader may open it; ``sign_out`` is the
    address its form posts to. ``marking`` is the agency's (or IPOB's) own, ``stripe`` one of
    ``STRIPES``. On public pages there is no scope and nobody is signed in.
    """

    language: Language
    path: str
    today: date
    scope: Scope | None = None
    query: Query | None = None
    nav: Sequence[NavSection] = ()
    place: str | None = None
    signed: Signed | None = None
    unread: int = 0
    alerts: Sequence[Alert] = ()
    token: Callable[[], str] = no_token
    opens: Callable[[str], bool] = everywhere
    sign_out: str | None = None
    search: str | None = None
    notifications: str | None = None
    marking: Text | str | None = None
    demonstration: bool = False
    version: str = ""
    stripe: str | None = None

    @property
    def locale(self) -> str:
        """The language as a tag for ``lang``: ``en-CA``."""
        return f"{self.language}-CA"

    @property
    def zone(self) -> str:
        """The IANA name of the zone in which instants are shown."""
        return self.scope.zone if self.scope else "America/Toronto"

    @property
    def scope_name(self) -> str:
        """The scope's name in the page's language; empty on public pages."""
        return self.scope.name(self.language) if self.scope else ""

    @property
    def other(self) -> Language:
        """The other language."""
        return "en" if self.language == "fr" else "fr"

    @property
    def other_title(self) -> str:
        """The other language's own name."""
        return TITLES[self.other]

    @property
    def other_address(self) -> str:
        """This same page in the other language."""
        return self._address(self.other, quote(self.path), self.query)

    @property
    def shown_marking(self) -> Text | str | None:
        """The marking at the foot of the page and of every export."""
        return marking_for(self.scope, self.marking)

    @property
    def colour(self) -> str:
        """The stripe's colour: the scope's own, else one that its slug always gives."""
        if self.stripe in STRIPES:
            return str(self.stripe)
        if self.scope is None or self.scope.kind != "agency":
            return "slate"
        return STRIPES[zlib.crc32(self.scope.slug.encode()) % len(STRIPES)]

    def url(self, path: str) -> str:
        """Return the address of ``path`` below this language and scope; other addresses stay as they are."""
        if not path.startswith("/"):
            return path
        return self._address(self.language, path, None)

    def here(self, **changes: str | None) -> str:
        """Return this page's address with its query changed; ``None`` removes a key."""
        query = dict(self.query or {})
        for key, value in changes.items():
            if value is None:
                query.pop(key, None)
            else:
                query[key] = value
        return self._address(self.language, quote(self.path), query)

    def current(self, path: str) -> bool:
        """Say whether the navigation's ``path`` is where the reader is."""
        links = [link.path for section in self.nav for link in section.links]
        nearest = max((one for one in links if _within(self.place or self.path, one)), key=len, default=None)
        return path == nearest

    def _address(self, language: Language, path: str, query: Query | None) -> str:
        scope = f"/{self.scope.slug}" if self.scope else ""
        tail = f"?{urlencode(query, doseq=True)}" if query else ""
        return f"/{language}{scope}{path}{tail}"


def _within(path: str, start: str) -> bool:
    return path == start or (start != "/" and path.startswith(start.rstrip("/") + "/"))
