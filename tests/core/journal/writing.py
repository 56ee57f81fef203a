"""What the tests of the journal write for it to show."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from core.audit.recording import record, record_look
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.events.notifications import notify
from core.use_cases.work import Work
from tests.platform import Platform


async def write(ctx: Ctx, action: str = "mission.open", subject: UUID | None = None, **more: Any) -> UUID:
    """Write one line of the audit log and return its id."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        return await record(work, action, (action.split(".", maxsplit=1)[0], subject or uuid4()), **more)


async def look(platform: Platform, agency: Scope, subject: UUID | None = None, **more: Any) -> None:
    """Let IPOB open something about ``agency``'s people."""
    ctx = platform.ctx(platform.program, name="Sam Roy")
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await record_look(
            work, agency.id, ("nomination", subject), **({"purpose": "selection", "fields": ["name"]} | more)
        )


async def tell(platform: Platform, scope: Scope, seat: UUID, sentence: str, **params: Any) -> None:
    """Notify one seat."""
    ctx = platform.ctx(scope)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await notify(work, sentence, link="/approvals", seat=seat, params=params)
