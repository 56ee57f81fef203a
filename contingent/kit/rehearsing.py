"""Rehearsals: a call of an agency's plugin, tried again at an invented tenant. The platform asks for them.

A plugin of the sandbox is tried in a host of the invented tenant's own, which ends with it. Any other would find in
this process what it keeps in it for real tenants, and could hold it up: it has a process that is started for the one
call, shut in by what means the kernel has, and killed when its time is over or it says more than anybody could read.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from contingent.kit.turns import Turns
from core.clock import SystemClock
from core.hooks.answers import Cause
from core.hooks.registry import Registry
from core.hooks.rehearsing import LONGEST, Rehearsal, Rehearsed, too_deep
from core.hooks.sandbox.calling import Calling
from core.ids import new_id

STARTING = 15.0
"""Seconds for a process to start, besides those of the call."""
GONE_WITHIN = 5.0
"""Seconds in which a process that was killed is gone."""
LARGEST_SAID = 4 * 2**20
"""Bytes that are read of a process: more than all that is shown of a rehearsal."""
PROCESS = "contingent.kit.rehearsal_process"

TURNS = Turns(at_once=2, patience=30.0)
"""Who rehearses in this process, and who waits to."""


class Order(msgspec.Struct, frozen=True):
    """What the process is told: what to try, and where this one finds modules."""

    asked: Rehearsal
    path: list[str]


async def rehearse(asked: Rehearsal, whose: UUID, registry: Registry, hosts: Calling) -> Rehearsed | None:
    """Try it for the scope ``whose``, or not, where others have every turn for half a minute.

    The process that asks never runs the plugin's code for it.
    """
    async with TURNS.taken(whose) as taken:
        if not taken:
            return None
        if not asked.sandboxed:
            return await _in_a_process(Order(asked, sys.path))
        slug = f"rehearsal-{new_id(SystemClock()).hex}"
        from contingent.kit.performing import perform, scope_of  # noqa: PLC0415 - nobody else needs the kit's trials

        try:
            return await perform(asked, registry, slug, hosts)
        finally:
            hosts.abandon(str(scope_of(slug)))


async def _in_a_process(order: Order) -> Rehearsed:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", PROCESS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(STARTING + LONGEST):
            said = await _converse(process, msgspec.json.encode(order))
    except TimeoutError:
        return failed("blocked", f"it held its process for more than {LONGEST:g} s")
    finally:
        # Whatever it started goes with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(GONE_WITHIN):
                await _see_off(process)
    if len(said) > LARGEST_SAID:
        return failed("nonsense", f"its process said more than {LARGEST_SAID // 2**20} MB")
    if not said:
        return failed("ended", f"its process ended with {process.returncode}")
    return _heard(said)


async def _see_off(process: Process) -> None:
    """Read away what it still had to say: asyncio counts no process as ended while there is some."""
    assert process.stdout is not None, "it was started with one"
    while await process.stdout.read(2**16):
        pass
    await process.wait()


async def _converse(process: Process, order: bytes) -> bytes:
    """Tell the process what to try; return what it says until it ends, but not much more than is read of it."""
    assert process.stdin is not None, "it was started with one"
    assert process.stdout is not None, "it was started with one"
    with suppress(ConnectionError):
        process.stdin.write(order)
        await process.stdin.drain()
    process.stdin.close()
    said = bytearray()
    while len(said) <= LARGEST_SAID and (more := await process.stdout.read(2**16)):
        said += more
    if len(said) <= LARGEST_SAID:
        await process.wait()
    return bytes(said)


def _heard(said: bytes) -> Rehearsed:
    """Return what a process says came of it: it is the plugin's by then, and may say what it likes."""
    try:
        heard = msgspec.json.decode(said, type=Rehearsed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return failed("nonsense", "what its process said is no result")
    deep: list[Any] = [heard.answer, *(one.document for one in heard.kept), *(one.fields for one in heard.said)]
    return failed("nonsense", "what its process said lies too deep") if any(map(too_deep, deep)) else heard


def failed(cause: Cause, error: str) -> Rehearsed:
    """Return that nothing came of it."""
    return Rehearsed(cause=cause, error=error)
