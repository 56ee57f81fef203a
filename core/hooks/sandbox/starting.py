"""Starting a zygote, and the sockets over which it is asked."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def make_controls(count: int) -> list[tuple[socket.socket, socket.socket]]:
    """Return pairs of sockets: the first for one of core's processes, the second for the zygote."""
    return [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(count)]


ZYGOTE: Sequence[str] = ("-m", "core.hooks.sandbox.zygote", "--load=contingent")
"""The arguments of the interpreter with which the zygote is started; hosts share what it loads."""


def start_zygote(sockets: Sequence[socket.socket]) -> subprocess.Popen[bytes]:
    """Start a zygote that listens on ``sockets``, with an empty environment.

    It ends when the last of their other ends is closed.
    """
    return subprocess.Popen(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-I", *ZYGOTE, *(f"--socket={one.fileno()}" for one in sockets)],
        env={},
        pass_fds=[one.fileno() for one in sockets],
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def own_zygote() -> Iterator[socket.socket]:
    """Start a zygote for this process alone and give the way to it.

    For a process that no launcher started, such as a worker on a machine of its own.
    """
    ((ours, theirs),) = make_controls(1)
    with ours, theirs:
        zygote = start_zygote([theirs])
        theirs.close()
        try:
            yield ours
        finally:
            ours.close()
            zygote.wait()
