"""The embedded server: found by other processes, taken over from killed ones, closed to everybody else."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from core.database import embedded
from core.database.cluster import BOOTSTRAP, find_home
from core.database.programs import Programs, find_programs, server_user, wheel_folder
from core.database.roles import AGENCY, LOGINS
from core.database.secret_file import make_secrets
from core.errors import Misconfigured

ROOT = Path(__file__).parents[3]
# It signals its server's process itself, so it has no business with other tests' servers.
pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose server is stopped and removed, whatever became of it."""
    tmp_path.chmod(0o755)
    yield tmp_path / "var"
    embedded.erase(tmp_path / "var")


def elsewhere(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in another process and return what it printed."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def server_pid(folder: Path) -> int:
    home = find_home(folder)
    assert home is not None
    return int((home.data / "postmaster.pid").read_text().split()[0])


async def log_in(server: embedded.Server, role: str, password: str | None, **place: object) -> str:
    connection = await asyncpg.connect(
        user=role, password=password, database="contingent", port=server.port, **({"host": server.host} | place)
    )
    try:
        name: str = await connection.fetchval("SELECT session_user::text")
        return name
    finally:
        await connection.close()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a dead one may wait a moment to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Server]:
    """A server for the tests that leave it as it is."""
    server = embedded.start(tmp_path_factory.mktemp("shared") / "var", durable=False)
    yield server
    server.stop()
    embedded.erase(server.folder)


async def test_it_lets_every_role_in(shared: embedded.Server) -> None:
    secrets = make_secrets(shared.folder)
    for role in LOGINS:
        assert await log_in(shared, role, secrets.passwords[role]) == role


async def test_it_lets_nobody_in_without_a_password_and_the_superuser_through_the_socket_only(
    shared: embedded.Server,
) -> None:
    refusals = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InterfaceError)
    for password in (None, "", "wrong"):
        with pytest.raises(refusals):
            await log_in(shared, AGENCY, password)
    with pytest.raises(refusals):
        await log_in(shared, BOOTSTRAP, None)
    assert await log_in(shared, BOOTSTRAP, None, host=str(shared.home.sockets)) == BOOTSTRAP
    with pytest.raises(refusals):
        await log_in(shared, AGENCY, None, host=str(shared.home.sockets))
    assert shared.psql("SHOW listen_addresses").strip() == "127.0.0.1"


