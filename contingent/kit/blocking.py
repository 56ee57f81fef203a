"""Catching calls that block: opening, connecting, starting programs (audited by the interpreter), sleeping."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

EVENTS = frozenset(
    {
        "open",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.listdir",
        "os.scandir",
    }
)
HARMLESS = ("asyncio", "importlib", "<frozen importlib", "linecache", "traceback")
"""Where such a call does not block the loop, or happens once."""

_watching: list[_Watch] = []


class _Watch:
    def __init__(self, place: Path) -> None:
        self.place = f"{place}/" if place.is_dir() else str(place)
        self.thread = threading.get_ident()
        self.found: list[str] = []


@contextmanager
def watching(place: Path) -> Iterator[list[str]]:
    """Give a list that fills with the blocking calls which code under ``place`` makes on this thread."""
    if not _installed:
        sys.addaudithook(_audit)
        _installed.append(True)
    watch = _Watch(place)
    _watching.append(watch)
    before = sys.getprofile()
    sys.setprofile(_profile)
    try:
        yield watch.found
    finally:
        sys.setprofile(before)
        _watching.remove(watch)


_installed: list[bool] = []


def _audit(event: str, _: tuple[Any, ...]) -> None:
    if _watching and event in EVENTS:
        _note(event, sys._getframe(1))  # noqa: SLF001 - the one way to ask who calls


def _profile(frame: FrameType, event: str, called: Any) -> None:
    # Python audits sleeping from 3.13 on only; whichever way it was imported, it is this function.
    if event == "c_call" and called is time.sleep:
        _note("time.sleep", frame)


def _note(event: str, frame: FrameType) -> None:
    for watch in tuple(_watching):
        if threading.get_ident() == watch.thread:
            line = _line_under(watch.place, frame)
            if line and f"{line} calls {event}" not in watch.found:
                watch.found.append(f"{line} calls {event}")


def _line_under(place: str, frame: FrameType | None) -> str | None:
    """Return the innermost line under ``place``, unless something harmless stands in between."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(place):
            return f"{Path(name).name}:{frame.f_lineno}"
        if any(part in name for part in HARMLESS):
            return None
        frame = frame.f_back
    return None
