"""Who knows one room knows them all: what a file may hold follows from its name."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.contracts.sources import FEATURE_ROOMS, PACKAGES, ROOT, calls, files, origins, place, tree

HTTP = ("litestar", "uvicorn", "jinja2", "core.web")
TRANSLATES = ("routes", "pages", "tables", "table", "drawing")
"""A module with one of these names, or ending in it: ``selection_pages``."""
WRITES = {"messages": "core.web.i18n."}
"""What is sent to people elsewhere is written in their language, and is no answer to a request."""


def of_rooms() -> list[Path]:
    folders = [ROOT / "core" / room for room in FEATURE_ROOMS]
    return [path for path in files(".py", under=("core",)) if path.parent in folders]


def translates(path: Path, *kinds: str) -> bool:
    return path.stem in kinds or path.stem.endswith(tuple(f"_{kind}" for kind in kinds))


def named(path: Path) -> set[str]:
    """Return the full names of the functions and classes that a module calls."""
    return {name for _, name, _ in calls(path)}


def test_tables_are_declared_in_models_alone() -> None:
    guilty = [
        place(path, node.lineno)
        for path in of_rooms()
        if path.name != "models.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table_class" for keyword in node.keywords)
    ]
    assert not guilty


def test_lives_are_declared_in_lifecycle_alone() -> None:
    made = {"core.use_cases.lifecycle.Lifecycle", "core.use_cases.lifecycle.Transition"}
    assert [place(path) for path in of_rooms() if path.name != "lifecycle.py" and named(path) & made] == []


def test_json_routes_are_declared_in_routes_alone() -> None:
    guilty = [
        place(path) for path in of_rooms() if not translates(path, "routes") and "core.web.routes.Route" in named(path)
    ]
    assert not guilty


def test_pages_are_declared_in_pages_alone() -> None:
    guilty = [
        place(path) for path in of_rooms() if not translates(path, "pages") and "core.web.pages.Pages" in named(path)
    ]
    assert not guilty


def test_what_a_room_does_knows_nothing_of_http() -> None:
    guilty = [
        f"{place(path)} {name}"
        for path in of_rooms()
        if not translates(path, *TRANSLATES)
        for name in origins(tree(path)).values()
        if name.split(".")[0] in HTTP or name.startswith("core.web.")
        if not name.startswith(WRITES.get(path.stem, name + " "))
    ]
    assert not guilty, f"only routes.py and pages.py translate to and from HTTP: {guilty}"


def test_pages_do_not_call_the_api() -> None:
    clients = ("httpx", "httpx2", "urllib.request", "aiohttp")
    guilty = [place(path) for path in of_rooms() for name in origins(tree(path)).values() if name.startswith(clients)]
    assert not guilty


def test_core_names_no_agency() -> None:
    slugs = {path.stem for path in (ROOT / "tenants" / "agencies").glob("*.toml")}
    guilty = [
        place(path, node.lineno)
        for path in files(".py", under=("core",))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in slugs
    ]
    assert not guilty, f"agencies are data: {guilty}"


def test_only_the_composition_root_and_the_list_of_tables_name_tenants_and_sign_in() -> None:
    guilty = [
        place(path, node.lineno)
        for path in files(".py", under=("core",))
        if path not in {ROOT / "core" / "app.py", ROOT / "core" / "database" / "rooms.py"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.split(".")[0] in {"tenants", "auth"}
        and node.value.count(".") >= 1
        and " " not in node.value
    ]
    assert not guilty


def test_every_package_of_the_project_can_be_imported() -> None:
    empty = [
        folder
        for package in PACKAGES
        for folder in {path.parent for path in files(".py", under=(package,))}
        if not (folder / "__init__.py").exists() and "migrations" not in folder.parts
    ]
    assert not empty, f"an __init__.py is missing in {[place(folder) for folder in empty]}"
