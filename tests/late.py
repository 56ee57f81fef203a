"""Bodies that come late: the head of a request arrives, something happens, and then the rest arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def late(
    client: Any,
    address: str,
    body: bytes | Mapping[str, str],
    meanwhile: Callable[[], Awaitable[Any]],
    headers: Mapping[str, str] = FORM,
    *,
    held: int = 1,
) -> Any:
    """Post ``body`` but for its last ``held`` bytes, let ``meanwhile`` happen, send the rest, and return the answer.

    ``body`` is bytes, or the fields of a form; ``client`` an HTTP client that speaks to an application directly.
    """
    content = body if isinstance(body, bytes) else urlencode(body).encode()
    begun, on = asyncio.Event(), asyncio.Event()

    async def coming() -> AsyncIterator[bytes]:
        yield content[:-held]
        begun.set()
        await on.wait()
        yield content[-held:]

    sending = asyncio.create_task(client.post(address, content=coming(), headers=dict(headers)))
    reading = asyncio.create_task(begun.wait())
    await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
    assert begun.is_set(), "it was answered before its body was read"
    await meanwhile()
    on.set()
    return await sending
