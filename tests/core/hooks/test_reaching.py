"""The plugins' ways out: whom they may ask, how often, and what stands in the log of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Actor, Ctx, HttpFailed, Manifest, NotConsented, Scope
from core import network
from core.clock import ManualClock
from core.hooks.answers import Cause, Origin
from core.hooks.granting import Grant
from core.hooks.http import MOST_SENT, Http
from core.hooks.reaching import LONGEST, Connecting, Reaching, within

ADDRESS = "https://api.example.org/hooks/secret-path?token=secret"
TITLE = {"en": "Mine", "fr": "Le mien"}


class Settings(msgspec.Struct, frozen=True):
    address: str | None = None
    name: str = ""


def ctx(number: int = 1) -> Ctx:
    scope = Scope(UUID(int=number), "agency", "alpha", "Service alpha", "Service alpha")
    return Ctx(scope, Actor(UUID(int=2), "Alix"), ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))


def grant(of: Ctx, *hosts: str) -> Grant:
    def refuse(used: str, remedy: str) -> NotConsented:
        return NotConsented(f"{used}: {remedy}")

    return Grant(of, Origin("mine", "1.0"), frozenset(hosts), refuse)


def way(answer: Callable[[httpx2.Request], httpx2.Response], asked: list[httpx2.Request]) -> Http:
    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return answer(request)

    return Reaching(httpx2.MockTransport(handle))(grant(ctx(), "api.example.org"))


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.org.evil.example/",
        "https://evil.example/api.example.org",
        "https://api.example.org@evil.example/",
        "https://evil.example#@api.example.org/",
        "api.example.org",
        "https://",
        "https://[::1",
    ],
)
async def test_a_machine_that_was_not_consented_to_is_not_asked(address: str) -> None:
    asked: list[httpx2.Request] = []
    with pytest.raises(NotConsented, match=r"api\.example\.org"):
        await way(lambda _: httpx2.Response(200), asked).send("GET", address)
    assert not asked


PIECES = [
    "https:",
    "//",
    "/",
    "\\",
    "@",
    ":",
    "#",
    "?",
    ".",
    "%2e",
    "%40",
    "\t",
    "\u3002",
    "evil.example",
    "api.example.org",
]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=40).map("https://".__add__))
async def test_no_address_is_sent_elsewhere_than_where_it_was_read_to_lead(address: str) -> None:
    asked: list[httpx2.Request] = []
    with contextlib.suppress(NotConsented, HttpFailed):
        await way(lambda _: httpx2.Response(200), asked).send("GET", address)
    assert {request.url.host for request in asked} <= {"api.example.org"}


@pytest.mark.parametrize(
    "more",
    [
        {"method": "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\nGET"},
        {"method": "CONNECT"},
        {"headers": {"X-Mine": "1", "X-Large": "x" * MOST_SENT}},
        {"headers": {f"X-{number}": "x" * 100 for number in range(MOST_SENT // 100)}},
        {"address": f"{ADDRESS}&x={'x' * MOST_SENT}"},
    ],
)
async def test_nothing_goes_out_that_is_no_request_of_the_plugins_own(more: dict[str, Any]) -> None:
    asked: list[httpx2.Request] = []
    sent = {"method": "POST", "address": ADDRESS, **more}
    with pytest.raises(HttpFailed):
        await way(lambda _: httpx2.Response(200), asked).send(**sent)
    assert not asked


async def test_no_header_breaks_the_lines_of_a_request() -> None:
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    reaching = Reaching(loopback=True)
    http = reaching(grant(ctx(), "127.0.0.1"))
    for headers in ({"X-Mine": "1\r\nX-Theirs: 1"}, {"X-Mine\r\nX-Theirs": "1"}, {"X-Mine:": "1"}, {"X-Mine": "\0"}):
        with pytest.raises(HttpFailed):
            await http.send("GET", address, headers=headers)
    assert (await http.send("GET", address, headers={"X-Mine": "1"})).status == 204
    await reaching.close()
    server.close()
    assert [b"x-theirs" in one.lower() for one in came] == [False]


async def test_a_server_that_trickles_is_given_up_at_the_deadline_and_keeps_no_place() -> None:
    trickled, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                trickled.set()
                await asyncio.sleep(0.01)  # on purpose: a byte now and then
        writer.close()
        gone.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reaching = Reaching(loopback=True)
    http = reaching(grant(ctx(), "127.0.0.1"))
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    for deadline in (0.1, 1.0, 5.0):
        with pytest.raises(HttpFailed, match=r"127\.0\.0\.1: TimeoutError"):
            await http.send("GET", address, deadline=deadline)
        if trickled.is_set():
            break  # A machine with much to do may need longer than the first of these for one byte.
    assert trickled.is_set(), "each byte came in time, the whole did not"
    assert not reaching._way._places, "no place is held any more"
    await gone.wait()
    await reaching.close()
    server.close()


@pytest.mark.parametrize(("given_", "kept"), [(math.nan, LONGEST), (math.inf, LONGEST), (8.0, 8.0), (0.0, 0.0)])
def test_a_deadline_is_a_number_of_seconds_of_a_minute_at_most(given_: float, kept: float) -> None:
    assert within(given_) == kept


async def test_one_service_that_holds_all_its_places_at_a_machine_holds_nobody_elses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "PLACE", 0.0)
    arrived, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/slow":
            arrived.release()
            await go_on.wait()
        return httpx2.Response(200)

    reaching = Reaching(httpx2.MockTransport(handle))
    mine, theirs = (reaching(grant(ctx(number), "api.example.org")) for number in (1, 2))
    held = [asyncio.create_task(mine.send("GET", "https://api.example.org/slow")) for _ in range(network.AT_ONCE)]
    for _ in held:
        await arrived.acquire()
    with pytest.raises(HttpFailed, match="PoolTimeout"):
        await mine.send("GET", "https://api.example.org/quick")
    assert (await theirs.send("GET", "https://api.example.org/quick")).status == 200
    go_on.set()
    assert {one.status for one in await asyncio.gather(*held)} == {200}


async def test_a_plugin_that_was_switched_off_meanwhile_asks_nobody_any_more() -> None:
    asked: list[httpx2.Request] = []
    causes: list[Cause] = []

    async def off() -> Cause | None:
        return causes[0] if causes else None

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        causes.append("disabled")
        return httpx2.Response(503)

    granted = grant(ctx(), "api.example.org")._replace(off=off)
    with pytest.raises(PermissionError, match="mine does not run any more at alpha: disabled"):
        await Reaching(httpx2.MockTransport(handle))(granted).send("GET", ADDRESS, attempts=3)
    assert len(asked) == 1
    with pytest.raises(PermissionError, match="disabled"):
        await Connecting()(granted).connect("api.example.org", 25)


@pytest.mark.parametrize("address", ["http://api.example.org/", "https://me:pw@api.example.org/"])
async def test_only_https_without_credentials_goes_out(address: str) -> None:
    asked: list[httpx2.Request] = []
    with pytest.raises(HttpFailed):
        await way(lambda _: httpx2.Response(200), asked).send("GET", address)
    assert not asked


async def test_an_answer_is_an_answer_whatever_its_status_and_a_redirect_is_not_followed() -> None:
    asked: list[httpx2.Request] = []
    headers = {"Location": "https://evil.example/"}
    answer = await way(lambda _: httpx2.Response(302, headers=headers, content=b"there"), asked).send("GET", ADDRESS)
    assert (answer.status, answer.headers["location"], answer.content) == (302, "https://evil.example/", b"there")
    assert len(asked) == 1


async def test_what_may_arrive_twice_is_sent_again_after_a_passing_failure() -> None:
    asked: list[httpx2.Request] = []
    statuses = iter([503, 429, 200, 200])
    answer = await way(lambda _: httpx2.Response(next(statuses)), asked).send("PUT", ADDRESS, attempts=4)
    assert (answer.status, len(asked)) == (200, 3)

    def fail(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("api.example.org/hooks/secret-path cannot be reached")

    asked.clear()
    with pytest.raises(HttpFailed) as failed:
        await way(fail, asked).send("PUT", ADDRESS, attempts=99)
    assert (len(asked), str(failed.value)) == (5, "api.example.org: ConnectError")
    asked.clear()
    with pytest.raises(HttpFailed):
        await way(fail, asked).send("POST", ADDRESS)
    assert len(asked) == 1, "nobody sends twice unasked"


async def test_the_pauses_double_and_each_service_has_its_own_share_of_them() -> None:
    waited = []
    for number in (1, 2):
        there = ctx(number)
        network = httpx2.MockTransport(lambda _: httpx2.Response(503))
        http = Reaching(network)(grant(there, "api.example.org"))
        assert (await http.send("PUT", ADDRESS, attempts=4)).status == 503
        waited.append(there.clock.monotonic())
    assert all(3.5 <= one <= 7 for one in waited), "between half of 1, 2 and 4 seconds and all of them"
    assert waited[0] != waited[1]


async def test_an_answer_without_end_and_a_request_too_large_are_failures() -> None:
    asked: list[httpx2.Request] = []
    http = way(lambda _: httpx2.Response(200, content=bytes(300_000)), asked)
    with pytest.raises(HttpFailed, match="more than"):
        await http.send("GET", ADDRESS)
    with pytest.raises(HttpFailed, match="at most"):
        await http.send("POST", ADDRESS, content=bytes(MOST_SENT + 1))


async def test_a_plugin_sets_no_header_that_is_ours_and_the_log_holds_the_machine_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[httpx2.Request] = []
    with caplog.at_level(logging.INFO, "contingent.plugins"):
        await way(lambda _: httpx2.Response(200), asked).send(
            "POST", ADDRESS, headers={"Host": "evil.example", "X-Mine": "1"}, content=b"secret-content"
        )
    assert (asked[0].headers["host"], asked[0].headers["x-mine"]) == ("api.example.org", "1")
    (line,) = [record for record in caplog.records if "asked" in record.message]
    told = repr(line.__dict__)
    assert "api.example.org" in told
    assert "secret" not in told


async def test_a_connection_goes_to_the_machine_that_was_consented_to_and_to_no_private_address() -> None:
    sockets = Connecting()(grant(ctx(), "localhost"))
    with pytest.raises(NotConsented):
        await sockets.connect("mail.example.org", 587)
    with pytest.raises(OSError, match="does not lead to a public address"):
        await sockets.connect("localhost", 587)


def manifest(**more: object) -> Manifest:
    given: dict[str, object] = {
        "name": "mine",
        "version": "1.0",
        "title": TITLE,
        "requires": "contingent>=1.0,<2",
        "settings": Settings,
        **more,
    }
    return Manifest(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"hosts": ("*",), "capabilities": frozenset({"http"})}, "full name of one machine"),
        ({"hosts": ("*.example.org",), "capabilities": frozenset({"http"})}, "full name of one machine"),
        ({"hosts": ("10.0.0.5",), "capabilities": frozenset({"http"})}, "full name of one machine"),
        ({"hosts": ("localhost",), "capabilities": frozenset({"http"})}, "full name of one machine"),
        ({"hosts": ("api.example.org",)}, "add 'http'"),
        ({"hosts_from": ("address",)}, "add 'http:settings'"),
        ({"hosts_from": ("nowhere",), "capabilities": frozenset({"http:settings"})}, "a field of the settings"),
        ({"capabilities": frozenset({"sockets"}), "tier": 2}, "for the process only"),
    ],
)
def test_a_manifest_names_each_machine_and_asks_for_it(more: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        manifest(**more)


def test_a_machine_comes_from_the_setting_that_the_manifest_names() -> None:
    made = manifest(
        hosts=("api.example.org",),
        hosts_from=("address", "name"),
        capabilities=frozenset({"http", "http:settings"}),
    )
    settings = Settings(address="https://hooks.example.net:8443/in", name="mail.example.com")
    found = made.reaches(lambda name: getattr(settings, name))
    assert found == {"api.example.org", "hooks.example.net", "mail.example.com"}
    assert made.reaches({"address": None}.get) == {"api.example.org"}
