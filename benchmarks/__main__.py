"""``make bench``: run every module here that has ``figures()``, and write ``results.json``.

A module's ``figures()`` (plain or async) returns a list of objects: ``name``, ``value``, ``unit``, and ``limit`` (what
it must not pass) or ``peer`` (what it was measured against, in the same run). ``better`` says which way a limit points:
``lower`` (the default) or ``higher``.

``python -m benchmarks --smallest`` runs each at the size that its ``SMALLEST`` gives, and neither judges nor writes:
a test asks for it, so that a benchmark that has broken is seen. ``python -m benchmarks --keep`` makes the last run the
one that the handbook tells of, ``python -m benchmarks --page`` writes that page again.
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
from typing import Any

from benchmarks.page import FOLDER, PAGE, Kept, keep, passed, read_kept
from core.clock import SystemClock

RESULTS = FOLDER / "results.json"
KEYS = {"name", "value", "unit"}
SMALLEST, KEEP, WRITE = "--smallest", "--keep", "--page"
MACHINE = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"


def main(wanted: list[str]) -> int:
    """Run the modules that are ``wanted`` (all, if none is named) and return 1 if a limit was passed."""
    if KEEP in wanted or WRITE in wanted:
        last = Kept(MACHINE, SystemClock().now().date(), json.loads(RESULTS.read_text())) if KEEP in wanted else None
        keep(last or read_kept())
        print(f"Written: {PAGE}")
        return 0
    smallest, wanted = SMALLEST in wanted, [one for one in wanted if one != SMALLEST]
    found: list[dict[str, Any]] = []
    print(MACHINE, flush=True)
    started = time.monotonic()
    names = sorted(one.name for one in pkgutil.iter_modules([str(FOLDER)]) if one.name != "__main__")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    if smallest:
        for loaded in modules.values():
            vars(loaded).update(getattr(loaded, "SMALLEST", {}))
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
    found.append({"name": "all of these", "value": round(time.monotonic() - started), "unit": "s"})
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    over = [row["name"] for row in found if passed(row)]
    print(f"Written: {RESULTS}" + (f". Over their limit: {', '.join(over)}" if over else ""))
    return 1 if over else 0


def line(row: dict[str, Any]) -> str:
    """Return the figure as one line for a person."""
    beside = f" (limit {row['limit']})" if row.get("limit") is not None else ""
    beside += f" (peer {row['peer']})" if row.get("peer") is not None else ""
    return f"{row['name']:64} {row['value']:>10} {row['unit']}{beside}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
