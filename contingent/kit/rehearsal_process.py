"""The process of one rehearsal: ``python -m contingent.kit.rehearsal_process``, told by its input what to try."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from contextlib import suppress

import msgspec

from contingent.kit.performing import perform
from contingent.kit.rehearsing import Order, failed
from core.hooks.registry import Registry
from core.hooks.rehearsing import LONGEST, Rehearsed
from core.hooks.sandbox import kernel

MEMORY = 2 * 2**30
NETWORK = 0x40000000
"""``CLONE_NEWNET`` of ``linux/sched.h``."""
USERS = 0x10000000
"""``CLONE_NEWUSER``, by which others than root come to a network of their own."""


def main() -> None:
    """Try what the input says and write what came of it; whatever the plugin prints is nobody's answer."""
    way = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    _limit()
    sys.path[:] = order.path
    made = msgspec.json.encode(asyncio.run(_perform(order)))
    while made:
        made = made[os.write(way, made) :]
    os._exit(0)  # Threads that it may have started are not waited for.


async def _perform(order: Order) -> Rehearsed:
    asked, registry = order.asked, Registry()
    broken = registry.load_module(asked.plugin, asked.address)
    if broken is not None:
        return failed("broken", str(broken.stage))
    found = registry.plugins[asked.plugin].manifest.version
    if found != asked.version:
        return failed("broken", f"version {found} is installed by now: start the platform anew")
    return await perform(asked, registry, "rehearsal")


def _limit() -> None:
    with suppress(OSError):
        kernel.unshare(NETWORK if os.geteuid() == 0 else NETWORK | USERS)
    seconds = int(LONGEST) + 5
    for which, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    main()
