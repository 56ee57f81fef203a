"""An HR system that a service named: a plugin that answers as a test says, and officers on their way beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contingent import Ctx, HrRecord, Receipt
from contingent.assembly import Assembly
from core.clock import ManualClock
from core.database.sessions import tenant_session
from core.deployments.recording import list_tour_records
from core.deployments.schemas import OfTour, OrderIn, TourStep
from core.deployments.service import move_tour, order_tour
from core.events.worker import drain
from core.extensions.announcing import announce
from core.extensions.consenting import with_consent
from core.extensions.models import Delivery
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.nominations.candidacy_schemas import AssessmentIn
from core.nominations.selection import record_assessment
from core.use_cases.execution import execute
from core.workforce.record_schemas import KeeperIn, ListRecords, RecordOut
from core.workforce.records import choose_keeper, list_records
from tests.way import AGENCY, World

HOME = date(2026, 10, 20)
Answering = Callable[[HrRecord], Awaitable[Receipt | None]]


@dataclass
class HrSystem:
    """What an HR system was told, and what it answers: a number of its own, unless the test says otherwise."""

    told: list[HrRecord] = field(default_factory=list)
    answer: Answering | None = None

    async def take(self, record: HrRecord) -> Receipt | None:
        self.told.append(record)
        return await self.answer(record) if self.answer else Receipt(reference=f"HR-{len(self.told)}")

    def of(self, kind: str) -> list[HrRecord]:
        """Return what it was told of one kind, in order."""
        return [one for one in self.told if one.kind == kind]


def taking(system: HrSystem) -> Any:
    """Return what a plugin implements the hook with, to tell ``system``."""

    async def write_back(ctx: Ctx, record: HrRecord) -> Receipt | None:
        return await system.take(record)

    return write_back


@dataclass
class Desk:
    """The HR office of the service in which the world's officers serve, with a worker and a clock of its own."""

    world: World
    assembly: Assembly
    clock: ManualClock
    keeper: str

    async def ctx(self, role: str) -> Ctx:
        """Return somebody of the service in a role."""
        return await self.world.ctx(role)

    async def enable(self, name: str) -> None:
        administrator = await self.ctx("administrator")
        await execute(enable_plugin, administrator, with_consent(administrator, name))

    async def disable(self, name: str) -> None:
        await execute(disable_plugin, await self.ctx("administrator"), WithReason(name=name))

    async def name(self, plugin: str | None) -> None:
        """Say which plugin is the HR system."""
        clerk = await self.ctx("hr_clerk")
        await execute(choose_keeper, clerk, KeeperIn(plugin=plugin))

    async def work(self, *, later: timedelta | None = None) -> None:
        """Run what is due at the service and at IPOB, after some time where that is said."""
        if later:
            self.clock.advance(later)
        scopes = [(await self.world.cast.scope(slug)).id for slug in (AGENCY, "ipob")]
        await drain(self.assembly.database, self.assembly.context, self.clock, only=scopes)
        await self.assembly.host.settle()

    async def move(self, tour: UUID, step: str, on: date, reason: str | None = None) -> None:
        """Have IPOB move the tour."""
        data = TourStep(agency=AGENCY, id=str(tour), step=step, reason=reason)
        await self.world.cast.run(await self.world.ipob("support"), move_tour, data, on=on)

    async def records(self, tour: UUID) -> dict[str, RecordOut]:
        """Return what the tour's page shows, by kind."""
        coordinator = await self.ctx("coordinator")
        found = await execute(list_tour_records, coordinator, OfTour(agency=AGENCY, id=str(tour)))
        return {one.kind: one for one in found.records}

    async def deliveries(self, entry: UUID) -> list[Delivery]:
        """Return the messages about one record, the oldest first."""
        async with tenant_session(await self.ctx("administrator"), read_only=True) as session:
            rows = select(Delivery).where(Delivery.subject_id == entry)
            return list(await session.scalars(rows.order_by(Delivery.created_at, Delivery.id)))


async def planned(desk: Desk) -> UUID:
    """Return a tour that has no order yet, for which the officer was tested in driving and shooting."""
    travelled = await desk.world.at("planned")
    assert travelled.tour is not None
    selection, on = await desk.world.ipob("selection"), date(2025, 11, 3)
    for kind in ("driving", "firearm"):
        passed = AssessmentIn(agency=AGENCY, id=str(travelled.nomination), kind=kind, result="met", done_on=on)
        await desk.world.cast.run(selection, record_assessment, passed)
    return travelled.tour


async def ordered(desk: Desk) -> UUID:
    tour = await planned(desk)
    data = OrderIn(agency=AGENCY, id=str(tour), order_number=f"HR-{tour}")
    await desk.world.cast.run(await desk.world.ipob("support"), order_tour, data, on=date(2025, 11, 3))
    return tour


@asynccontextmanager
async def hr_desk(world: World, keeper: str, plugins: Iterable[ModuleType], **more: Any) -> AsyncIterator[Desk]:
    """Switch on ``keeper``, which is built in or one of ``plugins``, as the service's HR system, until the end."""
    registry = Registry().load()
    for one in plugins:
        broken = registry.register(one)
        assert broken is None, str(broken)
    host = PluginHost(registry, DatabaseRecords(announce), **more)
    of = world.cast.assembly
    clock = ManualClock(of.clock.now())
    world.cast.assembly = replace(of, host=host, clock=clock)
    made = Desk(world, world.cast.assembly, clock, keeper)
    try:
        await made.work()
        await made.enable(keeper)
        await made.name(keeper)
        yield made
    finally:
        clerk = await made.ctx("hr_clerk")
        version = (await execute(list_records, clerk, ListRecords())).keeper.version
        await execute(choose_keeper, clerk, KeeperIn(), expected=version)
        await made.disable(keeper)
        world.cast.assembly = of
        await host.close()
