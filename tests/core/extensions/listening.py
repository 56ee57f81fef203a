"""A scope whose plugins hear what happens, and a worker that tells them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from typing import Any

from sqlalchemy import select

from auth.people import ThePeople
from core.app import create_app
from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session
from core.events.queue import Turns
from core.events.subscribers import OWN
from core.events.worker import drain, run_next
from core.extensions import subscribers
from core.extensions.announcing import announce
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.models import Delivery
from core.extensions.service import enable_plugin
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.ids import new_id
from core.personnel.models import Officer
from core.personnel.subscribers import officer_for_plugins
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tenants.answers import TenantAnswers
from tests.http.ring import Anybody, Ring
from tests.platform import Platform

LOADED = (subscribers, officer_for_plugins)
"""Imported for what they subscribe to."""


@dataclass
class Station:
    """An agency, the host of its plugins, and the worker."""

    platform: Platform
    host: PluginHost
    scope: Scope
    ring: Ring

    def ctx(self) -> Ctx:
        """Return the context of an administrator."""
        return self.host.bind(self.platform.ctx(self.scope, PLUGIN_READ, PLUGIN_MANAGE, name="Dominique Cyr"))

    async def enable(self, *names: str) -> None:
        for name in names:
            await execute(enable_plugin, self.ctx(), with_consent(self.ctx(), name))

    def wire(self, scope: Scope, actor: Actor, request_id: str) -> Ctx:
        made = self.platform.ctx(scope)
        return self.host.bind(replace(made, actor=actor, request_id=request_id, agencies=TenantAnswers()))

    async def work(self) -> int:
        """Run what is due in this scope."""
        ran = await drain(self.platform.database, self.wire, self.platform.clock, only=[self.scope.id])
        await self.host.settle()
        return ran

    async def own_work(self) -> None:
        """Run what is due in this scope, but what stands aside for others, whatever listens besides plugins."""
        of = self.platform
        while await run_next(of.database, self.wire, of.clock, Turns(), only=[self.scope.id], lanes=[OWN]):
            pass

    async def later(self, **by: float) -> None:
        """Let time pass, and run what is due then."""
        self.platform.clock.advance(timedelta(**by))
        await self.work()

    async def change_an_officer(self) -> Officer:
        """Add an officer and say that one has changed, as the room does."""
        ctx = self.ctx()
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            officer = Officer(
                tenant_id=self.scope.id,
                id=new_id(ctx.clock),
                employee_number=new_id(ctx.clock).hex,
                given_name="Alix",
                family_name="Tremblay",
                rank_code="constable",
                folded="",
                created_at=work.now,
            )
            session.add(officer)
            await session.flush()
            await work.emit("officer_changed", ("officer", officer.id))
            return officer

    async def deliveries(self) -> list[Delivery]:
        """Return the scope's deliveries, by plugin and age."""
        async with tenant_session(self.ctx(), read_only=True) as session:
            rows = select(Delivery).where(Delivery.tenant_id == self.scope.id)
            return list(await session.scalars(rows.order_by(Delivery.plugin, Delivery.created_at, Delivery.id)))


OF_PLUGINS = ("core.audit", "core.events", "core.documents", "core.extensions", "core.journal")
"""The rooms whose pages are needed to see plugins."""


@asynccontextmanager
async def station(
    platform: Platform,
    plugins: Iterable[ModuleType] | None = None,
    *,
    rooms: tuple[str, ...] = OF_PLUGINS,
    **more: Any,
) -> AsyncIterator[Station]:
    """Give a fresh agency with these plugins installed (all built-ins if none are given) and none switched on."""
    registry = Registry()
    if plugins is None:
        registry.load()
    for one in plugins or ():
        broken = registry.register(one)
        assert broken is None, str(broken)
    host = PluginHost(registry, DatabaseRecords(announce), **more)
    callers = Anybody()
    app = create_app(
        platform.database.settings,
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=ThePeople(platform.clock),
        wire=lambda ctx: host.bind(replace(ctx, agencies=TenantAnswers())),
        rooms=rooms,
    )
    yield Station(platform, host, await platform.agency(), Ring(platform, app, callers))
    await host.close()
