"""What follows from events: deliveries and tasks of plugins, and word of what was stopped."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from core.audit.models import AuditLine
from core.context import SCOPE_KINDS, Ctx
from core.database.sessions import tenant_session
from core.events.notifications import NOTIFIED
from core.events.subscribers import ASIDE, LONGEST_DEADLINE, TASKS, Event, every, subscriber
from core.extensions.allowing import CHANGED, GIVEN, WITHDRAWN, find_rule, told_of
from core.extensions.allowing import SUBJECT as ALLOWANCE
from core.extensions.announcing import PLUGIN_SUSPENDED
from core.extensions.delivering import attempt
from core.extensions.messages import READ
from core.extensions.notifying import pass_on
from core.extensions.scheduling import begin_due, forget_old
from core.extensions.stopping import END, GO_ON, START, STOPPED, SUBJECT, find_stop, tell, told
from core.extensions.telling import DELIVERY_DUE, RUN_DUE, delivers
from core.hooks import database_figures
from core.hooks.specs import deliver_notification
from core.hooks.standing import standings
from core.text import t
from core.use_cases.work import Work

OPERATOR = "operator"
SEVERAL = 2
"""Services, from which on it is the operator's affair (`hooks.md`, containment)."""

log = logging.getLogger("contingent.plugins")

for _kind, _read in READ.items():
    delivers(deliver_notification, _kind, _read)


@subscriber(STOPPED)
async def follow_stop(ctx: Ctx, event: Event) -> None:
    """Keep in the scope's own log what the operator stopped there, and tell its administrators."""
    await _follow(ctx, event, START)


@subscriber(GO_ON)
async def follow_end_of_stop(ctx: Ctx, event: Event) -> None:
    """Keep in the scope's own log that the operator ended a stop, and tell its administrators."""
    await _follow(ctx, event, END)


async def _follow(ctx: Ctx, event: Event, action: str) -> None:
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        row = await find_stop(work, event.subject_id)
        if row is None or await _known(work, row.id, action):
            return
        reason = row.reason if action == START else row.lift_reason
        await work.audit(action, (SUBJECT, row.id), after={"plugin": row.plugin or "*"}, reason=reason)
        went_on = t("The operator of the platform lets plugins run again that were stopped here.")
        await tell(work, told(row) if action == START else went_on)


@subscriber(CHANGED, kinds={"agency"})
async def follow_allowance(ctx: Ctx, event: Event) -> None:
    """Keep in the service's own log that a plugin may run there no more, or may again, and tell its administrators."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        rule = await find_rule(work, event.subject_id)
        if rule is None:
            return
        action = GIVEN if rule.allowed else WITHDRAWN
        if not await _known(work, rule.id, action):
            await work.audit(action, (ALLOWANCE, rule.id), after={"plugin": rule.plugin}, reason=rule.reason)
            await tell(work, told_of(rule), link=f"/plugins/{rule.plugin}")


async def _known(work: Work, stop: UUID, action: str) -> bool:
    """Say whether the log has it already: a job may come twice."""
    chosen = select(AuditLine.id).where(
        AuditLine.tenant_id == work.ctx.scope.id, AuditLine.action == action, AuditLine.subject_id == stop
    )
    return await work.session.scalar(chosen.limit(1)) is not None


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


@subscriber(DELIVERY_DUE, kinds={"agency"}, deadline=LONGEST_DEADLINE, lane=ASIDE)
async def deliver(ctx: Ctx, event: Event) -> None:
    """Make an attempt at a delivery to one plugin."""
    await attempt(ctx, event)


@subscriber(RUN_DUE, kinds={"agency"}, deadline=LONGEST_DEADLINE, lane=TASKS)
async def run_plugin_task(ctx: Ctx, event: Event) -> None:
    """Make an attempt at a run of a plugin's task, which may take minutes: nothing else waits for it."""
    await attempt(ctx, event)


@every(60, kinds={"agency"})
async def begin_tasks(ctx: Ctx) -> None:
    """Begin the tasks of the service's plugins that are due."""
    await begin_due(ctx)


@every(86_400, kinds={"agency"})
async def forget_deliveries(ctx: Ctx) -> None:
    """Forget each day the deliveries that ended long ago."""
    await forget_old(ctx)


@subscriber(NOTIFIED, kinds={"agency"})
async def tell_by_channel(ctx: Ctx, event: Event) -> None:
    """Tell a reader by the channel of their choice, too."""
    await pass_on(ctx, event)


@every(3600, kinds=SCOPE_KINDS)
async def forget_figures(ctx: Ctx) -> None:
    """Delete what is kept of plugins' calls no longer."""
    async with tenant_session(ctx) as session:
        await database_figures.forget_old(session, ctx.scope, ctx.clock.now())
