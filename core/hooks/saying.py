"""What a plugin says of itself, as data: so that it can be signed, shown and consented to without its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from core.hooks.data import Words
from core.hooks.inspection import implementations
from core.hooks.manifest import Manifest
from core.hooks.marking import PROJECT
from core.hooks.shapes import Named, fields_of

Place = Literal["first", "last", ""]


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The manifest, the hooks and the settings of a plugin."""

    name: str
    version: str
    title: Words
    summary: Words | None
    requires: str
    tier: int
    quality: str | None
    capabilities: Sequence[str]
    hosts: Sequence[str]
    hosts_from: Sequence[str]
    data_classes: Sequence[str]
    store_fields: Mapping[str, str]
    hooks: Mapping[str, Place]
    """The hooks that it implements; of each, whether it asks to be called before the others, or after them."""
    settings: Sequence[Named] | None
    strict: bool
    """Whether its settings refuse a field that they do not have."""


def said_by(module: object) -> Said:
    """Return what a loaded plugin says of itself. Raises ``ValueError`` or ``Unfit`` for one that is unsound."""
    return of(module.manifest, _places(module))  # type: ignore[attr-defined]


def of(manifest: Manifest, hooks: Mapping[str, Place]) -> Said:
    """Return what is said by a manifest and these hooks. Raises ``ValueError`` for settings that no form can show."""
    struct = manifest.settings
    return Said(
        name=manifest.name,
        version=manifest.version,
        title=manifest.title,
        summary=manifest.summary,
        requires=manifest.requires,
        tier=manifest.tier,
        quality=manifest.quality,
        capabilities=sorted(manifest.capabilities),
        hosts=sorted(manifest.hosts),
        hosts_from=sorted(manifest.hosts_from),
        data_classes=sorted(manifest.data_classes),
        store_fields=dict(sorted(manifest.store_fields.items())),
        hooks=dict(sorted(hooks.items())),
        settings=None if struct is None else fields_of(struct),
        strict=struct is not None and struct.__struct_config__.forbid_unknown_fields,
    )


def encoded(said: Said) -> bytes:
    """Return it as bytes: the same for the same, and for nothing else."""
    plain = {one.name: getattr(said, one.name) for one in msgspec.structs.fields(Said)}
    return msgspec.json.encode(plain, order="deterministic")


def _places(module: object) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for name in dir(module):
        options: Any = getattr(getattr(module, name, None), f"{PROJECT}_impl", None)
        if isinstance(options, dict):
            hook = options.get("specname") or name
            found[hook] = "first" if options.get("tryfirst") else "last" if options.get("trylast") else ""
    return {name: found[name] for name in implementations(module)}
