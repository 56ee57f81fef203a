"""Importing an agency's file, once: its opening state becomes rows, and from then on the rows are the truth.

Each scope's rows are written in that scope's own transaction, so the import is several of
them. Each step looks for what it would write and leaves it alone: an import that was
interrupted is finished by running it again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.clock import Clock
from core.context import Actor, Ctx, Scope, ScopeKind
from core.database.directory import ScopeRow, find_scope
from core.database.engines import Database
from core.database.sessions import public_session, tenant_session
from core.errors import Misconfigured
from core.extensions.profiles import Profile, profiles, shipped
from core.extensions.recommending import put
from core.extensions.using_profiles import open_with
from core.hooks.registry import Registry
from core.ids import new_id
from core.missions.lifecycle import MISSION_OPENED
from core.missions.models import Mission
from core.missions.service import CURRENT
from core.use_cases.work import Work
from tenants.files import Both, ScopeEntry
from tenants.models import AgencyProfile, ScopeName, SharingConsent, SharingContract, Standing
from tenants.resolving import Resolved
from tenants.storing import store_agency

OPERATOR = "operator"
PROGRAM = "ipob"
IMPORT = Actor(id=UUID(int=0), name="Contingent", kind="system")
"""Who acts while a file is imported: the platform, for whoever may start the command."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens scopes in ``database``; ``registry`` has the plugins that agencies run."""

    database: Database
    clock: Clock
    registry: Registry

    async def open_scopes(self, entries: Iterable[ScopeEntry]) -> list[str]:
        """Open the scopes that are not there yet, the operator's first, and return their slugs."""
        first = sorted(entries, key=lambda one: one.kind != "platform")
        return [one.slug for one in first if await self._open_scope(one.kind, one.slug, one.zone, one.code, one.name)]

    async def open_mission(self, acronym: str) -> Scope:
        """Open the scope of a mission that runs, for its contingent's commander, and return it.

        It has the mission's id: its sessions see the rows about that mission alone. Raises
        ``Misconfigured`` if no such mission runs, or if something else has its slug.
        """
        program = await self._scope(PROGRAM)
        async with self._working(program) as work:
            chosen = select(Mission).where(Mission.acronym_en == acronym, Mission.state.in_(CURRENT))
            mission: Mission | None = await work.session.scalar(chosen.order_by(Mission.starts_on.desc()).limit(1))
        if mission is None or mission.published_at is None:
            raise Misconfigured(f"No mission called “{acronym}” is active: give its English acronym as IPOB wrote it.")
        slug = re.sub(r"[^a-z0-9]+", "-", acronym.lower()).strip("-")
        known = await self._find(slug)
        if known is not None and known.id != mission.id:
            raise Misconfigured(f"“{slug}” is the address of {known.name_en} already.")
        if known is None:
            code = Both(en=mission.acronym_en, fr=mission.acronym_fr)
            name = Both(en=mission.name_en, fr=mission.name_fr)
            await self._open_scope("mission", slug, program.zone, code, name, id=mission.id)
        async with self._working(program) as work:
            await work.emit(MISSION_OPENED, ("mission", mission.id))
        return await self._scope(slug)

    async def open_agency(self, resolved: Resolved, profile: str | None = None) -> bool:
        """Import the agency; return whether anything was missing.

        ``profile``: the key of what is recommended to such a service; it is used as the file is imported, and never
        later. Raises ``Misconfigured`` while the operator's and the program's scopes are not open.
        """
        agency = resolved.agency
        made = await self._open_scope("agency", agency.slug, agency.zone, agency.code, agency.name)
        scope = await self._scope(agency.slug)
        recommended = None if profile is None else await self.profile(profile)
        stands = await self._stand(scope, resolved)
        stored = await self._store(scope, resolved, recommended)
        agreed = await self._consent(scope, resolved)
        return made or stands or stored or agreed

    async def _open_scope(
        self,
        kind: ScopeKind,
        slug: str,
        zone: str,
        code: Both,
        name: Both,
        *,
        id: UUID | None = None,
    ) -> bool:
        if await self._find(slug):
            return False
        scope = Scope(id or new_id(self.clock), kind, slug, name.en, name.fr, zone)
        acting = scope if kind == "platform" else await self._scope(OPERATOR)
        async with self._working(acting) as work:
            work.session.add(
                ScopeRow(
                    id=scope.id,
                    kind=kind,
                    slug=slug,
                    name_en=name.en,
                    name_fr=name.fr,
                    zone=zone,
                    created_at=work.now,
                )
            )
            await work.session.flush()
            work.session.add(
                ScopeName(
                    id=work.new_id(),
                    scope_id=scope.id,
                    since=work.on,
                    slug=slug,
                    code_en=code.en,
                    code_fr=code.fr,
                    name_en=name.en,
                    name_fr=name.fr,
                    recorded_at=work.now,
                )
            )
            await work.audit("scope.open", ("scope", scope.id), after={"kind": kind, "slug": slug})
            for profile in shipped().values() if kind == "platform" else ():
                await put(work, None, profile)
        return True

    async def _stand(self, scope: Scope, resolved: Resolved) -> bool:
        async with self._working(await self._scope(OPERATOR)) as work:
            known = select(Standing.id).where(Standing.scope_id == scope.id).limit(1)
            if await work.session.scalar(known):
                return False
            for one in resolved.agency.states:
                row = Standing(
                    id=work.new_id(),
                    scope_id=scope.id,
                    since=one.since,
                    state=one.state,
                    set_by=one.by,
                    reason=one.reason,
                    recorded_at=work.now,
                )
                work.session.add(row)
            states = [f"{one.since} {one.state}" for one in resolved.agency.states]
            await work.audit("agency.states", ("scope", scope.id), after={"states": states})
        return True

    async def profile(self, key: str) -> Profile:
        """Return the operator's profile of plugins. Raises ``Misconfigured``, naming those there are."""
        async with self._working(await self._scope(OPERATOR)) as work:
            kept = {one.key: one for one in await profiles(work.session)}
        if key not in kept:
            raise Misconfigured(f"There is no profile {key!r}. There are: {', '.join(kept) or 'none yet'}.")
        return kept[key]

    async def _store(self, scope: Scope, resolved: Resolved, profile: Profile | None) -> bool:
        async with self._working(scope) as work:
            if await work.session.scalar(select(AgencyProfile.id).where(AgencyProfile.tenant_id == scope.id)):
                return False
            await store_agency(work, resolved, self.registry)
            if profile is not None:
                await open_with(work, self.registry, profile)
        return True

    async def _consent(self, scope: Scope, resolved: Resolved) -> bool:
        sharing = resolved.agency.sharing
        if sharing is None or sharing.accepted is None:
            return False
        async with self._working(await self._scope(PROGRAM)) as work:
            agreed = select(SharingConsent.id).where(SharingConsent.tenant_id == scope.id).limit(1)
            if await work.session.scalar(agreed):
                return False
            first = select(SharingContract.id).where(SharingContract.tenant_id == scope.id, SharingContract.number == 1)
            contract_id = (await work.session.execute(first)).scalar_one()
            row = SharingConsent(
                tenant_id=scope.id,
                id=work.new_id(),
                contract_id=contract_id,
                accepted_on=sharing.accepted,
                accepted_by=IMPORT.name,
                created_at=work.now,
            )
            work.session.add(row)
            await work.audit("contract.accept", ("contract", contract_id), after={"agency": scope.slug, "number": 1})
        return True

    async def _find(self, slug: str) -> Scope | None:
        async with public_session(self.database) as session:
            return await find_scope(session, slug)

    async def _scope(self, slug: str) -> Scope:
        scope = await self._find(slug)
        if scope is None:
            raise Misconfigured(f"The scope “{slug}” is not open: `contingent tenant add` opens it before any agency.")
        return scope

    @asynccontextmanager
    async def _working(self, scope: Scope) -> AsyncIterator[Work]:
        ctx = Ctx(scope=scope, actor=IMPORT, clock=self.clock, database=self.database)
        async with tenant_session(ctx) as session:
            yield Work(ctx, session, ctx.today, self.clock.now())
