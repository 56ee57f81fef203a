"""Each benchmark runs to its end at its smallest size: none breaks unseen between two measurements."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results.json"


def test_each_benchmark_gives_its_figures_at_its_smallest_size() -> None:
    kept = RESULTS.read_bytes() if RESULTS.exists() else None
    command = [sys.executable, "-m", "benchmarks", "--smallest"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    parts = {part.split()[0]: part for part in ran.stdout.split("\n") if part.endswith(" …")}
    measured = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def figures(" in path.read_text()}
    assert parts.keys() == measured
    assert ran.stdout.count("\n  ") >= 2 * len(measured), ran.stdout
    assert (RESULTS.read_bytes() if RESULTS.exists() else None) == kept
