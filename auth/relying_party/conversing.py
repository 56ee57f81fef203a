"""What holds for each step of a conversation with a provider: it has an end, and no name comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from auth.relying_party.refusals import SignInRefused, Why
from core.errors import Misconfigured

PATIENCE = 20.0
"""Seconds for all that a provider is asked in one step: one that answers drop by drop holds nobody longer."""


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    """Wait for a provider, but not for ever, and refuse where it cannot even be asked."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise SignInRefused(Why.PROVIDER_DOWN, f"no end of its answer in {PATIENCE:g} s") from None
    except Misconfigured as error:
        raise SignInRefused(Why.NOT_CONFIGURED, str(error)) from error


def each_once(answer: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what came back through the browser by name; raises ``SignInRefused`` for a name that comes twice."""
    given = dict(answer)
    if len(given) != len(answer):
        raise SignInRefused(Why.CALLBACK, "a name that comes twice")
    return given
