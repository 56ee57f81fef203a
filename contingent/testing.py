"""The plugin contract kit.

In a plugin's tests, three lines::

    from contingent.testing import PluginContract

    class TestMine(PluginContract):
        plugin = "mine"

pytest loads this module with every run where contingent is installed, so it imports nothing
until a test needs it. ``contingent plugin check PATH`` runs the same checks without pytest.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if importlib.util.find_spec("pytest") is not None:
    from contingent.kit.fixtures import (
        clock,
        contingent_hosts,
        contingent_trial,
        contingent_zygote,
        http,
        outbox,
        platform,
        tenants,
        tier,
    )
else:
    clock = contingent_hosts = contingent_trial = contingent_zygote = None  # type: ignore[assignment]
    http = outbox = platform = tenants = tier = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from contingent.kit.checks import Subject
    from contingent.kit.machines import Machines
    from contingent.kit.outbox import Delivery, Outbox
    from contingent.kit.platform import Platform, Tenant, Tenants
    from core.clock import ManualClock

__all__ = [
    "Delivery",
    "Machines",
    "ManualClock",
    "Outbox",
    "Platform",
    "PluginContract",
    "Tenant",
    "Tenants",
    "check_path",
    "clock",
    "contingent_hosts",
    "contingent_trial",
    "contingent_zygote",
    "http",
    "outbox",
    "platform",
    "tenants",
    "tier",
]

LAZY = {
    "Delivery": "contingent.kit.outbox",
    "Machines": "contingent.kit.machines",
    "Outbox": "contingent.kit.outbox",
    "ManualClock": "core.clock",
    "Platform": "contingent.kit.platform",
    "Tenant": "contingent.kit.platform",
    "Tenants": "contingent.kit.platform",
}
"""The types of the fixtures, for annotations: imported when they are asked for."""


def __getattr__(name: str) -> Any:
    if name in LAZY:
        return getattr(importlib.import_module(LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class PluginContract:
    """Everything that the host asks of any plugin. Derive from it and name the plugin.

    The checks run the plugin on a host of its own, with invented tenants and ordinary
    arguments, first as it comes and with ``settings`` where some are given.
    """

    plugin: ClassVar[str] = ""
    """The plugin's name: its entry point in the group ``contingent.plugins``."""
    settings: ClassVar[Mapping[str, Any]] = {}
    """Settings with which the plugin has something to answer."""
    cases: ClassVar[Mapping[str, Sequence[Mapping[str, Any]]]] = {}
    """Further calls to try, by hook: the arguments by name. Recorded ones are in ``cases`` beside the test."""

    def test_it_loads_with_a_sound_manifest_settings_and_hooks(self) -> None:
        self._expect("loads")

    def test_it_answers_within_its_deadlines(self) -> None:
        self._expect("ends_in_time")

    def test_it_imports_the_contract_and_nothing_else_of_the_host(self) -> None:
        self._expect("imports_only_the_contract")

    def test_it_speaks_both_languages(self) -> None:
        self._expect("speaks_both_languages")

    def test_it_asks_for_what_it_uses_and_for_nothing_else(self) -> None:
        self._expect("asks_for_what_it_uses")

    def test_it_answers_ordinary_calls(self) -> None:
        self._expect("answers_ordinary_calls")

    def test_switching_it_on_and_off_twice_is_harmless(self) -> None:
        self._expect("switching_is_harmless")

    def test_it_keeps_two_tenants_apart(self) -> None:
        self._expect("keeps_tenants_apart")

    def test_it_does_not_block_the_event_loop(self) -> None:
        self._expect("does_not_block")

    def test_exported_and_erased_it_leaves_nothing_behind(self) -> None:
        self._expect("leaves_nothing_behind")

    def test_a_failing_dependency_is_all_that_comes_out_of_it(self) -> None:
        self._expect("survives_what_it_depends_on")

    def test_it_answers_alike_in_a_sandbox(self) -> None:
        self._expect("answers_alike_in_a_sandbox")

    def test_it_answers_its_recorded_cases_as_recorded(self) -> None:
        self._expect("answers_as_recorded")

    def test_it_earns_the_quality_it_claims(self) -> None:
        self._expect("earns_its_quality")

    def _expect(self, check: str) -> None:
        from contingent.kit import checks  # noqa: PLC0415 - see the module's docstring

        subject = self._subject()
        found = checks.loads(subject) or getattr(checks, check)(subject)
        assert not found, "\n".join(found)

    def _subject(self) -> Subject:
        from contingent.kit.cases import read_cases  # noqa: PLC0415 - only a check needs the kit
        from contingent.kit.checks import Subject  # noqa: PLC0415 - loaded only where it is needed
        from contingent.kit.projects import load_beside  # noqa: PLC0415 - loaded only where it is needed

        assert self.plugin, f"{type(self).__name__}: say which plugin it is: plugin = …"
        tests = Path(inspect.getfile(type(self)))
        registry = load_beside(tests, self.plugin)
        recorded = read_cases(tests.parent / "cases", registry)
        return Subject(registry, self.plugin, self.settings, self.cases, recorded)


def check_path(path: Path) -> list[str]:
    """Return what is wrong with the plugin in a file, in a folder with ``plugin.py`` in it, or in a project.

    A project's recorded cases (``tests/cases/*.json``) are tried too. Raises ``Misconfigured`` where there is none.
    """
    from contingent.kit.cases import read_cases  # noqa: PLC0415 - see the module's docstring
    from contingent.kit.checks import Subject, problems  # noqa: PLC0415 - loaded only where it is needed
    from contingent.kit.projects import find_plugin  # noqa: PLC0415 - loaded only where it is needed
    from core.hooks.registry import Registry  # noqa: PLC0415 - loaded only where it is needed

    found = find_plugin(path)
    log = logging.getLogger("contingent.plugins")
    silent, log.disabled = log.disabled, True  # the answer says it all
    try:
        registry = Registry()
        registry.load_module(found.name, found.address)
        return list(problems(Subject(registry, found.name, {}, {}, read_cases(found.cases, registry))))
    finally:
        log.disabled = silent
