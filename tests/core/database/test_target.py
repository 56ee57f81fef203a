"""Which database and whose password: from the environment, the secrets file or the running server."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.database import embedded, field_keys, logins, migrating
from core.database.engines import Database
from core.database.roles import AGENCY, LOGINS, MIGRATOR, PUBLIC, WORKER
from core.database.secret_file import make_secrets, read_secrets
from core.database.target import Target, find_target
from core.errors import Misconfigured
from core.settings import Settings
from tests.servers import copy_database


def test_the_address_comes_from_the_environment_and_each_role_has_its_own_password(tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://db.example:6543/force?sslmode=require", data_folder=tmp_path)
    target = find_target(settings, {"CONTINGENT_AGENCY_PASSWORD": "a b'c"})
    url = target.url(AGENCY)
    assert (url.host, url.port, url.database, url.username, url.password) == (
        "db.example",
        6543,
        "force",
        AGENCY,
        "a b'c",
    )
    assert url.query == {"ssl": "require"}
    assert target.url(PUBLIC).password is None
    assert target.driver_url(AGENCY) == f"postgresql://{AGENCY}@db.example:6543/force?sslmode=require"
    assert "a b'c" not in repr(target)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "cannot be read"),
        ("mysql://host/db", "names no PostgreSQL database"),
        ("postgresql://host", "names no PostgreSQL database"),
        ("postgresql://me:secret@host/db", "holds a password"),
    ],
)
def test_an_address_that_cannot_be_right_is_explained_without_repeating_it(
    address: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        find_target(Settings(database_url=address, data_folder=tmp_path), {})
    assert "secret@" not in str(caught.value)


def test_without_an_address_a_server_must_be_running(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no embedded server"):
        find_target(Settings(data_folder=tmp_path), {})


def test_the_running_server_is_found_with_its_passwords(server: embedded.Server) -> None:
    target = find_target(Settings(data_folder=server.folder), {})
    assert (target.host, target.port, target.database) == ("127.0.0.1", server.port, "contingent")
    assert set(target.passwords) == set(LOGINS)


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    assert read_secrets(tmp_path) is None
    made = make_secrets(tmp_path / "var")
    assert make_secrets(tmp_path / "var") == made == read_secrets(tmp_path / "var")
    assert stat.S_IMODE((tmp_path / "var" / "secrets.toml").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secrets.toml"]
    assert len(made.field_key) == 32
    assert len(set(made.passwords.values())) == len(LOGINS)
    assert made.passwords[AGENCY] not in repr(made)


@pytest.mark.parametrize(
    "text", ["", "field_key = 3", 'field_key = "!"', 'field_key = "c2hvcnQ="', "field_key", 'passwords = "x"']
)
def test_secrets_that_cannot_be_read_name_the_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(text)
    with pytest.raises(Misconfigured, match=r"secrets\.toml"):
        read_secrets(tmp_path)


@pytest.fixture
def fresh(server: embedded.Server, worker_id: str) -> Target:
    return copy_database(server, f"fresh_{worker_id}", template="template0")


async def open_at(target: Target, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    for role, password in target.passwords.items():
        monkeypatch.setenv(f"{role.upper()}_PASSWORD", password)
    address = f"postgresql://{target.host}:{target.port}/{target.database}"
    return await Database.open(Settings(database_url=address, data_folder=folder))


async def test_a_process_with_another_field_key_is_refused(
    fresh: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = tmp_path / "first", tmp_path / "second", tmp_path / "third"
    await migrating.upgrade(replace(fresh, folder=first))
    database = await open_at(fresh, first, monkeypatch)
    assert database.field_key == make_secrets(first).field_key
    await database.close()
    with pytest.raises(Misconfigured, match="there is none: copy"):
        await open_at(fresh, second, monkeypatch)
    make_secrets(third)
    with pytest.raises(Misconfigured, match="has the fingerprint"):
        await open_at(fresh, third, monkeypatch)
    await migrating.upgrade(replace(fresh, folder=third))
    with pytest.raises(Misconfigured, match=field_keys.fingerprint(make_secrets(first).field_key)):
        await open_at(fresh, third, monkeypatch)


async def test_a_database_without_the_roles_or_without_an_answer_is_explained(
    fresh: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Misconfigured, match="does not answer"):
        await open_at(replace(fresh, port=1), tmp_path, monkeypatch)
    wrong = replace(fresh, passwords={PUBLIC: "wrong"})
    with pytest.raises(Misconfigured, match="CONTINGENT_PUBLIC_PASSWORD"):
        await open_at(wrong, tmp_path, monkeypatch)
    with pytest.raises(Misconfigured, match="does not answer"):
        await open_at(replace(fresh, database="no_such"), tmp_path, monkeypatch)


async def test_every_login_that_is_refused_is_named_at_once(fresh: Target) -> None:
    await logins.refuse_any(fresh)
    with pytest.raises(Misconfigured) as caught:
        await logins.refuse_any(replace(fresh, passwords={**fresh.passwords, AGENCY: "wrong", WORKER: "wrong"}))
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "CONTINGENT_AGENCY_PASSWORD" in lines[0]
    assert "CONTINGENT_WORKER_PASSWORD" in lines[1]


async def test_a_migrator_that_is_refused_is_told_what_is_missing(fresh: Target) -> None:
    with pytest.raises(Misconfigured, match="CONTINGENT_MIGRATOR_PASSWORD"):
        await migrating.upgrade(replace(fresh, passwords={MIGRATOR: "wrong"}))
    with pytest.raises(Misconfigured, match="is DATABASE_URL right"):
        await migrating.check(replace(fresh, port=1))
    with pytest.raises(Misconfigured, match='database "no_such" does not exist'):
        await migrating.check(replace(fresh, database="no_such"))
