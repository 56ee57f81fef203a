from __future__ import annotations

import socket

import pytest

from contingent.listening import listen
from core.errors import Misconfigured


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_localhost_is_both_kinds_of_address_where_the_machine_has_both() -> None:
    port = free_port()
    sockets = listen(["localhost"], port)
    try:
        assert ("127.0.0.1", port) in [one.getsockname()[:2] for one in sockets]
        with socket.create_connection(("localhost", port), timeout=5):
            pass
    finally:
        for one in sockets:
            one.close()


def test_a_port_in_use_is_refused_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"Port {port} is taken .*PORT={port + 1}"):
            listen(["localhost"], port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"none of the addresses 192\.0\.2\.1"):
        listen(["192.0.2.1"], free_port())


def test_a_name_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(Misconfigured, match="not an address of this machine"):
        listen(["no-such-host.invalid"], free_port())
