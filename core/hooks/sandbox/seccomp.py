"""Seccomp: of all that a kernel can be asked for, a host may ask for what a waiting interpreter needs.

The filter is a program of the classic packet filter (``linux/filter.h``) over ``struct seccomp_data``. What
is not allowed is refused with ``EPERM``, as if the permission were missing: the plugin gets an ordinary
error at its own line, and its host goes on.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Mapping

from core.hooks.sandbox import kernel

ALLOWED: Mapping[str, tuple[int | None, int | None]] = {
    "access": (21, None),
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "close": (3, 57),
    "epoll_ctl": (233, 21),
    "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441),
    "epoll_wait": (232, None),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "fcntl": (72, 25),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getpeername": (52, 205),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "getsockname": (51, 204),
    "getsockopt": (55, 209),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "lseek": (8, 62),
    "lstat": (6, None),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "open": (2, None),
    "openat": (257, 56),
    "poll": (7, None),
    "ppoll": (271, 73),
    "pread64": (17, 67),
    "pselect6": (270, 72),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "readv": (19, 65),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "select": (23, None),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "set_robust_list": (273, 99),
    "setsockopt": (54, 208),
    "shutdown": (48, 210),
    "sigaltstack": (131, 132),
    "stat": (4, None),
    "statx": (332, 291),
    "time": (201, None),
    "times": (100, 153),
    "uname": (63, 160),
    "write": (1, 64),
    "writev": (20, 66),
}
"""Numbers on ``x86_64`` and ``aarch64``, from the kernel's ``syscall_64.tbl`` and ``asm-generic/unistd.h``.

Not among them, and so refused: sockets, connections, programs, processes, signals, tracing, mounting,
namespaces, keys, changes of files, of limits and of rights.
"""
CLONE: Mapping[str, int] = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
IOCTL: Mapping[str, int] = {"x86_64": 16, "aarch64": 29}
FIONBIO = 0x5421
"""The one request to a device that is allowed: not to block, which the event loop makes of its sockets."""

A_THREAD = 0x100 | 0x800 | 0x10000
"""``CLONE_VM``, ``CLONE_SIGHAND`` and ``CLONE_THREAD``: all of them make a thread, less makes a process."""

SET_MODE_FILTER = 1
FOR_ALL_THREADS = 1
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def filter_for(machine: str) -> bytes:
    """Return the filter for ``machine``. Raises ``KeyError`` for one that is not known."""
    audit = kernel.MACHINES[machine]
    column = list(kernel.MACHINES).index(machine)
    allowed = sorted(number for one in ALLOWED.values() if (number := one[column]) is not None)
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    for number in allowed:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    steps += [
        # The library then falls back on ``clone``, whose flags a filter can read.
        (EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, REFUSE | errno.ENOSYS),
        (EQUAL, 0, 3, IOCTL[machine]),
        (LOAD, 0, 0, SECOND_ARGUMENT),
        (EQUAL, 0, 6, FIONBIO),
        (RETURN, 0, 0, ALLOW),
        (EQUAL, 0, 4, CLONE[machine]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (AND, 0, 0, A_THREAD),
        (EQUAL, 0, 1, A_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE | errno.EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def restrict() -> None:
    """Put the filter over all threads of this process, for good. Raises ``OSError``."""
    program = filter_for(kernel.machine())
    kept = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(kept))
    kernel.call("seccomp", SET_MODE_FILTER, FOR_ALL_THREADS, ctypes.c_void_p(ctypes.addressof(described)))
