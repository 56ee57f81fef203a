"""Removing a plugin that is off: first what it keeps is exported as a file, then it is erased, with a receipt."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.documents.models import Document
from core.documents.purposes import PURPOSES
from core.documents.storing import store_upload
from core.errors import NotFound, Refused
from core.extensions.consenting import ON_ITS_PAGE
from core.extensions.known import settings_of
from core.extensions.lifecycle import PLUGIN_MANAGE
from core.extensions.reading import file_of
from core.extensions.schemas import ByName, ErasePlugin, PluginFile
from core.hooks import removal, service, standing
from core.hooks.models import PluginEnablement, PluginRemoval
from core.hooks.removal import Measured
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

PURPOSE = PURPOSES["plugin_data"]
ERASED = t("Its data were erased already.")
RECEIPT = t("The receipt is on the plugin’s page.")
CHANGED = t("What it keeps is not what the file holds: it was used in between.")
EXPORT_ANEW = t("Export its data again; then erase them.")


class Written(NamedTuple):
    """The file with what a plugin keeps."""

    document_id: UUID
    measured: Measured


async def _write(ctx: Ctx, data: ByName) -> Written:
    """Write what the plugin keeps to a file of the scope."""
    async with tenant_session(ctx, read_only=True) as session:
        row = await standing.look_up(session, ctx.scope, data.name)
        if row is None:
            raise NotFound
        _require_off(row)
        struct = settings_of(ctx, data.name)
        measured = await removal.measure(session, ctx.scope, data.name, struct)
    lines = removal.write_out(ctx, data.name, struct, measured)
    return Written(await store_upload(ctx, f"{data.name}-data.jsonl", lines, PURPOSE.key), measured)


@use_case(permission=PLUGIN_MANAGE, input=ByName, output=PluginFile, before=_write, backdated=NOW, step_up=PLUGIN)
async def export_plugin_data(work: Work, data: ByName) -> PluginFile:
    """Write what a plugin that is switched off keeps to a file: its settings without secrets, and its documents."""
    row = await service.find(work, data.name)
    _require_off(row)
    written: Written = work.decided
    measured = written.measured
    told = {"settings": measured.settings, "documents": measured.documents, "sha256": measured.sha256}
    export = PluginRemoval(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        plugin=row.plugin,
        plugin_version=row.plugin_version,
        document_id=written.document_id,
        exported_at=work.now,
        exported_by=work.ctx.actor.id,
        exported_by_name=work.ctx.actor.name,
        **told,
    )
    work.session.add(export)
    await work.session.flush()
    await work.audit("plugin.export", ("plugin", row.id), after={"plugin": row.plugin, **told})
    return await file_of(work, data.name)


@use_case(
    permission=PLUGIN_MANAGE,
    input=ErasePlugin,
    output=PluginFile,
    backdated=NOW,
    step_up=PLUGIN,
    in_person=ON_ITS_PAGE,
)
async def erase_plugin_data(work: Work, data: ErasePlugin) -> PluginFile:
    """Erase what a plugin keeps, secrets too, if an export holds just that; the receipt stays."""
    row = await service.find(work, data.name)
    export: PluginRemoval = await work.get(PluginRemoval, data.export)
    if export.plugin != data.name:
        raise NotFound
    if export.erased_at is not None:
        raise Refused(ERASED, RECEIPT)
    _require_off(row)
    if await work.session.get(Document, (work.ctx.scope.id, export.document_id)) is None:
        raise Refused(t("The file with its data is not kept any more."), EXPORT_ANEW)
    if not await removal.erase(work, export, settings_of(work.ctx, data.name)):
        raise Refused(CHANGED, EXPORT_ANEW)
    erased = {
        name: getattr(export, name) for name in ("settings", "secrets", "documents", "fields", "failures", "sha256")
    }
    await work.audit("plugin.erase", ("plugin", row.id), after={"plugin": data.name, **erased})
    return await file_of(work, data.name)


def _require_off(row: PluginEnablement) -> None:
    if row.state == "removed":
        raise Refused(ERASED, RECEIPT)
    if row.state != "disabled":
        raise Refused(t("It is switched on, or suspended."), t("Switch it off first; then export what it keeps."))
