"""One change at a time of what a scope's directory leads to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from core.use_cases.work import Work


async def hold_directory(work: Work) -> None:
    """Let nobody else change this scope's seats by its directory until the transaction ends.

    Accounts and groups are locked before it, seats, rules and roles after it.
    """
    held: Any = select(func.pg_advisory_xact_lock(work.ctx.scope.id.int & (2**62 - 1)))
    await work.session.execute(held)
