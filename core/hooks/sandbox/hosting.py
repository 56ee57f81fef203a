"""What runs inside a host: it takes plugins in, runs their hooks, and answers core frame by frame.

It is confined before it sees a plugin (``confinement``) and is not believed by core in anything (``linking``): a plugin
can change all that is in this process.
"""

from __future__ import annotations

import array
import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from core.errors import NotFound
from core.hooks.answers import redact
from core.hooks.granting import NotConsented
from core.hooks.http import HttpFailed
from core.hooks.log import LONGEST_MESSAGE, MOST_FIELDS, Level
from core.hooks.marking import Hook, Rejected
from core.hooks.registry import Plugin, Registry
from core.hooks.sandbox import far, frames
from core.hooks.sandbox.code import MemoryFinder, digest_of
from core.hooks.saying import encoded, said_by
from core.hooks.settings_values import unpacked
from core.hooks.store import StoreRefused

T = TypeVar("T")

MAKES: dict[str, Callable[[str], Exception]] = {
    "StoreRefused": StoreRefused,
    "NotConsented": NotConsented,
    "PermissionError": PermissionError,
    "NotFound": lambda _: NotFound(),
    "HttpFailed": HttpFailed,
}
"""Errors of core that a plugin may be told apart."""


Implementation: TypeAlias = tuple[Plugin, Callable[..., Any], tuple[str, ...]]
"""A plugin, its function for one hook, and the names of what that takes."""


class Effectless(Exception):
    """Core could not do what the plugin asked for; why is in core's log."""


class Inside:
    """The plugins of one host, and how each of their hooks is called."""

    def __init__(self, registry: Registry, finder: MemoryFinder) -> None:
        self._registry = registry
        self._finder = finder
        self._digests: dict[str, str] = {}
        self._settings: dict[tuple[str, bytes], Any] = {}
        self._implementations: dict[tuple[str, str], Implementation] = {}
        self._arguments = {
            hook.name: msgspec.msgpack.Decoder(tuple[tuple(hook.types[name] for name in hook.arguments)])  # type: ignore[misc]
            if hook.arguments
            else msgspec.msgpack.Decoder(tuple[()])
            for hook in registry.hooks.values()
        }

    def take(self, load: frames.Load) -> frames.Loaded:
        """Import and check a plugin; the same one twice is once."""
        if self._digests.get(load.plugin) == load.digest:
            return self._loaded(load)
        if digest_of(load.address, load.files) != load.digest:
            return frames.Loaded(load.plugin, ("import", "its files are not those that were checked"))
        self._finder.add(load.files)
        broken = self._registry.load_module(load.plugin, load.address)
        if broken is not None:
            return frames.Loaded(load.plugin, (broken.stage, broken.error))
        self._digests[load.plugin] = load.digest
        return self._loaded(load)

    def _loaded(self, load: frames.Load) -> frames.Loaded:
        if not load.asks:
            return frames.Loaded(load.plugin)
        try:
            says = encoded(said_by(self._registry.plugins[load.plugin].module))
        except Exception as error:  # noqa: BLE001 - a default may run code of the plugin's own
            return frames.Loaded(load.plugin, ("manifest", redact(error)))
        return frames.Loaded(load.plugin, says=says)

    def read(self, read: frames.Read) -> frames.Frame:
        """Make the plugin's settings, and answer whether that could be done."""
        try:
            self._read(self._registry.plugins[read.plugin], read.settings)
        except BaseException as error:  # noqa: BLE001 - a check of the plugin's own may raise anything
            return frames.Ended(read.id, error=redact(error))
        return frames.Answered(read.id, frames.NOTHING)

    def begin(self, call: frames.Call, ask: far.Ask, tell: far.Tell) -> tuple[Hook, Any]:
        """Return the hook and what calling the plugin's function gave: a value, an awaitable or a generator."""
        hook = self._registry.hooks[call.hook]
        found = self._implementations.get((call.plugin, call.hook))
        plugin, function, names = found or self._find(call.plugin, call.hook)
        given = dict(zip(hook.arguments, self._arguments[call.hook].decode(call.arguments), strict=True))
        given["ctx"] = far.context(call.seen, call.plugin, ask, tell, lambda stored: self._read(plugin, stored))
        return hook, function(*[given[name] for name in names])

    def _find(self, plugin: str, hook: str) -> Implementation:
        found = next(one for one in self._registry.ordered(hook) if one[0].name == plugin)
        return self._implementations.setdefault((plugin, hook), found)

    def _read(self, plugin: Plugin, stored: msgspec.Raw) -> Any:
        key = (plugin.name, bytes(stored))
        if key not in self._settings:
            kind = plugin.manifest.settings
            read = None if kind is None else unpacked(kind, stored)
            self._settings = {known: one for known, one in self._settings.items() if known[0] != plugin.name}
            self._settings[key] = read
        return self._settings[key]


