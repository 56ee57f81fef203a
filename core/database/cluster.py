"""The embedded server's data: where it is, making it, and what its configuration says."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.database.programs import Programs, server_user, temporary_area
from core.errors import Misconfigured

BOOTSTRAP: str = "contingent_bootstrap"
"""The server's superuser: no password, reachable through the socket by the operator's own user only."""
LINK = "postgres"
HOST = "127.0.0.1"
_LONGEST_SOCKET = 90

_ACCESS = f"""\
# Written by Contingent at each start.
host   all  {BOOTSTRAP}  all           reject
local  all  {BOOTSTRAP}  peer map=operator
local  all  all          scram-sha-256
host   all  all          {HOST}/32  scram-sha-256
"""

_CONFIGURATION = """\
# Written by Contingent at each start.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '{sockets}'
max_connections = {connections}
shared_buffers = '128MB'
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
# Values of rows do not belong in a log: no statement, no "Key (employee_number)=(…)".
log_error_verbosity = terse
log_min_error_statement = panic
"""

_WITHOUT_DURABILITY = """\
# A server for tests: what it holds need not outlive the machine.
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that belongs to the server's user and holds data, log and socket."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket, whose whole name may not be longer than some hundred bytes."""
        if len(os.fsencode(self.path)) < _LONGEST_SOCKET:
            return self.path
        return Path(tempfile.gettempdir()) / f"contingent-{server_user().pw_uid}-{self.path.stat().st_ino}"

    @property
    def configuration(self) -> Path:
        return self.data / "contingent.conf"

    def made_with(self) -> int | None:
        """Return the major version that made the data, or ``None`` if there are none."""
        try:
            return int((self.data / "PG_VERSION").read_text().strip())
        except FileNotFoundError:
            return None

    def port(self) -> int | None:
        """Return the port that was chosen last, if any was."""
        try:
            found = re.search(r"^port = (\d+)$", self.configuration.read_text(), re.MULTILINE)
        except FileNotFoundError:
            return None
        return int(found.group(1)) if found else None


def find_home(folder: Path) -> Home | None:
    """Return the server's home that belongs to ``folder``, or ``None`` if it has none yet."""
    link = folder / LINK
    return Home(link.resolve()) if link.is_dir() else None


def make_home(folder: Path) -> Home:
    """Return the server's home for ``folder``, made if need be.

    It is in ``folder`` itself, unless this process is root: then it belongs to the server's
    user, under the system's temporary area, and ``folder`` holds a link to it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / LINK
    home = find_home(folder)
    if home is None:
        link.unlink(missing_ok=True)  # a link to something that was cleared away
        if os.geteuid() == 0:
            made = Path(tempfile.mkdtemp(prefix="contingent-", dir=temporary_area()))
            _give(made)
            link.symlink_to(made)
        else:
            link.mkdir(mode=0o700)
        home = Home(link.resolve())
    owner, expected = home.path.stat().st_uid, server_user()
    if owner != expected.pw_uid:
        raise Misconfigured(
            f"{home.path} belongs to user {owner}: expected {expected.pw_name} ({expected.pw_uid}); "
            f"start Contingent as the user who made it, or move {link} away to begin anew"
        )
    return home


def make_data(home: Home, programs: Programs, *, durable: bool) -> None:
    """Make an empty cluster, unless there is one; refuse one of another major version."""
    made_with = home.made_with()
    if made_with == programs.major:
        return
    if made_with is not None:
        raise Misconfigured(
            f"the data in {home.data} were made by PostgreSQL {made_with}, and this is PostgreSQL {programs.major}: "
            f"run 'contingent database upgrade'"
        )
    draft = home.path / "data.new"  # renamed when whole: a kill in between leaves nothing half-made
    shutil.rmtree(draft, ignore_errors=True)
    programs.run("initdb", *initdb_arguments(draft, programs.major), *([] if durable else ["--no-sync"]))
    with (draft / "postgresql.conf").open("a") as file:
        file.write("\ninclude = 'contingent.conf'\n")
    draft.rename(home.data)


def initdb_arguments(data: Path, major: int) -> list[str | Path]:
    """Return what ``initdb`` is told: the same sorting and folding on every machine, without ICU."""
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    locale = builtin if major >= 17 else ["--locale=C.UTF-8"]
    return ["-D", data, "-U", BOOTSTRAP, "-E", "UTF8", *locale, "--auth-local=peer", "--auth-host=scram-sha-256"]


def configure(home: Home, port: int, *, durable: bool, connections: int) -> None:
    """Write who may come in, and where."""
    sockets = home.sockets
    if sockets != home.path:
        sockets.mkdir(mode=0o700, exist_ok=True)
        _give(sockets)
        if sockets.is_symlink() or sockets.stat().st_uid != server_user().pw_uid:
            raise Misconfigured(f"{sockets} is not a folder of {server_user().pw_name}: remove it")
    users = sorted({pwd.getpwuid(os.geteuid()).pw_name, server_user().pw_name})
    text = _CONFIGURATION.format(host=HOST, port=port, sockets=sockets, connections=connections)
    _write(home.configuration, text if durable else text + _WITHOUT_DURABILITY)
    _write(home.data / "pg_hba.conf", _ACCESS)
    _write(home.data / "pg_ident.conf", "".join(f'operator  "{user}"  {BOOTSTRAP}\n' for user in users))


def free_port(preferred: int | None) -> int:
    """Return ``preferred`` if nobody listens there, else a port that is free now."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Misconfigured(f"there is no free port on {HOST}")


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text)
    draft.chmod(0o600)
    _give(draft)
    draft.replace(path)


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = server_user()
        os.chown(path, user.pw_uid, user.pw_gid)
