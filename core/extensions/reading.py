"""A scope's plugins as they are shown. Nothing here runs a plugin's code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core.context import Ctx, Language, Scope
from core.database.directory import list_scopes
from core.database.folding import fold
from core.documents.models import Document
from core.documents.purposes import PURPOSES
from core.errors import NotFound
from core.extensions.consenting import asked, waits
from core.extensions.installed_schemas import ConsentedOut, OwnBundleOut, StoppedOut, Uses
from core.extensions.lifecycle import PLUGIN_PEOPLE
from core.extensions.schemas import (
    ChangeOut,
    ConsentOut,
    FailureOut,
    KeptOut,
    NotAllowedOut,
    OwnStopOut,
    PluginFile,
    PluginSummary,
    RemovalOut,
    SecretOut,
    State,
    StopOut,
)
from core.extensions.settings_plain import fits
from core.hooks.allowing import offer_of, rules_for
from core.hooks.consent import Asks, read_asks
from core.hooks.data import Words
from core.hooks.database_records import SYSTEM
from core.hooks.database_secrets import set_secrets
from core.hooks.models import PluginEnablement, PluginStanding, PluginStop
from core.hooks.plans import Stops
from core.hooks.registry import Plugin
from core.hooks.removal import count_kept, removals
from core.hooks.settings_values import Struct, found_at, secret_paths, without_secrets
from core.hooks.standing import Changed, PluginState, bundle_standings, history, standings, states
from core.hooks.stops import open_stops, summed
from core.hooks.titles import title_of_plugin
from core.use_cases.output import shown
from core.use_cases.work import Work


async def plugins_of(work: Work) -> list[PluginState]:
    """Return what is installed and there for the scope, and what it knows; a broken plugin only where it was in use."""
    offer = await offer_of(work.session, work.ctx)
    found = await states(work.session, work.ctx.scope, await work.ctx.hooks.look(work.session), offer)
    return [one for one in found if one.plugin is not None or one.row is not None]


async def listed(work: Work) -> list[PluginState]:
    """Return what ``plugins_of`` does, without what is not there any more and keeps nothing either."""
    return [one for one in await plugins_of(work) if (one.plugin and one.allowed) or one.state != "removed"]


async def file_of(work: Work, name: str) -> PluginFile:
    """Return everything about one plugin. Raises ``NotFound`` if it is neither installed nor known here."""
    return await _file(work, await state_of(work, name))


async def state_of(work: Work, name: str) -> PluginState:
    """Return one plugin as the scope has it. Raises ``NotFound`` if it is neither installed nor known here."""
    for one in await plugins_of(work):
        if one.name == name:
            return one
    raise NotFound


async def uses_of_all(work: Work) -> dict[str, Uses]:
    """Return, by plugin that is no scope's own, which scopes run it or had it stopped. For the operator."""
    found: dict[str, list[tuple[PluginStanding, Scope]]] = {}
    for standing, scope in await standings(work.session, own=False):
        found.setdefault(standing.plugin, []).append((standing, scope))
    plugins = work.ctx.hooks.registry.plugins
    return {
        plugin: Uses(
            enabled=sum(standing.state == "enabled" for standing, _ in of_it),
            stopped=[
                StoppedOut(named(scope), standing.cause, standing.since)
                for standing, scope in of_it
                if standing.state == "suspended"
            ],
            consents=[
                one
                for standing, scope in of_it
                if (one := _consented(plugins[plugin].manifest.asks if plugin in plugins else Asks(), standing, scope))
            ],
        )
        for plugin, of_it in found.items()
    }


def _consented(asks: Asks, standing: PluginStanding, scope: Scope) -> ConsentedOut | None:
    waiting = standing.state == "enabled" and not asks.within(read_asks(standing.consented))
    if standing.consented_at is None and not waiting:
        return None
    return ConsentedOut(named(scope), standing.consented_version, standing.consented_at, waiting)


