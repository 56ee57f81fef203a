"""A service's own plugins: its developer brings a version, and a different person lets it run.

A version is looked at whole before anything of it is kept, and none of its code runs outside a sandbox.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from core.bundles.lifecycle import A_PERSON, PLUGIN_UPLOAD
from core.bundles.making import Unusable, make_plugin
from core.bundles.models import PluginBundle, PluginKey
from core.bundles.reading import file_of, own_plugins
from core.bundles.schemas import BundleFile, OwnPlugins, UploadBundle
from core.context import Ctx
from core.database.sealing import seal
from core.database.sessions import tenant_session
from core.errors import Conflict, Fault, Invalid, Refused
from core.extensions.announcing import ADMINISTRATOR
from core.extensions.consenting import BEFORE_CONSENT
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.hooks.answers import Fell
from core.hooks.bundles import Bundle, BundleRefused, read_bundle
from core.hooks.models import BundleStanding
from core.hooks.registry import Plugin, Registry
from core.hooks.service import look_up, raise_generation
from core.text import Text, t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

SUBJECT = "plugin_bundle"
WAITS = t("Version %(version)s of the plugin “%(plugin)s” was brought, and waits for somebody to let it run.")
ANOTHER = t("You brought this version yourself: a different person lets it run.")
ASK = t("Ask another administrator of your service.")


class Looked(NamedTuple):
    """A bundle that may be kept, with its bytes and the key that signed it."""

    bundle: Bundle
    content: bytes
    key_id: UUID


@use_case(permission=PLUGIN_READ, input=Nothing, output=OwnPlugins, reads=True)
async def list_own_plugins(work: Work, data: Nothing) -> OwnPlugins:
    """List the plugins that are the service's own, in every version, and the keys that it trusts."""
    return await own_plugins(work)


@use_case(permission=PLUGIN_READ, input=ById, output=BundleFile, reads=True)
async def get_bundle(work: Work, data: ById) -> BundleFile:
    """Show a version of a plugin of the service's own: who brought it, and what it says of itself."""
    return await file_of(work, await work.get(PluginBundle, data.id))


