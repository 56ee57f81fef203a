"""One process put together: database, plugins, sign-in and agencies; as pages and an API, or as a worker."""

from __future__ import annotations

import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version

from litestar.types import ASGIApp

from auth.parts import Parts, make_parts
from contingent.kit.rehearsing import rehearse
from contingent.offered import folder_of
from core.app import ROOMS, create_app, load_room
from core.audit.sealing import seal_all
from core.bundles.shelf import OwnBundles
from core.clock import Clock, SystemClock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.documents.service import PluginFiles
from core.errors import Misconfigured
from core.events.periodic import Beat
from core.extensions.announcing import announce
from core.extensions.notifying import PluginNotifications
from core.hooks.database_records import DatabaseRecords
from core.hooks.granting import Effect
from core.hooks.host import PluginHost
from core.hooks.kernel import Kernel
from core.hooks.offering import POLICIES
from core.hooks.reaching import Connecting, Reaching
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import NOWHERE
from core.hooks.sandbox.confinement import ALL, Means
from core.hooks.sandbox.hosts import Hosts
from core.limits.buckets import clear_full
from core.settings import Settings
from tenants.answers import TenantAnswers

ESSENTIAL = ("tenants.plugin", "auth.plugin")
"""Loaded by name; they cannot be switched off, and nothing starts without them."""
ALL_ROOMS = (*ROOMS, *Kernel(*ESSENTIAL).routes())
"""Every room that may have pages, routes or subscribers."""
SEALER = Beat("sealer", 1.0, seal_all)
CLEARER = Beat("limits", 3600.0, clear_full)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of one process, wired to one another."""

    settings: Settings
    clock: Clock
    database: Database
    host: PluginHost
    parts: Parts
    agencies: TenantAnswers

    def wire(self, ctx: Ctx) -> Ctx:
        """Return ``ctx`` with the plugins and the answers of its tenant."""
        return self.host.bind(replace(ctx, agencies=self.agencies))

    def context(self, scope: Scope, actor: Actor, request_id: str = "") -> Ctx:
        """Return the context of work that a request left behind, or that no request began."""
        return self.wire(
            Ctx(
                scope=scope,
                actor=actor,
                clock=self.clock,
                request_id=request_id,
                database=self.database,
                people=self.parts.people,
            )
        )

    def application(self) -> ASGIApp:
        """Return the pages and the API; in the demonstration with its sign-in provider beside them.

        What is loaded by then stays as long as the process: it is taken out of the garbage collector's
        sight (``gc.freeze``), which else walks all of it every few pages and holds them up for a tenth of a
        second and more. Call it once a process.
        """
        app: ASGIApp = create_app(
            self.settings,
            self.database,
            clock=self.clock,
            callers=self.parts.callers,
            people=self.parts.people,
            wire=self.wire,
            rooms=ALL_ROOMS,
            handlers=self.parts.handlers,
            lifespan=[self.parts.lifespan],
            version=version("contingent"),
        )
        gc.collect()
        gc.freeze()
        if not self.settings.demonstration:
            return app
        from contingent.demo.provider import beside, make_provider  # noqa: PLC0415 - nothing else ever loads it

        return beside(app, make_provider(self.settings, self.clock))

    @property
    def beats(self) -> tuple[Beat, ...]:
        """What every worker does again and again, besides the queue."""
        return (SEALER, CLEARER, self.parts.refreshing.beat)

    def load_rooms(self) -> None:
        """Import every room, so that what subscribes to events and comes round by itself is known."""
        for room in ALL_ROOMS:
            load_room(room)


def needs_of(settings: Settings) -> frozenset[Means]:
    """Return the means without which no plugin runs in a sandbox. Raises ``Misconfigured`` for an unknown one."""
    without = {one.strip() for one in settings.sandbox_without.split(",") if one.strip()}
    unknown = sorted(without - set(ALL))
    if unknown:
        raise Misconfigured(f"CONTINGENT_SANDBOX_WITHOUT names {unknown[0]!r}: expected some of {', '.join(ALL)}")
    return frozenset(one for one in ALL if one not in without)


@asynccontextmanager
async def assembled(
    settings: Settings, clock: Clock | None = None, *, sandbox: socket.socket | None = None
) -> AsyncIterator[Assembly]:
    """Open the database, load the plugins and give the parts of one process; close all of it in the end.

    ``sandbox`` is the way to the zygote; without it, plugins that may run in a sandbox only do not run.
    """
    if settings.new_plugins not in POLICIES:
        raise Misconfigured(f"CONTINGENT_NEW_PLUGINS is {settings.new_plugins!r}: expected {', '.join(POLICIES)}")
    clock = clock or SystemClock()
    database = await Database.open(settings)
    try:
        hosts = Hosts(sandbox, needs_of(settings)) if sandbox is not None else NOWHERE
        reaching = Reaching(loopback=settings.demonstration)
        effects: dict[str, Effect] = {
            "files": PluginFiles,
            "http": reaching,
            "sockets": Connecting(loopback=settings.demonstration),
            "notifications": PluginNotifications,
        }
        registry = Registry().load()
        records = DatabaseRecords(announce, OwnBundles(registry.hooks))
        folder = folder_of(settings, registry)
        host = PluginHost(
            registry, records, effects=effects, hosts=hosts, rehearsing=rehearse, folder=lambda: folder.held
        )
        await folder.start()
        host.start()
        try:
            parts = make_parts(settings, clock)
            yield Assembly(settings, clock, database, host, parts, TenantAnswers())
            await parts.party.close()
        finally:
            await folder.close()
            await host.close()
            await hosts.close()
            await reaching.close()
    finally:
        await database.close()
