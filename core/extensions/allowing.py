"""The operator's allow-list: which services may enable which plugins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.context import Ctx, Scope
from core.database.directory import list_scopes
from core.errors import Fault, Invalid, NotFound, Refused
from core.extensions.consenting import ON_ITS_PAGE
from core.extensions.lifecycle import PLUGIN_OFFER, PLUGIN_READ
from core.extensions.reading import agencies, named, uses_of_all
from core.extensions.schemas import ByName
from core.extensions.words import WHOM
from core.hooks.allowing import allow, rules_of
from core.hooks.data import Words
from core.hooks.models import PluginAllowance
from core.hooks.offering import usual
from core.hooks.registry import Registry
from core.hooks.standing import standings
from core.hooks.titles import title_of_plugin
from core.text import Text, t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.fields import field
from core.use_cases.output import shown
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

SUBJECT = "plugin_allowance"
DECIDED, WITHDRAWN, GIVEN = "plugin_allowance.set", "plugin_allowance.withdraw", "plugin_allowance.give"
"""What the operator's log and a service's call it."""
CHANGED = "plugin_allowance_changed"
"""The event by which a scope hears that a plugin that is on there may run no more, or may again."""

Whom = Literal["everyone", "chosen", "nobody"]


class AllowPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a plugin is for. ``services``: slugs, read where ``whom`` is ``chosen``; an empty list is nobody."""

    name: str
    whom: Annotated[Whom, field(t("Who may enable it"), choices=WHOM)]
    services: Annotated[list[str], field(t("Services"), widget="choices")] = []
    reason: Annotated[
        str,
        field(
            t("Reason"),
            help=t("Services that have it on and may not any more read it."),
            widget="area",
            shortest=3,
            longest=500,
        ),
    ]


class RuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that holds or held. Without ``service``: for every one that has no rule of its own."""

    service: Words | None
    allowed: bool
    reason: str
    by_name: str
    began_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a plugin is for. ``services``: the slugs of those that are named.

    ``beside``: it did not come with the product. ``decided``: the operator has said so; otherwise it is the rule for
    plugins of which nothing was said.
    """

    name: str
    title: Words
    beside: bool
    decided: bool
    whom: Whom
    services: list[str]
    enabled: int
    """Services that have it on."""
    rules: list[RuleOut]
    """The latest first."""


@use_case(permission=PLUGIN_READ, input=ByName, output=Allowance, scopes={"platform"}, reads=True)
async def get_allowance(work: Work, data: ByName) -> Allowance:
    """Show whom a plugin is for, since when and why."""
    return await allowance_of(work, data.name)


@use_case(
    permission=PLUGIN_OFFER,
    input=AllowPlugin,
    output=Allowance,
    scopes={"platform"},
    backdated=NOW,
    step_up=PLUGIN,
    in_person=ON_ITS_PAGE,
)
async def allow_plugin(work: Work, data: AllowPlugin) -> Allowance:
    """Say which services may enable a plugin: every one, some by name, or none."""
    await decide(work, work.ctx.hooks.registry, data)
    return await allowance_of(work, data.name)


async def decide(work: Work, registry: Registry, data: AllowPlugin) -> None:
    """Keep whom the plugin is for; the services that this changes something for, and that have it on, are told."""
    await _require_known(work, registry, data.name)
    services = {scope.slug: scope for scope in await agencies(work)}
    if data.whom == "chosen":
        unknown = [slug for slug in data.services if slug not in services]
        if unknown:
            raise Invalid([Fault("/services", t("There is no service called “%(slug)s”.", slug=unknown[0]))])
    slugs = data.services if data.whom == "chosen" else []
    chosen = None if data.whom == "everyone" else {services[slug].id for slug in slugs}
    among = list(services.values())
    changed = await allow(work, data.name, among, chosen, data.reason, usually=usually(work.ctx, registry, data.name))
    if changed is None:
        raise Refused(t("It is so already."), t("Choose others, or leave it as it is."))
    rule = next(row for row in await rules_of(work.session, data.name) if row.scope_id is None)
    after = {"plugin": data.name, "whom": data.whom, "services": sorted(slugs)}
    await work.audit(DECIDED, (SUBJECT, rule.id), after=after, reason=data.reason)
    stands = await standings(work.session, own=False)
    on = {scope.id for standing, scope in stands if _counts(standing.plugin, standing.state, data)}
    for scope, rule in changed:
        if scope.id in on:
            await work.emit(CHANGED, (SUBJECT, rule.id), tenant=scope.id)


