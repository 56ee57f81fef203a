"""What follows when the host itself stops a plugin: a line in the log, and people are told."""

from __future__ import annotations

from core.audit.recording import record
from core.database.writing import Writing
from core.events.notifications import notify
from core.events.outbox import emit
from core.hooks.answers import SENTENCES
from core.hooks.records import Suspension
from core.hooks.service import find
from core.text import Text, t

ADMINISTRATOR = "administrator"
PLUGIN_SUSPENDED = "plugin_suspended"

WHY: dict[str, Text] = {
    "blocked": Text(SENTENCES["blocked"]),
    "failing": t("The plugin “%(plugin)s” failed again and again and was suspended."),
}


async def announce(writing: Writing, suspension: Suspension) -> None:
    """Write the suspension into the log and tell the scope's administrators, in its own transaction.

    The operator is told by ``subscribers``, where it is not the first scope.
    """
    row = await find(writing, suspension.plugin)
    after = {"plugin": suspension.plugin, "state": row.state, "cause": suspension.cause, "hook": suspension.hook}
    await record(writing, "plugin.suspend", ("plugin", row.id), after=after)
    await notify(
        writing,
        WHY[suspension.cause].id,
        link=f"/plugins/{suspension.plugin}",
        role=ADMINISTRATOR,
        params={"plugin": suspension.plugin},
    )
    await emit(writing, PLUGIN_SUSPENDED, ("plugin", row.id))
