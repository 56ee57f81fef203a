"""The plugin: its manifest, the channel, and the daily task."""

from __future__ import annotations

from datetime import time

from contingent import Ctx, Manifest, Notification, Run, Task, Words, hookimpl
from plugins.notify_email.service import send
from plugins.notify_email.settings import Settings

DIGEST = "digest"

manifest = Manifest(
    name="notify_email",
    version="1.0",
    title={"en": "Notifications by e-mail", "fr": "Notifications par courriel"},
    summary={
        "en": "Tells people by e-mail what waits for them, at once or once a day, through your own mail server.",
        "fr": "Avise par courriel de ce qui attend, à l’instant ou une fois par jour, par votre propre serveur.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"sockets:settings", "notifications"}),
    hosts_from=("host",),
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def deliver_notification(ctx: Ctx, notification: Notification) -> None:
    """Send one mail to one reader."""
    await send(ctx, notification)


@hookimpl
def scheduled_tasks(ctx: Ctx) -> list[Task] | None:
    """Have the day's messages written each morning."""
    title: Words = {"en": "The day’s messages", "fr": "Les messages du jour"}
    return [Task(key=DIGEST, title=title, daily_at=time(ctx.settings.digest_hour))]


@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    """Write the day's messages; each is then delivered like any other."""
    if run.key == DIGEST:
        await ctx.notifications.put_digests()
