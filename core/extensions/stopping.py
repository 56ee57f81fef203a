"""Stopping plugins, whatever services decided: safe mode of a service's own, and what the operator stops."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.context import Scope
from core.errors import Fault, Invalid, NotFound, Refused
from core.extensions.announcing import ADMINISTRATOR
from core.extensions.installed_schemas import Installation
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_STOP
from core.extensions.reading import agencies, own_bundles
from core.extensions.schemas import ALL, EnterSafeMode, LiftStop, PluginList, StopPlugin
from core.extensions.service import installation, plugin_list
from core.hooks.models import PluginStop
from core.hooks.registry import Registry
from core.hooks.standing import standings
from core.hooks.stops import lift, open_stops, stop
from core.text import Text, t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

ON_THE_PAGE = t("Do it on the page “Plugins”.")
SUBJECT = "plugin_stop"
START, END = "plugin_stop.enforce", "plugin_stop.end"
"""What the log calls the two."""
STOPPED, GO_ON = "plugins_stopped", "plugins_go_on"
"""The events by which a scope hears of what the operator did."""


@use_case(permission=PLUGIN_MANAGE, input=EnterSafeMode, output=PluginList, backdated=NOW, step_up=PLUGIN)
async def enter_safe_mode(work: Work, data: EnterSafeMode) -> PluginList:
    """Let no plugin run in one's own service, until safe mode is left."""
    if await own_stops(work):
        raise Refused(t("This service is in safe mode already."), t("It can be left on the page “Plugins”."))
    row = await stop(work, work.ctx.scope.id, None, data.reason)
    await work.audit(START, (SUBJECT, row.id), reason=data.reason)
    await tell(work, told(row))
    return await plugin_list(work)


@use_case(
    permission=PLUGIN_MANAGE, input=Nothing, output=PluginList, backdated=NOW, step_up=PLUGIN, in_person=ON_THE_PAGE
)
async def leave_safe_mode(work: Work, data: Nothing) -> PluginList:
    """Let plugins run again in one's own service."""
    own = await own_stops(work)
    if not own:
        raise Refused(
            t("This service is not in safe mode by its own decision."),
            t("What the operator stopped, the operator ends."),
        )
    for row in own:
        await lift(work, row, None)
        await work.audit(END, (SUBJECT, row.id))
    await tell(work, t("This service has left safe mode: plugins run again."))
    return await plugin_list(work)


@use_case(
    permission=PLUGIN_STOP, input=StopPlugin, output=Installation, scopes={"platform"}, backdated=NOW, step_up=PLUGIN
)
async def stop_plugin(work: Work, data: StopPlugin) -> Installation:
    """Stop one plugin, or all, in one service or in every one, whatever these decided."""
    services = {scope.slug: scope for scope in await agencies(work)}
    service = services.get(data.service)
    faults = []
    if data.service != ALL and service is None:
        faults.append(Fault("/service", t("There is no such service.")))
    if data.plugin != ALL and data.plugin not in await known_plugins(work, work.ctx.hooks.registry):
        faults.append(Fault("/plugin", t("There is no such plugin.")))
    if faults:
        raise Invalid(faults)
    await begin_stop(work, None if data.plugin == ALL else data.plugin, service, data.reason)
    return await installation(work)


@use_case(
    permission=PLUGIN_STOP,
    input=LiftStop,
    output=Installation,
    scopes={"platform"},
    backdated=NOW,
    step_up=PLUGIN,
    in_person=ON_THE_PAGE,
)
async def lift_stop(work: Work, data: LiftStop) -> Installation:
    """End a stop that the operator made: what services had switched on runs again."""
    row = next((one for one in await own_stops(work) if str(one.id) == data.id), None)
    if row is None:
        raise NotFound
    await end_stop(work, row, data.reason)
    return await installation(work)


async def known_plugins(work: Work, registry: Registry) -> set[str]:
    """Return what the operator can stop: all there is for everybody, what services had, and what is a service's own."""
    had = {one.plugin for one, _ in await standings(work.session)}
    return {*registry.plugins, *registry.broken, *had, *(one.plugin for one in await own_bundles(work))}


async def begin_stop(work: Work, plugin: str | None, service: Scope | None, reason: str) -> None:
    """Stop a plugin, or all, in a service, or in every one, as the operator; the services are told."""
    where = service.id if service else None
    if any(row.plugin == plugin and row.scope_id == where for row in await own_stops(work)):
        raise Refused(t("It is stopped there already."), t("End that stop, or leave it as it is."))
    row = await stop(work, where, plugin, reason)
    after = {"plugin": plugin or ALL, "slug": service.slug if service else ALL}
    await work.audit(START, (SUBJECT, row.id), after=after, reason=reason)
    await _emit(work, STOPPED, row)


async def end_stop(work: Work, row: PluginStop, reason: str | None) -> None:
    """End a stop that the operator made; the services are told."""
    await lift(work, row, reason)
    await work.audit(END, (SUBJECT, row.id), after={"plugin": row.plugin or ALL}, reason=reason)
    await _emit(work, GO_ON, row)


async def own_stops(work: Work) -> list[PluginStop]:
    """Return the stops that hold and were made by the scope itself, wherever they hold."""
    return [row for row in await open_stops(work.session) if row.by_scope == work.ctx.scope.id]


def told(row: PluginStop) -> Text:
    """Return what administrators are told of a stop."""
    if row.plugin is not None:
        return t(
            "The operator of the platform stopped the plugin “%(plugin)s”: %(reason)s",
            plugin=row.plugin,
            reason=row.reason,
        )
    if row.by_scope != row.scope_id:
        return t("The operator of the platform put this service into safe mode: %(reason)s", reason=row.reason)
    return t("%(by)s put this service into safe mode: %(reason)s", by=row.by_name, reason=row.reason)


async def tell(work: Work, text: Text, *, link: str = "/plugins") -> None:
    """Tell the scope's administrators."""
    await work.notify(text, link=link, role=ADMINISTRATOR)


async def find_stop(work: Work, key: UUID) -> PluginStop | None:
    """Return a stop that the scope may see."""
    found: PluginStop | None = await work.session.scalar(select(PluginStop).where(PluginStop.id == key))
    return found


async def _emit(work: Work, event: str, row: PluginStop) -> None:
    for scope_id in [row.scope_id] if row.scope_id else [scope.id for scope in await agencies(work)]:
        await work.emit(event, (SUBJECT, row.id), tenant=scope_id)
