"""A backup restored into an empty database is the same database, on the server of the run."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contingent.backups import (
    DUMP,
    MANIFEST,
    Tools,
    client_programs,
    fingerprint,
    read_manifest,
    restore_backup,
    write_backup,
)
from contingent.progress import silent
from core.database import embedded
from core.database.bootstrap import bootstrap_sql
from core.database.programs import VARIABLE
from core.database.roles import APPLICATION
from core.database.target import Target
from core.errors import Misconfigured
from tests.platform import Platform

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.fixture
def full(platform: Platform, server: embedded.Server, target: Target) -> Tools:
    assert platform
    return Tools(server.programs.folder, target)


@pytest.fixture
def empty(server: embedded.Server, target: Target) -> Iterator[Tools]:
    name = f"{target.database}_restored"
    server.psql(f"CREATE DATABASE {name}", database="postgres")
    server.psql(bootstrap_sql(), database=name)
    yield Tools(server.programs.folder, Target(target.host, target.port, name, {}, target.passwords))
    server.psql(f"DROP DATABASE {name} WITH (FORCE)", database="postgres")


def backup(tools: Tools, path: Path) -> Path:
    write_backup(tools, path, field_key=b"k" * 32, version="0.1.0", now=NOW, say=silent)
    return path


async def test_what_is_restored_is_what_was_backed_up(
    platform: Platform, full: Tools, empty: Tools, tmp_path: Path
) -> None:
    await platform.agency("qc-backup")
    manifest = restore_backup(empty, backup(full, tmp_path / "whole.backup"), silent)
    assert manifest.rows["scope"] >= 1
    assert ["qc-backup"] in empty.query("SELECT slug FROM scope;")


def test_the_wall_is_restored_with_the_rows(full: Tools, empty: Tools, tmp_path: Path) -> None:
    restore_backup(empty, backup(full, tmp_path / "whole.backup"), silent)
    policies = "SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2;"
    grants = (
        "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants "
        f"WHERE grantee IN ({', '.join(repr(role) for role in APPLICATION)}) ORDER BY 1, 2, 3;"
    )
    forced = "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relrowsecurity ORDER BY 1;"
    for sql in (policies, grants, forced):
        assert empty.query(sql) == full.query(sql) != []


def test_a_database_that_is_not_empty_is_refused(full: Tools, tmp_path: Path) -> None:
    source = backup(full, tmp_path / "whole.backup")
    with pytest.raises(Misconfigured, match="not empty"):
        restore_backup(full, source, silent)


def test_a_backup_that_lost_a_row_is_noticed(full: Tools, empty: Tools, tmp_path: Path) -> None:
    source = backup(full, tmp_path / "whole.backup")
    claimed = read_manifest(source)
    altered = tmp_path / "altered.backup"
    with tarfile.open(source) as old, tarfile.open(altered, "w") as new:
        for member in old.getmembers():
            file = old.extractfile(member)
            assert file is not None
            content = file.read()
            if member.name == MANIFEST:
                count = claimed.rows["scope"]
                content = content.replace(f'"scope": {count}'.encode(), f'"scope": {count + 1}'.encode())
            member.size = len(content)
            draft = tmp_path / "member"
            draft.write_bytes(content)
            with draft.open("rb") as part:
                new.addfile(member, part)
    with pytest.raises(Misconfigured, match=rf"scope: {claimed.rows['scope'] + 1} expected"):
        restore_backup(empty, altered, silent)


def test_one_bit_that_changed_anywhere_is_noticed_before_anything_is_written(
    full: Tools, empty: Tools, tmp_path: Path
) -> None:
    whole = backup(full, tmp_path / "whole.backup").read_bytes()
    with tarfile.open(tmp_path / "whole.backup") as archive:
        dump = archive.getmember(DUMP)
    for place in (dump.offset_data, dump.offset_data + dump.size // 2, dump.offset_data + dump.size - 1):
        altered = bytearray(whole)
        altered[place] ^= 1
        (tmp_path / "altered.backup").write_bytes(altered)
        with pytest.raises(Misconfigured, match="not as it was written"):
            restore_backup(empty, tmp_path / "altered.backup", silent)
    (tmp_path / "short.backup").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(Misconfigured, match="cut short"):
        restore_backup(empty, tmp_path / "short.backup", silent)
    assert empty.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public';") == [["0"]]


def test_a_database_without_its_roles_rights_is_refused_in_the_programs_own_words(
    full: Tools, empty: Tools, server: embedded.Server, tmp_path: Path
) -> None:
    source = backup(full, tmp_path / "whole.backup")
    server.psql(
        f"ALTER DATABASE {empty.target.database} OWNER TO CURRENT_USER;"
        "REVOKE ALL ON SCHEMA public FROM contingent_owner;",
        database=empty.target.database,
    )
    with pytest.raises(Misconfigured, match="nothing was kept: psql"):
        restore_backup(empty, source, silent)


def test_something_else_is_not_taken_for_a_backup(empty: Tools, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(Misconfigured, match="is not a backup"):
        restore_backup(empty, other, silent)


def test_a_backup_is_readable_by_its_owner_only_and_holds_no_key(full: Tools, tmp_path: Path) -> None:
    source = backup(full, tmp_path / "whole.backup")
    assert source.stat().st_mode & 0o777 == 0o600
    manifest = read_manifest(source)
    assert manifest.field_key == fingerprint(b"k" * 32) != fingerprint(b"j" * 32)
    assert b"k" * 32 not in source.read_bytes()


def test_a_backup_that_cannot_be_made_leaves_nothing_behind(full: Tools, tmp_path: Path) -> None:
    nowhere = Tools(full.folder, Target(full.target.host, full.target.port, "no_such", {}, full.target.passwords))
    with pytest.raises(Misconfigured, match="psql failed"):
        backup(nowhere, tmp_path / "whole.backup")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_not_backed_up(empty: Tools, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no table"):
        backup(empty, tmp_path / "whole.backup")


def test_the_programs_that_read_and_write_backups_are_the_newest_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    named = client_programs()
    monkeypatch.setenv(VARIABLE, str(named))
    assert client_programs() == named
