"""Rehearsals: a call of an agency's plugin, tried again at an invented tenant. The platform asks for them.

A plugin of the sandbox is tried in a host of the invented tenant's own, which ends with it. Any other would find in
this process what it keeps in it for real tenants, and could hold it up: it has a process that is started for the one
call, without a network where the kernel allows, and is killed when its time is over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress

import msgspec

from core.clock import SystemClock
from core.hooks.answers import Cause
from core.hooks.registry import Registry
from core.hooks.rehearsing import LONGEST, Rehearsal, Rehearsed
from core.hooks.sandbox.calling import Calling
from core.ids import new_id

STARTING = 15.0
"""Seconds for a process to start, besides those of the call."""
AT_ONCE = 2
"""Rehearsals under way in this process; others wait for their turn."""
PROCESS = "contingent.kit.rehearsal_process"

_turns = asyncio.Semaphore(AT_ONCE)


class Order(msgspec.Struct, frozen=True):
    """What the process is told: what to try, and where this one finds modules."""

    asked: Rehearsal
    path: list[str]


async def rehearse(asked: Rehearsal, registry: Registry, hosts: Calling) -> Rehearsed:
    """Try it; the process that asks never runs the plugin's code for it."""
    async with _turns:
        slug = f"rehearsal-{new_id(SystemClock()).hex}"
        if not asked.sandboxed:
            return await _in_a_process(Order(asked, sys.path))
        from contingent.kit.performing import perform, scope_of  # noqa: PLC0415 - nobody else needs the kit's trials

        try:
            return await perform(asked, registry, slug, hosts)
        finally:
            hosts.retire(str(scope_of(slug)), ())


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
            said, _ = await process.communicate(msgspec.json.encode(order))
    except TimeoutError:
        return failed("blocked", f"it held its process for more than {LONGEST:g} s")
    finally:
        # Whatever it started goes with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    try:
        return msgspec.json.decode(said, type=Rehearsed)
    except msgspec.DecodeError:
        return failed("ended", f"its process ended with {process.returncode}")


def failed(cause: Cause, error: str) -> Rehearsed:
    """Return that nothing came of it."""
    return Rehearsed(cause=cause, error=error)