async def _look(ctx: Ctx, data: UploadBundle) -> Looked:
    """Return the bundle, looked at whole and loaded once in a sandbox. Raises ``Invalid`` with every fault."""
    try:
        content = base64.b64decode(data.file, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid([t("This is no file in base64.")]) from None
    async with tenant_session(ctx, read_only=True) as session:
        keys = {one.fingerprint: one for one in await session.scalars(_keys(ctx))}
    trusted = {mark: key.label for mark, key in keys.items() if key.revoked_at is None}
    bundle, plugin = await asyncio.to_thread(_opened, content, trusted, ctx.hooks.offered)
    assert plugin.code is not None
    try:
        await ctx.hooks.hosts.trial(plugin.name, plugin.code)
    except Fell as fell:
        if fell.cause == "unconfined":
            raise Refused(
                t("The platform cannot try it in a sandbox: %(why)s.", why=fell.line),
                t("Ask the operator: the page of plugins there says what this machine lacks."),
            ) from None
        raise _invalid([t("It was tried in a sandbox and could not be loaded: %(why)s.", why=fell.line)]) from None
    return Looked(bundle, content, keys[bundle.fingerprint].id)


def _opened(content: bytes, trusted: Mapping[str, str], offered: Registry) -> tuple[Bundle, Plugin]:
    """Return the bundle and the plugin that it holds. Raises ``Invalid`` with every fault.

    It may be large: whoever else is served meanwhile does not wait for it.
    """
    try:
        bundle = read_bundle(content, trusted)
    except BundleRefused as refused:
        raise _invalid(refused.faults) from None
    faults = _faults_of_name(bundle, {*offered.plugins, *offered.broken})
    try:
        plugin = make_plugin(bundle, offered.hooks, "own")
    except Unusable as unusable:
        raise _invalid([*faults, *unusable.faults]) from None
    if faults:
        raise _invalid(faults)
    return bundle, plugin


@use_case(permission=PLUGIN_UPLOAD, input=UploadBundle, output=BundleFile, before=_look, backdated=NOW)
async def upload_bundle(work: Work, data: UploadBundle) -> BundleFile:
    """Bring a version of a plugin of the service's own, in one signed file; a different person lets it run."""
    looked: Looked = work.decided
    said, mark = looked.bundle.statement, hashlib.sha256(looked.content).hexdigest()
    key: PluginKey = await work.get(PluginKey, looked.key_id)
    if key.revoked_at is not None:
        raise Conflict(t("The key that signed it was revoked meanwhile."))
    there = select(PluginBundle.sha256).filter_by(
        tenant_id=work.ctx.scope.id, plugin=said.name, plugin_version=said.version
    )
    if await work.session.scalar(there) is not None:
        raise _invalid([t("Version %(version)s of it is here already: raise its version.", version=said.version)])
    row = PluginBundle(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        plugin=said.name,
        plugin_version=said.version,
        sha256=mark,
        size=len(looked.content),
        key_id=key.id,
        statement=msgspec.to_builtins(said),
        state="waiting",
        uploaded_by=work.ctx.actor.id,
        uploaded_by_name=work.ctx.actor.name,
        uploaded_at=work.now,
    )
    row.sealed = seal(work.ctx, PluginBundle, row.id, looked.content)
    alike = {name: getattr(row, name) for name in ("id", "plugin", "plugin_version", "sha256", "state")}
    work.session.add_all([row, BundleStanding(scope_id=work.ctx.scope.id, **alike, since=work.now)])
    await work.session.flush()
    told = {"plugin": said.name, "plugin_version": said.version, "sha256": mark, "fingerprint": key.fingerprint}
    await work.audit("plugin_bundle.upload", (SUBJECT, row.id), after=told)
    told_of = Text(WAITS.id, {"plugin": said.name, "version": said.version})
    await work.notify(told_of, link=f"/own-plugins/{row.id}", role=ADMINISTRATOR)
    return await file_of(work, row)


@use_case(permission=PLUGIN_MANAGE, input=ById, output=BundleFile, backdated=NOW, step_up=PLUGIN, in_person=A_PERSON)
async def choose_bundle(work: Work, data: ById) -> BundleFile:
    """Let a version run that somebody else brought, in place of the one that ran; it may be an older one."""
    row: PluginBundle = await work.get(PluginBundle, data.id)
    key: PluginKey = await work.get(PluginKey, row.key_id)
    if row.state == "chosen":
        raise Refused(t("This is the version that was chosen already."), t("Switch it on on the plugin’s page."))
    if key.revoked_at is not None:
        raise Refused(t("The key that signed it is revoked."), t("Have it signed with a key that your service trusts."))
    await _require_another(work, row)
    await _require_name(work, row.plugin)
    await _change_states(work, row)
    row.chosen_by, row.chosen_by_name, row.chosen_at = work.ctx.actor.id, work.ctx.actor.name, work.now
    told = {"plugin": row.plugin, "plugin_version": row.plugin_version, "sha256": row.sha256}
    await work.audit("plugin_bundle.choose", (SUBJECT, row.id), after=told)
    await _answered(work, row)
    await raise_generation(work)
    return await file_of(work, row)


@use_case(permission=PLUGIN_MANAGE, input=ById, output=OwnPlugins, backdated=NOW, step_up=PLUGIN)
async def withdraw_bundle(work: Work, data: ById) -> OwnPlugins:
    """Take away a version that does not run; its file is erased."""
    row: PluginBundle = await work.get(PluginBundle, data.id)
    if row.state == "chosen":
        raise Refused(
            t("This is the version that runs, or would."),
            t("Choose another version first; or switch the plugin off and erase what it keeps, on its page."),
        )
    told = {"plugin": row.plugin, "plugin_version": row.plugin_version, "sha256": row.sha256}
    await work.audit("plugin_bundle.withdraw", (SUBJECT, row.id), before=told)
    await _answered(work, row)
    standing = await work.get(BundleStanding, row.id)
    await work.session.delete(standing)
    await work.session.delete(row)
    await work.session.flush()
    return await own_plugins(work)


async def _change_states(work: Work, row: PluginBundle) -> None:
    """Choose this version, in place of the one that was."""
    changed: tuple[tuple[type[Any], str, dict[str, Any]], ...] = (
        (PluginBundle, "tenant_id", {}),
        (BundleStanding, "scope_id", {"since": work.now}),
    )
    for table, scope, changes in changed:
        mine = {scope: work.ctx.scope.id, "plugin": row.plugin}
        former = update(table).filter_by(**mine, state="chosen").values(state="former", **changes)
        await work.session.execute(former)
        chosen = update(table).filter_by(**mine, id=row.id).values(state="chosen", **changes)
        await work.session.execute(chosen)
    await work.session.refresh(row)


async def _answered(work: Work, row: PluginBundle) -> None:
    """Nobody is asked any more whether this version may run."""
    await work.ask_no_longer(WAITS, link=f"/own-plugins/{row.id}")


async def _require_another(work: Work, row: PluginBundle) -> None:
    """Raise ``Refused`` where who acts brought the version, or let in the program that did, in whichever seat."""
    if await work.ctx.people.is_actor(work.session, row.uploaded_by):
        raise Refused(ANOTHER, ASK)


async def _require_name(work: Work, plugin: str) -> None:
    """Raise ``Refused`` where another plugin had the name: what was consented to and kept for it is not this one's.

    As long as a service keeps anything for a plugin of its own, one version of it is chosen.
    """
    kept = await look_up(work.session, work.ctx.scope, plugin)
    ours = select(PluginBundle.id).filter_by(tenant_id=work.ctx.scope.id, plugin=plugin, state="chosen")
    if kept is not None and kept.state != "removed" and await work.session.scalar(ours) is None:
        raise Refused(
            t("Another plugin was called %(name)s here, and what it keeps is still there.", name=plugin),
            t("Erase that on its page and bring this one again; or have this one called otherwise."),
        )


async def _before_consent(work: Work, plugin: Plugin) -> None:
    """Nobody switches on, or consents for, a version that they brought themselves."""
    if plugin.source != "own":
        return
    chosen = select(PluginBundle).filter_by(tenant_id=work.ctx.scope.id, plugin=plugin.name, state="chosen")
    row = await work.session.scalar(chosen)
    if row is not None:
        await _require_another(work, row)


BEFORE_CONSENT.append(_before_consent)


def _keys(ctx: Ctx) -> Any:
    return select(PluginKey).where(PluginKey.tenant_id == ctx.scope.id)


def _faults_of_name(bundle: Bundle, common: Collection[str]) -> list[Text]:
    name = bundle.statement.name
    if name not in common:
        return []
    return [t("A plugin that came with the platform is called %(name)s, too: call it otherwise.", name=name)]


def _invalid(faults: Any) -> Invalid:
    """Return the refusal of a file: one fault at its field that says all of them."""
    return Invalid([Fault("/file", Text("%(faults)s", {"faults": list(faults)}))])
