"""A plugin's code as bytes: gathered once, named by its digest, and imported from memory in a host.

What was looked at is what runs: a host has no file of the plugin to read, so nothing can be changed between
the look and the start.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import msgspec


class Code(msgspec.Struct, frozen=True):
    """The files of one plugin."""

    address: str
    """The module with the manifest: ``plugins.homecoming.plugin``."""
    files: Mapping[str, bytes]
    """By path from the root of imports: ``plugins/homecoming/plugin.py``."""
    digest: str
    """The SHA-256 of names and contents (``digest_of``), as hexadecimal digits."""
    says: bytes | None = None
    """What it has to say of itself where it is loaded (``saying.encoded``): what was signed and consented to."""


def digest_of(address: str, files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over address, names and contents, each with its length before it."""
    made = hashlib.sha256()
    for part in [address.encode(), *(one for name in sorted(files) for one in (name.encode(), files[name]))]:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def gather(module: ModuleType) -> Code:
    """Return the code of a plugin that is installed: its module, or its package with what lies beneath."""
    place = Path(str(module.__file__))
    package = module.__name__.rpartition(".")[0]
    if not package:
        return make_code(module.__name__, {f"{module.__name__}.py": place.read_bytes()})
    root = place.parents[package.count(".") + 1]
    found = sorted(place.parent.rglob("*.py"))
    files = {str(one.relative_to(root)): one.read_bytes() for one in found}
    # The packages above it make it importable, and are empty to a host: they are other people's code.
    above = package.split(".")[:-1]
    files |= {"/".join([*above[: depth + 1], "__init__.py"]): b"" for depth in range(len(above))}
    return make_code(module.__name__, files)


def make_code(address: str, files: Mapping[str, bytes], says: bytes | None = None) -> Code:
    """Return these files, named by their digest."""
    return Code(address, files, digest_of(address, files), says)


class MemoryFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports modules from bytes."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def add(self, files: Mapping[str, bytes]) -> None:
        """Make modules of these files; one that is there already stays as it is."""
        self._files = dict(files) | self._files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how to load the module, if it is one of these."""
        name = self._name_of(fullname)
        if name is None:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=name, is_package=self.is_package(fullname))

    def is_package(self, fullname: str) -> bool:
        """Say whether the module holds others."""
        return str(self._name_of(fullname)).endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        """Return the module's text."""
        name = self._name_of(fullname)
        if name is None:
            raise ImportError(f"no module {fullname} in this plugin")
        return self._files[name].decode()

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the module, compiled, under the name that its errors show."""
        compiled: Any = compile(self.get_source(fullname), str(self._name_of(fullname)), "exec", dont_inherit=True)
        return compiled  # type: ignore[no-any-return]

    def _name_of(self, fullname: str) -> str | None:
        place = fullname.replace(".", "/")
        return next((one for one in (f"{place}/__init__.py", f"{place}.py") if one in self._files), None)


def install() -> MemoryFinder:
    """Return a finder that is asked before any other."""
    finder = MemoryFinder()
    sys.meta_path.insert(0, finder)
    return finder
