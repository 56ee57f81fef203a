"""How a room declares its pages.

::

    pages = Pages("missions", scopes={"program"}, nav=[Nav("main", t("Missions"), "/missions", MISSION_READ)])

    @pages.get("/calls/{id}", permission=CALL_READ)
    async def call(view: View) -> Answer: ...

    @pages.post("/calls/new", use_case=create_call, form=new_call)
    async def call_created(view: View, result: CallOut) -> To: ...

A page only translates: it reads through use cases and posts to one use case. Addresses are
below ``/{en|fr}/{scope}``; ``{name}`` stands for one part of the path.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.context import Ctx, ScopeKind
from core.text import Text
from core.use_cases.declaration import UseCase
from core.use_cases.listings import Listing, declare
from core.web.callers import By
from core.web.shell import Alert
from core.web.view import PageAnswer, To, View

Shower = Callable[[View], Awaitable[PageAnswer]]
Poster = Callable[[View, Any], Awaitable[To | PageAnswer]]
Gather = Callable[[Ctx, Mapping[str, str], Sequence[tuple[str, str]]], Mapping[str, Any]]
Conceal = Callable[[Ctx, Mapping[str, str], Sequence[tuple[str, str]]], list[tuple[str, str]]]
S = TypeVar("S", bound=Shower)
P = TypeVar("P", bound=Poster)

SECTIONS = ("main", "field", "service", "admin")
"""The groups of the navigation in their order; their titles are in ``core.web.navigation``."""

PARAMETER = re.compile(r"\{(\w+)\}")
PATTERNS: dict[Callable[..., Any], str] = {}
"""Where each page is that is declared, by its function."""


@dataclass(frozen=True, slots=True)
class Nav:
    """One line of the navigation, shown to who holds ``permission`` (to all where it is ``None``).

    ``count`` says how many things wait there; it runs in the page's read transaction.
    """

    section: str
    title: Text
    path: str
    permission: str | None = None
    icon: str = "doc"
    order: int = 50
    count: Callable[[View], Awaitable[int]] | None = None

    def __post_init__(self) -> None:
        if self.section not in SECTIONS:
            raise TypeError(f"navigation section {self.section!r} does not exist: use one of {', '.join(SECTIONS)}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is shown: its pattern, the permission it needs (``None``: any who is signed in).

    One that lists says so: then the search looks in it, and its addresses can be saved as views.
    ``narrowed``: in words, what else must hold where the permission alone is not enough to be let in.
    """

    pages: Pages
    pattern: str
    show: Shower
    permission: str | None = None
    listing: Listing | None = None
    narrowed: Text | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A form that is sent to a use case; ``form`` is the page that is shown again when it is refused."""

    pages: Pages
    pattern: str
    use_case: UseCase[Any, Any]
    accepted: Poster
    form: Shower | None = None
    upload: str | None = None
    upload_limit: int = 25 * 2**20
    purpose: str = "evidence"
    gather: Gather | None = None
    conceal: Conceal | None = None
    inline: bool = False
    binary: bool = False

    @property
    def scopes(self) -> frozenset[ScopeKind]:
        """The kinds of scope that have this form: those of its page that may do what it is for."""
        return self.use_case.scopes & self.pages.scopes

    def page(self, path: str, params: Mapping[str, str]) -> str:
        """Return where the form’s page is, below the scope, for the ``params`` of the form’s own ``path``.

        A refused form is shown at the address that it was sent to; what leads on from there, into
        the other language say, must lead to the page: nothing is to be got where forms are sent.
        """
        pattern = PATTERNS.get(self.form) if self.form is not None else None
        if pattern is None or not set(PARAMETER.findall(pattern)) <= set(params):
            return path
        return PARAMETER.sub(lambda found: params[found[1]], pattern)


@dataclass(slots=True)
class Pages:
    """The pages of one room for the scopes of these kinds.

    ``by``: who comes to them: whoever is signed in to a seat, or whoever has come by a link. ``under``: the line of
    the navigation that leads to them, where it is not the one that their address is below. ``banner`` returns what
    stands on every page of such a scope, whichever room's, if anything does; it runs in the page's read transaction.
    """

    name: str
    scopes: frozenset[ScopeKind] | set[ScopeKind] = frozenset({"agency"})
    nav: Sequence[Nav] = ()
    by: By = "session"
    under: str | None = None
    banner: Callable[[View], Awaitable[Alert | None]] | None = None
    shown: list[Page] = field(default_factory=list)
    posted: list[Post] = field(default_factory=list)

    def get(
        self, pattern: str, *, permission: str | None, listing: Listing | None = None, narrowed: Text | None = None
    ) -> Callable[[S], S]:
        """Declare a page; ``permission=None`` lets in everybody who is signed in to the scope.

        With ``listing`` it is a list, and answers by ``core.lists.showing.show_list``.
        """
        _check(pattern)
        if listing is not None:
            declare(self.scopes, pattern, listing, permission)

        def declared(show: S) -> S:
            self.shown.append(Page(self, pattern, show, permission, listing, narrowed))
            PATTERNS[show] = pattern
            return show

        return declared

    def post(
        self,
        pattern: str,
        *,
        use_case: UseCase[Any, Any],
        form: Shower | None = None,
        upload: str | None = None,
        upload_limit: int = 25 * 2**20,
        purpose: str = "evidence",
        gather: Gather | None = None,
        conceal: Conceal | None = None,
        inline: bool = False,
        binary: bool = False,
    ) -> Callable[[P], P]:
        """Declare where a form is sent to.

        The address's parts and the form's fields together are the use case's input. With
        ``upload``, the file field of that name is stored as a document of at most
        ``upload_limit`` bytes, kept for ``purpose`` (a key of ``core.documents.purposes``),
        and its id is the field's value. The permission is the use
        case's. ``form`` is the page shown again, with faults, when it is refused; without
        one the refusal is a page of its own. ``gather`` makes the input of a form whose fields
        are known only when it is shown, from the context, the address's parts and the fields. ``conceal`` seals in the
        fields what no page may hold, for the one that holds a form while its sender proves who they are.
        ``inline``: the file is a small text, and its text is the field's value; nothing is stored. ``binary``: of
        any file its bytes are, in base64.
        """
        _check(pattern)
        if use_case.reads:
            raise TypeError(f"{pattern}: {use_case.key} only reads; make it a page with pages.get()")

        def declared(accepted: P) -> P:
            post = Post(
                self,
                pattern,
                use_case,
                accepted,
                form,
                upload=upload,
                upload_limit=upload_limit,
                purpose=purpose,
                gather=gather,
                conceal=conceal,
                inline=inline,
                binary=binary,
            )
            self.posted.append(post)
            return accepted

        return declared

    def page_of(self, show: Shower) -> Page:
        """Return the declaration of a page's function."""
        for page in self.shown:
            if page.show is show:
                return page
        raise LookupError(f"{self.name}: {show.__name__} is not a page here: declare it with pages.get() first")


def _check(pattern: str) -> None:
    if not pattern.startswith("/") or (pattern != "/" and pattern.endswith("/")):
        raise TypeError(f"page pattern {pattern!r}: start with a slash and end without one")
