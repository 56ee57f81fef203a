"""The process from which hosts are forked: started first, with an empty environment and nothing of anybody's in it.

``python -m core.hooks.sandbox.zygote --socket=N … --load=MODULE …``: each socket leads to one of core's processes,
which asks over it for a way to a host; each module is there in all hosts. There is one host for each key (a
tenant), however many processes ask for it. The zygote listens to core alone: whatever a host says to it, but that
it stands, is not read.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

import msgspec

from core.hooks.registry import Registry
from core.hooks.sandbox import confinement, hosting
from core.hooks.sandbox.code import install
from core.hooks.sandbox.overtime import Ask, Overtime
from core.hooks.sandbox.turns import Turns, may_rank

PRELOADED = """
    asyncio base64 bisect calendar codecs collections concurrent.futures.thread contextlib copy csv dataclasses
    datetime decimal difflib email.message email.utils enum fractions functools hashlib heapq hmac html html.parser
    inspect io itertools json locale math numbers operator pathlib queue random re secrets statistics string
    stringprep struct textwrap threading time timeit traceback types typing unicodedata urllib.parse uuid weakref
    xml.etree.ElementTree zipfile zlib zoneinfo encodings.idna encodings.latin_1 encodings.cp1252 encodings.utf_8_sig
    encodings.utf_16 _strptime
"""
"""Modules that plugins use: shared by all hosts, and there even where a host's user cannot read the library."""

LARGEST_REQUEST = 4096
MOST_NAMED = 24
"""Plugins that are named of one host: they have to go into a request."""
STANDS_WITHIN = 5.0
"""Seconds in which a host that was forked has shut itself in."""


class Request(msgspec.Struct, frozen=True, array_like=True):
    """Core: a way to the host of this key, which is forked if there is none; its end; or what hosts lack here.

    ``answer``: to a ``Question``, of that turn: whether no call was there, and which plugins the process has there.
    """

    wanted: Literal["open", "kill", "survey", "answer"]
    key: str = ""
    turn: int = 0
    rested: bool = False
    plugins: tuple[str, ...] = ()


