"""Which plugins there are for everybody: those that are installed, and those in the operator's folder."""

from __future__ import annotations

from pathlib import Path

from core.bundles.folder import Folder
from core.errors import Misconfigured
from core.hooks.registry import Registry
from core.settings import Settings


def folder_of(settings: Settings, registry: Registry) -> Folder:
    """Return the operator's folder of bundles. Raises ``Misconfigured`` for one without keys."""
    if settings.plugin_folder and not settings.plugin_keys:
        raise Misconfigured("CONTINGENT_PLUGIN_FOLDER is set: say in CONTINGENT_PLUGIN_KEYS which file holds the keys")
    place, keys = settings.plugin_folder, settings.plugin_keys
    return Folder(Path(place) if place else None, Path(keys), registry)


async def offered(settings: Settings) -> Registry:
    """Return what there is just now, for a command. Raises ``Misconfigured`` as ``folder_of``."""
    registry = Registry().load()
    folder = folder_of(settings, registry)
    await folder.start()
    await folder.close()
    return registry.with_bundles(folder.held)
