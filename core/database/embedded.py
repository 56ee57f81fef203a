"""A PostgreSQL of our own, for one machine: started with the application, found by its other processes.

Whoever holds the lock on ``server.lock`` in the data folder owns the server and stops it. The
kernel drops the lock of a killed process, so that the next start takes over a server that was
left running.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.database.bootstrap import bootstrap_sql
from core.database.cluster import BOOTSTRAP, HOST, Home, configure, find_home, free_port, make_data, make_home
from core.database.process_file import await_quiet, listening
from core.database.programs import Programs, find_programs
from core.database.secret_file import make_secrets
from core.errors import Misconfigured

DATABASE = "contingent"
LOCK = "server.lock"
_PATIENCE_SECONDS = 60.0
_LOG_LIMIT_BYTES = 10 * 2**20


@dataclass(slots=True)
class Server:
    """A running embedded server. ``owned``: this process started it, or took it over, and stops it."""

    folder: Path
    home: Home
    port: int
    owned: bool
    programs: Programs
    _lock: int | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return HOST

    def psql(self, sql: str, *, database: str = DATABASE) -> str:
        """Run ``sql`` as the superuser, through the socket, and return what it printed, unaligned."""
        path = self.home.path / f".sql-{os.getpid()}"
        path.write_text(sql)
        try:
            os.chown(path, self.programs.user.pw_uid, self.programs.user.pw_gid)
            return self.programs.run(
                "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.home.sockets, "-p", str(self.port),
                "-U", BOOTSTRAP, "-d", database, "-f", path,
            )  # fmt: skip
        finally:
            path.unlink()

    def stop(self) -> None:
        """Stop the server if this process owns it; otherwise only let go of it."""
        if not self.owned:
            return
        try:
            self.programs.run("pg_ctl", "stop", "-D", self.home.data, "-m", "fast", "-w", "-t", "60")
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Leave the server running and own it no longer."""
        self.owned = False
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def start(folder: Path, *, durable: bool = True, programs: Programs | None = None, connections: int = 200) -> Server:
    """Return the running server of ``folder``, started if need be, with roles and the database ``contingent``.

    ``durable=False`` is for tests: nothing is flushed to disk. ``connections`` is the most
    it accepts. Raises ``Misconfigured`` with what to do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    programs = programs or find_programs()
    lock = _own(folder)
    if lock is None:
        return _attach(folder, programs)
    try:
        home = make_home(folder)
        port = await_quiet(home)
        if port is None:
            make_data(home, programs, durable=durable)
            port = _launch(home, programs, durable=durable, connections=connections)
        server = Server(folder, home, port, True, programs, lock)
        _bootstrap(server)
    except BaseException:
        os.close(lock)
        raise
    return server


def resume(folder: Path) -> Server:
    """Return the server of ``folder`` as ``start`` does; raise ``Misconfigured`` if none was ever made there."""
    if find_home(folder) is None:
        raise Misconfigured(
            f"There is no database: DATABASE_URL is not set, and {folder} holds no embedded server. "
            f"`contingent serve` or `contingent demo` makes one."
        )
    return start(folder)


def running(folder: Path) -> Server | None:
    """Return the server of ``folder`` if it answers, owned by whoever started it."""
    home = find_home(folder)
    if home is None:
        return None
    port = listening(home)
    return None if port is None else Server(folder, home, port, False, find_programs())


def erase(folder: Path) -> None:
    """Remove the server's data and the secrets of ``folder``. Refused while a process owns it."""
    lock = _own(folder) if folder.is_dir() else None
    if lock is None:
        if folder.is_dir():
            raise Misconfigured(f"another process is using {folder}: stop it first")
        return
    try:
        home = find_home(folder)
        if home is not None:
            port = listening(home)
            if port is not None:
                Server(folder, home, port, True, find_programs()).stop()
            shutil.rmtree(home.path)
        (folder / "postgres").unlink(missing_ok=True)
        (folder / "secrets.toml").unlink(missing_ok=True)
    finally:
        os.close(lock)


def _own(folder: Path) -> int | None:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _attach(folder: Path, programs: Programs) -> Server:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        home = find_home(folder)
        port = listening(home) if home else None
        if home and port is not None and (home.path / "bootstrapped").exists():
            return Server(folder, home, port, False, programs)
        time.sleep(0.05)
    raise Misconfigured(f"another process holds {folder / LOCK} and its database does not answer: stop that process")


def _launch(home: Home, programs: Programs, *, durable: bool, connections: int) -> int:
    if home.log.exists() and home.log.stat().st_size > _LOG_LIMIT_BYTES:
        home.log.replace(home.log.with_suffix(".old"))
    port = home.port()
    for attempt in range(5):
        port = free_port(port if attempt == 0 else None)
        configure(home, port, durable=durable, connections=connections)
        before = home.log.stat().st_size if home.log.exists() else 0
        try:
            programs.run("pg_ctl", "start", "-D", home.data, "-l", home.log, "-w", "-t", "60", "-s", limit=90)
        except Misconfigured as error:
            said = home.log.read_bytes()[before:].decode(errors="replace") if home.log.exists() else ""
            if "in use" in said and "lock file" not in said:
                continue
            raise Misconfigured(f"the embedded database does not start; its log says:\n{said.strip()}") from error
        return port
    raise Misconfigured(f"the embedded database found no free port on {HOST} in five attempts")


def _bootstrap(server: Server) -> None:
    sql = bootstrap_sql(make_secrets(server.folder).passwords)
    digest = hashlib.sha256(sql.encode()).hexdigest()
    done = server.home.path / "bootstrapped"
    if done.exists() and done.read_text() == digest:
        return
    known = server.psql("SELECT datname FROM pg_database", database="postgres")
    if DATABASE not in known.split():
        server.psql(f"CREATE DATABASE {DATABASE}", database="postgres")
    server.psql(f"BEGIN;\n{sql}\nCOMMIT;")
    done.write_text(digest)
