"""The platform wired for tests: a database, plugins, a clock that stands still, scopes and contexts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from auth.people import ThePeople
from core.clock import ManualClock
from core.context import Actor, Ctx, Language, Scope, ScopeKind
from core.database.directory import ScopeRow
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.ids import new_id
from tenants.answers import TenantAnswers

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
_OPERATOR = Scope(
    id=UUID("00000000-0000-7000-8000-000000000001"),
    kind="platform",
    slug="operator",
    name_en="Operator",
    name_fr="Exploitation",
)


@dataclass
class Platform:
    """What a test works with. ``program`` is the ipob scope, shared by all tests of a worker."""

    database: Database
    host: PluginHost
    operator: Scope
    program: Scope
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))

    async def agency(self, slug: str | None = None) -> Scope:
        """Return a fresh agency."""
        return await self.scope("agency", slug)

    async def scope(self, kind: ScopeKind, slug: str | None = None) -> Scope:
        """Return a fresh scope of any kind; ``slug`` is made up if none is given."""
        id = new_id(self.clock)
        slug = slug or f"{kind}-{id.hex[-10:]}"
        scope = Scope(id=id, kind=kind, slug=slug, name_en=f"Service {slug}", name_fr=f"Service {slug}")
        await _add(self.database, self.operator, scope)
        return scope

    def ctx(
        self,
        scope: Scope,
        *permissions: str,
        roles: tuple[str, ...] = (),
        officer_id: UUID | None = None,
        name: str = "Alix Tremblay",
        language: Language = "en",
        seat: UUID | None = None,
    ) -> Ctx:
        """Return the context of a person acting for ``scope`` who holds ``permissions``."""
        actor = Actor(
            id=seat or new_id(self.clock),
            name=name,
            roles=frozenset(roles),
            permissions=frozenset(permissions),
            officer_id=officer_id,
        )
        return self.host.bind(
            Ctx(
                scope=scope,
                actor=actor,
                clock=self.clock,
                language=language,
                request_id=new_id(self.clock).hex,
                database=self.database,
                agencies=TenantAnswers(),
                people=ThePeople(self.clock),
            )
        )


async def found(database: Database, host: PluginHost | None = None) -> Platform:
    """Return the platform with the plugins of ``host``, or without any.

    Whoever comes first makes the operator's and the program's scopes.
    """
    operator = await database.scope("operator")
    if operator is None:
        operator = _OPERATOR
        await _add(database, operator, operator)
    program = await database.scope("ipob")
    platform = Platform(database, host or PluginHost(Registry(), DatabaseRecords()), operator, program or operator)
    if program is None:
        platform.program = await platform.scope("program", "ipob")
    return platform


async def _add(database: Database, operator: Scope, scope: Scope) -> None:
    clock = ManualClock(NOW)
    ctx = Ctx(
        scope=operator, actor=Actor(id=new_id(clock), name="Operator", kind="system"), clock=clock, database=database
    )
    async with tenant_session(ctx) as session:
        session.add(
            ScopeRow(
                id=scope.id,
                kind=scope.kind,
                slug=scope.slug,
                name_en=scope.name_en,
                name_fr=scope.name_fr,
                zone=scope.zone,
                created_at=NOW,
            )
        )
