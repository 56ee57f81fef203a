"""Where a plugin is: a file, a package's folder, or a project with its own ``pyproject.toml``, installed or not."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from core.errors import Misconfigured
from core.hooks.registry import GROUP, Registry

CASES = ("tests", "cases")
"""Where a project keeps its recorded cases, from its folder."""


class Found(NamedTuple):
    """A plugin where it stands."""

    name: str
    address: str
    """The module with its manifest."""
    project: Path | None
    """The folder with the ``pyproject.toml`` that declares it, if one does."""

    @property
    def cases(self) -> Path | None:
        """The folder of its recorded cases, if its project has one."""
        folder = self.project.joinpath(*CASES) if self.project else None
        return folder if folder and folder.is_dir() else None


def find_plugin(path: Path) -> Found:
    """Return the plugin at ``path`` and make it importable; raise ``Misconfigured``, saying what was expected.

    ``path`` is a plugin's file, its package's folder (``plugin.py`` is in it), or its project's. ``plugin.py`` means
    the folder that it is in, whose name the plugin has.
    """
    place = path.resolve()
    if place.name == "plugin.py":
        place = place.parent
    if place.is_dir() and not (place / "plugin.py").exists():
        plugins = declared(place)
        if not plugins:
            raise Misconfigured(
                f"{path} holds no plugin.py, and no pyproject.toml with an entry point in the group {GROUP}: "
                "name a plugin's file, its package or its project."
            )
        if len(plugins) > 1:
            raise Misconfigured(f"{path} declares {len(plugins)} plugins ({', '.join(plugins)}): name one's package.")
        ((name, address),) = plugins.items()
        _make_importable(place)
        return Found(name, address, place)
    name, address = (place.stem if place.is_file() else place.name), import_path(place)
    project = project_of(place)
    return Found(name, address, project if project and address in declared(project).values() else None)


def project_of(place: Path) -> Path | None:
    """Return the folder of the project that a package or a module stands in, perhaps below ``src``, if it is one's."""
    folder = place.parent.parent if place.parent.name == "src" else place.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def declared(folder: Path) -> Mapping[str, str]:
    """Return the plugins that the project in ``folder`` declares: their names and modules."""
    file = folder / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        points = project.get("entry-points", {}).get(GROUP, {})
        return {str(name): str(address) for name, address in points.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise Misconfigured(f"{file} cannot be read: {error}") from error


def load_beside(path: Path, plugin: str | None = None) -> Registry:
    """Return every installed plugin, and those of the project above ``path`` that are not installed.

    So that a plugin's tests run before it is installed. ``plugin`` narrows that to one name.
    """
    registry = Registry().load()
    known = {*registry.plugins, *registry.broken}
    for folder in path.resolve().parents:
        for name, address in declared(folder).items():
            if name not in known and plugin in (None, name):
                _make_importable(folder)
                registry.load_module(name, address)
                known.add(name)
    return registry


def import_path(path: Path) -> str:
    """Make the plugin in ``path`` (a file, or a folder with ``plugin.py``) importable; return its address."""
    file = path.resolve() if path.is_file() else path.resolve() / "plugin.py"
    root, parts = file.parent, [file.stem]
    while (root / "__init__.py").exists():
        parts.insert(0, root.name)
        root = root.parent
    _put_first(root)
    return ".".join(parts)


def _make_importable(folder: Path) -> None:
    _put_first(folder / "src" if (folder / "src").is_dir() else folder)


def _put_first(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
        # What was known of it alone: going through all that is known fails where a thread imports meanwhile.
        sys.path_importer_cache.pop(str(root), None)
