"""What can be told from a plugin's source without running it: imports, and sentences in both languages."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

OURS = {"core", "tenants", "auth", "plugins"}
OPEN = {"contingent", "contingent.testing"}
IN_EVERY_HOST = {"msgspec"}
"""Third-party packages that a sandboxed host has loaded."""


def folder_of(module: object) -> Path:
    """Return the folder of a plugin's package, or the file of a plugin that is a single module."""
    file = Path(str(getattr(module, "__file__", "")))
    return file.parent if (file.parent / "__init__.py").exists() or file.name == "plugin.py" else file


def foreign_imports(place: Path, package: str) -> Iterator[str]:
    """Yield every import of what is neither ``contingent``, the plugin's own nor a third party's.

    ``package`` is the dotted name of the plugin's package.
    """
    for path, node in _nodes(place):
        for name in _imported(node):
            top = name.partition(".")[0]
            own = bool(package) and (name == package or name.startswith(f"{package}."))
            if not own and (top in OURS or (top == "contingent" and name not in OPEN)):
                yield f"{path.name}:{getattr(node, 'lineno', 0)} imports {name}: expected contingent only"


def packages_of(place: Path, package: str) -> set[str]:
    """Return the third-party packages that the plugin imports, by their top name."""
    own = {package.partition(".")[0], place.stem, *OURS, *(name.partition(".")[0] for name in OPEN), "__future__"}
    found = {name.partition(".")[0] for _, node in _nodes(place) for name in _imported(node)}
    return found - own - set(sys.stdlib_module_names) - IN_EVERY_HOST


def attributes(place: Path) -> set[str]:
    """Return every name that the plugin's source reaches for with a dot."""
    return {node.attr for _, node in _nodes(place) if isinstance(node, ast.Attribute)}


def _nodes(place: Path) -> Iterator[tuple[Path, ast.AST]]:
    """Yield every node of the plugin's Python files, with the file that it stands in."""
    for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            yield path, node


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return [node.module]
    return []


def sentences(place: Path) -> dict[str, str]:
    """Return every sentence given to ``t``, with where it stands."""
    found: dict[str, str] = {}
    for path, node in _nodes(place):
        match node:
            case ast.Call(func=ast.Name(id="t"), args=[ast.Constant(value=str(sentence)), *_]):
                found.setdefault(sentence, f"{path.name}:{node.lineno}")
    return found


def untranslated(place: Path) -> Iterator[str]:
    """Yield every sentence that has no French in the plugin's ``locale/fr.po``."""
    wanted = sentences(place)
    if not wanted:
        return
    catalogue = place / "locale" / "fr.po"
    if place.is_file() or not catalogue.exists():
        yield f"{len(wanted)} sentences and no locale/fr.po beside them"
        return
    if importlib.util.find_spec("babel") is None:
        yield "babel is needed to read locale/fr.po: pip install babel"
        return
    from babel.messages.pofile import read_po  # noqa: PLC0415 - only a plugin with sentences needs it

    with catalogue.open("rb") as file:
        known = {message.id: message for message in read_po(file, locale="fr")}
    for sentence, where in wanted.items():
        message = known.get(sentence)
        if message is None or not message.string or message.fuzzy:
            yield f"{where}: no French for {sentence!r} in locale/fr.po"
