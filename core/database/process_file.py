"""What ``postmaster.pid`` says of a server, and what is true: a kill or a restart of the machine leaves it behind."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from core.database.cluster import Home
from core.errors import Misconfigured

NAME = "postmaster.pid"
_PROCESSES = Path("/proc")
_PATIENCE_SECONDS = 30.0
_REAPING_SECONDS = 1.0
"""How long whoever inherits a dead process may take to collect it."""


def listening(home: Home) -> int | None:
    """Return the port on which the server answers, or ``None``: the file alone proves nothing."""
    lines = _lines(home)
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(f"{lines[4]}/.s.PGSQL.{lines[3]}")
        except OSError:
            return None
    return int(lines[3])


def await_quiet(home: Home) -> int | None:
    """Wait for a server that is on its way up or down; return its port, or ``None`` once none is running.

    A file that names a process which is gone, dead or somebody else's is removed: PostgreSQL
    itself refuses to start as long as there is any process of that number.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    dead_since: float | None = None
    while time.monotonic() < until:
        port = listening(home)
        if port is not None:
            return port
        lines = _lines(home)
        if not lines or not _PROCESSES.is_dir():
            return None
        state = _state(int(lines[0]), home)
        if state == "running":
            dead_since = None
        else:
            dead_since = dead_since or time.monotonic()
            if state == "other" or time.monotonic() - dead_since > _REAPING_SECONDS:
                _forget(home)
                return None
            if state == "gone":
                return None
        time.sleep(0.02)
    raise Misconfigured(f"the server in {home.data} neither answers nor ends: see {home.log}")


def _forget(home: Home) -> None:
    for left in [home.data / NAME, *home.sockets.glob(".s.PGSQL.*")]:
        left.unlink(missing_ok=True)


def _lines(home: Home) -> list[str]:
    try:
        return (home.data / NAME).read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as error:
        raise Misconfigured(f"{home.path} is another user's: run this as the user who started the server") from error


def _state(pid: int, home: Home) -> str:
    """Return running, dead (but not collected yet), gone, or other: a process that is not this server."""
    process = _PROCESSES / str(pid)
    try:
        if process.joinpath("stat").read_text().rpartition(")")[2].split()[0] in "ZX":
            return "dead"
        return "running" if process.joinpath("cwd").resolve(strict=True) == home.data.resolve() else "other"
    except PermissionError:
        return "other"
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
