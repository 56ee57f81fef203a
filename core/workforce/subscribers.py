"""What comes round by itself: what HR does not have yet is put into the outbox again."""

from __future__ import annotations

from core.context import Ctx
from core.events.subscribers import every
from core.workforce.recording import make_up


@every(86_400, kinds={"agency"})
async def make_up_for_records(ctx: Ctx) -> None:
    """Tell each day what HR was not told while its plugin was switched off."""
    await make_up(ctx)