def test_its_secrets_and_data_are_closed_to_others(shared: embedded.Server) -> None:
    assert stat.S_IMODE((shared.folder / "secrets.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(shared.home.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(shared.home.data.stat().st_mode) == 0o700
    assert shared.home.data.stat().st_uid == server_user().pw_uid


def test_another_process_finds_it_and_leaves_it_running(shared: embedded.Server) -> None:
    script = """
        import sys
        from pathlib import Path
        from core.database import embedded
        found, started = embedded.running(Path(sys.argv[1])), embedded.start(Path(sys.argv[1]))
        started.stop()
        print(found.port, started.port, started.owned)
    """
    done = elsewhere(script, shared.folder)
    assert done.stdout.split() == [str(shared.port), str(shared.port), "False"], done.stderr
    assert embedded.running(shared.folder) is not None
    with pytest.raises(Misconfigured, match="another process is using"):
        embedded.erase(shared.folder)


def test_a_second_start_keeps_port_and_data(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    server.psql("CREATE TABLE kept AS SELECT 42 AS answer")
    port, pid = server.port, server_pid(folder)
    server.stop()
    assert not server.owned
    assert embedded.running(folder) is None
    assert not is_alive(pid)
    server = embedded.start(folder, durable=False)
    assert server.port == port
    assert server.psql("SELECT answer FROM kept").strip() == "42"
    server.stop()


STARTED_AND_KILLED = """
    import os, signal, sys
    from pathlib import Path
    from core.database import embedded
    server = embedded.start(Path(sys.argv[1]), durable=False)
    server.psql("CREATE TABLE kept AS SELECT 42 AS answer")
    print(server.port, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_whose_owner_was_killed_is_taken_over_and_stopped(folder: Path) -> None:
    done = elsewhere(STARTED_AND_KILLED, folder)
    assert done.returncode == -signal.SIGKILL
    found = embedded.running(folder)
    assert found is not None
    assert not found.owned
    server = embedded.start(folder, durable=False)
    assert server.owned
    assert str(server.port) == done.stdout.strip()
    assert server.psql("SELECT answer FROM kept").strip() == "42"
    server.stop()
    assert embedded.running(folder) is None


def test_a_killed_server_leaves_a_stale_file_and_starts_again(folder: Path) -> None:
    server = embedded.start(folder)
    server.psql("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(server_pid(folder), signal.SIGKILL)
    server.let_go()
    assert find_home(folder) is not None
    again = embedded.start(folder)
    assert again.owned
    assert again.psql("SELECT answer FROM kept").strip() == "42"
    again.stop()


def test_a_file_that_names_somebody_else_s_process_does_not_keep_it_from_starting(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    port = server.port
    server.stop()
    lines = [
        str(os.getppid()),
        str(server.home.data),
        "1700000000",
        str(port),
        str(server.home.sockets),
        "",
        "",
        "ready",
    ]
    (server.home.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    server = embedded.start(folder, durable=False)
    assert server.psql("SELECT 1").strip() == "1"
    server.stop()


def test_a_start_that_was_killed_halfway_begins_anew(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    server.stop()
    (server.home.path / "bootstrapped").unlink()
    server.home.data.rename(server.home.path / "data.new")  # as it is before it is whole
    server = embedded.start(folder, durable=False)
    assert server.psql("SELECT current_database()").strip() == "contingent"
    server.stop()


def test_a_taken_port_is_changed_for_another(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    port = server.port
    server.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        server = embedded.start(folder, durable=False)
        assert server.port != port
    server.stop()


def test_data_of_another_major_version_are_refused_with_the_command_that_helps(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    server.stop()
    (server.home.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(Misconfigured, match=r"PostgreSQL 14, .* run 'contingent database upgrade'"):
        embedded.start(folder, durable=False)


def test_erasing_leaves_nothing(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    home, pid = server.home.path, server_pid(folder)
    server.let_go()
    embedded.erase(folder)
    assert not home.exists()
    assert {path.name for path in folder.iterdir()} == {"server.lock"}
    assert not is_alive(pid)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = embedded.start(folder, durable=False)
    server.stop()
    (server.home.data / "postgresql.auto.conf").write_text("colour = 'red'\n")
    with pytest.raises(Misconfigured, match="colour"):
        embedded.start(folder, durable=False)


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="nothing-here"):
        Programs(tmp_path / "nothing-here").run("postgres", "--version")


def as_nobody(action: Callable[[], str]) -> str:
    """Run ``action`` in a copy of this process that is no longer root, and return what it returned."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            said = action()
        except BaseException as error:  # noqa: BLE001 - the child says what happened and ends, whatever it was
            said = repr(error)
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


def unprivileged_start(folder: Path) -> str:
    server = embedded.start(folder, durable=False)
    try:
        return f"{server.psql('SELECT current_user').strip()} in {server.home.path}"
    finally:
        server.stop()
        embedded.erase(folder)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can reach: pytest's own are closed."""
    path = Path(tempfile.mkdtemp(prefix="contingent-open-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


def test_without_root_the_data_stay_in_the_folder(reachable: Path) -> None:
    folder = reachable / "var"
    root = os.geteuid() == 0
    said = as_nobody(lambda: unprivileged_start(folder)) if root else unprivileged_start(folder)
    assert said == f"{BOOTSTRAP} in {folder / 'postgres'}"


def test_programs_that_the_service_user_cannot_reach_are_copied(
    reachable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden"
    (hidden / "bin").mkdir(parents=True)
    (hidden / "bin" / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n")
    (hidden / "bin" / "postgres").chmod(0o755)
    hidden.chmod(0o700)
    monkeypatch.setattr("core.database.programs.temporary_area", lambda: reachable)
    found = find_programs(hidden / "bin")
    assert found.major == 99
    copied = found.folder != hidden / "bin"
    assert copied == (os.geteuid() == 0), "only another user needs a copy"


def test_the_wheel_has_all_programs() -> None:
    assert {"postgres", "initdb", "pg_ctl", "psql", "pg_dump", "pg_restore"} <= {
        path.name for path in wheel_folder().iterdir()
    }


def test_a_folder_that_never_had_a_server_is_not_given_one_by_a_question(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="There is no database"):
        embedded.resume(tmp_path / "var")
    assert not (tmp_path / "var").exists()
