"""The system calls that Python has no function for, on the machines that the sandbox knows."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Mapping
from typing import Any

MACHINES: Mapping[str, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The audit architecture (``linux/audit.h``) of each machine whose system calls are known here."""

NUMBERS: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "prctl": 157,
        "seccomp": 317,
        "landlock_create_ruleset": 444,
        "landlock_add_rule": 445,
        "landlock_restrict_self": 446,
    },
    "aarch64": {
        "prctl": 167,
        "seccomp": 277,
        "landlock_create_ruleset": 444,
        "landlock_add_rule": 445,
        "landlock_restrict_self": 446,
    },
}
"""From the kernel's ``syscall_64.tbl`` and ``asm-generic/unistd.h``."""

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """Return the machine's name as the tables above have it."""
    return platform.machine()


def call(name: str, *arguments: Any) -> int:
    """Make the system call; return its result. Raises ``OSError`` with what the kernel says."""
    number = NUMBERS[machine()][name]
    # Every argument is a register: an int would else be cut to 32 bits.
    registers = [one if isinstance(one, ctypes.c_void_p) else ctypes.c_long(one) for one in arguments]
    result = int(_libc.syscall(ctypes.c_long(number), *registers))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags``. Raises ``OSError``."""
    if _libc.unshare(ctypes.c_int(flags)) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"unshare: {os.strerror(error)}")