def summary_of(ctx: Ctx, one: PluginState, stops: Stops) -> PluginSummary:
    """Return one line of the list; ``stops`` are what does not run here, whatever was decided."""
    manifest = one.plugin.manifest if one.plugin else None
    row = one.row
    return PluginSummary(
        name=one.name,
        title=title_of_plugin(one.name, one.plugin),
        summary=manifest.summary if manifest else None,
        state=_state(one, stops),
        plugin_version=manifest.version if manifest else row.plugin_version if row else None,
        since=row.since if row else None,
        cause=row.cause if row else None,
        resting=ctx.hooks.resting(one.name),
        source=one.plugin.source if one.plugin else None,
        publisher=_publisher(ctx, one.plugin),
        tier=manifest.tier if manifest else None,
        quality=manifest.quality if manifest else None,
        asks=asked(manifest.asks if manifest else Asks()),
        answered_at=one.answered_at,
        failures=[shown(FailureOut, failure) for failure in one.failures],
    )


def _publisher(ctx: Ctx, plugin: Plugin | None) -> str | None:
    """Return who signed it; of a service's own a name, which is for those who see people's."""
    if plugin is None or (plugin.source == "own" and not ctx.actor.may(PLUGIN_PEOPLE)):
        return None
    return plugin.publisher or None


async def _file(work: Work, one: PluginState) -> PluginFile:
    manifest, row = one.plugin.manifest if one.plugin else None, one.row
    held = [row for row in await open_stops(work.session, work.ctx.scope) if row.plugin in (None, one.name)]
    secrets = await set_secrets(work.session, work.ctx, one.name)
    asks = manifest.asks if manifest else Asks()
    changes = await history(work.session, work.ctx.scope, one.name)
    people = work.ctx.actor.may(PLUGIN_PEOPLE)
    struct = manifest.settings if manifest else None
    return PluginFile(
        plugin=summary_of(work.ctx, one, summed(held)),
        hooks=sorted(one.plugin.hooks) if one.plugin else [],
        warned=list(one.plugin.warned) if one.plugin else [],
        capabilities=sorted(manifest.capabilities) if manifest else [],
        hosts=sorted(manifest.reaches((row.settings if row else {}).get)) if manifest else [],
        data_classes=sorted(manifest.data_classes) if manifest else [],
        asks=asked(asks),
        asks_beyond=asked(asks.beyond(read_asks(row.consented if row else None))),
        consent=_consent(row, people=people) if row else None,
        reason=row.reason if row and people else None,
        stops=[stop_out(work, held_by) for held_by in held],
        not_allowed=None if one.allowed else await _not_allowed(work, one.name),
        settings=without_secrets(struct, row.settings) if row and row.state != "removed" else None,
        secrets=[SecretOut(secret.field, secret.at, secret.by if people else None) for secret in secrets],
        kept=await _kept(work, one.name, struct) if row and row.state == "disabled" else None,
        removals=await _removals(work, one.name),
        history=[_change(change, struct, people=people) for change in changes],
        version=row.version if row else None,
    )


async def _not_allowed(work: Work, name: str) -> NotAllowedOut:
    rule = (await rules_for(work.session, work.ctx.scope)).get(name)
    return NotAllowedOut(rule.reason, rule.began_at) if rule else NotAllowedOut(None, None)


def stop_out(work: Work, row: PluginStop) -> StopOut:
    """Return a stop as the scopes see it for which it holds. Why the operator stops it, all of a scope may read."""
    theirs = row.by_scope != row.scope_id
    reason = row.reason if theirs or work.ctx.actor.may(PLUGIN_PEOPLE) else None
    return shown(StopOut, row, reason=reason, everywhere=row.scope_id is None, by_operator=theirs)


async def agencies(work: Work) -> list[Scope]:
    """Return the services that may run plugins, by slug."""
    return [scope for scope in await list_scopes(work.session) if scope.kind == "agency"]


