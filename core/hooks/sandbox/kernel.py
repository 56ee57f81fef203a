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
        "capset": 126,
        "prctl": 157,
        "seccomp": 317,
        "landlock_create_ruleset": 444,
        "landlock_add_rule": 445,
        "landlock_restrict_self": 446,
    },
    "aarch64": {
        "capset": 91,
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
PR_SET_KEEPCAPS = 8
PR_SET_NO_NEW_PRIVS = 38
CAP_DAC_READ_SEARCH = 2
CAPABILITIES_OF_64_BITS = 0x20080522
"""``_LINUX_CAPABILITY_VERSION_3`` of ``linux/capability.h``."""

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


def keep_rights(right: int) -> None:
    """Give up all of root's rights but one of the first 32, by its number in ``linux/capability.h``.

    Raises ``OSError``.
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_OF_64_BITS, 0)
    bit = 1 << right
    # Effective, permitted and inherited, of the first 32 and of the rest.
    sets = (ctypes.c_uint32 * 6)(bit, bit, 0, 0, 0, 0)
    call("capset", ctypes.c_void_p(ctypes.addressof(header)), ctypes.c_void_p(ctypes.addressof(sets)))


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags``. Raises ``OSError``."""
    if _libc.unshare(ctypes.c_int(flags)) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"unshare: {os.strerror(error)}")
