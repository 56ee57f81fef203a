"""Tasks that go on until they wait for each other's rows: what a database says of them, never how long it takes."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from core.context import Ctx
from core.database.sessions import tenant_session

WAITING = text(
    "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN"
    " (SELECT pid FROM pg_locks WHERE database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
"""How many wait in this database: what one waits for, a transaction, belongs to none; what it holds besides does."""


async def go_on(ctx: Ctx, *tasks: asyncio.Future[Any]) -> None:
    """Let tasks go as far as they come: each to its end, or to what another transaction holds.

    Tasks of the same test that wait since before are named again: the database says how many wait, and not which.
    """
    waiting = 0
    while waiting < sum(not one.done() for one in tasks):
        async with tenant_session(ctx, read_only=True) as looking:
            waiting = await looking.scalar(WAITING) or 0
