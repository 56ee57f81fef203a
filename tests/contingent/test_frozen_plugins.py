"""Plugins as they were written for earlier contracts go on answering as they did, in the process and in a sandbox."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contingent.kit.cases import Recorded, read_cases, run_case
from contingent.kit.projects import import_path
from contingent.kit.trial import Trial
from core.hooks import specs
from core.hooks.marking import is_hook
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import Calling
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote

FROZEN = Path(__file__).with_name("frozen")
DIGESTS = {"1.0": "0096c127597bc28f91811a0cf30a365f7ffa4d28de670aca8e04ff68e3a611b6"}
"""Of each folder, for good: a plugin that somebody has installed is not edited either. What is new is a new folder."""
HOOKS_OF_1_0 = 22


def digest_of(folder: Path) -> str:
    """Return the digest of a folder's files and what they are called."""
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one.suffix != ".pyc")
    told = [f"{one.relative_to(folder).as_posix()} {hashlib.sha256(one.read_bytes()).hexdigest()}" for one in files]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@pytest.fixture(params=sorted(DIGESTS))
def old(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Registry, list[Recorded]]]:
    """Load all plugins that were frozen with one version; give them, and their cases."""
    folder, registry = FROZEN / request.param, Registry()
    monkeypatch.setattr(sys, "path", list(sys.path))
    names = sorted(one.stem for one in folder.glob("*.py"))
    for name in names:
        assert registry.load_module(name, import_path(folder / f"{name}.py")) is None, registry.broken
    yield registry, read_cases(folder / "cases", registry)
    for name in names:
        del sys.modules[name]


async def answer_all(registry: Registry, recorded: list[Recorded], hosts: Calling | None = None) -> list[str]:
    """Return of each case how it is answered otherwise than it was."""
    plugin_of = {hook: name for name, one in registry.plugins.items() for hook in one.hooks}
    found = []
    for one in recorded:
        hook = registry.hooks[one.case.hook]
        trial = Trial(registry, plugin_of[hook.name], one.case.settings, hosts=hosts)
        found.append((one, one.difference(hook, await run_case(trial, one))))
        await trial.host.settle()
    return [f"{one.path.name}: {said}" for one, said in found if said]


def test_what_is_frozen_is_not_edited() -> None:
    assert {one.name for one in FROZEN.iterdir()} == set(DIGESTS)
    assert {name: digest_of(FROZEN / name) for name in DIGESTS} == DIGESTS, "put it back: a new version is a new folder"


async def test_old_plugins_answer_in_the_process_as_they_did(old: tuple[Registry, list[Recorded]]) -> None:
    registry, recorded = old
    used = {one.case.hook for one in recorded if one.has_answer}
    assert used == {hook for one in registry.plugins.values() for hook in one.hooks}
    assert len(used) == HOOKS_OF_1_0 <= len([one for one in vars(specs).values() if is_hook(one)])
    assert await answer_all(registry, recorded) == []


@pytest.mark.sandbox
async def test_old_plugins_answer_in_a_sandbox_as_they_did(old: tuple[Registry, list[Recorded]]) -> None:
    registry, recorded = old
    with own_zygote() as way:
        hosts = Hosts(way, needs=())
        try:
            assert await answer_all(registry, recorded, hosts) == []
        finally:
            await hosts.close()
