"""The files that come with the project, the built-in plugins, and agencies opened from files."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from core.context import Scope
from core.hooks.registry import Registry
from tenants.files import AgencyFile
from tenants.library import Library, load_library
from tenants.opening import Opener
from tenants.resolving import resolve
from tests.platform import Platform

ROOT = Path(__file__).parents[2]
_count = itertools.count()

Open = Callable[[AgencyFile], Awaitable[Scope]]


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The built-in plugins, whether or not this checkout is installed."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    registry = Registry()
    for name, address in declared["project"]["entry-points"]["contingent.plugins"].items():
        registry.load_module(name, address)
    assert not registry.broken
    return registry


@pytest.fixture
def opener(platform: Platform, registry: Registry) -> Opener:
    return Opener(platform.database, platform.clock, registry)


@pytest.fixture
def open_agency(opener: Opener, library: Library, registry: Registry) -> Open:
    """Open an agency from a file, under a slug that no other test has."""

    async def open_it(agency: AgencyFile) -> Scope:
        fresh = msgspec.structs.replace(agency, slug=f"{agency.slug}-{next(_count)}")
        assert await opener.open_agency(resolve(fresh, library, registry))
        scope = await opener.database.scope(fresh.slug)
        assert scope is not None
        return scope

    return open_it
