"""A plugin's settings: changed, tried as they stand in the form, and read from a file that was exported.

They are looked at with no transaction open (``before``): whoever relies on the plugin's answers may object, and
the plugin itself may have to be asked. A secret that is left out stays as it is; ``null`` takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from core.audit.recording import WITHHELD
from core.context import Ctx
from core.database.sessions import tenant_session
from core.database.tables import DataClass
from core.errors import Fault, Invalid, Refused
from core.extensions.announcing import PLUGIN_CONFIGURED
from core.extensions.consenting import require_known_machines, waits
from core.extensions.known import installed, known, titled, within
from core.extensions.lifecycle import PLUGIN_MANAGE
from core.extensions.reading import file_of
from core.extensions.schemas import ConfigurePlugin, PluginFile, ReadSettings, SettingsRead, Tried, TrySettings
from core.extensions.settings_checks import objections
from core.extensions.settings_plain import plain
from core.hooks import service
from core.hooks.answers import Answers
from core.hooks.database_secrets import secrets_of
from core.hooks.models import PluginEnablement
from core.hooks.registry import Plugin
from core.hooks.settings_values import drop_at, found_at, put_at, secret_paths, stored, without_secrets
from core.hooks.specs import hr_test_connection
from core.hooks.types import ConnectionStep, Source
from core.secret import Secret, made_of
from core.text import t
from core.use_cases import intake
from core.use_cases.declaration import NOW, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

FORMAT = "contingent plugin settings 1"
"""The first member of a file of settings."""
TESTS = hr_test_connection.__name__


class Decided(NamedTuple):
    """Settings that may come into force, and which secrets change."""

    settings: Any
    secrets: Mapping[str, Secret | None]
    row: PluginEnablement
    plugin: Plugin


async def _read(ctx: Ctx, data: ConfigurePlugin | TrySettings) -> Decided:
    """Return the settings as the plugin's own struct. Raises ``Invalid`` with all that is wrong with them.

    While it waits for consent none of its code is run: they are read without its own checks.
    """
    plugin, row = await known(ctx, data.name)
    struct = plugin.manifest.settings
    if row is None or row.state == "removed":
        raise Refused(
            t("“%(plugin)s” was never switched on here.", plugin=titled(ctx, plugin)),
            t("Switch it on first: it then has settings to change."),
        )
    if struct is None:
        raise Refused(
            t("“%(plugin)s” has no settings.", plugin=titled(ctx, plugin)), t("Switch it on or off as it is.")
        )
    if waits(plugin, row):
        struct = plain(struct)
    async with tenant_session(ctx, read_only=True) as session:
        kept = (await secrets_of(session, ctx)).get(plugin.name, {})
    clear = _clear(struct, row.settings, kept)
    try:
        values, changed = _with_secrets(struct, data.settings, {**kept, **clear})
        changed = [*changed, *(path for path in clear if path not in changed and found_at(values, path)[0])]
        settings = intake.read(struct, values)
    except Invalid as invalid:
        raise Invalid(within(invalid.faults)) from None
    except Exception:  # noqa: BLE001 - the struct's own check may raise anything
        raise Invalid([Fault("/settings", t("The plugin’s own check of its settings failed."))]) from None
    require_known_machines(ctx, plugin, row.settings, stored(settings))
    return Decided(settings, {path: _at(settings, path) for path in changed}, row, plugin)


def _clear(struct: type[msgspec.Struct], stored_as: Mapping[str, Any], kept: Mapping[str, Secret]) -> dict[str, Secret]:
    """Return what an older version kept as a setting and is a secret by now, unless it was set: to be sealed."""
    found = {path: found_at(stored_as, path)[1] for path in secret_paths(struct) if path not in kept}
    return {path: made_of(text) for path, text in found.items() if isinstance(text, str) and text}


def _with_secrets(
    struct: type[msgspec.Struct], given: Mapping[str, Any], kept: Mapping[str, Secret]
) -> tuple[Mapping[str, Any], list[str]]:
    """Return the values with the secrets that stay, and the paths of those that change."""
    changed = []
    for path in secret_paths(struct):
        group, within_it, _ = path.partition("/")
        if within_it and group not in given and path in kept:
            given = {**given, group: stored(struct())[group]}  # a group that is left out has the struct's own default
        sent, value = found_at(given, path)
        if sent and value != "":
            changed.append(path)
        else:
            given = put_at(given, path, kept[path]) if path in kept else drop_at(given, path)
    return given, changed


def _at(settings: Any, path: str) -> Any:
    for step in path.split("/"):
        names = {one.encode_name: one.name for one in msgspec.structs.fields(settings)}
        settings = getattr(settings, names[step])
    return settings


async def _to_save(ctx: Ctx, data: ConfigurePlugin) -> Decided:
    decided = await _read(ctx, data)
    if decided.row.state == "enabled" and not waits(decided.plugin, decided.row):
        found = await objections(ctx, decided.plugin, decided.settings)
        if found:
            raise Invalid(within(found))
    return decided


@use_case(
    permission=PLUGIN_MANAGE,
    input=ConfigurePlugin,
    output=PluginFile,
    before=_to_save,
    backdated=NOW,
    step_up=PLUGIN,
)
async def configure_plugin(work: Work, data: ConfigurePlugin) -> PluginFile:
    """Change a plugin's settings."""
    row = await service.find(work, data.name)
    work.check_version(row)
    decided: Decided = work.decided
    difference = await service.configure(work, installed(work.ctx, data.name), decided.settings, decided.secrets)
    told = {name: _told(change) for name, change in difference.items()}
    await work.audit(
        "plugin.configure",
        ("plugin", row.id),
        before={name: before for name, (before, _) in told.items()},
        after={"plugin": data.name, **{name: after for name, (_, after) in told.items()}},
    )
    await work.emit(PLUGIN_CONFIGURED, ("plugin", row.id))
    return await file_of(work, data.name)


