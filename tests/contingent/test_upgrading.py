"""The embedded server's data, made by the oldest PostgreSQL where there is one, moved to the one that comes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from contingent.progress import silent
from contingent.upgrading import DEBIAN, upgrade_embedded
from core.database import embedded, migrating
from core.database.programs import Programs, find_programs, wheel_folder
from core.database.target import find_target
from core.errors import Misconfigured
from core.settings import Settings


def older() -> Programs:
    """Return the oldest programs on this machine: Debian's 15, else the older ones that the wheel brings."""
    places = [Path(DEBIAN.format(major=15)), *sorted(wheel_folder().parent.parent.glob("pginstall*/bin"))]
    return find_programs(next(one for one in places if (one / "postgres").exists()))


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data_folder=tmp_path / "var")
    server = embedded.start(settings.data_folder, durable=False, programs=older())
    try:
        asyncio.run(migrating.upgrade(find_target(settings)))
    finally:
        server.stop()
    yield settings
    embedded.erase(settings.data_folder)


def test_data_of_an_older_major_are_moved_and_kept(settings: Settings) -> None:
    with pytest.raises(Misconfigured, match="run 'contingent database upgrade'"):
        embedded.start(settings.data_folder)
    said = upgrade_embedded(settings, older().folder, silent)
    assert said.startswith(f"Moved from PostgreSQL {older().major} to {find_programs().major}.")
    server = embedded.start(settings.data_folder)
    try:
        assert asyncio.run(migrating.check(find_target(settings))) == []
    finally:
        server.stop()
    assert "already" in upgrade_embedded(settings, None, silent)


def test_without_the_older_programs_it_says_what_to_install(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="name their folder with --programs"):
        upgrade_embedded(settings, tmp_path, silent)


def test_a_move_that_fails_leaves_the_old_data_as_they_were(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Misconfigured("the disk is full")

    monkeypatch.setattr("contingent.upgrading.restore_backup", fail)
    with pytest.raises(Misconfigured, match="the disk is full"):
        upgrade_embedded(settings, older().folder, silent)
    server = embedded.start(settings.data_folder, durable=False, programs=older())
    try:
        assert asyncio.run(migrating.check(find_target(settings))) == []
    finally:
        server.stop()