class Conversation(asyncio.BufferedProtocol):
    """One of core's processes, and the calls it has under way here."""

    def __init__(self, inside: Inside, ended: Callable[[Conversation], None]) -> None:
        self._inside = inside
        self._ended = ended
        self._cutter = frames.Cutter(frames.LARGEST_TO_HOST)
        self._transport: asyncio.Transport
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wanted: dict[int, asyncio.Event] = {}
        self._effects: dict[tuple[int, int], asyncio.Future[frames.Effected]] = {}
        self._counted = 0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._ended(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._cutter.room()

    def buffer_updated(self, nbytes: int) -> None:
        for body in self._cutter.cut(nbytes):
            self._receive(frames.from_core.decode(body))

    def _receive(self, frame: frames.FromCore) -> None:
        match frame:
            case frames.Call():
                task = self._tasks[frame.id] = self._loop.create_task(self._run(frame))
                task.add_done_callback(lambda ended: self._forget(frame.id, ended))
            case frames.Effected():
                waiting = self._effects.pop((frame.id, frame.number), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            case frames.Next():
                if frame.id in self._wanted:
                    self._wanted[frame.id].set()
            case frames.Stop():
                if frame.id in self._tasks:
                    self._tasks[frame.id].cancel()
                else:
                    self._send(frames.Ended(frame.id, error="stopped"))
            case frames.Read():
                self._send(self._inside.read(frame))
            case frames.Load():
                self._send(self._inside.take(frame))

    def _forget(self, id: int, ended: asyncio.Task[None]) -> None:
        self._tasks.pop(id, None)
        self._wanted.pop(id, None)
        if ended.cancelled():
            # Said here, for a call that is stopped before it has begun never comes to say anything itself.
            self._send(frames.Ended(id, error="stopped"))

    def _send(self, frame: frames.Frame) -> None:
        self._transport.write(frames.pack(frame))

    async def _run(self, call: frames.Call) -> None:
        try:
            hook, work = self._inside.begin(call, self._asking(call.id), self._telling(call.id))
            if hook.call == "stream":
                await self._give_pages(call.id, work)
                self._send(frames.Ended(call.id))
                return
            value = await work if hook.colour == "async def" else work
            self._send(frames.Answered(call.id, frames.raw(value)))
        except Rejected as refusal:
            self._send(frames.Ended(call.id, rejected=refusal.reason, final=refusal.final))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a plugin raises ends its call and nothing else
            self._send(frames.Ended(call.id, error=redact(error)))

    async def _give_pages(self, id: int, pages: AsyncIterator[Any]) -> None:
        wanted = self._wanted[id] = asyncio.Event()
        wanted.set()
        try:
            async for page in pages:
                await wanted.wait()
                wanted.clear()
                self._send(frames.Answered(id, frames.raw(page)))
                await wanted.wait()
        finally:
            await pages.aclose()  # type: ignore[attr-defined]

    def _telling(self, id: int) -> far.Tell:
        numbers = iter(range(frames.MOST_SAID))

        def tell(level: Level, message: object, fields: dict[str, object]) -> None:
            if next(numbers, None) is not None:
                plain = {str(_plain(name)): _plain(value) for name, value in list(fields.items())[:MOST_FIELDS]}
                self._send(frames.Said(id, level, str(_plain(message)), plain))

        return tell

    def _asking(self, id: int) -> far.Ask:
        async def ask(operation: str, arguments: Any, kind: type[T]) -> T:
            self._counted += 1
            number = self._counted
            waiting = self._effects[id, number] = self._loop.create_future()
            self._send(frames.Effect(id, number, operation, frames.raw(arguments)))
            effected = await waiting
            if effected.error is not None:
                name, message = effected.error
                raise MAKES.get(name, Effectless)(message)
            return msgspec.msgpack.decode(effected.value, type=kind)

        return ask


def _plain(value: object) -> object:
    """Return what travels of a value in a log: core keeps no text that is longer, and of most kinds the name alone."""
    if isinstance(value, str):
        return value[: LONGEST_MESSAGE + 1]
    if type(value) is int:
        return value if abs(value) < 2**63 else "int"
    return value if value is None or type(value) in {bool, float, UUID} else type(value).__name__


async def converse(control: socket.socket, inside: Inside) -> None:
    """Talk with every process that the zygote sends, until the zygote or the last of them is gone."""
    loop = asyncio.get_running_loop()
    talking: set[Conversation] = set()
    over = loop.create_future()
    joining: set[asyncio.Task[Any]] = set()

    def ended(one: Conversation) -> None:
        talking.discard(one)
        if not talking and not over.done():
            over.set_result(None)

    def join() -> None:
        _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4))
        if not ancillary:
            if not over.done():
                over.set_result(None)
            return
        descriptors = array.array("i")
        descriptors.frombytes(ancillary[0][2][:4])
        one = Conversation(inside, ended)
        talking.add(one)
        task = loop.create_task(_connect(loop, one, socket.socket(fileno=descriptors[0])))
        joining.add(task)
        task.add_done_callback(joining.discard)

    loop.add_reader(control, join)
    await over


async def _connect(loop: asyncio.AbstractEventLoop, one: Conversation, sock: socket.socket) -> None:
    sock.setblocking(False)
    await loop.create_unix_connection(lambda: one, sock=sock)
