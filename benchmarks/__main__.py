"""``make bench``: run every module here that has ``figures()``, and write ``results.json``.

A module's ``figures()`` (plain or async) returns a list of objects: ``name``, ``value``, ``unit``, and ``limit`` (what
it must not pass) or ``peer`` (what it was measured against, in the same run). ``better`` says which way a limit points:
``lower`` (the default) or ``higher``.

``python -m benchmarks --smallest`` runs each at the size that its ``SMALLEST`` gives, and neither judges nor writes:
a test asks for it, so that a benchmark that has broken is seen.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import os
import pkgutil
import platform
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
KEYS = {"name", "value", "unit"}
SMALLEST = "--smallest"


def main(wanted: list[str]) -> int:
    """Run the modules that are ``wanted`` (all, if none is named) and return 1 if a limit was passed."""
    smallest, wanted = SMALLEST in wanted, [one for one in wanted if one != SMALLEST]
    found: list[dict[str, Any]] = []
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores", flush=True)
    names = sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.name != "__main__")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    if smallest:
        for loaded in modules.values():
            vars(loaded).update(loaded.SMALLEST)
    for module, loaded in modules.items():
        if wanted and module not in wanted:
            continue
        measure = getattr(loaded, "figures", None)
        if measure is None:
            continue
        print(f"{module} …", flush=True)
        began = time.monotonic()
        answer = measure()
        rows: list[dict[str, Any]] = asyncio.run(answer) if inspect.iscoroutine(answer) else answer
        for row in rows:
            missing = KEYS - row.keys()
            if missing:
                raise ValueError(f"benchmarks/{module}.py: a figure without {', '.join(sorted(missing))}: {row}")
            print(f"  {line(row)}", flush=True)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        found += [row | {"module": module} for row in rows]
    if smallest:
        return 0
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    over = [row["name"] for row in found if passed(row)]
    print(f"Written: {RESULTS}" + (f". Over their limit: {', '.join(over)}" if over else ""))
    return 1 if over else 0


def passed(row: dict[str, Any]) -> bool:
    """Say whether the figure is on the wrong side of its limit."""
    if row.get("limit") is None:
        return False
    value, limit = float(row["value"]), float(row["limit"])
    return value < limit if row.get("better") == "higher" else value > limit


def line(row: dict[str, Any]) -> str:
    """Return the figure as one line for a person."""
    beside = f" (limit {row['limit']})" if row.get("limit") is not None else ""
    beside += f" (peer {row['peer']})" if row.get("peer") is not None else ""
    return f"{row['name']:64} {row['value']:>10} {row['unit']}{beside}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
