"""What HR does not have yet, or has under a wrong number, is put into the outbox again."""

from __future__ import annotations

from core.context import Ctx
from core.events.subscribers import Event, every, subscriber
from core.extensions.announcing import PLUGIN_CONFIGURED
from core.workforce.recording import follow_numbers, make_up


@every(86_400, kinds={"agency"})
async def make_up_for_records(ctx: Ctx) -> None:
    """Tell each day what HR was not told while its plugin was switched off, or did not answer."""
    await make_up(ctx)


@subscriber(PLUGIN_CONFIGURED, kinds={"agency"})
async def send_with_new_settings(ctx: Ctx, event: Event) -> None:
    """Tell at once what HR refused, now that the plugin has other settings or another secret."""
    await make_up(ctx)


@subscriber("officer_changed", kinds={"agency"})
async def follow_the_officers_number(ctx: Ctx, event: Event) -> None:
    """Have HR correct what it was told under another number of the officer's."""
    await follow_numbers(ctx, event.on, event.subject_id)


@subscriber("workers_changed", kinds={"agency"})
async def follow_loaded_numbers(ctx: Ctx, event: Event) -> None:
    """Have HR correct what it was told under numbers that a worker file has corrected."""
    await follow_numbers(ctx, event.on)
