"""A plugin's settings as a form, and the form that comes back. No plugin's code is run for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.context import Ctx, Language
from core.errors import Fault
from core.extensions.known import settings_of
from core.extensions.schemas import ConfigurePlugin, PluginFile, SecretOut, TrySettings
from core.extensions.settings_plain import plain
from core.extensions.settings_words import Words, described
from core.hooks.database_secrets import held, hold
from core.hooks.settings_values import drop_at, found_at, put_at, secret_paths
from core.text import t
from core.use_cases.fields import field_of
from core.web.forms import Form, Kept, build_form
from core.web.forms_kinds import kinds_of
from core.web.forms_nested import TICKED, group_of
from core.web.forms_sent import typed
from core.web.tables import Badge
from core.web.view import View, with_both_values

Struct = type[msgspec.Struct]
Pairs = Sequence[tuple[str, str]]

SETTINGS = "/settings"
HELD = "/_held"
CLEAR = "/_clear"


def settings_rows(
    struct: Struct | None, settings: Mapping[str, Any], language: Language
) -> list[tuple[Words, Words | list[Badge]]]:
    """Return each setting's label and value as a page shows them: each entry of a list is a badge."""
    return [
        (label, [Badge(one) for one in value] if isinstance(value, list) else value)
        for label, value in described(struct, settings, language)
    ]


def settings_form(view: View, found: PluginFile, *, faults: Sequence[Fault] = (), values: Any = None) -> Form | None:
    """Return the form of the settings: as they are, as ``values`` are, or as they were sent and refused."""
    struct = settings_of(view.ctx, found.plugin.name)
    if struct is None or found.settings is None:
        return None
    stored = _form(view, found, struct, found.settings)
    if values is not None:
        return _form(view, found, struct, values, faults)
    if view.refused not in (ConfigurePlugin, TrySettings) or view.values is None:
        return stored
    view.explained = True
    faults = [Fault(one.pointer.removeprefix(SETTINGS) or "/", one.text) for one in view.faults]
    sent = _form(view, found, struct, view.values["settings"], faults)
    return with_both_values(sent, stored) if view.conflict else sent


def _form(
    view: View, found: PluginFile, struct: Struct, values: Mapping[str, Any], faults: Sequence[Fault] = ()
) -> Form:
    secrets = {path: _kept(view, found, struct, path, values) for path in secret_paths(struct)}
    return build_form(plain(struct), values, faults, version=found.version, explains=True, secrets=secrets)


def _kept(view: View, found: PluginFile, struct: Struct, path: str, values: Mapping[str, Any]) -> Kept:
    """Return what is said of a secret; what was entered for it stays with the form, sealed."""
    known = next((one for one in found.secrets if one.field == path), None)
    sent, value = found_at(values, path)
    return Kept(
        state=since(view, known) if known else None,
        held=hold(view.ctx, found.plugin.name, path, value) if isinstance(value, str) and value else "",
        cleared=sent and value is None,
        lines=_widget(struct, path) == "area",
    )


def since(view: View, secret: SecretOut) -> str:
    """Return since when a secret is set, in the scope's own time, and by whom where that is told."""
    if secret.by is None:
        return view.say(t("Set on %(when)s.", when=secret.at))
    return view.say(t("Set on %(when)s by %(who)s.", when=secret.at, who=secret.by))


def _widget(struct: Struct, path: str) -> str:
    step, _, rest = path.partition("/")
    info = next(one for one in msgspec.structs.fields(struct) if one.encode_name == step)
    group = kinds_of(struct)[step].group
    return _widget(group, rest) if rest and group else field_of(info.type, info.name).widget


def gather_settings(ctx: Ctx, params: Mapping[str, str], fields: Pairs) -> Mapping[str, Any]:
    """Return what was sent as the settings of an input. A list of which nothing is left is empty."""
    struct = settings_of(ctx, params["name"])
    if struct is None:
        return {"settings": {}}
    ours = {f"{path}{ending}" for path in secret_paths(struct) for ending in ("", HELD, CLEAR)}
    lines = [(name, value.replace("\r\n", "\n")) for name, value in fields]
    kinds = kinds_of(plain(struct)).items()
    empty = {name: [] if kind.plain is list else group_of(kind.group, ()) for name, kind in kinds if _nests(kind)}
    values = empty | typed(plain(struct), [(name, value) for name, value in lines if name not in ours])
    given = {name: value for name, value in lines if name in ours}
    for path in secret_paths(struct):
        values = _put_secret(ctx, params["name"], path, given, values)
    return {"settings": values}


def _nests(kind: Any) -> bool:
    return kind.plain is list or kind.group is not None


def _put_secret(
    ctx: Ctx, plugin: str, path: str, given: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Put in what was entered for a secret, or that it is taken away; left alone it is left out."""
    entered, token = given.get(path, ""), given.get(path + HELD, "")
    if entered.strip():
        return put_at(values, path, entered)
    if given.get(path + CLEAR, "") in TICKED:
        return put_at(values, path, None)
    if token:
        # What was not held for this field and this person is refused where it is read, as no text.
        return put_at(values, path, held(ctx, plugin, path, token) or False)
    return drop_at(values, path)


def conceal_secrets(ctx: Ctx, params: Mapping[str, str], fields: Pairs) -> list[tuple[str, str]]:
    """Return what was sent with its secrets sealed, for a page that holds it meanwhile."""
    paths = secret_paths(settings_of(ctx, params["name"]))
    entered = {name: value.replace("\r\n", "\n") for name, value in fields if name in paths and value.strip()}
    anew = {path + HELD for path in entered}
    kept = [(name, value) for name, value in fields if name not in entered and name not in anew]
    return [*kept, *((path + HELD, hold(ctx, params["name"], path, text)) for path, text in entered.items())]
