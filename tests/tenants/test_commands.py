"""``contingent tenant``: readable on a terminal, with a status that a script can trust."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from core.database.embedded import Server
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.database.target import Target
from core.extensions.models import PluginProfileUse
from core.extensions.profiles import shipped
from core.extensions.recommending import put
from core.hooks.models import PluginEnablement
from core.hooks.registry import Registry
from core.settings import Settings
from tenants import commands
from tenants.library import HERE
from tenants.opening import Opener
from tests.platform import Platform
from tests.tenants.conftest import ROOT

SLUG = "on-terminal"


@pytest.fixture(autouse=True)
def terminal(
    platform: Platform, target: Target, server: Server, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the commands, which run a loop of their own, find this worker's database and the built-in plugins."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        database = Database(target, Settings(data_folder=server.folder))
        try:
            yield database
        finally:
            await database.close()

    monkeypatch.setattr(commands, "_database", opened)
    monkeypatch.setattr(Registry, "load", lambda _: registry)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of an agency that no other test has."""
    path = tmp_path / f"{SLUG}.toml"
    text = (HERE / "agencies" / "on-durham.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("on-durham", SLUG), encoding="utf-8")
    return path


def copied(file: Path, name: str, old: str = SLUG, new: str = SLUG) -> Path:
    """Return a file beside it of an agency of its own, with a text exchanged."""
    made = file.with_name(f"{SLUG}-{name}.toml")
    made.write_text(file.read_text(encoding="utf-8").replace(old, new).replace(SLUG, made.stem), encoding="utf-8")
    return made


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.tenant, list(arguments))


def test_an_agency_goes_from_its_file_into_the_database_and_back(file: Path, tmp_path: Path) -> None:
    first, again = _run("add", str(file)), _run("add", str(file))
    assert (first.exit_code, first.output) == (0, f"{SLUG}: imported\n")
    assert "is there already" in again.output
    assert f"{SLUG:20} active" in _run("list").output
    shown = _run("show", SLUG)
    assert "Durham Regional Police Service" in shown.output
    assert "blocked" not in shown.output
    assert _run("diff", str(file)).exit_code == 0
    output = tmp_path / "exported.toml"
    assert _run("export", SLUG, "-o", str(output)).exit_code == 0
    assert tomllib.loads(output.read_text(encoding="utf-8")) == tomllib.loads(_run("export", SLUG).output)
    file.write_text(output.read_text(encoding="utf-8").replace('city = "Whitby"', 'city = "Ajax"'), encoding="utf-8")
    drift = _run("diff", str(file))
    assert (drift.exit_code, drift.output) == (1, "city: file 'Ajax', database 'Whitby'\n")


def test_validate_needs_no_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(commands, "_database")
    assert "27 agencies" in _run("validate").output
    assert _run("validate", str(file)).output == f"{file} is sound.\n"
    assert "participation unverified" in _run("list", "--files").output


def test_every_fault_is_a_line_and_the_status_says_so(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('"America/Toronto"', '"Whitby"').replace('kind = "regional"', "kind = 5"), encoding="utf-8"
    )
    found = _run("validate", str(file))
    assert found.exit_code == 1
    assert f"{file}:" in found.output
    assert "1 fault." in found.output
    file.write_text(text.replace('name = "hr_file"', 'name = "hr_magic"'), encoding="utf-8")
    assert "expected an installed plugin (approval_chain, " in _run("add", str(file)).output


@pytest.fixture
async def profile(opener: Opener, platform: Platform) -> str:
    """The key of a profile that the operator recommends and no other test has."""
    key = f"terminal-{uuid4().hex[:8]}"
    async with opener._working(platform.operator) as work:
        await put(work, None, msgspec.structs.replace(shipped()["small-service"], key=key))
    return key


async def enabled(platform: Platform, slug: str) -> dict[str, dict[str, Any]]:
    """Return, by plugin, what it is set to where it is on."""
    scope = await platform.database.scope(slug)
    assert scope is not None
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        rows = await session.scalars(select(PluginEnablement).where(PluginEnablement.tenant_id == scope.id))
        return {row.plugin: row.settings for row in rows if row.state == "enabled"}


async def test_an_agency_begins_with_what_a_profile_recommends_and_what_its_file_names_goes_before_it(
    file: Path, platform: Platform, profile: str
) -> None:
    plain, with_profile = copied(file, "plain"), copied(file, "profile")
    added = await asyncio.to_thread(_run, "add", str(plain))
    assert added.exit_code == 0, added.output
    added = await asyncio.to_thread(_run, "add", "--profile", profile, str(with_profile), str(plain))
    assert added.output.splitlines() == [
        f"{SLUG}-profile: imported",
        f"{SLUG}-plain: is there already; `contingent tenant diff` compares",
    ]
    before, after = await enabled(platform, f"{SLUG}-plain"), await enabled(platform, f"{SLUG}-profile")
    assert before.keys() == {"hr_file", "approval_chain", "reintegration_plan"}, "one that is there is left alone"
    assert after.keys() - before.keys() == {"notify_email"}
    assert after["approval_chain"] == before["approval_chain"], "its steps are those of its file"
    assert (after["notify_email"]["port"], after["notify_email"]["digest_hour"]) == (587, 7)
    scope = await platform.database.scope(f"{SLUG}-profile")
    assert scope is not None
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        (used,) = await session.scalars(select(PluginProfileUse).where(PluginProfileUse.tenant_id == scope.id))
    assert (used.key, used.plugins) == (profile, ["notify_email"])


async def test_a_profile_that_is_not_there_is_named_with_those_that_are_and_nothing_is_opened(
    file: Path, platform: Platform, profile: str
) -> None:
    new = copied(file, "unopened")
    refused = await asyncio.to_thread(_run, "add", "--profile", "smal", str(new))
    assert refused.exit_code == 1
    assert refused.output.splitlines()[0].startswith("--profile  smal: expected one of ")
    assert profile in refused.output.splitlines()[0]
    assert refused.output.splitlines()[1:] == ["1 fault."]
    assert await platform.database.scope(new.stem) is None


async def test_every_fault_of_every_file_and_of_the_profile_is_told_at_once(
    file: Path, platform: Platform, profile: str
) -> None:
    first = copied(file, "first", '"hr_file"', '"hr_magic"')
    second = copied(file, "second", '"America/Toronto"', '"Whitby"')
    sound = copied(file, "sound")
    files = [str(one) for one in (first, second, sound)]
    refused = await asyncio.to_thread(_run, "add", "--profile", "smal", *files)
    assert refused.exit_code == 1
    assert [Path(line.partition("  ")[0].partition(":")[0]).name for line in refused.output.splitlines()[:-1]] == [
        first.name,
        second.name,
        "--profile",
    ]
    assert refused.output.splitlines()[-1] == "3 faults."
    assert await platform.database.scope(sound.stem) is None


def test_who_names_nothing_or_something_unknown_is_told_so() -> None:
    assert "Name a file, or give --all." in _run("add").output
    assert "There is no agency called 'qc-nowhere'" in _run("show", "qc-nowhere").output


def test_the_commands_alone_know_every_table_they_refer_to() -> None:
    asked = "import tenants.commands; from core.database.tables import Base; print(len(Base.metadata.sorted_tables))"
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
