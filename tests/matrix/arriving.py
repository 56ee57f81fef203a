"""Coming in for real: the seat, session, token or link of everybody of whom the matrix tells, in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.callers import TheCallers
from auth.matrix.cells import BREAK_GLASS, LINK, MEMBER_ACCESS, READ_ONLY, Surface
from auth.matrix.who import roles_of
from auth.member.models import MemberAccess
from auth.models import RoleGrant, Seat
from auth.renewals import Renewals
from auth.roles import ROLES
from auth.secrets import link_cookie, session_cookie
from auth.sessions import Origin, open_break_glass, open_session
from auth.tokens import create_token
from core.context import Actor, Assurance, Scope
from core.database.sessions import tenant_session
from core.ids import new_id
from core.personnel.models import Officer
from core.settings import Settings
from core.web.callers import Credential
from tests.matrix.trial import somebody
from tests.platform import Platform

SETTINGS = Settings()


class Came(NamedTuple):
    """Somebody who has really come: by what, to which scope, and whom the matrix takes them for."""

    who: str
    surface: Surface
    scope: Scope
    credential: Credential
    told: Actor


def the_callers(platform: Platform) -> TheCallers:
    """Return what the application asks who somebody is."""
    return TheCallers(platform.clock, SETTINGS, Renewals(platform.clock, SETTINGS))


@dataclass
class Door:
    """One scope, to which everybody may come."""

    platform: Platform
    scope: Scope
    session: AsyncSession = field(init=False)

    async def let_in(self, who: str, surface: Surface) -> Came:
        """Make what ``who`` comes by: to the API a token, to pages a session."""
        known, seat, officer, link = the_callers(self.platform), self._new(), None, None
        async with tenant_session(self.platform.ctx(self.scope)) as self.session:
            if surface == "api":
                headers = {"authorization": f"Bearer {await self._token(who)}"}
                credential = known.credential(headers, {}, None)
            else:
                officer = await self._file() if self.scope.kind == "agency" else None
                link = self._new() if who == LINK else None
                await self._sit(seat, officer, who)
                secret = await self._begin(seat, officer, who, link)
                slug = self.scope.slug
                cookie = link_cookie(slug) if link else session_cookie(slug)
                credential = known.credential({}, {cookie: secret}, slug, "link" if link else "session")
        assert credential is not None
        told = somebody(self.scope.kind, who, surface, seat=seat, officer=officer, link=link)
        return Came(who, surface, self.scope, credential, told)

    def _new(self) -> UUID:
        return new_id(self.platform.clock)

    async def _token(self, who: str) -> str:
        clock, roles = self.platform.clock, sorted(roles_of(self.scope.kind, who))
        only_reads = who == READ_ONLY
        maker = self._new()
        made = create_token(
            self.session, clock, self.scope, name=who, roles=roles, days=1, reads_only=only_reads, created_by=maker
        )
        return (await made)[1]

    async def _file(self) -> UUID:
        made, now = self._new(), self.platform.clock.now()
        name = {"given_name": "Ozanne", "family_name": "Mainguy", "rank_code": "AGT", "folded": "mainguy ozanne"}
        key = {"tenant_id": self.scope.id, "id": made, "employee_number": made.hex, "created_at": now}
        self.session.add(Officer(**key, **name))
        await self.session.flush()
        return made

    async def _sit(self, seat: UUID, officer: UUID | None, who: str) -> None:
        """Make a seat. By the narrower ways its roles do not count: they are all there, or wanting, all the same."""
        now, roles = self.platform.clock.now(), roles_of(self.scope.kind, who)
        if who in (MEMBER_ACCESS, LINK):
            roles = frozenset(ROLES[self.scope.kind])
        elif who == BREAK_GLASS:
            roles = frozenset()
        key = {"tenant_id": self.scope.id, "created_at": now}
        self.session.add(Seat(**key, id=seat, name="Ozanne", language="fr", officer_id=officer))
        await self.session.flush()
        given = {"origin": "manual", "starts_on": now.date(), "reason": "a test", "granted_by": seat, "seat_id": seat}
        self.session.add_all([RoleGrant(**key, **given, id=self._new(), role=role) for role in roles])
        await self.session.flush()

    async def _begin(self, seat: UUID, officer: UUID | None, who: str, link: UUID | None) -> str:
        """Begin the session by which ``who`` comes, and return its secret."""
        session, clock, scope = self.session, self.platform.clock, self.scope
        if who == BREAK_GLASS:
            return (await open_break_glass(session, clock, SETTINGS, scope, seat_id=seat, device=None))[1]
        origin = Origin(provider_id=self._new(), issuer="https://id.example")
        if who == MEMBER_ACCESS:
            origin, now = Origin(access_id=self._new()), clock.now()
            key = {"tenant_id": scope.id, "id": origin.access_id, "created_at": now, "opened_on": now.date()}
            session.add(MemberAccess(**key, seat_id=seat, officer_id=officer))
            await session.flush()
        said = Assurance(clock.now())
        made = open_session(session, clock, SETTINGS, scope, seat_id=seat, origin=origin, assurance=said, link_id=link)
        return (await made)[1]
