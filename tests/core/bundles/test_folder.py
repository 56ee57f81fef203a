"""The operator's folder: what lies there signed is offered to everybody, what is taken away is gone, within a look."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from contingent.offered import folder_of
from core.bundles import folder as folders
from core.bundles.folder import NO_FILE, Folder
from core.bundles.making import make_plugin
from core.errors import Misconfigured
from core.extensions.consenting import with_consent
from core.extensions.schemas import ByName
from core.extensions.service import enable_plugin, get_plugin, list_installed
from core.hooks.bundles import Bundle, make_bundle
from core.hooks.health import FAILURES
from core.hooks.marking import Hook
from core.hooks.registry import Plugin, Registry, Source
from core.hooks.saying import said_by
from core.hooks.signing import public_line
from core.settings import Settings
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, OTHER_KEY, Yard, bundled, code_of, files_of, imported, nested


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "trusted"
    file.write_text(f"# whose\n{public_line(KEY.public_key(), 'Lakeshore developers')}\n", encoding="utf-8")
    return file


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "bundles"
    made.mkdir()
    return made


async def looked(place: Path, keys: Path, registry: Registry | None = None) -> Folder:
    folder = Folder(place, keys, registry or Registry())
    await folder.look()
    return folder


def told(folder: Folder) -> dict[str, str]:
    return {one.name: one.error for one in folder.held.broken}


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def opened() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def clear(*files: Path) -> None:
    for one in files:
        one.unlink()


async def test_what_lies_there_is_found_and_what_is_exchanged_is_read_anew(place: Path, keys: Path) -> None:
    folder = await looked(place, keys)
    assert len(folder.held.plugins) == 0
    (place / "own_chain-1.0.bundle").write_bytes(bundled())
    (place / "notes.txt").write_text("no bundle", encoding="utf-8")
    await folder.look()
    (plugin,) = list(folder.held.plugins)
    assert (plugin.name, plugin.source, plugin.publisher) == ("own_chain", "folder", "Lakeshore developers")
    assert plugin.manifest.tier == 2
    assert "own_chain" not in sys.modules
    held = folder.held
    await folder.look()
    assert folder.held is held
    (place / "own_chain-1.0.bundle").unlink()
    await folder.look()
    assert (*folder.held.plugins, *folder.held.broken) == ()


async def test_one_that_cannot_be_trusted_is_a_line_with_its_reason_and_harms_no_other(place: Path, keys: Path) -> None:
    (place / "a.bundle").write_bytes(bundled("1.9"))
    (place / "b.bundle").write_bytes(bundled("1.10"))
    (place / "c.bundle").write_bytes(bundled("2.0", key=OTHER_KEY))
    (place / "d.bundle").write_bytes(bundled("3.0")[:-20])
    (place / "e.bundle").write_bytes(nested(900))
    folder = await looked(place, keys)
    assert [one.manifest.version for one in folder.held.plugins] == ["1.10"]
    lines = told(folder)
    assert "version 1.10 of own_chain lies there, too" in lines["a.bundle"]
    assert {one.name for one in folder.held.broken if one.superseded} == {"a.bundle"}
    assert "which is not known here" in lines["c.bundle"]
    assert "is not a bundle" in lines["d.bundle"]
    assert "statement.json is nested too deeply" in lines["e.bundle"]
    write(keys, "")
    await folder.look()
    assert len(folder.held.plugins) == 0
    clear(keys)
    await folder.look()
    assert "no keys can be read from it" in told(folder)["trusted"]


async def test_a_file_that_fails_in_a_way_that_nobody_thought_of_stops_neither_the_others_nor_the_start(
    place: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "a.bundle").write_bytes(bundled("1.0"))
    (place / "b.bundle").write_bytes(bundled("1.1"))
    make = make_plugin

    def made(bundle: Bundle, hooks: Mapping[str, Hook], source: Source) -> Plugin:
        if bundle.statement.version == "1.1":
            raise RecursionError
        return make(bundle, hooks, source)

    monkeypatch.setattr(folders, "make_plugin", made)
    folder = Folder(place, keys, Registry())
    await folder.start()
    await folder.close()
    assert [one.manifest.version for one in folder.held.plugins] == ["1.0"]
    assert told(folder) == {"b.bundle": "RecursionError"}


async def test_what_is_named_as_a_bundle_and_is_no_file_is_a_line_and_nobody_waits_for_it(
    place: Path, keys: Path
) -> None:
    (place / "z.bundle").write_bytes(bundled())
    (place / "folder.bundle").mkdir()
    (place / "device.bundle").symlink_to("/dev/zero")
    (place / "nowhere.bundle").symlink_to(place / "none")
    os.mkfifo(place / "pipe.bundle")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(place / "socket.bundle"))
        # Somebody who writes and never comes to an end: what opens and reads the pipe would wait for more.
        writer = os.open(place / "pipe.bundle", os.O_RDWR)
        try:
            folder = await looked(place, keys)
        finally:
            os.close(writer)
    assert [one.name for one in folder.held.plugins] == ["own_chain"]
    lines = told(folder)
    assert {name for name, why in lines.items() if why == NO_FILE} == {"folder.bundle", "device.bundle", "pipe.bundle"}
    assert set(lines) == {"folder.bundle", "device.bundle", "nowhere.bundle", "pipe.bundle", "socket.bundle"}
    descriptors = opened()
    for number in range(3):
        (place / f"folder{number}.bundle").mkdir()
        await folder.look()
    assert opened() == descriptors
    os.mkfifo(place / "keys")
    assert "no keys can be read from it: it is a folder, a pipe" in told(await looked(place, place / "keys"))["keys"]


async def test_a_pipe_that_nobody_writes_into_holds_no_look_up(place: Path, keys: Path) -> None:
    pipe = place / "pipe.bundle"
    os.mkfifo(pipe)
    looking = asyncio.create_task(looked(place, keys))
    try:
        folder = await asyncio.wait_for(asyncio.shield(looking), 30)
    finally:
        # Whoever still waits at the other end goes on.
        with suppress(OSError):
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    assert told(folder) == {"pipe.bundle": NO_FILE}


async def test_a_name_that_is_no_text_is_shown_so_that_it_can_be_read(place: Path, keys: Path) -> None:
    for name in (b"\xff.bundle", b"two\nlines\x1b[2J.bundle", "été.bundle".encode()):
        (place / os.fsdecode(name)).write_bytes(b"")
    folder = await looked(place, keys)
    assert set(told(folder)) == {"\\udcff.bundle", "two\\nlines\\x1b[2J.bundle", "été.bundle"}


async def test_what_did_not_change_is_the_same_object_whatever_comes_beside_it(
    place: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "one.bundle").write_bytes(bundled())
    folder = await looked(place, keys)
    (plugin,), held = folder.held.plugins, folder.held
    key, other = KEY.public_key(), OTHER_KEY.public_key()
    read: list[Path] = []
    content = folders._content

    def noted(file: Path, most: int) -> bytes:
        read.append(file)
        return content(file, most)

    monkeypatch.setattr(folders, "_content", noted)
    os.utime(place / "one.bundle", (0, 0))
    await folder.look()
    assert (folder.held is held, read) == (True, [keys, place / "one.bundle"])
    (place / "other.bundle").write_bytes(b"")
    await folder.look()
    assert (folder.held.plugins, read[2:]) == ((plugin,), [keys, place / "other.bundle"])
    assert folder.held.plugins[0] is plugin
    (place / "one.bundle").rename(place / "renamed.bundle")
    await folder.look()
    assert folder.held.plugins[0] is plugin
    write(keys, "\n".join(public_line(*one) for one in ((key, "Lakeshore developers"), (other, "Somebody else"))))
    await folder.look()
    assert folder.held.plugins[0] is plugin
    write(keys, public_line(key, "Called otherwise"))
    await folder.look()
    assert [one.publisher for one in folder.held.plugins] == ["Called otherwise"]


async def test_versions_are_put_in_order_however_many_digits_they_have(place: Path, keys: Path) -> None:
    (place / "a.bundle").write_bytes(bundled("1.9"))
    (place / "b.bundle").write_bytes(bundled(f"1.{'9' * 5000}"))
    (place / "c.bundle").write_bytes(bundled("1.010"))
    folder = await looked(place, keys)
    assert [len(one.manifest.version) for one in folder.held.plugins] == [5002]
    assert set(told(folder)) == {"a.bundle", "c.bundle"}


async def test_nothing_there_takes_the_name_of_what_is_installed(place: Path, keys: Path) -> None:
    registry = Registry()
    assert registry.register(imported(code_of())) is None
    (place / "own_chain.bundle").write_bytes(bundled("2.0"))
    folder = await looked(place, keys, registry)
    assert "is called own_chain, too" in told(folder)["own_chain.bundle"]
    assert registry.with_bundles(folder.held).plugins["own_chain"].module is not None


async def test_a_folder_without_keys_does_not_start_and_one_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="CONTINGENT_PLUGIN_KEYS"):
        folder_of(Settings(plugin_folder=str(tmp_path)), Registry())
    idle = folder_of(Settings(), Registry())
    await idle.start()
    await idle.close()
    keys = tmp_path / "keys"
    keys.write_text("", encoding="utf-8")
    folder = folder_of(Settings(plugin_folder=str(tmp_path / "none"), plugin_keys=str(keys)), Registry())
    await folder.start()
    await folder.close()
    assert told(folder) == {"none": "there is no such folder"}


@pytest.mark.sandbox
async def test_every_service_may_switch_it_on_and_it_runs_by_the_next_question(
    yard: Yard, place: Path, keys: Path
) -> None:
    folder = await looked(place, keys)
    yard.web.folder = yard.worker.folder = lambda: folder.held
    assert await yard.answer() == "missing"
    (place / "one.bundle").write_bytes(bundled())
    await folder.look()
    ctx = yard.ctx()
    await execute(enable_plugin, ctx, with_consent(ctx, "own_chain"))
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.0"] * 2
    shown = await execute(get_plugin, yard.ctx(), ByName("own_chain"))
    assert (shown.plugin.source, shown.plugin.publisher) == ("folder", "Lakeshore developers")
    (place / "two.bundle").write_bytes(bundled("1.1"))
    await folder.look()
    assert [await yard.answer(), await yard.answer(yard.worker)] == ["Delegated 1.1"] * 2
    operator = yard.web.bind(yard.platform.ctx(yard.platform.operator, "plugin.read"))
    found = await execute(list_installed, operator, Nothing())
    assert "one.bundle" in {one.name for one in found.broken}
    assert "own_chain" in {one.name for one in found.plugins}
    clear(place / "one.bundle", place / "two.bundle")
    await folder.look()
    assert await yard.answer(yard.worker) == "missing"


def neighbour(version: str) -> bytes:
    """Return a bundle of another plugin, ``next_chain``."""
    code = code_of(version).replace("own_chain", "next_chain")
    files = {path.replace("own_chain", "next_chain"): content for path, content in files_of(code).items()}
    return make_bundle(said_by(imported(code)), "next_chain.plugin", files, KEY)


@pytest.mark.sandbox
async def test_a_change_in_the_folder_leaves_the_breakers_and_plans_of_what_it_does_not_change(
    yard: Yard, place: Path, keys: Path
) -> None:
    folder = await looked(place, keys)
    yard.web.folder = lambda: folder.held
    (place / "own.bundle").write_bytes(bundled(body="raise ValueError"))
    (place / "next.bundle").write_bytes(neighbour("1.0"))
    await folder.look()
    for name in ("own_chain", "next_chain"):
        ctx = yard.ctx()
        await execute(enable_plugin, ctx, with_consent(ctx, name))
    assert [await yard.answer() for _ in range(FAILURES)] == ["raised"] * FAILURES
    assert [await yard.answer(), await yard.answer(plugin="next_chain")] == ["resting", "Delegated 1.0"]

    before = await yard.web.plugins_of(yard.ctx())
    (place / "stray.bundle").write_bytes(b"")
    await folder.look()
    after = await yard.web.plugins_of(yard.ctx())
    assert "stray.bundle" in after.registry.broken.keys() - before.registry.broken.keys()
    assert (after.plan, after.settings) == (before.plan, before.settings)
    assert after.plan is before.plan

    (place / "next.bundle").write_bytes(neighbour("1.1"))
    await folder.look()
    assert [await yard.answer(), await yard.answer(plugin="next_chain")] == ["resting", "Delegated 1.1"]
    (place / "own.bundle").write_bytes(bundled("1.1"))
    await folder.look()
    assert await yard.answer() == "Delegated 1.1"
