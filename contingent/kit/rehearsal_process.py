"""The process of one rehearsal: ``python -m contingent.kit.rehearsal_process``, told by its input what to try.

It shuts itself in by the means of the sandbox before it sees the plugin. What differs from a host: it reads the
packages that are installed, for the plugin imports what it likes of them, and has more memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

import msgspec

from contingent.kit.performing import perform
from contingent.kit.rehearsing import Order, failed
from core.hooks.registry import Registry
from core.hooks.rehearsing import LONGEST, Rehearsed
from core.hooks.sandbox.confinement import FIRST_OF_PROCESSES, confine, installed

MEMORY = 2 * 2**30
"""Bytes: what a plugin outside the sandbox imports may be large."""


def main() -> None:
    """Try what the input says and write what came of it; whatever the plugin prints is nobody's answer."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    way = _keep_one_way()
    sys.path[:] = order.path
    with asyncio.Runner() as runner:
        runner.get_loop()  # Its sockets are made while some can be.
        confine(FIRST_OF_PROCESSES + os.getpid(), reads=_reads(order), memory=MEMORY, seconds=int(LONGEST) + 5)
        made = msgspec.json.encode(runner.run(_perform(order)))
        while made:
            made = made[os.write(way, made) :]
        os._exit(0)  # Threads that it may have started are not waited for.


def _keep_one_way() -> int:
    """Close whatever is open but the way out, and put nothing in the place of what a plugin reads and prints to."""
    way = os.dup2(1, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.close(nothing)
    return way


def _reads(order: Order) -> Sequence[str]:
    spec = find_spec(order.asked.address.partition(".")[0])  # of the outermost: finding it runs no code of it
    own = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    return [*installed(order.path), *own]


async def _perform(order: Order) -> Rehearsed:
    asked, registry = order.asked, Registry()
    broken = registry.load_module(asked.plugin, asked.address)
    if broken is not None:
        return failed("broken", str(broken.stage))
    found = registry.plugins[asked.plugin].manifest.version
    if found != asked.version:
        return failed("broken", f"version {found} is installed by now: start the platform anew")
    return await perform(asked, registry, "rehearsal")


if __name__ == "__main__":
    main()
