"""What follows when the host itself stops, refuses or keeps back a plugin: a line in the log, and people are told."""

from __future__ import annotations

from core.audit.recording import record
from core.database.writing import Writing
from core.events.notifications import notify
from core.events.outbox import emit
from core.hooks.answers import SENTENCES
from core.hooks.granting import Overreach
from core.hooks.records import Awaiting, Suspension
from core.hooks.service import find
from core.text import Text, t

ADMINISTRATOR = "administrator"
PLUGIN_SUSPENDED = "plugin_suspended"
PLUGIN_CONFIGURED = "plugin_configured"

WHY: dict[str, Text] = {
    "blocked": Text(SENTENCES["blocked"]),
    "failing": t("The plugin “%(plugin)s” failed again and again and was suspended."),
}
AWAITS = t("The plugin “%(plugin)s” asks for more than was consented to, and waits for your consent.")


async def announce(writing: Writing, happened: Suspension | Overreach | Awaiting) -> None:
    """Write what happened into the log and tell the scope's administrators, in its own transaction.

    The operator is told of a suspension by ``subscribers``, where it is not the first scope.
    """
    match happened:
        case Suspension():
            await _suspended(writing, happened)
        case Awaiting():
            await _awaiting(writing, happened)
        case Overreach():
            await _overreached(writing, happened)


async def _suspended(writing: Writing, suspension: Suspension) -> None:
    row = await find(writing, suspension.plugin)
    after = {"plugin": suspension.plugin, "state": row.state, "cause": suspension.cause, "hook": suspension.hook}
    await record(writing, "plugin.suspend", ("plugin", row.id), after=after)
    await _tell(writing, WHY[suspension.cause], suspension.plugin)
    await emit(writing, PLUGIN_SUSPENDED, ("plugin", row.id))


async def _awaiting(writing: Writing, awaiting: Awaiting) -> None:
    row = await find(writing, awaiting.plugin)
    after = {"plugin": awaiting.plugin, "state": "unconsented", **awaiting.asks.stored()}
    version = (awaiting.plugin, awaiting.version)
    await record(writing, "plugin.await_consent", ("plugin", row.id), before=row.consented, after=after, plugin=version)
    await _tell(writing, AWAITS, awaiting.plugin)


async def _overreached(writing: Writing, overreach: Overreach) -> None:
    """Only the log: the plugin's page counts it among the failures."""
    row = await find(writing, overreach.origin.plugin)
    after = {"plugin": overreach.origin.plugin, "hook": overreach.hook, "used": overreach.used}
    await record(writing, "plugin.overreach", ("plugin", row.id), after=after, plugin=overreach.origin)


async def _tell(writing: Writing, sentence: Text, plugin: str) -> None:
    link = f"/plugins/{plugin}"
    await notify(writing, sentence.id, link=link, role=ADMINISTRATOR, params={"plugin": plugin})
