"""Who is asking. ``auth`` answers; the web layer only carries the question.

The address names the scope, so a credential is looked up inside that scope's own
transaction, the same one that then reads the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Actor, Language, Scope, ScopeKind
from core.errors import Unauthenticated
from core.text import Text, t
from core.web.shell import NavLink

By = Literal["session", "link"]
"""How somebody comes to a page: signed in to a seat, or by a link that was sent to them, for one thing alone."""


class Credential(msgspec.Struct, frozen=True):
    """What the request carries, and whose scope it names.

    A cookie of a session or of a link, a bearer token, or the address of a calendar.
    """

    kind: Literal["session", "link", "token", "calendar"]
    slug: str
    secret: str


class Caller(msgspec.Struct, frozen=True):
    """Who was found.

    ``secret`` belongs to this session alone and never leaves the server: form tokens and
    notices are signed with it. The rest is what the shell of a page shows: ``seat`` (in which
    the person acts), ``links`` (beside the name), ``sign_out`` (the address its form posts to)
    with ``form_origins`` (where that post may lead, such as the identity provider), the
    agency's ``marking`` and ``stripe``. ``details`` is auth's own, for its pages. ``anew`` is where this
    caller proves anew who they are, if not where their scope signs in. ``confined``: in words, that they came in
    for one thing, so that no role opens another.
    """

    actor: Actor
    language: Language | None = None
    secret: bytes = b""
    details: Any = None
    seat: Text | str = ""
    links: Sequence[NavLink] = ()
    sign_out: str | None = None
    form_origins: Sequence[str] = ()
    marking: Text | str | None = None
    stripe: str | None = None
    anew: str | None = None
    confined: Text | None = None


class Callers(Protocol):
    """How core finds the caller; implemented by ``auth``."""

    def credential(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], slug: str | None, by: By = "session"
    ) -> Credential | None:
        """Return what the request carries for the scope ``slug``.

        Pages pass their scope's slug and their cookies, and want its session: that of the seat or,
        with ``by="link"``, that of somebody who has come by a link, which is good for nothing else. The API
        passes ``slug=None`` and no cookies: the bearer token ``ctg_{scope}_{secret}``
        names the scope itself. Header names are in lower case. Touches no database.
        """
        ...

    async def caller(self, session: AsyncSession, scope: Scope, credential: Credential) -> Caller | None:
        """Return who holds ``credential`` in ``scope``, or ``None``; ``session`` is read-only.

        The address of a calendar is whoever made it, with what they may by now, to read that one calendar.
        """
        ...

    def sign_in(self, scope: Scope, language: Language, back: str) -> str:
        """Return the address where signing in to ``scope`` starts; it leads back to ``back`` (a path)."""
        ...

    def step_up(self, scope: Scope, language: Language, back: str, action: str) -> str:
        """Return the address where somebody proves anew who they are, as the rule for ``action`` asks."""
        ...

    def giving(self, kind: ScopeKind, permission: str) -> Text | None:
        """Return the names of the roles that give ``permission`` in scopes of ``kind``; ``None`` if none does."""
        ...


class StillIn:
    """Asks who holds a credential by now, in a later transaction of the same request.

    Between the head of a request and the end of its body there is as much time as its sender likes: roles, proofs
    and the session itself are those of the moment in which something is done. ``caller`` is who was found last.
    """

    def __init__(self, callers: Callers, scope: Scope, credential: Credential, caller: Caller) -> None:
        self.caller = caller
        self._callers, self._scope, self._credential = callers, scope, credential

    async def __call__(self, session: AsyncSession) -> Actor:
        """Return who acts, with what they may now.

        Raises ``Unauthenticated`` where the session or token has ended, or sign-in was stopped, meanwhile.
        """
        found = await self._callers.caller(session, self._scope, self._credential)
        if found is None:
            raise Unauthenticated(t("Your session or token has ended meanwhile. Nothing was saved."))
        self.caller = found
        return found.actor
