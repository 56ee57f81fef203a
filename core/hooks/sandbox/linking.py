"""Core's end of the way to a host: calls, their answers, and the effects they ask for.

Nothing that comes from a host is believed: an answer counts for the call it names only while that call is
under way, an effect is done for the tenant and plugin of that call, and what is no frame ends the host.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import cast

import msgspec

from core.clock import SystemClock
from core.context import Ctx
from core.hooks.answers import Fell, as_redacted, one_line
from core.hooks.log import MOST_FIELDS
from core.hooks.marking import Hook, Rejected
from core.hooks.running import GRACE
from core.hooks.sandbox import frames
from core.hooks.sandbox.code import Code
from core.hooks.sandbox.effects import MISSING, OPERATIONS, TOLD
from core.hooks.settings_values import packed

log = logging.getLogger("contingent.plugins")

MOST_CALLS = 32
"""Calls of one tenant under way at once, from one of core's processes."""
MOST_EFFECTS = 64
"""Effects of one call under way at once."""
LARGEST_ANSWER = 2**20
"""Bytes of an answer that is not a page of a stream."""
LARGEST_LINE = 16 * 1024
"""Bytes of a line for the plugin's log: a host sends no longer one."""

GONE = "its sandbox ended while it worked"


@dataclass(slots=True)
class Pending:
    """A call under way."""

    ctx: Ctx | None
    """The plugin's, under which its effects are done and its log is kept; ``None`` where it may ask for neither."""
    waiting: asyncio.Future[frames.Answered | frames.Ended]
    """For the host's next frame, or the exception with which the call ends."""
    stream: bool = False
    """Its answers are the pages of a stream."""
    effects: set[asyncio.Task[None]] = field(default_factory=set)
    said: int = 0
    """Lines for the plugin's log."""

    def end(self, why: Exception) -> None:
        """End the call, unless it has its answer."""
        if not self.waiting.done():
            self.waiting.set_exception(why)
            self.waiting.exception()


