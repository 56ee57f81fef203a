"""A service's own plugins: a different person than the one who brought a version lets it run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from core.bundles.lifecycle import A_PERSON, SUBJECT, WAITS
from core.bundles.models import PluginBundle, PluginKey
from core.bundles.reading import file_of, own_plugins, removable
from core.bundles.schemas import BundleFile, OwnPlugins
from core.errors import Conflict, NotFound, Refused
from core.extensions.consenting import BEFORE_CONSENT
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.hooks.models import BundleStanding
from core.hooks.registry import Plugin
from core.hooks.service import raise_generation
from core.hooks.standing import look_up
from core.text import t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

ANOTHER = t("You brought this version yourself: a different person lets it run.")
ASK = t("Ask another administrator of your service.")


@use_case(permission=PLUGIN_READ, input=Nothing, output=OwnPlugins, reads=True)
async def list_own_plugins(work: Work, data: Nothing) -> OwnPlugins:
    """List the plugins that are the service's own, in every version, and the keys that it trusts."""
    return await own_plugins(work)


@use_case(permission=PLUGIN_READ, input=ById, output=BundleFile, reads=True)
async def get_bundle(work: Work, data: ById) -> BundleFile:
    """Show a version of a plugin of the service's own: who brought it, and what it says of itself."""
    return await file_of(work, await work.get(PluginBundle, data.id))


@use_case(permission=PLUGIN_MANAGE, input=ById, output=BundleFile, backdated=NOW, step_up=PLUGIN, in_person=A_PERSON)
async def choose_bundle(work: Work, data: ById) -> BundleFile:
    """Let a version run that somebody else brought, in place of the one that ran; it may be an older one."""
    row = await _held(work, data.id)
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
    """Take away a version that does not run, or was chosen and never switched on; its file is erased."""
    row = await _held(work, data.id)
    if not await removable(work, row):
        raise Refused(
            t("This is the version that runs, or would."),
            t("Choose another version first; or switch the plugin off and erase what it keeps, on its page."),
        )
    ran = row.state == "chosen"
    told = {"plugin": row.plugin, "plugin_version": row.plugin_version, "sha256": row.sha256}
    await work.audit("plugin_bundle.withdraw", (SUBJECT, row.id), before=told)
    await _answered(work, row)
    standing = await work.get(BundleStanding, row.id)
    await work.session.delete(standing)
    await work.session.delete(row)
    await work.session.flush()
    if ran:
        await raise_generation(work)
    return await own_plugins(work)


async def _held(work: Work, id: str) -> PluginBundle:
    """Return the version. It and the others of its plugin stay as they are until the transaction ends.

    Of two who choose or take away at once the second waits here, and sees what the first did.
    """
    row: PluginBundle = await work.get(PluginBundle, id)
    versions = select(PluginBundle).filter_by(tenant_id=work.ctx.scope.id, plugin=row.plugin).order_by(PluginBundle.id)
    locked = await work.session.scalars(versions.with_for_update().execution_options(populate_existing=True))
    found = next((one for one in locked if one.id == row.id), None)
    if found is None:
        raise NotFound
    return found


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
    row = await work.session.scalar(chosen.with_for_update(read=True))  # nobody takes it away meanwhile
    if row is None:
        raise Conflict(t("The version that was chosen was taken away meanwhile."))
    await _require_another(work, row)


BEFORE_CONSENT.append(_before_consent)