def _counts(plugin: str, state: str, data: AllowPlugin) -> bool:
    return plugin == data.name and state in ("enabled", "suspended")


async def allowance_of(work: Work, name: str) -> Allowance:
    """Return whom the plugin is for. Raises ``NotFound`` for one that nobody knows."""
    await _require_known(work, work.ctx.hooks.registry, name)
    plugin = work.ctx.hooks.registry.plugins.get(name)
    scopes, rules = await list_scopes(work.session), await rules_of(work.session, name)
    whom, services = whom_of(work.ctx, name, rules, scopes)
    by_id = {scope.id: scope for scope in scopes}
    uses = (await uses_of_all(work)).get(name)
    return Allowance(
        name=name,
        title=title_of_plugin(name, plugin),
        beside=plugin is not None and plugin.beside,
        decided=any(row.ended_at is None for row in rules),
        whom=whom,
        services=[scope.slug for scope in services],
        enabled=uses.enabled if uses else 0,
        rules=[shown(RuleOut, row, service=named(by_id[row.scope_id]) if row.scope_id else None) for row in rules],
    )


def whom_of(ctx: Ctx, name: str, rules: Sequence[PluginAllowance], scopes: Sequence[Scope]) -> tuple[Whom, list[Scope]]:
    """Return whom the plugin, of which these are the rules, is for, and those that are named."""
    held = {row.scope_id: row.allowed for row in rules if row.ended_at is None}
    if held.get(None, usually(ctx, ctx.hooks.registry, name)):
        return "everyone", []
    chosen = [scope for scope in scopes if held.get(scope.id)]
    return ("chosen", chosen) if chosen else ("nobody", [])


async def whom_of_all(work: Work) -> dict[str, tuple[Whom, list[Words]]]:
    """Return, of every plugin that is installed, whom it is for, and those that are named."""
    scopes, rules = await list_scopes(work.session), await rules_of(work.session)
    found = {}
    for name in work.ctx.hooks.registry.plugins:
        whom, chosen = whom_of(work.ctx, name, [row for row in rules if row.plugin == name], scopes)
        found[name] = (whom, [named(scope) for scope in chosen])
    return found


def usually(ctx: Ctx, registry: Registry, name: str) -> bool:
    """Say whether the plugin is for everyone without any rule; what is not installed is a matter of rules alone."""
    plugin = registry.plugins.get(name)
    return plugin is None or usual(plugin, ctx.database.settings.new_plugins)


async def find_rule(work: Work, key: UUID) -> PluginAllowance | None:
    """Return a rule that the scope may see."""
    found: PluginAllowance | None = await work.session.scalar(select(PluginAllowance).where(PluginAllowance.id == key))
    return found


def told_of(rule: PluginAllowance) -> Text:
    """Return what administrators are told of a rule that changed something for them."""
    if rule.allowed:
        return t("The operator of the platform allows the plugin “%(plugin)s” here again: it runs.", plugin=rule.plugin)
    return t(
        "The operator of the platform no longer allows the plugin “%(plugin)s” here: %(reason)s",
        plugin=rule.plugin,
        reason=rule.reason,
    )


async def _require_known(work: Work, registry: Registry, name: str) -> None:
    in_use = {one.plugin for one, _ in await standings(work.session, own=False)}
    if name not in {*registry.plugins, *registry.broken, *in_use}:
        raise NotFound
