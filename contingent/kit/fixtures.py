"""Fixtures for the tests of plugins. Nothing is imported until a test asks for one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contingent.kit.machines import Machines
    from contingent.kit.outbox import Outbox
    from contingent.kit.platform import Platform, Tenants
    from contingent.kit.sharing import SharedHosts
    from contingent.kit.trial import Trial
    from core.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Give the clock of the test's platform: it stands still until it is told to move."""
    from contingent.kit.trial import NOW  # noqa: PLC0415 - see the module's docstring
    from core.clock import ManualClock  # noqa: PLC0415 - loaded only where it is needed

    return ManualClock(NOW)


@pytest.fixture(scope="session")
def contingent_zygote() -> Iterator[socket.socket]:
    """Give the way to one zygote, which makes the sandboxes of all tests of a session."""
    from core.hooks.sandbox.starting import own_zygote  # noqa: PLC0415 - loaded only where it is needed

    with own_zygote() as way:
        yield way


@pytest.fixture
def tier(request: pytest.FixtureRequest) -> int:
    """Give where plugins run in this test: 1, in the test's own process, unless it is marked otherwise.

    ``@pytest.mark.parametrize("tier", [1, 2], indirect=True)`` runs a test once so and once with every plugin in a
    sandbox. There is no network there, no secret and no third-party package, and what the test patches it does not see.
    """
    return int(getattr(request, "param", 1))


@pytest.fixture
def contingent_hosts(request: pytest.FixtureRequest, tier: int) -> SharedHosts | None:
    """Give where plugins run that run in a sandbox; ``None`` where they run in the test's own process."""
    from contingent.kit.sharing import SharedHosts  # noqa: PLC0415 - loaded only where it is needed

    return SharedHosts(request.getfixturevalue("contingent_zygote")) if tier == 2 else None


@pytest.fixture
def platform(request: pytest.FixtureRequest, clock: ManualClock, contingent_hosts: SharedHosts | None) -> Platform:
    """Give a host without a database, with every installed plugin and those of the project the test belongs to."""
    from contingent.kit.platform import Platform  # noqa: PLC0415 - loaded with pytest in every project: heavy
    from contingent.kit.projects import load_beside  # noqa: PLC0415 - loaded only where it is needed

    return Platform(load_beside(request.path), clock, hosts=contingent_hosts)


@pytest.fixture
def tenants(platform: Platform) -> Tenants:
    """Give two tenants of the platform: ``tenants.alpha.enable("mine")``, ``tenants.alpha.ask(specs.…, …)``."""
    from contingent.kit.platform import Tenant, Tenants  # noqa: PLC0415 - loaded with pytest in every project: heavy

    return Tenants(Tenant(platform, "alpha"), Tenant(platform, "beta"))


@pytest.fixture
def http(platform: Platform) -> Iterator[Machines]:
    """Give the machines that plugins of the platform reach by ``ctx.http``, of which there are none yet.

    ``http.on("POST", "https://api.example.org/tours").answers(202)`` makes one; ``http.sent`` is what came. A request
    that the test does not expect fails it and is named. No time is waited: ``answers(after=3.0)`` and ``hangs()``
    move the fixture ``clock``, and so do the pauses between attempts.
    """
    from contingent.kit.machines import Machines  # noqa: PLC0415 - see the module's docstring

    made = Machines(platform.trial.network)
    yield made
    made.check()


@pytest.fixture
def outbox(platform: Platform) -> Outbox:
    """Give what waits for plugins of the platform: events, notifications and runs of tasks.

    ``outbox.tell(tenants.alpha, specs.tour_changed, tour=…)`` puts one in, ``outbox.run()`` attempts what is due and
    ``outbox.settle()`` all of it, moving the fixture ``clock`` from one attempt to the next. ``outbox.fail(2)`` lets
    two attempts fail; ``outbox.deliveries`` says what came of each.
    """
    from contingent.kit.outbox import Outbox  # noqa: PLC0415 - see the module's docstring

    return Outbox(platform)


@pytest.fixture
def contingent_trial(contingent_hosts: SharedHosts | None) -> Callable[..., Trial]:
    """Give a function that puts a plugin on a host of its own: ``contingent_trial("mine", {"days": 30})``.

    The plugin is named as it is installed, or given as a module. ``trial.tenant("alpha")``
    is a context whose ``hooks`` run it; ``trial.clock`` moves when told to.
    """

    def make(plugin: Any, settings: dict[str, Any] | None = None) -> Trial:
        from contingent.kit.trial import Trial  # noqa: PLC0415 - loaded with pytest in every project: heavy
        from core.hooks.registry import Registry  # noqa: PLC0415 - loaded only where it is needed

        registry = Registry()
        if isinstance(plugin, str):
            registry.load()
        else:
            registry.register(plugin)
            plugin = plugin.manifest.name
        broken = registry.broken.get(plugin)
        assert broken is None, str(broken)
        return Trial(registry, plugin, settings, hosts=contingent_hosts)

    return make
