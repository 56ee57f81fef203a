"""Bringing a version of a plugin of one's own: it is looked at whole before anything of it is kept.

None of its code runs outside a sandbox.
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
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.bundles.lifecycle import PLUGIN_UPLOAD, SUBJECT, WAITS
from core.bundles.making import Unusable, make_plugin
from core.bundles.models import PluginBundle, PluginKey
from core.bundles.reading import file_of
from core.bundles.schemas import BundleFile, UploadBundle
from core.context import Ctx
from core.database.sealing import seal
from core.database.sessions import tenant_session
from core.errors import Conflict, Fault, Invalid, Refused
from core.extensions.announcing import ADMINISTRATOR
from core.hooks.allowing import offer_of
from core.hooks.answers import Fell
from core.hooks.bundles import Bundle, BundleRefused, read_bundle
from core.hooks.models import BundleStanding, PluginStop
from core.hooks.offering import Offer
from core.hooks.registry import Plugin, Registry
from core.hooks.stops import open_stops
from core.limits.limiter import Limiter
from core.limits.policies import BUNDLE
from core.text import Text, t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work

MOST_NOT_CHOSEN = 50
"""Versions that a service keeps besides those that are chosen."""
MOST_BYTES = 256 * 2**20
"""Bytes of all versions that a service keeps; a bundle has 8 MiB at most."""
MAKE_ROOM = t("Take versions away that nobody needs, on the page “Your own plugins”, or have an administrator do it.")


class Looked(NamedTuple):
    """A bundle that may be kept, with its bytes and the key that signed it."""

    bundle: Bundle
    content: bytes
    key_id: UUID


async def _look(ctx: Ctx, data: UploadBundle) -> Looked:
    """Return the bundle, looked at whole and loaded once in a sandbox. Raises ``Invalid`` with every fault."""
    async with tenant_session(ctx, read_only=True) as session:
        if not await ctx.people.answered_for(session):
            raise Refused(
                t("It is not known who let this program in, so nobody answers for what it brings."),
                t("Have an administrator replace its token on the page “Programs”; then bring it with that."),
            )
        offer = await offer_of(session, ctx)
        keys = {one.fingerprint: one for one in await session.scalars(_keys(ctx))}
    await Limiter(ctx.database, ctx.clock).allow(BUNDLE, str(ctx.scope.id))
    content = _content(data)
    trusted = {mark: key.label for mark, key in keys.items() if key.revoked_at is None}
    bundle, plugin = await asyncio.to_thread(_opened, content, trusted, ctx.hooks.offered, offer)
    async with tenant_session(ctx, read_only=True) as session:
        _require_trial(await open_stops(session, ctx.scope), plugin.name)
        await _require_room(session, ctx, len(content))
    await _try(ctx, plugin)
    return Looked(bundle, content, keys[bundle.fingerprint].id)


def _content(data: UploadBundle) -> bytes:
    try:
        return base64.b64decode(data.file, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid([t("This is no file in base64.")]) from None


def _opened(content: bytes, trusted: Mapping[str, str], offered: Registry, offer: Offer) -> tuple[Bundle, Plugin]:
    """Return the bundle and the plugin that it holds. Raises ``Invalid`` with every fault.

    No name is taken by what is not there for the service: it learns nothing of that by trying names. The bundle may be
    large: whoever else is served meanwhile does not wait for it.
    """
    try:
        bundle = read_bundle(content, trusted)
    except BundleRefused as refused:
        raise _invalid(refused.faults) from None
    faults = _faults_of_name(bundle, {name for name, one in offered.plugins.items() if offer.holds(one)})
    try:
        plugin = make_plugin(bundle, offered.hooks, "own")
    except Unusable as unusable:
        raise _invalid([*faults, *unusable.faults]) from None
    if faults:
        raise _invalid(faults)
    return bundle, plugin


def _require_trial(stops: list[PluginStop], plugin: str) -> None:
    """Raise ``Refused`` where no code of the plugin runs by now, in whatever sandbox, and so none is tried.

    Why one is stopped stands on its page, for those for whom it has one.
    """
    for row in stops:
        if row.plugin is None:
            raise Refused(
                t("In safe mode no plugin’s code runs, so none is tried: the version is not kept."),
                t("Bring it again once safe mode has ended: the page “Plugins” says who ends it."),
            )
        if row.plugin == plugin:
            raise Refused(
                t("The operator of the platform has stopped this plugin, so none of its versions is tried or kept."),
                t("Ask the operator when it may run again; then bring the version again."),
            )


async def _require_room(session: AsyncSession, ctx: Ctx, size: int) -> None:
    """Raise ``Refused`` where the service would keep more than it may with another version of ``size`` bytes."""
    chosen = PluginBundle.state == "chosen"
    counted = select(func.count().filter(~chosen), func.coalesce(func.sum(PluginBundle.size), 0))
    others, held = (await session.execute(counted.where(PluginBundle.tenant_id == ctx.scope.id))).one()
    if others >= MOST_NOT_CHOSEN:
        raise Refused(
            t("Your service keeps %(most)s versions that are not chosen, which is the most.", most=MOST_NOT_CHOSEN),
            MAKE_ROOM,
        )
    if held + size > MOST_BYTES:
        raise Refused(
            t("With this file, your service would keep more than %(most)s MiB of plugins.", most=MOST_BYTES // 2**20),
            MAKE_ROOM,
        )


async def _try(ctx: Ctx, plugin: Plugin) -> None:
    """Load the plugin once, in a sandbox that ends with it. Raises ``Invalid`` where it does not load."""
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


@use_case(permission=PLUGIN_UPLOAD, input=UploadBundle, output=BundleFile, before=_look, backdated=NOW)
async def upload_bundle(work: Work, data: UploadBundle) -> BundleFile:
    """Bring a version of a plugin of the service's own, in one signed file; a different person lets it run."""
    looked: Looked = work.decided
    # Two who bring one at once: the second waits here, and is counted after the first.
    one_at_a_time = func.hashtextextended(f"bundles:{work.ctx.scope.id}", 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(one_at_a_time)))
    await _require_room(work.session, work.ctx, len(looked.content))
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