def _told(change: Any) -> Any:
    """Return the value before and after a change; of a secret no more than that there is one."""
    if not isinstance(change, Mapping):
        return change
    return [{WITHHELD: str(DataClass.SECRET)} if there else None for there in change["secret"]]


async def _try(ctx: Ctx, data: TrySettings) -> Answers[list[ConnectionStep]]:
    """Ask the plugin to try its connection with the settings as they were sent; nothing of them is kept."""
    decided = await _read(ctx, data)
    title = titled(ctx, decided.plugin)
    if TESTS not in decided.plugin.hooks:
        raise Refused(t("“%(plugin)s” has no connection to test.", plugin=title), t("Save its settings as they are."))
    if decided.row.state != "enabled":
        raise Refused(t("“%(plugin)s” is not in use.", plugin=title), t("Switch it on first: then test it."))
    if waits(decided.plugin, decided.row):
        raise Refused(
            t("“%(plugin)s” waits for consent.", plugin=title), t("Consent to what it asks for: then test it.")
        )
    trying = ctx.hooks.trying(data.name, decided.settings)
    return await trying.one(data.name, hr_test_connection, source=Source(id=decided.row.id))


@use_case(permission=PLUGIN_MANAGE, input=TrySettings, output=Tried, before=_try, backdated=NOW, step_up=PLUGIN)
async def try_settings(work: Work, data: TrySettings) -> Tried:
    """Try a plugin's connection with settings that are not saved; say how each step went."""
    row = await service.find(work, data.name)
    answers: Answers[list[ConnectionStep]] = work.decided
    steps = [step for answer in answers.results for step in answer]
    cause = answers.failures[0].cause if answers.failures else None if steps else "nothing"
    reached = cause is None and all(step.done for step in steps)
    await work.audit("plugin.test", ("plugin", row.id), after={"plugin": data.name, "reached": reached})
    return Tried(data.name, reached, steps, cause)


@use_case(permission=PLUGIN_MANAGE, input=ReadSettings, output=SettingsRead, quiet=True, backdated=NOW)
async def read_settings_file(work: Work, data: ReadSettings) -> SettingsRead:
    """Read settings from a file that was exported, to be looked through in the form; nothing is saved."""
    plugin, row = await known(work.ctx, data.name)
    struct = plugin.manifest.settings
    if row is None or row.state == "removed" or struct is None:
        raise Refused(
            t("“%(plugin)s” has no settings here.", plugin=titled(work.ctx, plugin)),
            t("Switch it on first: it then has settings to change."),
        )
    try:
        file = msgspec.json.decode(data.file, type=SettingsFile)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid([Fault("/file", t("This is no file of settings: choose one that was exported here."))]) from None
    if file.plugin != data.name:
        fault = t("These are settings of another plugin, “%(plugin)s”.", plugin=file.plugin)
        raise Invalid([Fault("/file", fault)])
    unknown = [name for name in file.settings if name not in struct.__struct_encode_fields__]
    settings = {name: value for name, value in file.settings.items() if name not in unknown}
    for path in secret_paths(struct):
        if found_at(settings, path)[0]:
            settings, unknown = drop_at(settings, path), [*unknown, path]
    return SettingsRead(
        data.name, without_secrets(struct, row.settings) | settings, sorted(unknown), _faults(struct, settings)
    )


class SettingsFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of settings holds. Of secrets it holds nothing."""

    format: str
    plugin: str
    version: str
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError("another format")


def settings_file(found: PluginFile) -> bytes:
    """Return a plugin's settings as a file: without its secrets, with its version."""
    version = str(found.plugin.plugin_version)
    made = SettingsFile(format=FORMAT, plugin=found.plugin.name, version=version, settings=found.settings or {})
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def _faults(struct: type[msgspec.Struct], settings: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with settings from a file, as far as types and bounds go: no plugin's code is run."""
    try:
        intake.read(plain(struct), settings)
    except Invalid as invalid:
        return list(invalid.faults)
    return []
