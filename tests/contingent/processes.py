"""A command of ``contingent`` as a process of its own, for the tests of the launcher."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0


class Running:
    """Runs one command at a time on a port and a folder of its own, and reads what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        self._process: subprocess.Popen[str] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]

    def __call__(self, *arguments: str, database: str = "") -> None:
        """Start Python with ``arguments``, on an embedded server or on ``database``."""
        self.output = ""
        settings = {"CONTINGENT_VAR": str(self.folder), "PORT": str(self.port), "DATABASE_URL": database}
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def says(self, words: str) -> bool:
        """Read on until it has said ``words``; false if it ended without."""
        assert self.process.stdout is not None
        while words not in self.output:
            line = self.process.stdout.readline()
            if not line:
                return False
            self.output += line
        return True

    def hear_on(self) -> None:
        """Read what it says from now on, and keep none of it: who fills a pipe that nobody reads stands still."""
        assert self.process.stdout is not None
        descriptor = os.dup(self.process.stdout.fileno())

        def read() -> None:
            while os.read(descriptor, 65536):
                pass
            os.close(descriptor)

        threading.Thread(target=read, daemon=True).start()

    def stop(self, number: signal.Signals) -> int:
        """Send it the signal, wait, and return its status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended and return its status."""
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.output += rest
        return self.process.returncode

    def end(self) -> None:
        """Leave nothing behind, whatever the test found."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.wait()

    def family(self) -> list[int]:
        """Return the process and its children."""
        return [self.process.pid, *self._children()]

    def child(self, subcommand: str) -> int:
        """Return the child that runs ``contingent`` with ``subcommand``."""
        (found,) = [pid for pid in self._children() if subcommand in _command(pid)]
        return found

    def alive(self, pid: int) -> bool:
        """Say whether the process is there."""
        return Path(f"/proc/{pid}").exists()

    def _children(self) -> list[int]:
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and _parent(entry) == self.process.pid
        ]


def _parent(entry: Path) -> int:
    with suppress(OSError):
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []
