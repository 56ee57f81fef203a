"""The operator's folder of signed bundles: what lies there is offered to every service, without a package index.

Looked at when a process starts and once a second, so that what is laid there, exchanged or taken away has its
effect in every process within two. None of it is run for that.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from core.bundles.making import make_plugin
from core.bundles.shelf import line_of
from core.hooks.bundles import LARGEST_BUNDLE, read_bundle
from core.hooks.registry import NOTHING_HELD, BrokenPlugin, Held, Plugin, Registry, Stage
from core.hooks.signing import BadKey, known_keys

log = logging.getLogger("contingent.plugins")

ENDING = ".bundle"
MOST_FILES = 200
MOST_OF_KEYS = 1024 * 1024
"""Bytes of the file of keys."""
NO_FILE = "it is a folder, a pipe or a device, and no file"
PERIOD = 1.0
"""Seconds between two looks."""


class _Look(NamedTuple):
    """What was found in a file, and what told then that it was this file, and whom its key was trusted for."""

    sign: tuple[int, ...]
    keys: Mapping[str, str]
    found: Plugin | BrokenPlugin


class Folder:
    """The bundles in ``place``, where there is one, that are signed with a key of the file ``keys``.

    ``registry`` holds what is installed: nothing in the folder takes the name of it.
    """

    def __init__(self, place: Path | None, keys: Path, registry: Registry) -> None:
        self._place = place
        self._keys = keys
        self._registry = registry
        self._seen: object = None
        self._looks: Mapping[Path, _Look] = {}
        self._watching: asyncio.Task[None] | None = None
        self.held = NOTHING_HELD
        """What it holds, as it was seen last. A plugin that did not change is the same object as before."""

    async def start(self) -> None:
        """Look, and go on looking until ``close``."""
        if self._place is not None:
            await self.look()
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def close(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def look(self) -> None:
        """Read anew what has changed in the folder, or all of it if the file of keys has."""
        seen = await asyncio.to_thread(self._signs)
        if seen != self._seen:
            held = await asyncio.to_thread(self._read, seen)
            self._seen = seen
            if held != self.held:
                for broken in held.broken:
                    if broken not in self.held.broken:
                        log.log(logging.INFO if broken.superseded else logging.ERROR, "%s", broken)
                self.held = held

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.look()
            except Exception:
                log.exception("the folder of bundles could not be looked at")

    def _signs(self) -> dict[Path, tuple[int, ...]]:
        """Return what tells whether something has changed, by file; that of the keys is the first."""
        return {one: _sign(one) for one in (self._keys, *self._files())}

    def _files(self) -> list[Path]:
        if self._place is None:
            return []
        try:
            return sorted(one for one in self._place.iterdir() if one.name.endswith(ENDING))[:MOST_FILES]
        except OSError:
            return []

    def _read(self, signs: Mapping[Path, tuple[int, ...]]) -> Held:
        try:
            keys = known_keys(_content(self._keys, MOST_OF_KEYS).decode().splitlines())
        except (OSError, UnicodeDecodeError, BadKey) as error:
            return Held((), (_broken(self._keys, f"no keys can be read from it: {_why(error)}"),))
        if self._place is None or not self._place.is_dir():
            return Held((), (_broken(self._place or Path(), "there is no such folder"),))
        newest: dict[str, tuple[Path, Plugin]] = {}
        broken: list[BrokenPlugin] = []
        # What tells a file from another was taken before it is read: if it is exchanged meanwhile, the next look sees.
        self._looks = {file: self._look(file, sign, keys) for file, sign in signs.items() if file != self._keys}
        for file, (_, _, found) in self._looks.items():
            if isinstance(found, BrokenPlugin):
                broken.append(found)
                continue
            there = newest.get(found.name)
            if there is not None and _order(there[1]) >= _order(found):
                broken.append(_passed_over(file, there[1]))
                continue
            if there is not None:
                broken.append(_passed_over(there[0], found))
            newest[found.name] = (file, found)
        before = {one.name: one for one in self.held.plugins}
        plugins = [_same(plugin, before.get(name)) for name, (_, plugin) in newest.items()]
        return Held(tuple(plugins), tuple(sorted(broken, key=lambda one: one.name)))

    def _look(self, file: Path, sign: tuple[int, ...], keys: Mapping[str, str]) -> _Look:
        known = self._looks.get(file)
        if known is not None and (known.sign, known.keys) == (sign, keys):
            return known
        return _Look(sign, keys, self._plugin(file, keys))

    def _plugin(self, file: Path, keys: Mapping[str, str]) -> Plugin | BrokenPlugin:
        try:
            bundle = read_bundle(_content(file, LARGEST_BUNDLE + 1), keys)
            plugin = make_plugin(bundle, self._registry.hooks, "folder")
        except Exception as error:  # noqa: BLE001 - whatever one file holds, the others are there and the process starts
            return _broken(file, _why(error))
        if plugin.name in self._registry.plugins or plugin.name in self._registry.broken:
            return _broken(file, f"a plugin that is installed is called {plugin.name}, too")
        return plugin


def _same(made: Plugin, before: Plugin | None) -> Plugin:
    """Return ``before`` where a file holds the same once more: who runs it need not begin anew."""
    alike = before is not None and (before.code, before.publisher) == (made.code, made.publisher)
    return before if before is not None and alike else made


def _content(file: Path, most: int) -> bytes:
    """Return the first bytes of a file, ``most`` of them. Raises ``OSError`` for what is none: a pipe has no end."""
    # Without O_NONBLOCK, who opens a pipe waits until somebody writes into it.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, NO_FILE)
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read(most)
    finally:
        os.close(descriptor)


def _sign(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _why(error: Exception) -> str:
    said = error.strerror or str(error) if isinstance(error, OSError) else line_of(error)
    return said or type(error).__name__


def _broken(file: Path, why: str, stage: Stage = "bundle") -> BrokenPlugin:
    # A name may hold whatever the system lets it, and is read on a page and in a terminal.
    name = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in file.name)
    return BrokenPlugin(name, stage, why)


def _passed_over(file: Path, newer: Plugin) -> BrokenPlugin:
    said = f"version {newer.manifest.version} of {newer.name} lies there, too, and is the one that is offered"
    return _broken(file, said, "older")


def _order(plugin: Plugin) -> tuple[list[tuple[int, str]], str]:
    """Return what puts versions in order: their numbers, however many digits these have, and then their text."""
    version = plugin.manifest.version
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    bare = [one.lstrip("0") for one in numbers[0].split(".")] if numbers else []
    return [(len(one), one) for one in bare], version
