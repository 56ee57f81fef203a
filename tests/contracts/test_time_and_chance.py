"""Time is injected and identifiers come from one place, so that history can be replayed and tests never wait."""

from __future__ import annotations

import ast

from tests.contracts.sources import PACKAGES, ROOT, calls, files, origins, place, text, tree

SOURCES = {ROOT / "core" / "clock.py", ROOT / "core" / "ids.py"}
JITTER = {ROOT / "core" / "events" / "queue.py"}
"""Where chance spreads retries over time, and decides nothing else."""
READINGS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "uuid.uuid1",
    "uuid.uuid4",
}
ON_PURPOSE = "on purpose"


def test_only_the_clock_asks_the_machine_what_time_it_is() -> None:
    guilty = [
        f"{place(path, line)} {name}"
        for path in files(".py", under=PACKAGES)
        if path not in SOURCES
        for line, name, _ in calls(path)
        if name in READINGS
    ]
    assert not guilty, f"use ctx.clock, or core.ids.new_id: {guilty}"


def test_no_module_throws_dice() -> None:
    guilty = [
        place(path)
        for path in files(".py", under=PACKAGES)
        if path not in SOURCES | JITTER
        if any(name == "random" or name.startswith("random.") for name in origins(tree(path)).values())
    ]
    assert not guilty, f"secrets for secrets, core.ids for identifiers, a fixed seed from a name for the rest: {guilty}"


def test_tests_do_not_sleep() -> None:
    guilty = []
    for path in files(".py", under=("tests",)):
        lines = text(path).splitlines()
        for line, name, node in calls(path):
            waits = name in {"time.sleep", "asyncio.sleep"} and not (
                node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
            )
            if waits and ON_PURPOSE not in lines[line - 1]:
                guilty.append(place(path, line))
    assert not guilty, f"move the clock, wait for an event, or say “{ON_PURPOSE}” on the line that blocks: {guilty}"
