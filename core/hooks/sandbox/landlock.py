"""Landlock: of all files, a host can read the interpreter's own, and write none.

The numbers are those of ``linux/landlock.h``; what each version of the interface handles is in
the kernel's ``Documentation/userspace-api/landlock.rst``.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from core.hooks.sandbox import kernel

READ_FILE, READ_DIR = 1 << 2, 1 << 3
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files each version of the interface handles; later ones as many as the last."""
NETWORK_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
PATH_BENEATH = 1
GET_VERSION = 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of the kernel's interface; raise ``OSError`` where there is none."""
    return kernel.call("landlock_create_ruleset", ctypes.c_void_p(), 0, GET_VERSION)


def allow(readable: Iterable[int]) -> int:
    """Return the rules under which a process reads what lies beneath ``readable`` (opened paths) and no other file.

    Each path is closed before the next is asked for. Under these rules a process can create, change and run no file,
    and, where the kernel knows how, neither connect nor bind, nor signal anybody outside. Raises ``OSError``.
    """
    known = version()
    handled = (1 << FILE_RIGHTS[min(known, max(FILE_RIGHTS))]) - 1
    attributes = _Ruleset(
        handled,
        BIND_AND_CONNECT if known >= NETWORK_SINCE else 0,
        ABSTRACT_SOCKETS_AND_SIGNALS if known >= SCOPES_SINCE else 0,
    )
    # A kernel refuses a structure longer than it knows only if the rest is not zero.
    size = 24 if known >= SCOPES_SINCE else 16 if known >= NETWORK_SINCE else 8
    ruleset = kernel.call("landlock_create_ruleset", ctypes.c_void_p(ctypes.addressof(attributes)), size, 0)
    try:
        for parent in readable:
            _allow(ruleset, parent)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def restrict(ruleset: int) -> None:
    """Put this process under the rules, for good, and close them. Raises ``OSError``."""
    try:
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, parent: int) -> None:
    allowed = READ_FILE | READ_DIR if stat.S_ISDIR(os.fstat(parent).st_mode) else READ_FILE
    rule = _Beneath(allowed, parent)
    try:
        kernel.call("landlock_add_rule", ruleset, PATH_BENEATH, ctypes.c_void_p(ctypes.addressof(rule)), 0)
    finally:
        os.close(parent)
