"""The project's own files, read once, for the rules about them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "tenants", "auth", "contingent", "plugins")
FEATURE_ROOMS = (
    "approvals",
    "claims",
    "deployments",
    "engagements",
    "extensions",
    "journal",
    "missions",
    "nominations",
    "oversight",
    "panels",
    "personnel",
    "returns",
    "workforce",
)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that git has or would take, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    paths = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def files(*suffixes: str, under: tuple[str, ...] = ()) -> list[Path]:
    """Return the tracked files with one of these ``suffixes`` below one of these top folders (any, if none)."""
    return [
        path
        for path in tracked_files()
        if path.suffix in suffixes and (not under or path.relative_to(ROOT).parts[0] in under)
    ]


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=str(path))


def place(path: Path, line: int = 0) -> str:
    """Return ``folder/file.py:12``, as an editor opens it."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of attributes, else an empty string."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def origins(module: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for: ``{"now": "datetime.datetime"}``."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def calls(path: Path) -> list[tuple[int, str, ast.Call]]:
    """Return line, full dotted name and node of each call whose name can be read from the source."""
    module = tree(path)
    known = origins(module)
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            first, _, rest = name.partition(".")
            full = known.get(first, first)
            found.append((node.lineno, f"{full}.{rest}" if rest else full, node))
    return found
