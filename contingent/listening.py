"""Where the pages are served: sockets are opened once, by the launcher, and handed to each web process."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from core.errors import Misconfigured

BACKLOG = 512
ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}


def listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Return one listening socket for each address that ``hosts`` (names or addresses) stand for on ``port``.

    ``localhost`` is 127.0.0.1 and, where the machine has it, ::1. A port that somebody else holds
    is refused here, before anything is started.
    """
    opened: list[socket.socket] = []
    try:
        for family, address in _addresses(hosts, port):
            one = _listen(family, address)
            if one is not None:
                opened.append(one)
    except OSError as error:
        for one in opened:
            one.close()
        raise Misconfigured(_reason(error, port)) from error
    if not opened:
        raise Misconfigured(f"This machine has none of the addresses {', '.join(hosts)}: name one that it has.")
    return opened


def _addresses(hosts: Sequence[str], port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    found: dict[tuple[str, int], socket.AddressFamily] = {}
    for host in hosts:
        if host == "localhost":
            found[("127.0.0.1", port)] = socket.AF_INET
            found[("::1", port)] = socket.AF_INET6
            continue
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except socket.gaierror as error:
            raise Misconfigured(f"{host!r} is not an address of this machine: {error.strerror}.") from error
        for family, _, _, _, address in answers:
            found[(str(address[0]), port)] = family
    return [(family, address) for address, family in found.items()]


def _listen(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket | None:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
        one.listen(BACKLOG)
        one.setblocking(False)
    except OSError as error:
        one.close()
        if error.errno in ABSENT:
            return None
        raise
    return one


def _reason(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program (or another demonstration). "
            f"Stop that, or choose another port: PORT={port + 1 if port < 65535 else 8000}."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}: choose one above 1023, for example PORT=8000."
    return f"Cannot listen on port {port}: {error.strerror}."
