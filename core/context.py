"""Who acts, for which scope, in which language, with what to call.

``Ctx`` is the first argument of nearly everything. This module loads msgspec and the
standard library only, so that a sandboxed plugin host stays small.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import UUID

import msgspec

from core.clock import Clock, today

if TYPE_CHECKING:
    from core.agencies import Agencies
    from core.database.engines import Database
    from core.hooks.dispatch import Hooks
    from core.hooks.files import Files
    from core.hooks.http import Http
    from core.hooks.log import Log
    from core.hooks.notifications import Notifications
    from core.hooks.sockets import Sockets
    from core.hooks.store import Store
    from core.people import People

ScopeKind = Literal["agency", "program", "department", "mission", "platform"]
SCOPE_KINDS: tuple[ScopeKind, ...] = get_args(ScopeKind)
Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


class Scope(msgspec.Struct, frozen=True):
    """Whom a seat acts for: an agency, the program (IPOB), a department, a mission, the operator."""

    id: UUID
    kind: ScopeKind
    slug: str
    name_en: str
    name_fr: str
    zone: str = "America/Toronto"

    def name(self, language: Language) -> str:
        """Return the scope's name in ``language``."""
        return self.name_fr if language == "fr" else self.name_en


class Assurance(msgspec.Struct, frozen=True, omit_defaults=True):
    """How and when a person last proved who they are, in the words of their sign-in service."""

    at: datetime | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    acrs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return ``acr=2 amr=pwd|mfa``."""
        said = (("acr", (self.acr,) if self.acr else ()), ("amr", self.amr), ("acrs", self.acrs))
        return " ".join(f"{name}={'|'.join(values)}" for name, values in said if values)


class Actor(msgspec.Struct, frozen=True):
    """Who acts.

    ``id`` is the seat's id, or that of the program a token is for; ``permissions`` holds permission keys such as
    ``nomination.release``; a key ending in ``:own`` is held only for what belongs to
    ``officer_id``. ``reads_only``: it changes nothing, whatever it holds. ``only``: the one thing to which
    somebody has come by a link, and beside which there is nothing for them.

    ``ruled``: the actions (``core.use_cases.step_up``) for which the scope asks its people to prove anew who
    they are; ``meets``: those of them for which ``assurance``, how and when they last did, is enough now.
    """

    id: UUID
    name: str
    kind: Literal["person", "token", "system"] = "person"
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    officer_id: UUID | None = None
    unit: str | None = None
    reads_only: bool = False
    only: UUID | None = None
    ruled: frozenset[str] = frozenset()
    meets: frozenset[str] = frozenset()
    assurance: Assurance = Assurance()

    def may(self, permission: str, *, owner: UUID | None = None) -> bool:
        """Say whether the actor holds ``permission``, for everybody or for ``owner``'s own."""
        if permission in self.permissions:
            return True
        return owner is not None and owner == self.officer_id and f"{permission}:own" in self.permissions

    def may_at_all(self, permission: str) -> bool:
        """Say whether the actor holds ``permission`` for at least some subject."""
        return permission in self.permissions or f"{permission}:own" in self.permissions


@dataclass(frozen=True, slots=True)
class Ctx:
    """The context of one request, job or hook call.

    A plugin receives a copy with ``plugin``, ``settings``, ``store``, ``files``, ``log``, ``http``, ``sockets`` and
    ``notifications`` of its own and
    without ``database``, ``hooks``, ``agencies`` and ``people``.
    """

    scope: Scope
    actor: Actor
    clock: Clock
    language: Language = "en"
    request_id: str = ""
    hooks: Hooks = field(default=None, repr=False)  # type: ignore[assignment]
    database: Database = field(default=None, repr=False)  # type: ignore[assignment]
    agencies: Agencies = field(default=None, repr=False)  # type: ignore[assignment]
    people: People = field(default=None, repr=False)  # type: ignore[assignment]
    plugin: str | None = None
    settings: Any = None
    store: Store = field(default=None, repr=False)  # type: ignore[assignment]
    files: Files = field(default=None, repr=False)  # type: ignore[assignment]
    http: Http = field(default=None, repr=False)  # type: ignore[assignment]
    sockets: Sockets = field(default=None, repr=False)  # type: ignore[assignment]
    notifications: Notifications = field(default=None, repr=False)  # type: ignore[assignment]
    log: Log = field(default=None, repr=False)  # type: ignore[assignment]

    @property
    def today(self) -> date:
        """The civil date in the scope's time zone."""
        return today(self.clock, self.scope.zone)

    def acting_as(self, actor: Actor) -> Ctx:
        """Return the same context with another actor, for whom its plugins run then."""
        made = replace(self, actor=actor)
        return made if made.hooks is None else replace(made, hooks=made.hooks.bound_to(made))
