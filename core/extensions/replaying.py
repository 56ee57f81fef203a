"""Trying a call of a plugin again, at an invented tenant of the sandbox: for whoever looks for why it failed.

Nothing of the service's is written, and of it the plugin gets its settings without secrets, and of the subject of a
message ids, states, days and codes. What comes of it is shown once and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound, Refused
from core.extensions.consenting import waits
from core.extensions.deliveries import OneDelivery
from core.extensions.known import known, titled
from core.extensions.lifecycle import PLUGIN_REPLAY
from core.extensions.models import Delivery
from core.extensions.telling import DELIVERED, OVERTAKEN
from core.hooks.database_secrets import set_secrets
from core.hooks.inventing import invented
from core.hooks.models import PluginEnablement, PluginFailure
from core.hooks.registry import Plugin
from core.hooks.rehearsing import LONGEST, Rehearsal, Rehearsed
from core.hooks.settings_schema import apart
from core.hooks.settings_values import found_at, put_at, secret_paths
from core.hooks.specs import deliver_notification
from core.limits.limiter import Limiter
from core.limits.policies import REPLAY
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.fields import field_of
from core.use_cases.output import shown
from core.use_cases.work import Work

HEALTH = t("It receives health data: of what it is given and answers nothing is repeated, not even for its developers.")
SAMPLED = frozenset({deliver_notification.__name__})
"""Hooks of whose subject nothing but the id could be kept: it is not even read."""
_NONE = "this is not the secret"


class OneHook(msgspec.Struct, frozen=True):
    """A hook of a plugin, both by name."""

    name: str
    hook: str


class Replayed(Rehearsed, frozen=True, kw_only=True):
    """What came of trying a call again, and how it was called.

    ``subject_id``: of what the arguments were made; none: of nothing of the service's, they are ordinary ones, with
    as many of which it was called as ``tried`` says. ``clock_at``: where its clock stood. ``deadline`` and
    ``longest``: seconds that the call may take, and may take here. ``secrets``: those for which something else stood.
    """

    name: str
    hook: str
    plugin_version: str
    sandboxed: bool
    subject_kind: str | None
    subject_id: UUID | None
    clock_at: datetime
    deadline: float
    longest: float
    secrets: list[str]


class Call(NamedTuple):
    """What is to be called, where the clock stands, and of which subject the arguments are."""

    hook: str
    now: datetime
    subject: tuple[str, UUID] | None = None
    arguments: Mapping[str, Any] | None = None


async def _again(ctx: Ctx, data: OneDelivery) -> Replayed:
    plugin, row = await _may_run(ctx, data.name)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        delivery: Delivery = await work.get(Delivery, data.id)
        if delivery.plugin != data.name:
            raise NotFound
        call = await _told(work, delivery)
    return await _rehearse(ctx, plugin, row, call)


async def _told(work: Work, delivery: Delivery) -> Call:
    """Return what the plugin was told, of the subject as it is now and without what is personal."""
    call = Call(delivery.hook, delivery.tried_at or delivery.created_at)
    subject, own = (delivery.subject_kind, delivery.subject_id), work.ctx.hooks.texts_of(delivery.plugin)
    delivered = DELIVERED.get(delivery.hook, {}).get(delivery.subject_kind)
    if delivered is None or delivery.hook in SAMPLED:
        return call
    aside = await work.session.begin_nested()
    given = await delivered.read(Work(work.ctx, work.session, delivery.on_day, work.now), delivery)
    await aside.rollback()  # reading for a plugin may write down what it was given
    if given is None or given == OVERTAKEN:
        return call
    arguments = {name: msgspec.to_builtins(invented(value, own)) for name, value in given.items()}
    return call._replace(subject=subject, arguments=arguments)


async def _once_more(ctx: Ctx, data: OneHook) -> Replayed:
    plugin, row = await _may_run(ctx, data.name)
    if data.hook not in plugin.hooks:
        raise NotFound
    last = select(func.max(PluginFailure.last_at)).where(
        PluginFailure.tenant_id == ctx.scope.id, PluginFailure.plugin == data.name, PluginFailure.hook == data.hook
    )
    async with tenant_session(ctx, read_only=True) as session:
        failed_at: datetime | None = await session.scalar(last)
    return await _rehearse(ctx, plugin, row, Call(data.hook, failed_at or ctx.clock.now()))


async def _may_run(ctx: Ctx, name: str) -> tuple[Plugin, PluginEnablement]:
    """Return the plugin, of which code is to run, and the scope's row; raise ``Refused`` where none may."""
    plugin, row = await known(ctx, name)
    title = titled(ctx, plugin)
    if plugin.manifest.receives_health:
        raise Refused(HEALTH, t("Try it with the kit’s own cases instead: contingent plugin run."))
    if row is None or row.state in ("disabled", "removed"):
        raise Refused(t("“%(plugin)s” is not in use.", plugin=title), t("What is switched off does nothing anywhere."))
    if waits(plugin, row):
        raise Refused(
            t("“%(plugin)s” waits for consent.", plugin=title),
            t("An administrator consents to what it asks for first."),
        )
    return plugin, row


