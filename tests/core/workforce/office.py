"""An HR office of a fresh service: it names whom to load, uploads worker files and applies them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import select

from core.agencies import Rank
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.documents.service import store_upload
from core.hooks.consent import Asks
from core.hooks.models import PluginEnablement
from core.ids import new_id
from core.personnel.models import Officer
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from core.workforce.models import HrRow
from core.workforce.schemas import LoadIn, OfRun, RunFile, SourceIn
from core.workforce.service import choose_scope, get_run, move_run, preview_load
from tests.platform import Platform

if TYPE_CHECKING:
    from core.agencies import Agencies

HEADING = "Employee number,Given name,Family name,Rank,Language,Unit,Status,Hire date"
PERMISSIONS = ["hr.read", "hr.load", "hr.scope", "officer.read", "officer.write", "document.read", "document.read_hr"]
RANKS = {
    "constable": Rank("constable", 1, "Constable", "Agent", "Agente"),
    "sergeant": Rank("sergeant", 3, "Sergeant", "Sergent", "Sergente"),
}


class Ladder:
    """Answers for an agency with two ranks."""

    async def ranks(self, session: Any) -> dict[str, Rank]:
        return RANKS


def line(number: str, given: str = "Noor", family: str = "Haddad", rank: str = "constable", **more: str) -> str:
    rest = [more.get(name, "") for name in ("language", "unit", "status", "hired")]
    return ",".join([number, given, family, rank, *rest])


def people(count: int, **more: str) -> list[str]:
    return [line(f"{10_000 + number}", family=f"Family {number}", **more) for number in range(count)]


ASKS = Asks(frozenset({"files"}), frozenset(), frozenset({"agency"}))
"""What the plugin for files asks for."""


class Office:
    def __init__(self, platform: Platform, scope: Scope) -> None:
        self.platform, self.scope = platform, scope

    def ctx(self) -> Ctx:
        return replace(self.platform.ctx(self.scope, *PERMISSIONS), agencies=cast("Agencies", Ladder()))

    async def enable(self, state: str = "enabled") -> None:
        ctx = self.ctx()
        async with tenant_session(ctx) as session:
            now = ctx.clock.now()
            row = {
                "plugin": "hr_file",
                "state": state,
                "settings": {},
                "plugin_version": "1.0",
                "consented": ASKS.stored(),
            }
            session.add(
                PluginEnablement(tenant_id=self.scope.id, id=new_id(ctx.clock), since=now, created_at=now, **row)
            )

    async def scope_is(self, *named: str) -> None:
        """Load only ``named``; without any, everybody."""
        data = SourceIn(scope="named", named="\n".join(named)) if named else SourceIn(scope="everybody")
        await execute(choose_scope, self.ctx(), data)

    async def preview(self, *lines: str, heading: str = HEADING, encoding: str = "utf-8-sig") -> RunFile:
        content = "\r\n".join([heading, *lines]).encode(encoding)
        return await self.preview_bytes(content)

    async def preview_bytes(self, content: bytes) -> RunFile:
        async def stream() -> AsyncIterator[bytes]:
            yield content

        ctx = self.ctx()
        document = await store_upload(ctx, "workers.csv", stream(), "hr_upload")
        return await execute(preview_load, ctx, LoadIn(document_id=str(document)))

    async def move(self, run: RunFile, step: str, reason: str | None = None) -> RunFile:
        return await execute(move_run, self.ctx(), Step(id=str(run.run.id), step=step, reason=reason))

    async def load(self, *lines: str, heading: str = HEADING) -> RunFile:
        return await self.move(await self.preview(*lines, heading=heading), "apply")

    async def show(self, run: RunFile, **more: Any) -> RunFile:
        return await execute(get_run, self.ctx(), OfRun(id=str(run.run.id), **more))

    async def officers(self) -> dict[str, Officer]:
        async with tenant_session(self.ctx(), read_only=True) as session:
            return {one.employee_number: one for one in (await session.scalars(select(Officer))).all()}

    async def staged(self, run: UUID) -> Sequence[HrRow]:
        async with tenant_session(self.ctx(), read_only=True) as session:
            return (await session.scalars(select(HrRow).where(HrRow.run_id == run))).all()
