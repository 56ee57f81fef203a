"""No spelling of an address inside the platform's network passes for a public one, neither written out nor resolved."""

from __future__ import annotations

import pytest

from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused, Why
from core.network import Barred, PublicNetwork

INSIDE = {
    "a private network": "10.0.0.5",
    "this machine": "127.0.0.1",
    "the cloud's metadata": "169.254.169.254",
    "a provider's own network": "100.64.0.1",
    "many at once": "224.0.0.1",
    "this machine, in IPv6": "::1",
    "a private network, in IPv6": "fd00::5",
    "this link": "fe80::5",
    "many at once, in IPv6": "ff0e::5",
    "a private network, mapped": "::ffff:10.0.0.5",
    "a provider's own network, mapped": "::ffff:100.64.0.1",
    "a private network, compatible": "::10.0.0.5",
    "a private network, translated": "64:ff9b::10.0.0.5",
    "a private network, translated locally": "64:ff9b:1::10.0.0.5",
    "a private network, in a tunnel": "2002:a00:5::",
}


@pytest.mark.parametrize("name", INSIDE)
async def test_it_is_not_public(name: str) -> None:
    address = INSIDE[name]
    with pytest.raises(SignInRefused) as written:
        check_address(f"https://[{address}]/" if ":" in address else f"https://{address}/", loopback=False)
    with pytest.raises(Barred) as resolved:
        await PublicNetwork().connect_tcp(address, 443)
    assert written.value.why == Why.ADDRESS
    assert resolved.value.kind == "address"


@pytest.mark.parametrize("address", ["198.41.0.4", "[2001:503:ba3e::2:30]"])
def test_it_is_public(address: str) -> None:
    assert check_address(f"https://{address}/", loopback=False)


@pytest.mark.parametrize("loopback", [False, True])
def test_only_the_web_is_asked(loopback: bool) -> None:
    with pytest.raises(SignInRefused) as refused:
        check_address("ftp://127.0.0.1/", loopback=loopback)
    assert refused.value.why == Why.ADDRESS