def _stand_in(struct: type[msgspec.Struct] | None, path: str) -> str:
    """Return what stands for a secret: what the plugin gives for it, or words that say what it is not."""
    step, _, rest = path.partition("/")
    for one in msgspec.structs.fields(struct) if struct else ():
        if one.encode_name == step:
            return _stand_in(apart(one.type).plain, rest) if rest else field_of(one.type, one.name).stand_in or _NONE
    return _NONE


async def _rehearse(ctx: Ctx, plugin: Plugin, row: PluginEnablement, call: Call) -> Replayed:
    if call.hook not in plugin.hooks:
        raise Refused(
            t("This version of “%(plugin)s” does not have the hook any more.", plugin=titled(ctx, plugin)),
            t("What it has by now stands on the page “How it fares”."),
        )
    rehearse, registry = ctx.hooks.rehearsing, ctx.hooks.registry
    address = "" if plugin.code is not None else getattr(plugin.module, "__name__", None)
    if rehearse is None or address is None:
        raise Refused(t("Nothing can be tried again here."), t("Ask the operator of the platform."))
    await Limiter(ctx.database, ctx.clock).allow(REPLAY, str(ctx.scope.id))
    async with tenant_session(ctx, read_only=True) as session:
        secrets = [one.field for one in await set_secrets(session, ctx, plugin.name)]
    settings: Mapping[str, Any] = row.settings
    # An older version may have kept as a setting what is a secret by now.
    by_now = [path for path in secret_paths(plugin.manifest.settings) if found_at(settings, path)[1] is not None]
    secrets = sorted({*secrets, *by_now})
    for path in secrets:
        settings = put_at(settings, path, _stand_in(plugin.manifest.settings, path))
    asked = Rehearsal(
        plugin=plugin.name,
        version=plugin.manifest.version,
        address=address,
        sandboxed=plugin.manifest.sandboxed,
        hook=call.hook,
        arguments=call.arguments,
        settings=settings,
        now=call.now,
        zone=ctx.scope.zone,
    )
    came = await rehearse(asked, ctx.scope.id, registry, ctx.hooks.hosts)
    if came is None:
        raise Refused(t("Others are being tried in the sandbox, and it had no turn."), t("Try again in a minute."))
    kind, id_ = call.subject or (None, None)
    return shown(
        Replayed,
        came,
        name=plugin.name,
        hook=call.hook,
        plugin_version=plugin.manifest.version,
        sandboxed=plugin.manifest.sandboxed,
        subject_kind=kind,
        subject_id=id_,
        clock_at=call.now,
        deadline=registry.hooks[call.hook].deadline,
        longest=LONGEST,
        secrets=secrets,
    )


@use_case(permission=PLUGIN_REPLAY, input=OneDelivery, output=Replayed, before=_again, backdated=NOW, forgets=True)
async def replay_delivery(work: Work, data: OneDelivery) -> Replayed:
    """Tell a plugin once more, in a sandbox tenant, what it was told; of the subject nothing personal is in it."""
    return await _noted(work)


@use_case(permission=PLUGIN_REPLAY, input=OneHook, output=Replayed, before=_once_more, backdated=NOW, forgets=True)
async def replay_hook(work: Work, data: OneHook) -> Replayed:
    """Call a plugin's hook in a sandbox tenant, with ordinary arguments, at the time of its last failure."""
    return await _noted(work)


async def _noted(work: Work) -> Replayed:
    replayed: Replayed = work.decided
    row = select(PluginEnablement.id).where(
        PluginEnablement.tenant_id == work.ctx.scope.id, PluginEnablement.plugin == replayed.name
    )
    came = replayed.cause or ("refused" if replayed.refusal else "answered")
    after = {"plugin": replayed.name, "hook": replayed.hook, "version": replayed.plugin_version, "came": came}
    await work.audit("plugin.rehearse", ("plugin", (await work.session.scalars(row)).one()), after=after)
    return replayed
