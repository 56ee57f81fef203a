"""Order and report of a test run: the slow parts begin first, and the end says the minutes and what was counted."""

from __future__ import annotations

import os
from collections import Counter, defaultdict

import pytest

EARLIER = "CONTINGENT_TEST_EARLIER"
"""Minutes of parts that ran before this run, as ``name=minutes`` separated by commas."""

FIGURE = "figure"
"""The property by which a test (``record_property``) says a number that the run's report should name."""

OTHER = "unit and property"
MINUTES = {"wall": 4, "browser": 8, "http": 4, "peers": 4, "sandbox": 2, OTHER: 8}
TITLES = {"http": "HTTP ring", "peers": "real peers"}

_seconds: defaultdict[str, float] = defaultdict(float)
_tests: Counter[str] = Counter()
_figures: list[str] = []


def part(keywords: object) -> str:
    """Return the part of the suite that a test with these keywords (marks among them) belongs to."""
    return next((name for name in MINUTES if name in keywords), OTHER)  # type: ignore[operator]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(MINUTES)
    items.sort(key=lambda item: order.index(part({mark.name for mark in item.iter_markers()})))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    name = part(report.keywords)
    _seconds[name] += report.duration
    _tests[name] += report.when == "call"
    if report.when == "call" and report.passed:
        _figures.extend(str(value) for key, value in report.user_properties if key == FIGURE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if sum(_tests.values()) < 2 or os.environ.get("PYTEST_XDIST_WORKER"):
        return
    terminalreporter.section("minutes by part")
    for name, limit in MINUTES.items():
        if _tests[name]:
            took = _seconds[name] / 60
            over = "  over its share" if took > limit else ""
            terminalreporter.line(f"{TITLES.get(name, name):18} {took:5.1f} of {limit}  {_tests[name]:6} tests{over}")
    for figure in sorted(_figures):
        terminalreporter.line(figure)
    for entry in filter(None, os.environ.get(EARLIER, "").split(",")):
        name, _, minutes = entry.partition("=")
        terminalreporter.line(f"{name:18} {float(minutes):5.1f}")
