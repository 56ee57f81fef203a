"""From a plugin that stands somewhere to the files of its bundle."""

from __future__ import annotations

from pathlib import Path

from contingent.kit.projects import Found
from contingent.kit.reading import folder_of, packages_of
from core.errors import Misconfigured
from core.hooks.registry import Plugin


def bundled_files(plugin: Plugin, found: Found) -> dict[str, bytes]:
    """Return what belongs into the bundle, by path from the root of imports; raise ``Misconfigured``.

    Of a package everything that is not hidden nor compiled, and its project's ``README.md``.
    """
    place = folder_of(plugin.module)
    package = found.address.rpartition(".")[0]
    brought = sorted(packages_of(place, package if place.is_dir() else found.address))
    if brought:
        raise Misconfigured(f"It imports {', '.join(brought)}: a bundle brings no packages of other people.")
    if place.is_file():
        return {f"{found.address}.py": place.read_bytes()}
    if not package:
        raise Misconfigured(f"{place} is not a package: put an __init__.py beside plugin.py.")
    top = package.replace(".", "/")
    files = {}
    for file in sorted(place.rglob("*")):
        inside = file.relative_to(place)
        if any(part.startswith((".", "__pycache__")) for part in inside.parts):
            continue
        if file.is_symlink():
            raise Misconfigured(f"{file} leads elsewhere: a bundle holds files only.")
        if file.is_dir():
            continue
        files[f"{top}/{inside.as_posix()}"] = file.read_bytes()
    # The packages above it make it importable, as they do in a sandbox.
    above = package.split(".")[:-1]
    files |= {"/".join([*above[: depth + 1], "__init__.py"]): b"" for depth in range(len(above))}
    readme = found.project / "README.md" if found.project else None
    if readme is not None and readme.is_file():
        files.setdefault(f"{top}/README.md", readme.read_bytes())
    return files


def write_bundle(path: Path, content: bytes) -> bool:
    """Write the bundle; return whether it was there already. Raises ``Misconfigured`` where another one is."""
    if path.exists():
        if path.read_bytes() != content:
            raise Misconfigured(f"{path} is another bundle: raise the plugin's version, or remove the file.")
        return True
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
    return False
