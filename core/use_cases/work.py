"""One unit of work: a context, an open transaction and what is written beside every change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.recording import record
from core.context import Actor, Assurance, Ctx
from core.errors import Conflict, Forbidden, NotFound
from core.events.notifications import notify, read_for_all
from core.events.outbox import emit
from core.hooks.types import Transition
from core.ids import new_id
from core.text import Text

Still = Callable[[AsyncSession], Awaitable[Actor]]
"""Asked in a transaction: who acts, with what they may by now. It raises where they may come in no more."""


class Moved(Exception):
    """What the deciding hooks were asked about changed before the write: the use case is to be repeated."""


@dataclass(slots=True)
class Work:
    """What a use case's body works with.

    ``on`` is the civil date from which the change is true; ``now`` the instant at which it
    is recorded; deadlines run from ``now``. ``expected`` is the version the caller saw, or
    ``None`` where the caller saw none. ``permit`` is the step that the plugins were asked about and
    let pass. ``assurance`` is how and when the actor had proved who they are, where a rule asked for
    it: each audit line keeps it. ``involved`` are the seats besides the actor's that have to do with
    the subject: of whom it is, and in whose name a delegate acts. ``around`` is what the use case
    has open around its transaction. ``still`` asks once more who the caller is, of whom
    a request has told; it raises where they may come in no more.
    """

    ctx: Ctx
    session: AsyncSession
    on: date
    now: datetime
    expected: int | None = None
    decided: Any = None
    permit: Transition | None = None
    around: Any = None
    still: Still | None = None
    assurance: Assurance | None = None
    involved: set[UUID] = field(default_factory=set)
    audited: int = field(default=0)

    def new_id(self) -> UUID:
        """Return a fresh identifier."""
        return new_id(self.ctx.clock)

    def require(self, permission: str, *, owner: UUID | None = None, at_all: bool = False) -> None:
        """Refuse unless the actor holds ``permission`` (for ``owner``'s own, where given)."""
        actor = self.ctx.actor
        if not (actor.may_at_all(permission) if at_all else actor.may(permission, owner=owner)):
            raise Forbidden(permission)

    async def get(self, table: type[Any], id: UUID | str, *, tenant: UUID | None = None) -> Any:
        """Return the row of ``table`` with this id in the scope (or in ``tenant``), else raise ``NotFound``."""
        try:
            key = id if isinstance(id, UUID) else UUID(id)
        except ValueError:
            raise NotFound from None
        row = await self.session.get(table, (tenant or self.ctx.scope.id, key))
        if row is None:
            raise NotFound
        return row

    async def find(self, table: type[Any], id: UUID | str) -> Any:
        """Return the row of ``table`` with this id that the wall lets the scope see, whoever owns it.

        For published, submitted and assigned rows of another scope. Raises ``NotFound``.
        """
        try:
            key = id if isinstance(id, UUID) else UUID(id)
        except ValueError:
            raise NotFound from None
        row = (await self.session.execute(select(table).where(table.id == key))).scalar_one_or_none()
        if row is None:
            raise NotFound
        return row

    def check_version(self, row: Any) -> None:
        """Raise ``Conflict`` if the caller saw another version of ``row``.

        What the caller saw is the use case's one subject: it is compared once, with the first
        row checked, and not with others that change along with it.
        """
        expected, self.expected = self.expected, None
        if expected is not None and expected != row.version:
            raise Conflict

    async def audit(
        self,
        action: str,
        subject: tuple[str, UUID],
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        reason: str | None = None,
        behalf_of: UUID | None = None,
        plugin: tuple[str, str] | None = None,
    ) -> None:
        """Write the audit line of this change, in its transaction.

        ``behalf_of``: the seat that a delegate acts for. ``plugin``: name and version of the
        plugin whose answer led here.
        """
        self.audited += 1
        if behalf_of is not None:
            self.involved.add(behalf_of)
        await record(
            self,
            action,
            subject,
            before=before,
            after=after,
            reason=reason,
            behalf_of=behalf_of,
            plugin=plugin,
            assurance=self.assurance,
        )

    async def saw(
        self, action: str, subject: tuple[str, UUID], *, whose: UUID | None = None, after: dict[str, Any] | None = None
    ) -> None:
        """Write the audit line of what the actor was shown of their own scope; ``after`` says what.

        Of ``whose`` file it is: what officers see of their own leaves no line, unless a proof is to be kept.
        """
        if whose is None or whose != self.ctx.actor.officer_id or self.assurance is not None:
            await self.audit(action, subject, after=after)

    async def emit(self, event: str, subject: tuple[str, UUID], *, tenant: UUID | None = None) -> UUID:
        """Put an event and one job per subscriber into the outbox; return its id. Jobs carry ids only."""
        return await emit(self, event, subject, tenant=tenant)

    async def notify(self, text: Text, *, link: str, role: str | None = None, seat: UUID | None = None) -> None:
        """Tell everybody in this scope who holds ``role``, or one ``seat``; ``link`` is within the scope."""
        await notify(self, text.id, link=link, role=role, seat=seat, params=dict(text.params))

    async def ask_no_longer(self, text: Text, *, link: str, seat: UUID | None = None) -> None:
        """Take back from unread notifications what ``text``, with whatever values, asked for at ``link``.

        Of everybody who was told, or of one ``seat``.
        """
        await read_for_all(self, text.id, link=link, seat=seat)
