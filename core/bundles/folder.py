"""The operator's folder of signed bundles: what lies there is offered to every service, without a package index.

Looked at when a process starts and once a second, so that what is laid there, exchanged or taken away has its
effect in every process within two. None of it is run for that.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from pathlib import Path

from core.bundles.making import make_plugin
from core.bundles.shelf import line_of
from core.hooks.bundles import LARGEST_BUNDLE, read_bundle
from core.hooks.registry import NOTHING_HELD, BrokenPlugin, Held, Plugin, Registry
from core.hooks.signing import BadKey, known_keys

log = logging.getLogger("contingent.plugins")

ENDING = ".bundle"
MOST_FILES = 200
PERIOD = 1.0
"""Seconds between two looks."""


class Folder:
    """The bundles in ``place``, where there is one, that are signed with a key of the file ``keys``.

    ``registry`` holds what is installed: nothing in the folder takes the name of it.
    """

    def __init__(self, place: Path | None, keys: Path, registry: Registry) -> None:
        self._place = place
        self._keys = keys
        self._registry = registry
        self._seen: object = None
        self._watching: asyncio.Task[None] | None = None
        self.held = NOTHING_HELD
        """What it holds, as it was seen last."""

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
        """Read the folder anew if it, or the file of keys, has changed."""
        seen = await asyncio.to_thread(self._signs)
        if seen != self._seen:
            self.held = await asyncio.to_thread(self._read)
            self._seen = seen
            for broken in self.held.broken:
                log.error("%s", broken)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.look()
            except Exception:
                log.exception("the folder of bundles could not be looked at")

    def _signs(self) -> object:
        """Return what tells whether something has changed."""
        return [(str(one), *_sign(one)) for one in (self._keys, *self._files())]

    def _files(self) -> list[Path]:
        if self._place is None:
            return []
        try:
            return sorted(one for one in self._place.iterdir() if one.name.endswith(ENDING))[:MOST_FILES]
        except OSError:
            return []

    def _read(self) -> Held:
        try:
            keys = known_keys(self._keys.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError, BadKey) as error:
            return Held((), [_broken(self._keys, f"no keys can be read from it: {_why(error)}")])
        if self._place is None or not self._place.is_dir():
            return Held((), [_broken(self._place or Path(), "there is no such folder")])
        newest: dict[str, tuple[Path, Plugin]] = {}
        broken: list[BrokenPlugin] = []
        for file in self._files():
            found = self._plugin(file, keys)
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
        return Held([plugin for _, plugin in newest.values()], sorted(broken, key=lambda one: one.name))

    def _plugin(self, file: Path, keys: Mapping[str, str]) -> Plugin | BrokenPlugin:
        try:
            with file.open("rb") as opened:
                content = opened.read(LARGEST_BUNDLE + 1)
            plugin = make_plugin(read_bundle(content, keys), self._registry.hooks, "folder")
        except Exception as error:  # noqa: BLE001 - whatever one file holds, the others are there and the process starts
            return _broken(file, _why(error))
        if plugin.name in self._registry.plugins or plugin.name in self._registry.broken:
            return _broken(file, f"a plugin that is installed is called {plugin.name}, too")
        return plugin


def _sign(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _why(error: Exception) -> str:
    said = error.strerror or str(error) if isinstance(error, OSError) else line_of(error)
    return said or type(error).__name__


def _broken(file: Path, why: str) -> BrokenPlugin:
    return BrokenPlugin(file.name, "bundle", why)


def _passed_over(file: Path, newer: Plugin) -> BrokenPlugin:
    said = f"version {newer.manifest.version} of {newer.name} lies there, too, and is the one that is offered"
    return _broken(file, said)


def _order(plugin: Plugin) -> tuple[list[tuple[int, str]], str]:
    """Return what puts versions in order: their numbers, however many digits these have, and then their text."""
    version = plugin.manifest.version
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    bare = [one.lstrip("0") for one in numbers[0].split(".")] if numbers else []
    return [(len(one), one) for one in bare], version