class Link(asyncio.BufferedProtocol):
    """A way to one tenant's host. ``kill`` ends that host."""

    def __init__(self, kill: Callable[[Link], None]) -> None:
        self._kill = kill
        self._cutter = frames.Cutter(frames.LARGEST_FROM_HOST)
        self._transport: asyncio.Transport | None = None
        self._ids = itertools.count(1)
        self._pending: dict[int, Pending] = {}
        self._stopping: dict[int, asyncio.TimerHandle] = {}
        self._taking: dict[str, asyncio.Future[frames.Loaded]] = {}
        self._taken: dict[str, str] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._over: Fell | None = None
        self._id_resting: int | None = 0
        """The last id when this was asked the last time, if no call was under way then."""

    @property
    def alive(self) -> bool:
        """Whether the host is there, as far as is known."""
        return self._over is None

    @property
    def working(self) -> bool:
        """Whether somebody waits for it: a call is under way, or a plugin is taken in for one."""
        return bool(self._pending or self._taking)

    @property
    def idle(self) -> bool:
        """Whether nobody waits for it, and it listens."""
        return not self.working and not self._stopping

    @property
    def plugins(self) -> tuple[str, ...]:
        """The plugins that were taken in by this way."""
        return tuple(self._taken)

    def rested(self) -> bool:
        """Say whether no call is under way, and none was since this was asked the last time.

        Asking takes an id as a call does: where the next in order comes, no call began.
        """
        before, now = self._id_resting, next(self._ids)
        self._id_resting = now if self.idle else None
        return self.idle and before is not None and before + 1 == now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed.done():
            self._closed.set_result(None)
        self._end(Fell("ended", GONE))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._cutter.room()

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for body in self._cutter.cut(nbytes):
                self._receive(frames.from_host.decode(body), len(body))
        except (frames.Garbled, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._break(f"it sent what is no frame: {type(error).__name__}")

    async def settle(self) -> None:
        """Wait while it is uncertain whether the host listens: it was told to stop a call and has not yet."""
        if self._stopping:
            waiting: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(waiting)
            await waiting

    async def take(self, plugin: str, code: Code) -> None:
        """Have the host take the plugin in, once. Raises ``Fell`` if it cannot."""
        if not self.alive:
            raise Fell("ended", GONE)
        if self._taken.get(plugin) == code.digest:
            return
        waiting = self._taking.get(plugin)
        if waiting is None:
            waiting = self._taking[plugin] = self._loop.create_future()
            self._send(frames.Load(plugin, code.address, code.files, code.digest, code.says is not None))
        try:
            loaded = await asyncio.shield(waiting)
        except asyncio.CancelledError:
            # Nothing can be stopped in a host that is busy with a plugin's first lines.
            self._break("it did not load in time")
            raise
        if loaded.problem is not None:
            stage, said = loaded.problem
            raise Fell("broken", one_line(f"{stage}: {said}"))
        if code.says is not None and loaded.says != code.says:
            raise Fell("broken", "manifest: what it says of itself is not what was signed")
        self._taken[plugin] = code.digest

    async def call(self, ctx: Ctx, hook: Hook, arguments: msgspec.Raw) -> msgspec.Raw:
        """Run a hook; return its answer as it came. Raises ``Rejected``, or ``Fell`` saying what happened."""
        id = self._begin(ctx, hook, arguments)
        ended = False
        try:
            frame = await self._next(id)
            ended = True
        finally:
            self._finish(id, ended=ended)
        if isinstance(frame, frames.Answered):
            return frame.value
        raise _ending(frame, hook)

    async def read(self, plugin: str, settings: msgspec.Raw) -> None:
        """Have the host make the plugin's settings. Raises ``Fell`` where the plugin does not take them."""
        id = self._note(Pending(None, self._loop.create_future()))
        ended = False
        self._send(frames.Read(id, plugin, settings))
        try:
            frame = await self._next(id)
            ended = True
        finally:
            self._finish(id, ended=ended)
        if isinstance(frame, frames.Ended):
            raise Fell("raised", as_redacted(frame.error or ""))

    async def pages(self, ctx: Ctx, hook: Hook, arguments: msgspec.Raw) -> AsyncGenerator[msgspec.Raw, None]:
        """Yield what a stream yields, each page asked for when it is wanted."""
        id = self._begin(ctx, hook, arguments)
        ended = False
        try:
            while isinstance(frame := await self._next(id), frames.Answered):
                yield frame.value
                if self._over is not None:
                    raise self._over
                self._pending[id].waiting = self._loop.create_future()
                self._send(frames.Next(id))
            ended = True
        finally:
            self._finish(id, ended=ended)
        if frame.error is not None or frame.rejected is not None:
            raise _ending(frame, hook)

    async def close(self) -> None:
        """Let the way go; the host ends by itself when the last one has."""
        if self._transport is not None:
            self._transport.close()
            await self._closed

    def _begin(self, ctx: Ctx, hook: Hook, arguments: msgspec.Raw) -> int:
        id = self._note(Pending(ctx, self._loop.create_future(), hook.call == "stream"))
        self._send(frames.Call(id, str(ctx.plugin), hook.name, _seen(ctx, hook), arguments))
        return id

    def _note(self, pending: Pending) -> int:
        if not self.alive:
            raise Fell("ended", GONE)
        if len(self._pending) >= MOST_CALLS:
            raise Fell("busy", f"{MOST_CALLS} calls are under way")
        id = next(self._ids)
        self._pending[id] = pending
        return id

    async def _next(self, id: int) -> frames.Answered | frames.Ended:
        return await self._pending[id].waiting

    def _finish(self, id: int, *, ended: bool) -> None:
        """Forget the call; if the host has not ended it, tell it to, and end the host should it not listen."""
        pending = self._pending.pop(id)
        for task in pending.effects:
            task.cancel()
        if self.alive and not ended:
            self._send(frames.Stop(id))
            self._stopping[id] = self._loop.call_later(GRACE, self._overdue, id)

    def _overdue(self, id: int) -> None:
        if self._stopping.pop(id, None) is not None:
            self._break("it did not stop when its time was over")

    def _receive(self, frame: frames.FromHost, size: int) -> None:
        if isinstance(frame, frames.Loaded):
            waiting = self._taking.pop(frame.plugin, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
            return
        if isinstance(frame, frames.Ended) and frame.id in self._stopping:
            self._stopping.pop(frame.id).cancel()
            if not self._stopping:
                self._settled()
        pending = self._pending.get(frame.id)
        if pending is None or pending.waiting.cancelled():
            return  # It is over, or will be as soon as whoever waited for it is told.
        if isinstance(frame, frames.Effect | frames.Said):
            self._heed(pending, frame, size)
        elif pending.waiting.done():
            self._break("it answered again before it was asked")
        elif size > LARGEST_ANSWER and (isinstance(frame, frames.Ended) or not pending.stream):
            pending.end(Fell("nonsense", f"an answer of {size} bytes, at most {LARGEST_ANSWER}"))
        else:
            pending.waiting.set_result(frame)

    def _heed(self, pending: Pending, frame: frames.Effect | frames.Said, size: int) -> None:
        if pending.ctx is None:
            self._break("it asked for something while it read its settings")
        elif isinstance(frame, frames.Effect):
            self._effect(pending, pending.ctx, frame)
        else:
            self._said(pending, pending.ctx, frame, size)

    def _effect(self, pending: Pending, ctx: Ctx, frame: frames.Effect) -> None:
        if len(pending.effects) >= MOST_EFFECTS:
            self._break(f"it asked for more than {MOST_EFFECTS} things at once")
            return
        task = self._loop.create_task(self._do(ctx, frame))
        pending.effects.add(task)
        task.add_done_callback(pending.effects.discard)

    def _said(self, pending: Pending, ctx: Ctx, frame: frames.Said, size: int) -> None:
        pending.said += 1
        if size > LARGEST_LINE:
            self._break(f"it wrote a line of {size} bytes into its log")
            return
        if pending.said > frames.MOST_SAID:
            self._break(f"it wrote more than {frames.MOST_SAID} lines into its log in one call")
            return
        fields = dict(list(frame.fields.items())[:MOST_FIELDS])
        ctx.log.write(frame.level, frame.message, fields)

    async def _do(self, ctx: Ctx, frame: frames.Effect) -> None:
        operation = OPERATIONS.get(frame.operation, MISSING)
        try:
            value = frames.raw(await operation.do(ctx, *operation.read(frame.arguments)))
            answer = frames.Effected(frame.id, frame.number, value)
        except TOLD as error:
            answer = frames.Effected(frame.id, frame.number, frames.NOTHING, (type(error).__name__, str(error)))
        except msgspec.MsgspecError as error:
            answer = frames.Effected(frame.id, frame.number, frames.NOTHING, ("StoreRefused", str(error)))
        except Exception:
            log.exception("an effect of plugin %s failed", ctx.plugin)
            answer = frames.Effected(frame.id, frame.number, frames.NOTHING, ("Effectless", "core could not do it"))
        self._send(answer)

    def _send(self, frame: frames.Frame) -> None:
        if self.alive and self._transport is not None:
            self._transport.write(frames.pack(frame))

    def _break(self, why: str) -> None:
        """End the host: it does not keep to the rules, or does not listen."""
        if self.alive:
            self._end(Fell("ended", why))
            self._kill(self)

    def _settled(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def _end(self, why: Fell) -> None:
        self._over = self._over or why
        for pending in self._pending.values():
            pending.end(why)
        for waiting in self._taking.values():
            if not waiting.done():
                waiting.set_exception(why)
                waiting.exception()
        self._taking.clear()
        for timer in self._stopping.values():
            timer.cancel()
        self._stopping.clear()
        self._settled()
        if self._transport is not None:
            self._transport.close()


def _seen(ctx: Ctx, hook: Hook) -> frames.Seen:
    actor = ctx.actor
    return frames.Seen(
        ctx.scope,
        actor.id,
        actor.kind,
        tuple(sorted(actor.roles)),
        actor.unit,
        ctx.language,
        ctx.request_id,
        ctx.clock.now(),
        isinstance(ctx.clock, SystemClock),
        msgspec.Raw(packed(ctx.settings)),
        hook.writes,
    )


def _ending(frame: frames.Ended, hook: Hook) -> Exception:
    if frame.rejected is not None:
        return Rejected(frame.rejected, final=frame.final)
    if not frame.error:
        return Fell("nothing", "")
    # What a plugin's own process says of an error may hold what it was given: of health nothing is handed on.
    return Fell("raised", "" if hook.health else as_redacted(frame.error))
