"""What every request of one process shares: settings, database, and the parts that other layers supplied."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from core.clock import Clock
from core.context import Actor, Ctx, Language, Scope, ScopeKind
from core.errors import NotFound
from core.limits.limiter import Limiter
from core.people import People
from core.settings import Settings
from core.web.callers import Callers

if TYPE_CHECKING:
    from core.database.engines import Database
    from core.web.pages import Pages
    from core.web.public_pages import PublicPages
    from core.web.routes import Route

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
NOBODY = Actor(id=UUID(int=0), name="", kind="system")
"""Who acts before the caller is known: somebody without any permission."""

RESERVED = frozenset({"api", "problems", "health", "metrics", "static", "t", "idp", "en", "fr", "sign-in", "calendar"})
"""Words that addresses need for themselves; no scope may have one as its slug."""


class Addresses(Protocol):
    """What the rooms declared: pages, pages without sign-in, routes. A site has them, with all that answers there."""

    pages: list[Pages]
    public_pages: list[PublicPages]
    routes: list[Route]


@dataclass(slots=True)
class Site:
    """One process's site. ``wire`` completes a context: hooks and whatever else layers above add."""

    settings: Settings
    database: Database
    clock: Clock
    callers: Callers
    people: People
    limiter: Limiter
    wire: Callable[[Ctx], Ctx] = field(default=lambda ctx: ctx)
    pages: list[Pages] = field(default_factory=list)
    public_pages: list[PublicPages] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    version: str = ""

    async def scope(self, slug: str, kinds: frozenset[ScopeKind] | None = None) -> Scope:
        """Return the scope called ``slug`` of one of ``kinds`` (any if none), else raise ``NotFound``."""
        found = await self.database.scope(slug) if SLUG.match(slug) else None
        if found is None or (kinds is not None and found.kind not in kinds):
            raise NotFound
        return found

    def context(self, scope: Scope, language: Language, request_id: str, actor: Actor = NOBODY) -> Ctx:
        """Return the context of one request."""
        return self.wire(self.before_caller(scope, language, request_id, actor))

    def before_caller(self, scope: Scope, language: Language, request_id: str, actor: Actor = NOBODY) -> Ctx:
        """Return a context that only opens the transaction in which the caller is looked up."""
        return Ctx(
            scope=scope,
            actor=actor,
            clock=self.clock,
            language=language,
            request_id=request_id,
            database=self.database,
            people=self.people,
        )

    def has(self, kind: ScopeKind, pattern: str) -> bool:
        """Say whether some room shows a page with this pattern to scopes of ``kind``."""
        return any(page.pattern == pattern for room in self.pages if kind in room.scopes for page in room.shown)

    @property
    def secure(self) -> bool:
        """Whether the canonical address is https."""
        return self.settings.address.startswith("https:")