async def service_names(work: Work, language: Language) -> dict[str, str]:
    """Return what those services are called in ``language``, by their slug, in the order of the alphabet."""
    names = {scope.slug: scope.name(language) for scope in await agencies(work)}
    return dict(sorted(names.items(), key=lambda named: fold(named[1])))


async def own_stops(work: Work) -> list[OwnStopOut]:
    """Return every stop that holds, as the operator sees it."""
    scopes = {scope.id: scope for scope in await list_scopes(work.session)}
    return [
        shown(
            OwnStopOut,
            row,
            service=None if row.scope_id is None else named(scopes[row.scope_id]),
            by_operator=row.by_scope == work.ctx.scope.id,
        )
        for row in await open_stops(work.session)
    ]


async def own_bundles(work: Work) -> list[OwnBundleOut]:
    """Return which plugins services have of their own. For the operator."""
    return [
        shown(OwnBundleOut, standing, service=named(scope)) for standing, scope in await bundle_standings(work.session)
    ]


def named(scope: Scope) -> Words:
    """Return what the scope is called, in both languages."""
    return {"en": scope.name_en, "fr": scope.name_fr}


def _consent(row: PluginEnablement, *, people: bool) -> ConsentOut | None:
    if row.consented_at is None:
        return None
    given, by = asked(read_asks(row.consented)), row.consented_by_name if people else None
    return ConsentOut(given, row.consented_version or "", by, row.consented_at)


def _change(change: Changed, struct: Struct | None, *, people: bool) -> ChangeOut:
    """Return a change; what the host did by itself is no person's, whoever reads."""
    row, difference = change.row, _unsealed(change.difference, struct)
    if people or row.actor_id == SYSTEM.id:
        return shown(ChangeOut, row, difference=difference)
    return shown(ChangeOut, row, difference=difference, actor_name=None, reason=None)


def _unsealed(difference: Mapping[str, Any], struct: Struct | None) -> dict[str, Any]:
    """Return what a change changed without what is a secret by now: of that, whether it was and is set."""
    told = dict(difference)
    for path in secret_paths(struct):
        name, within_it, _ = path.partition("/")
        change = told.get(name)
        if not isinstance(change, list):
            continue
        if not within_it:
            told[name] = {"secret": [one is not None for one in change]} if any(change) else {}
        elif any(found_at({name: one}, path)[0] for one in change):
            told[name] = [without_secrets(struct, {name: one})[name] for one in change]
    return {name: change for name, change in told.items() if change}


async def _kept(work: Work, name: str, struct: Struct | None) -> KeptOut:
    kept = await count_kept(work.session, work.ctx.scope, name, struct)
    return KeptOut(kept.settings, kept.secrets, kept.documents)


async def _removals(work: Work, name: str) -> list[RemovalOut]:
    found = await removals(work.session, work.ctx.scope, name)
    files = select(Document.id).where(
        Document.tenant_id == work.ctx.scope.id, Document.id.in_([one.document_id for one in found])
    )
    there = set(await work.session.scalars(files)) if found else set()
    days = timedelta(days=PURPOSES["plugin_data"].days or 0)
    names = {} if work.ctx.actor.may(PLUGIN_PEOPLE) else {"exported_by_name": None, "erased_by_name": None}
    return [
        shown(
            RemovalOut,
            one,
            document_id=one.document_id if one.document_id in there else None,
            kept_until=one.exported_at + days,
            **names,
        )
        for one in found
    ]


def _state(one: PluginState, stops: Stops) -> State:
    if one.row is None or one.row.state == "removed":
        return "available" if one.row is None else "removed"
    if one.plugin is None:
        return "missing"
    if one.row.state != "enabled":
        return "suspended" if one.row.state == "suspended" else "disabled"
    barred = stops.bars(one.name)
    if barred or not one.allowed:
        return "unallowed" if not barred else "safe" if barred == "safe" else "stopped"
    if waits(one.plugin, one.row):
        return "unconsented"
    return "enabled" if fits(one.plugin.manifest.settings, one.row.settings) else "unset"
