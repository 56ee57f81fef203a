"""How a host is shut in before it sees a plugin, and which of the means this machine has.

Each means is taken by itself, and none relies on another: what one lets through, the next stops. Taken together a
host reads the interpreter's own files and talks over the sockets it was given, and can do nothing else.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from core.hooks.data import Words
from core.hooks.sandbox import kernel, landlock, seccomp

Means: TypeAlias = Literal["files", "calls", "network", "limits", "user"]

WORDS: Mapping[Means, Words] = {
    "files": {
        "en": "Files: a plugin reads none but the interpreter’s own, and writes none (Landlock).",
        "fr": "Fichiers\u00a0: un module ne lit que ceux de l’interpréteur et n’en écrit aucun (Landlock).",
    },
    "calls": {
        "en": "System calls: no sockets, programs, processes, signals or tracing (seccomp).",
        "fr": "Appels système\u00a0: ni sockets, ni programmes, ni processus, ni signaux, ni traçage (seccomp).",
    },
    "network": {
        "en": "Network: it stands in a network of its own, with nobody in it.",
        "fr": "Réseau\u00a0: il se trouve dans un réseau à lui, où il n’y a personne.",
    },
    "limits": {
        "en": "Limits: memory, open files and the size of files have an end (rlimits).",
        "fr": "Limites\u00a0: la mémoire, les fichiers ouverts et leur taille ont une fin (rlimits).",
    },
    "user": {
        "en": "User: where the platform runs as root, it runs as a user that owns nothing here.",
        "fr": "Utilisateur\u00a0: là où la plateforme s’exécute en tant que root, il s’exécute sous un compte "
        "qui ne possède rien ici.",
    },
}
"""What each means does, for the operator."""

CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWUSER = 0x40000000, 0x08000000, 0x04000000, 0x10000000

MEMORY = 256 * 2**20
"""Bytes of address space that a host may have beyond what it was forked with."""
OPEN_FILES = 64
THREADS = 64
NICENESS = 10
FIRST_USER = 0x5E000000
"""Hosts of root run as users from here on, one each: far above those of any directory, and below 2**31."""
FIRST_OF_PROCESSES = 0x70000000
"""Processes that are no hosts, from here on, by their own number: no host ever comes so far."""
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/local/lib", "/etc/ld.so.cache")
"""Where what is not Python is found that installed packages link to."""


def readable() -> list[str]:
    """Return the paths that an interpreter reads while it runs: its library, time zones, nothing of ours."""
    places = [Path(os.__file__).parent, *(Path(one) for one in ("/usr/share/zoneinfo", "/dev/null", "/dev/urandom"))]
    tzdata = sys.modules.get("tzdata")
    if tzdata is not None and tzdata.__file__:
        places.append(Path(tzdata.__file__).parent)
    return [str(one) for one in places]


def installed(path: Iterable[str]) -> list[str]:
    """Return what code of the platform's own reads besides: the places of ``path`` (as ``sys.path``) and libraries."""
    places = [one for one in path if Path(one).is_absolute() and Path(one).resolve() != Path("/")]
    return [*places, str(Path(os.__file__).parent.parent), *LIBRARIES]


def _limit_resources(beyond: int, seconds: int | None) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limits = {
        resource.RLIMIT_AS: pages * resource.getpagesize() + beyond,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if os.geteuid() == 0:
        # Counted by user: only where each host has one of its own is it this host's number.
        limits[resource.RLIMIT_NPROC] = THREADS
    if seconds is not None:
        limits[resource.RLIMIT_CPU] = seconds
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))
    os.nice(NICENESS)


def _leave_network() -> None:
    if os.geteuid() == 0:
        kernel.unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
        return
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(line, encoding="ascii")


def _become(user: int, *, reading: bool) -> None:
    if os.geteuid() != 0:
        return  # Nobody but root can; there is then no root's right to give up.
    if reading:
        landlock.version()  # Raises where nothing else would say what is read.
        kernel.call("prctl", kernel.PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if reading:
        kernel.keep_rights(kernel.CAP_DAC_READ_SEARCH)


def _give_up_rights() -> None:
    kernel.call("prctl", kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    kernel.call("prctl", kernel.PR_SET_DUMPABLE, 0, 0, 0, 0)
    kernel.call("prctl", kernel.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def confine(
    user: int, *, reads: Sequence[str] = (), memory: int = MEMORY, seconds: int | None = None
) -> dict[Means, str]:
    """Shut this process in, for good; return what could not be done, and why.

    ``user``: the number of the user to become where this is root's. ``reads``: folders and files that it reads besides
    the interpreter's own, for which it keeps of root's rights the one to read what is another's: packages may lie in
    root's own folder. ``memory``: bytes beyond what it has by now. ``seconds``: of computing, after which it ends.
    """
    lacking: dict[Means, str] = {}

    def take(means: Means, how: Callable[[], None]) -> None:
        try:
            how()
        except (OSError, KeyError, ValueError) as error:
            lacking[means] = str(error)

    rules: list[int] = []
    # Made before the limit of open files: a platform's path may be long.
    take("files", lambda: rules.append(landlock.allow(_opened([*readable(), *reads]))))
    take("network", _leave_network)
    take("limits", lambda: _limit_resources(memory, seconds))
    take("user", lambda: _become(user, reading=bool(reads)))
    _give_up_rights()
    for made in rules:
        take("files", partial(landlock.restrict, made))
    take("calls", seccomp.restrict)
    return lacking


def _opened(paths: Iterable[str]) -> Iterator[int]:
    for path in paths:
        # What is not there, or is not this user's to see, cannot be read inside either.
        with suppress(OSError):
            yield os.open(path, os.O_PATH | os.O_CLOEXEC)


def survey() -> dict[Means, str]:
    """Return what of the means this machine lacks, and why: it is tried in a process that ends at once."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # As a host is: with nothing open, else the limit of open files is reached already.
            writing = os.dup2(writing, 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            os.write(writing, msgspec.msgpack.encode(confine(FIRST_USER)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    if not said:
        return dict.fromkeys(ALL, "the trial ended before its end")
    found: dict[Means, str] = msgspec.msgpack.decode(said)
    return found


ALL: Sequence[Means] = tuple(WORDS)
