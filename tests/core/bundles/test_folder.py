"""The operator's folder: what lies there signed is offered to everybody, what is taken away is gone, within a look."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from contingent.assembly import folder_of
from core.bundles import folder as folders
from core.bundles.folder import Folder
from core.bundles.making import make_plugin
from core.errors import Misconfigured
from core.extensions.consenting import with_consent
from core.extensions.schemas import ByName
from core.extensions.service import enable_plugin, get_plugin, list_installed
from core.hooks.bundles import Bundle
from core.hooks.marking import Hook
from core.hooks.registry import Plugin, Registry, Source
from core.hooks.signing import public_line
from core.settings import Settings
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, OTHER_KEY, Yard, bundled, code_of, imported, nested


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
