"""What core does for a plugin in a host: the effects that ``ctx`` has, each with the types of its arguments.

An effect is done with the context of the call it belongs to, so it is the tenant's and the plugin's own, whatever
the host says; what nobody consented to stands there as ``Withheld``, which refuses and notes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from core.context import Ctx
from core.errors import NotFound
from core.hooks.granting import NotConsented
from core.hooks.http import HttpFailed, Method
from core.hooks.sandbox.far import NO_NETWORK, Sought
from core.hooks.store import StoreRefused, Value

TOLD: tuple[type[Exception], ...] = (StoreRefused, NotFound, NotConsented, PermissionError, HttpFailed)
"""Errors that a plugin may tell apart; any other reaches it as one that says nothing."""


class Operation(NamedTuple):
    """How an effect's arguments are read, and what it does."""

    read: Callable[[msgspec.Raw], tuple[Any, ...]]
    do: Callable[..., Awaitable[Any]]


def _value(one: Sought | None) -> Value | None:
    return None if one is None else one.day if one.day is not None else one.plain


Find: TypeAlias = tuple[str | None, Sought | None, str | None, Sought | None, Sought | None, int]


async def _find(ctx: Ctx, *asked: Any) -> Any:
    field, equals, prefix, at_least, below, limit = asked
    return await ctx.store.find(
        field, equals=_value(equals), prefix=prefix, at_least=_value(at_least), below=_value(below), limit=limit
    )


Send: TypeAlias = tuple[Method, str, dict[str, str], bytes, float, int]


async def _send(ctx: Ctx, *asked: Any) -> Any:
    method, address, headers, content, deadline, attempts = asked
    return await ctx.http.send(method, address, headers=headers, content=content, deadline=deadline, attempts=attempts)


async def _connect(ctx: Ctx) -> Any:
    ctx.sockets.connect  # noqa: B018 - reaching for it is the use: what nobody consented to refuses and notes it
    raise PermissionError(NO_NETWORK)


def _reads(kind: Any) -> Callable[[msgspec.Raw], tuple[Any, ...]]:
    return msgspec.msgpack.Decoder(kind).decode


OPERATIONS: Mapping[str, Operation] = {
    "store.get": Operation(_reads(tuple[str]), lambda ctx, key: ctx.store.get(key)),
    "store.put": Operation(_reads(tuple[str, dict[str, Any]]), lambda ctx, key, value: ctx.store.put(key, value)),
    "store.delete": Operation(_reads(tuple[str]), lambda ctx, key: ctx.store.delete(key)),
    "store.find": Operation(_reads(Find), _find),
    "notifications.put_digests": Operation(_reads(tuple[()]), lambda ctx: ctx.notifications.put_digests()),
    "http.send": Operation(_reads(Send), _send),
    "sockets.connect": Operation(_reads(tuple[()]), _connect),
    "files.open": Operation(_reads(tuple[UUID]), lambda ctx, file: ctx.files.open(file)),
}
"""By the name under which a host asks for it."""


def _refuse(_: msgspec.Raw) -> tuple[Any, ...]:
    raise PermissionError("ctx has no such thing")


MISSING = Operation(_refuse, _find)
"""Stands for what there is not: whoever asks for it is refused."""
