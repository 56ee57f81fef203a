"""How an attack is written down: what a plugin in a sandbox tries, and what may come of it at most.

Each attack is the body of ``approval_chain(ctx, subject)``. It returns ``held("…")`` where it was stopped,
``through("…")`` where it got what it wanted, or does its worst and never gets there.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = '''
import asyncio, contextlib, ctypes, gc, os, re, socket, struct, subprocess, sys, threading, time
from pathlib import Path

from contingent import Ctx, Manifest, NoApproval, Rejected, Step, Subject, Who, hookimpl

manifest = Manifest(
    name="attacker", version="1.0", title={"en": "Attacker", "fr": "Assaillant"}, requires="contingent>=1.0,<2", tier=2
)


def held(why):
    return NoApproval(reason={"en": f"held {why}", "fr": "tenu"})


def through(what):
    return NoApproval(reason={"en": f"through {what}", "fr": "passé"})


def attempt(action):
    """Try it: an error is a hold."""
    try:
        found = action()
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        return held(type(error).__name__)
    return through(repr(found)[:200])


def ask_kernel(number, *arguments):
    """Make a system call by number: what Python has no function for."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments]) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "done"


def conversation():
    """Find the host's own end of the way to core, as anybody in this process can."""
    return next(one for one in gc.get_objects() if type(one).__name__ == "Conversation")


def send(body):
    conversation()._transport.write(len(body).to_bytes(4, "big") + body)


class Anew:
    """Frames like the host's own."""

    def __getattr__(self, name):
        from core.hooks.sandbox import frames
        return getattr(frames, name)


frames = Anew()


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    if subject.concerns is not None:
        return held("nothing tried")
'''


class Attack(NamedTuple):
    """One thing a plugin tries. ``causes``: how the call may fail; without any, it must be answered, and held."""

    name: str
    body: str
    causes: frozenset[str] = frozenset()


def ends(*causes: str) -> frozenset[str]:
    return frozenset(causes)


LATE, RAISED = ends("late"), ends("raised")
ENDED = ends("ended")
