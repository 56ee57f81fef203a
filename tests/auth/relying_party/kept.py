"""What a scope has kept: its audit lines, and its provider's row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from auth.models import IdentityProvider
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Rig


async def lines(rig: Rig, scope: Scope, action: str) -> list[dict[str, Any]]:
    """Return what the scope's lines of this action say of afterwards."""
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(AuditLine.after).where(AuditLine.tenant_id == scope.id, AuditLine.action == action)
        return [after or {} for after in await session.scalars(chosen.order_by(AuditLine.id))]


async def change_provider(rig: Rig, scope: Scope, **values: Any) -> None:
    """Change the row of the scope's provider."""
    async with tenant_session(rig.ctx(scope)) as session:
        changed = update(IdentityProvider).where(IdentityProvider.tenant_id == scope.id)
        await session.execute(changed.values(**values))
