"""The hosts of one of core's processes: one way for each tenant that has plugins in a sandbox."""

from __future__ import annotations

import array
import asyncio
import itertools
import os
import socket
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import aclosing, suppress
from typing import Any

import msgspec

from core.context import Ctx
from core.hooks.answers import Fell
from core.hooks.marking import Hook
from core.hooks.sandbox import frames
from core.hooks.sandbox.code import Code
from core.hooks.sandbox.confinement import ALL, Means
from core.hooks.sandbox.linking import Link
from core.hooks.sandbox.zygote import LARGEST_REQUEST, MOST_NAMED, Question, Reply, Request, Said
from core.hooks.settings_values import packed

LOADS_WITHIN = 5.0
"""Seconds in which a plugin that somebody brings has loaded, and one that is set has read its settings."""
MOST_WAYS = 64
"""Hosts that one process keeps a way to; the one longest unused is let go beyond that."""


class Hosts:
    """Ways to hosts, asked for from the zygote at the other end of ``control``.

    ``needs``: the means of confinement without which nothing runs in a host.
    """

    def __init__(self, control: socket.socket, needs: Collection[Means] = ALL) -> None:
        control.setblocking(False)
        self._control = control
        self.needs = frozenset(needs)
        self._asked: dict[str, asyncio.Future[Link]] = {}
        self._ways: OrderedDict[str, Link] = OrderedDict()
        self._kept: dict[str, frozenset[str]] = {}
        """By scope: the hosts of what it runs, where that is known."""
        self._awaiting: deque[asyncio.Future[tuple[Reply, int | None]]] = deque()
        self._listening: asyncio.AbstractEventLoop | None = None
        self._lacking: Mapping[Means, str] | None = None
        self._used_once = itertools.count()
        self._report: Callable[[str, Collection[str]], None] | None = None

    def calling(self, key: str, plugin: str, code: Code, hook: Hook, ctx: Ctx) -> Callable[..., Any]:
        """Return what calls the plugin's ``hook`` in the tenant's host as if it were a function here.

        ``key`` names the host: the tenant, and what runs in it. ``ctx`` is the plugin's own. What is of health
        runs in a host of its own, which ends with the call: nothing it saw is there when something else is asked.
        """

        async def call(*values: Any) -> Any:
            if hook.health:
                return await once(*values)
            try:
                link = await self._way_to(key, plugin, code)
                return await link.call(ctx, hook, frames.raw(values))
            finally:
                self._leave(key)

        async def once(*values: Any) -> Any:
            own = f"{key}/{os.getpid()}-{next(self._used_once)}"
            try:
                link = await self._way_to(own, plugin, code)
                return await link.call(ctx, hook, frames.raw(values))
            finally:
                self._forget(own)

        async def pages(*values: Any) -> AsyncIterator[Any]:
            try:
                link = await self._way_to(key, plugin, code)
                async with aclosing(link.pages(ctx, hook, frames.raw(values))) as found:
                    async for page in found:
                        yield page
            finally:
                self._leave(key)

        return pages if hook.call == "stream" else call

    async def trial(self, plugin: str, code: Code) -> None:
        """Load the plugin in a host of its own, which then ends.

        Raises ``Fell`` where it cannot be loaded, or takes longer than ``LOADS_WITHIN``.
        """
        own = f"trial/{os.getpid()}-{next(self._used_once)}"
        try:
            async with asyncio.timeout(LOADS_WITHIN):
                await (await self.way(own)).take(plugin, code)
        except TimeoutError:
            raise Fell("late", f"it did not load within {LOADS_WITHIN:g} seconds") from None
        finally:
            self._forget(own)

    async def read(self, key: str, plugin: str, code: Code, settings: Any) -> None:
        """Have the plugin make its settings in the host named ``key``, as before each call.

        Raises ``Fell`` where it does not take them, or not within ``LOADS_WITHIN``.
        """
        try:
            async with asyncio.timeout(LOADS_WITHIN):
                link = await self._way_to(key, plugin, code)
                await link.read(plugin, msgspec.Raw(packed(settings)))
        except TimeoutError:
            raise Fell("late", f"it did not read its settings within {LOADS_WITHIN:g} seconds") from None
        finally:
            self._leave(key)

    async def way(self, key: str) -> Link:
        """Return a way to the host, which is forked if there is none. Raises ``Fell``."""
        link = self._ways.get(key)
        if link is not None and link.alive:
            self._ways.move_to_end(key)
            return link
        waiting = self._asked.get(key)
        if waiting is None:
            waiting = self._asked[key] = asyncio.ensure_future(self._open(key))
            waiting.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(waiting)

    def retire(self, scope: str, kept: Collection[str]) -> None:
        """End every host of the scope but those that are ``kept``: a plugin that was switched off does nothing more.

        Another that is made all the same, for a call that began before or to try something, ends with its last call.
        """
        self._kept[scope] = frozenset(kept)
        for old in [one for one in (*self._ways, *self._asked) if _scope_of(one) == scope and not self._is_kept(one)]:
            self._forget(old)

    def abandon(self, scope: str) -> None:
        """End every host of a scope that is there no more."""
        self.retire(scope, ())
        del self._kept[scope]

    def heed(self, report: Callable[[str, Collection[str]], None]) -> None:
        """Have ``report`` told which host worked on with no call under way and was ended, and which plugins it had."""
        self._report = report

    async def lacking(self) -> Mapping[Means, str] | None:
        """Return which means of confinement this machine lacks, and why."""
        if self._lacking is None:
            try:
                reply, _ = await self._request(Request("survey"))
            except Fell as fell:
                return dict.fromkeys(ALL, fell.line)
            self._lacking = {means: reply.lacking[means] for means in ALL if means in reply.lacking}
        return self._lacking

    async def _way_to(self, key: str, plugin: str, code: Code) -> Link:
        """Return a way to a host that listens and has the plugin."""
        link = await self.way(key)
        await link.settle()
        try:
            await link.take(plugin, code)
        except Fell:
            if link.alive:
                raise
            # It ended before it had begun with anything of ours: nothing is done twice.
            link = await self.way(key)
            await link.take(plugin, code)
        return link

    async def close(self) -> None:
        """Let every host go, and the zygote too."""
        for link in self._ways.values():
            await link.close()
        self._ways.clear()
        if self._listening is not None:
            self._listening.remove_reader(self._control)
        self._control.close()

    def _is_kept(self, key: str) -> bool:
        """Say whether the host is to stay: of health, each is beside the one that it has its name from."""
        kept = self._kept.get(_scope_of(key))
        return kept is None or key in kept or key.rpartition("/")[0] in kept

    def _leave(self, key: str) -> None:
        """End the host of this key after its last call, if nothing that is switched on runs in it."""
        if not self._is_kept(key) and (link := self._ways.get(key)) is not None and not link.working:
            self._forget(key)

    def _forget(self, key: str) -> None:
        """End the host of this key, or as soon as it is there if it is being made."""
        if key in self._asked:
            self._asked[key].add_done_callback(lambda _: self._forget(key))
        elif self._ways.pop(key, None) is not None:
            self._kill(key)

    async def _open(self, key: str) -> Link:
        reply, descriptor = await self._request(Request("open", key))
        if descriptor is None:
            raise Fell("ended", f"no host could be made: {reply.error}")
        lacking = sorted(self.needs & reply.lacking.keys())
        if lacking:
            os.close(descriptor)
            raise Fell("unconfined", f"this machine cannot shut a plugin in: {lacking[0]}: {reply.lacking[lacking[0]]}")
        link = Link(lambda _: self._kill(key))
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: link, sock=socket.socket(fileno=descriptor))
        self._ways[key] = link
        unused = [one for one, way in self._ways.items() if way.idle and way is not link]
        for old in unused[: max(0, len(self._ways) - MOST_WAYS)]:
            await self._ways.pop(old).close()
        return link

    async def _request(self, request: Request) -> tuple[Reply, int | None]:
        loop = asyncio.get_running_loop()
        if self._listening is None:
            self._listening = loop
            loop.add_reader(self._control, self._listen)
        waiting: asyncio.Future[tuple[Reply, int | None]] = loop.create_future()
        self._send(request)
        self._awaiting.append(waiting)
        return await waiting

    def _kill(self, key: str) -> None:
        with suppress(Fell):  # With the zygote, its hosts are gone.
            self._send(Request("kill", key))

    def _send(self, request: Request) -> None:
        try:
            self._control.send(msgspec.msgpack.encode(request))
        except OSError as error:
            raise Fell("ended", f"the sandbox is gone: {error.strerror}") from error

    def _listen(self) -> None:
        try:
            said, ancillary, _, _ = self._control.recvmsg(LARGEST_REQUEST, socket.CMSG_SPACE(4))
        except BlockingIOError:
            return
        except OSError:
            said, ancillary = b"", []
        if not said:
            assert self._listening is not None
            self._listening.remove_reader(self._control)
            for waiting in self._awaiting:
                if not waiting.done():
                    waiting.set_exception(Fell("ended", "the sandbox is gone"))
            self._awaiting.clear()
            return
        heard = msgspec.msgpack.decode(said, type=Said)
        if isinstance(heard, Reply):
            self._replied(heard, ancillary)
        elif isinstance(heard, Question):
            self._answer(heard)
        elif self._report is not None:
            self._report(heard.key, heard.plugins)

    def _replied(self, reply: Reply, ancillary: Collection[tuple[int, int, bytes]]) -> None:
        found = array.array("i")
        for _, _, data in ancillary:
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
        answer = (reply, found[0] if found else None)
        waiting = self._awaiting.popleft()
        if waiting.done():
            if answer[1] is not None:
                os.close(answer[1])
            return
        waiting.set_result(answer)

    def _answer(self, question: Question) -> None:
        """Say whether there was no call of this process in the host. Being about to have a way is having a call."""
        key, link = question.key, self._ways.get(question.key)
        rested = key not in self._asked and (link is None or link.rested())
        plugins = link.plugins[:MOST_NAMED] if link is not None else ()
        with suppress(Fell):
            self._send(Request("answer", key, question.turn, rested, plugins))


def _scope_of(key: str) -> str:
    return key.partition("/")[0]
