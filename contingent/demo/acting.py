"""Acting as the invented people: each use case of the demonstration is run by who would run it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import select

from auth.models import Seat
from auth.roles import EVERYBODY, permissions_of
from contingent.assembly import Assembly
from contingent.demo.personas import Persona, personas_for
from contingent.demo.seats import seat_id
from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session
from core.documents.service import store_upload
from core.journal.notifications import mark_read
from core.journal.schemas import MarkRead
from core.personnel.models import Officer
from core.use_cases.declaration import UseCase
from core.use_cases.execution import execute

In = TypeVar("In", bound=msgspec.Struct)
Out = TypeVar("Out")


class Cast:
    """The people of the demonstration, ready to act in the scopes of one database."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self._scopes: dict[str, Scope] = {}

    async def scope(self, slug: str) -> Scope:
        """Return an open scope by its slug."""
        if slug not in self._scopes:
            found = await self.assembly.database.scope(slug)
            assert found is not None, f"scope {slug} is not open"
            self._scopes[slug] = found
        return self._scopes[slug]

    async def ctx(self, slug: str, role: str, *, nth: int = 0) -> Ctx:
        """Return the context of the ``nth`` person who holds ``role`` there."""
        holders = [one for one in personas_for(slug) if role in one.roles]
        return await self.ctx_of(slug, holders[nth])

    async def ctx_of(self, slug: str, persona: Persona) -> Ctx:
        """Return the context of one person."""
        scope = await self.scope(slug)
        actor = Actor(id=seat_id(scope, persona), name=persona.name, roles=frozenset(persona.roles), unit=persona.unit)
        return self._wired(scope, actor)

    async def seat_ctx(self, slug: str, seat: UUID) -> Ctx:
        """Return the context of whoever sits in ``seat``."""
        for persona in personas_for(slug):
            if seat_id(await self.scope(slug), persona) == seat:
                return await self.ctx_of(slug, persona)
        raise LookupError(f"nobody of {slug} sits in {seat}")

    async def member_ctx(self, slug: str, officer_id: UUID) -> Ctx:
        """Return the context of an officer acting for themselves, whether or not a seat is linked."""
        scope = await self.scope(slug)
        ctx = await self.ctx(slug, "coordinator")
        async with tenant_session(ctx, read_only=True) as session:
            linked = await session.scalar(select(Seat.id).where(Seat.officer_id == officer_id))
            officer: Officer = (await session.execute(select(Officer).where(Officer.id == officer_id))).scalar_one()
            name = f"{officer.given_name} {officer.family_name}"
        actor = Actor(id=linked or officer_id, name=name, roles=frozenset({"member"}), officer_id=officer_id)
        return self._wired(scope, actor)

    def _wired(self, scope: Scope, actor: Actor) -> Ctx:
        permissions = EVERYBODY | permissions_of(scope.kind, actor.roles)
        acting = msgspec.structs.replace(actor, permissions=permissions)
        return self.assembly.context(scope, acting, request_id="demonstration")

    async def run(self, ctx: Ctx, case: UseCase[In, Out], data: In, *, on: date | None = None) -> Out:
        """Run a use case as ``ctx``'s actor, true from ``on``."""
        return await execute(case, ctx, data, on=on)


async def upload(ctx: Ctx, name: str, content: bytes, purpose: str = "hr_upload") -> UUID:
    """Store a file as its uploader would."""

    async def stream() -> AsyncIterator[bytes]:
        yield content

    return await store_upload(ctx, name, stream(), purpose)


def cells(*values: Any) -> str:
    """Return a line of a worker file."""
    return ",".join(f'"{value}"' for value in values)


async def read_everything(cast: Cast, agencies: Sequence[str]) -> None:
    """Let everybody of ``agencies`` have read what they were told so far: it is history."""
    for agency in agencies:
        for persona in personas_for(agency):
            await cast.run(await cast.ctx_of(agency, persona), mark_read, MarkRead())
