"""The lock pins everything by digest and names no place to fetch it from."""

from __future__ import annotations

import re
import tomllib

from tests.contracts.sources import ROOT, text, tracked_files

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


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"], "hatchling"]
    names = {re.split(r"[^A-Za-z0-9._-]", one)[0].lower() for one in wanted}
    assert names <= set(blocks())


def test_there_is_no_other_lock() -> None:
    others = {"uv.lock", "poetry.lock", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}
    assert [path.name for path in tracked_files() if path.name in others] == []