class Reply(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Zygote: comes with the way, or says why there is none; ``lacking``: means of confinement, and why."""

    key: str
    lacking: dict[str, str] = {}
    error: str = ""


class Question(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Zygote: has core's process had a call in the host since it was last asked?"""

    key: str
    turn: int


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Zygote, to one of core's processes: the host, in which these plugins were, worked on with no call under way."""

    key: str
    plugins: tuple[str, ...]


Said: TypeAlias = Reply | Question | Ended


@dataclass(slots=True)
class _Host:
    process: int
    control: socket.socket
    lacking: dict[str, str]


class Zygote:
    """Forks hosts, hands out ways to them, ends them."""

    def __init__(self, requesters: Sequence[socket.socket]) -> None:
        self._selector = selectors.DefaultSelector()
        self._requesters = list(requesters)
        self._hosts: dict[str, _Host] = {}
        self._forked = 0
        self._turns = Turns(may_rank=may_rank())
        self._overtime: Overtime[socket.socket] = Overtime()
        for one in requesters:
            self._selector.register(one, selectors.EVENT_READ, "")

    def serve(self) -> None:
        """Answer until the last requester is gone; leave no host behind."""
        while self._requesters:
            waits = [one for one in (self._turns.wait(), self._overtime.wait()) if one is not None]
            for found, _ in self._selector.select(min(waits, default=None)):
                sock: socket.socket = found.fileobj  # type: ignore[assignment]
                if not found.data:
                    self._answer(sock)
                elif found.data in self._hosts and self._hosts[found.data].control is sock:
                    self._bury(found.data)
            self._turns.look()
            for ask in self._overtime.look():
                self._question(ask)
        for key in list(self._hosts):
            self._kill(key)

    def _answer(self, requester: socket.socket) -> None:
        try:
            asked = requester.recv(LARGEST_REQUEST)
        except ConnectionError:
            asked = b""
        if not asked:
            self._selector.unregister(requester)
            self._requesters.remove(requester)
            self._overtime.leave(requester)
            requester.close()
            return
        request = msgspec.msgpack.decode(asked, type=Request)
        if request.wanted == "kill":
            self._kill(request.key)
            return
        if request.wanted == "answer":
            self._take(requester, request)
            return
        if request.wanted == "survey":
            with suppress(ConnectionError):
                requester.send(msgspec.msgpack.encode(Reply("", _said(confinement.survey()))))
            return
        ours, theirs = socket.socketpair()
        with ours, theirs, suppress(ConnectionError):
            try:
                host = self._lead(request.key, theirs)
            except OSError as error:
                self._kill(request.key)
                requester.send(msgspec.msgpack.encode(Reply(request.key, error=str(error))))
                return
            self._overtime.lead(request.key, requester)
            reply = msgspec.msgpack.encode(Reply(request.key, host.lacking))
            socket.send_fds(requester, [reply], [ours.fileno()])

    def _question(self, ask: Ask[socket.socket]) -> None:
        for requester in ask.ways:
            _tell(requester, Question(ask.key, ask.turn))

    def _take(self, requester: socket.socket, answer: Request) -> None:
        """Take an answer; end the host if it works on for nobody, and tell one process that has plugins there."""
        key = answer.key
        if not self._overtime.answer(key, answer.turn, requester, rested=answer.rested, plugins=answer.plugins):
            return
        found = self._overtime.plugins(key)
        self._kill(key)
        named = sorted(set[str]().union(*found.values()))[:MOST_NAMED]
        for one in found:
            if _tell(one, Ended(key, tuple(named))):
                return

    def _lead(self, key: str, way: socket.socket) -> _Host:
        """Give the host of this key the far end of a way; fork one where there is none, or none any more."""
        if key in self._hosts:
            try:
                socket.send_fds(self._hosts[key].control, [b"+"], [way.fileno()])
            except OSError:
                self._kill(key)
            else:
                return self._hosts[key]
        host = self._fork(key)
        socket.send_fds(host.control, [b"+"], [way.fileno()])
        return host

    def _fork(self, key: str) -> _Host:
        ours, theirs = socket.socketpair()
        self._forked += 1
        process = os.fork()
        if process == 0:
            ours.close()
            be_host(theirs, confinement.FIRST_USER + self._forked)
        theirs.close()
        ours.settimeout(STANDS_WITHIN)
        try:
            stands = ours.recv(LARGEST_REQUEST)
        except OSError:
            stands = b""
        if not stands:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            ours.close()
            raise OSError("the host did not come to stand")
        host = self._hosts[key] = _Host(process, ours, msgspec.msgpack.decode(stands, type=dict[str, str]))
        self._selector.register(ours, selectors.EVENT_READ, key)
        self._turns.begin(process, key.partition("/")[0])
        self._overtime.begin(key, process)
        return host

    def _kill(self, key: str) -> None:
        if key in self._hosts:
            with suppress(ProcessLookupError):
                os.kill(self._hosts[key].process, signal.SIGKILL)
            self._bury(key)

    def _bury(self, key: str) -> None:
        """A host's end of the control is closed, or has said something, which it has no reason to: it is over."""
        host = self._hosts.pop(key)
        self._selector.unregister(host.control)
        host.control.close()
        self._turns.end(host.process)
        self._overtime.end(key)
        with suppress(ProcessLookupError):
            os.kill(host.process, signal.SIGKILL)
        os.waitpid(host.process, 0)


def _tell(requester: socket.socket, said: Said) -> bool:
    """Say it, unless the process does not read: the zygote waits for nobody."""
    try:
        requester.send(msgspec.msgpack.encode(said), socket.MSG_DONTWAIT)
    except OSError:
        return False
    return True


def _said(lacking: Mapping[confinement.Means, str]) -> dict[str, str]:
    return {str(means): why for means, why in lacking.items()}


def be_host(control: socket.socket, user: int) -> NoReturn:
    """Become a host: close what is open, shut in, say so, and serve until nobody is left. Never returns."""
    try:
        os.setsid()
        empty = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(empty, standard)
        kept = os.dup2(control.fileno(), 3)
        control.detach()
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        import asyncio  # noqa: PLC0415 - the module is loaded; the name is this function's

        control = socket.socket(fileno=kept)
        inside = hosting.Inside(Registry(), install())
        # Asyncio's own loop and no other: libuv asks by io_uring, into which no seccomp filter sees.
        with asyncio.Runner() as runner:
            runner.get_loop()
            lacking = confinement.confine(user)
            control.send(msgspec.msgpack.encode(lacking))
            runner.run(hosting.converse(control, inside))
            # At once: closing the loop would wait for whatever a plugin has left running in it.
            os._exit(0)
    finally:
        os._exit(1)


def main(arguments: Sequence[str]) -> None:
    """Serve on the sockets that the command line names."""
    for name in (*PRELOADED.split(), *_given("--load=", arguments)):
        importlib.import_module(name)
    with suppress(ImportError):
        importlib.import_module("tzdata")
    # What is loaded by now the collector leaves alone, so that it stays shared with every host.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Zygote([socket.socket(fileno=int(one)) for one in _given("--socket=", arguments)]).serve()


def _given(option: str, arguments: Sequence[str]) -> list[str]:
    return [one.removeprefix(option) for one in arguments if one.startswith(option)]


if __name__ == "__main__":
    main(sys.argv[1:])
