"""The operator hears of a plugin that the host stopped for several services: its fault is then hardly theirs."""

from __future__ import annotations

import logging

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.extensions.announcing import PLUGIN_SUSPENDED
from core.hooks.service import standings
from core.text import t
from core.use_cases.work import Work

OPERATOR = "operator"
SEVERAL = 2
"""Services, from which on it is the operator's affair (`hooks.md`, containment)."""

log = logging.getLogger("contingent.plugins")


@subscriber(PLUGIN_SUSPENDED, side="platform")
async def tell_operator(ctx: Ctx, event: Event) -> None:
    """Tell the operator which services the host has stopped the plugin for, from the second one on.

    Each further service is told of anew. One that a person suspended, or that an administrator
    has resumed since, does not count.
    """
    async with tenant_session(ctx) as session:
        found = [(one, scope) for one, scope in await standings(session) if one.state == "suspended" and one.cause]
        plugin = next((one.plugin for one, _ in found if one.enablement_id == event.subject_id), None)
        stopped = [scope.slug for one, scope in found if one.plugin == plugin]
        if plugin is None or len(stopped) < SEVERAL:
            return
        said = t(
            "The plugin “%(plugin)s” is suspended for %(count)s services: %(services)s. Look at it.",
            plugin=plugin,
            count=len(stopped),
            services=", ".join(stopped),
        )
        await Work(ctx, session, event.on, ctx.clock.now()).notify(said, link="/plugins", role=OPERATOR)
    log.critical("plugin %s is suspended for %d tenants: look at it", plugin, len(stopped), extra={"plugin": plugin})
