"""What a request says of where it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from core.web.incoming import Incoming


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.8", "192.0.2.8"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:DB8:1:2:a:b:c:d", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        ("unix:", "unix:"),
        ("192.0.2.7.8", "192.0.2.7.8"),
        ("", ""),
    ],
)
def test_an_address_counts_whole_or_by_the_line_that_it_is_of(address: str, network: str) -> None:
    scope: Any = {"method": "GET", "path": "/", "client": (address, 1)}
    nothing: Any = None
    assert Incoming(scope, nothing, {}, nothing).network == network
