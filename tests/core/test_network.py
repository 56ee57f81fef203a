"""The way out: names that are slow to be found keep nobody else waiting, and nothing inward counts as outside."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest

from core import network
from core.network import Barred, connect, is_public, resolve

OUTSIDE = "93.184.216.34"


@pytest.mark.parametrize(
    "inward",
    [
        "127.0.0.1",
        "10.0.0.5",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "64:ff9b::a00:5",
        "2002:a00:5::1",
        "2001:0:a00:5::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
async def test_what_leads_inward_in_any_spelling_is_no_address_outside(
    inward: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_public(inward)
    monkeypatch.setattr(network, "_look_up", lambda _: [OUTSIDE, inward])
    with pytest.raises(Barred, match="does not lead to a public address"):
        await resolve("both.example.org")
    with pytest.raises(Barred):
        await connect("both.example.org", 587, loopback=True)


async def test_a_name_is_asked_for_once_at_a_time_and_one_that_is_slow_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: Counter[str] = Counter()
    go_on, begun = threading.Event(), threading.Event()

    def look_up(host: str) -> list[str]:
        asked[host] += 1
        if host == "slow.example.org":
            begun.set()
            assert go_on.wait(60)
        return [OUTSIDE]

    monkeypatch.setattr(network, "_look_up", look_up)
    waiting = [asyncio.create_task(resolve("slow.example.org")) for _ in range(50)]
    await asyncio.to_thread(begun.wait)
    waiting[0].cancel()
    assert await resolve("quick.example.org") == OUTSIDE
    assert await asyncio.to_thread(lambda: "everybody’s other work goes on"), "in threads of its own"
    go_on.set()
    first, *rest = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert set(rest) == {OUTSIDE}
    assert asked == {"slow.example.org": 1, "quick.example.org": 1}


async def test_a_name_that_is_not_found_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[], [OUTSIDE]])

    def look_up(host: str) -> list[str]:
        found = next(answers)
        if not found:
            raise OSError("no such name")
        return found

    monkeypatch.setattr(network, "_look_up", look_up)
    with pytest.raises(OSError, match="no such name"):
        await resolve("mine.example.org")
    assert await resolve("mine.example.org") == OUTSIDE
