"""What a plugin in a host is given as ``ctx``: the same faces as in the process, each asking core.

What is no argument at all is refused here already, by the functions that refuse it in the process: so it is the same
error in both. Core, which believes no host, checks all of it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NoReturn, Protocol, TypeAlias, TypeVar
from uuid import UUID

import msgspec

from core.context import Actor, Ctx
from core.hooks.files import File, check_id
from core.hooks.http import HttpAnswer, Method, check_request
from core.hooks.log import Level, Lines
from core.hooks.sandbox.frames import Seen
from core.hooks.store import MOST_FOUND, Document, Value, check_key, check_sought, decode, encode

T = TypeVar("T")

NO_NETWORK = "ctx.sockets: a plugin in a sandbox opens no connections of its own"


class Ask(Protocol):
    """Asks core for an effect and reads its answer as ``kind``."""

    def __call__(self, operation: str, arguments: Any, kind: type[T]) -> Awaitable[T]: ...


Tell: TypeAlias = Callable[[Level, object, dict[str, object]], None]
"""Sends core a line of the plugin's log."""


class FarClock:
    """Core's time when the call came, and from there on as it passes here, if it does."""

    def __init__(self, now: datetime, *, runs: bool) -> None:
        self._now = now
        self._since = time.monotonic()
        self._runs = runs

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return time.monotonic() - self._since if self._runs else 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds if self._runs else 0)


class Sought(msgspec.Struct, frozen=True, array_like=True):
    """A value to search by: a date would else arrive as text."""

    day: date | None = None
    plain: str | int | None = None


def sought(value: Value | None) -> Sought | None:
    """Return the value as it travels."""
    if value is None:
        return None
    return Sought(day=value) if isinstance(value, date) else Sought(plain=value)


class FarStore:
    """``ctx.store``; what is kept and what is refused is core's to say."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def get(self, key: str) -> dict[str, Any] | None:
        check_key(key)
        kept: Any = await self._ask("store.get", (key,), object)
        return kept  # type: ignore[no-any-return]

    async def put(self, key: str, value: Mapping[str, Any]) -> None:
        check_key(key)
        await self._ask("store.put", (key, decode(encode(value))), object)

    async def delete(self, key: str) -> None:
        check_key(key)
        await self._ask("store.delete", (key,), object)

    async def find(
        self,
        field: str | None = None,
        *,
        equals: Value | None = None,
        prefix: str | None = None,
        at_least: Value | None = None,
        below: Value | None = None,
        limit: int = 100,
    ) -> list[Document]:
        check_sought(field, equals=equals, prefix=prefix, at_least=at_least, below=below, limit=limit)
        # Beyond what is found at most no limit differs, and no frame holds a number of any length.
        limit = max(0, min(limit, MOST_FOUND))
        asked = (field, sought(equals), prefix, sought(at_least), sought(below), limit)
        return await self._ask("store.find", asked, list[Document])


class FarFiles:
    """``ctx.files``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def open(self, id: UUID) -> File:
        check_id(id)
        return await self._ask("files.open", (id,), File)


class FarHttp:
    """``ctx.http``; the request is core's, which looks where it leads."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def send(
        self,
        method: Method,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        deadline: float = 8.0,
        attempts: int = 1,
    ) -> HttpAnswer:
        check_request(method, address, headers=headers, content=content, deadline=deadline, attempts=attempts)
        asked = (method, address, dict(headers or {}), content, deadline, attempts)
        return await self._ask("http.send", asked, HttpAnswer)


class FarNotifications:
    """``ctx.notifications``."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def put_digests(self) -> int:
        return await self._ask("notifications.put_digests", (), int)


class NoSockets:
    """``ctx.sockets``: there is no network here. Core hears that it was tried, for nobody may have consented to it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> NoReturn:
        await self._ask("sockets.connect", (), object)
        raise PermissionError(NO_NETWORK)


def context(seen: Seen, plugin: str, ask: Ask, tell: Tell, read_settings: Callable[[msgspec.Raw], Any]) -> Ctx:
    """Return the context that the plugin is called with."""
    return Ctx(
        scope=seen.scope,
        actor=Actor(seen.actor, "", seen.kind, frozenset(seen.roles), unit=seen.unit),
        clock=FarClock(seen.now, runs=seen.runs),
        language=seen.language,
        request_id=seen.request_id,
        plugin=plugin,
        settings=read_settings(seen.settings),
        store=FarStore(ask),
        files=FarFiles(ask),
        http=FarHttp(ask),
        sockets=NoSockets(ask),
        notifications=FarNotifications(ask),
        log=Lines(tell),
    )
