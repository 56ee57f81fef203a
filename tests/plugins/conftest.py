"""What the built-in plugins' own tests ask, they ask twice: of a plugin in this process, and of one in a sandbox."""

from __future__ import annotations

from functools import cache

import pytest

from contingent.kit.checks import Subject, tied_to_the_process
from contingent.kit.platform import Platform, Tenant
from contingent.kit.sharing import SharedHosts
from core.clock import ManualClock
from core.hooks.registry import Registry

IN_PROCESS, SANDBOXED = pytest.param(1, id="in-process"), pytest.param(2, id="sandboxed", marks=pytest.mark.sandbox)

installed = cache(lambda: Registry().load())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run in both tiers whatever goes through the kit's host, of every plugin that can be in both."""
    if "tier" in metafunc.fixturenames:
        plugin = metafunc.definition.path.parent.name
        tied = tied_to_the_process(Subject(installed(), plugin, {}, {}))
        metafunc.parametrize("tier", [IN_PROCESS] if tied else [IN_PROCESS, SANDBOXED], indirect=True)


@pytest.fixture
def agency(clock: ManualClock, contingent_hosts: SharedHosts | None) -> Tenant:
    """Give an invented agency that switches built-in plugins on and asks them. ``platform`` is the real one here."""
    return Tenant(Platform(installed(), clock, hosts=contingent_hosts), "alpha")
