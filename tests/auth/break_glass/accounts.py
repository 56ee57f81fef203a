"""A scope's break-glass accounts, as tests ask for them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from sqlalchemy import select

from auth.break_glass.models import BreakGlass
from auth.break_glass.service import (
    BREAK_GLASS_MANAGE,
)
from auth.break_glass.standing import has_break_glass
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Rig


async def ready(rig: Rig, scope: Scope) -> bool:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return await has_break_glass(session, scope.id)


async def rows(rig: Rig, scope: Scope) -> list[BreakGlass]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(BreakGlass).where(BreakGlass.tenant_id == scope.id)
        return list(await session.scalars(chosen.order_by(BreakGlass.id)))


async def managing(rig: Rig, scope: Scope, subject: str = "person-9") -> Ctx:
    seat = await rig.seat(scope, "administrator", subject=subject)
    ctx = rig.platform.ctx(scope, BREAK_GLASS_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))
