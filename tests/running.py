"""``make test``: the wall on the oldest PostgreSQL where there is one, then everything on the embedded server."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from tests.reporting import EARLIER

EVERYTHING = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def main() -> int:
    """Run both and return the worse status; the closing line of the whole run is printed last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--oldest", help="the folder of programs of the oldest supported PostgreSQL")
    given, further = parser.parse_known_args()
    environment = dict(os.environ)
    oldest = 0
    if given.oldest:
        began = time.monotonic()
        print(f"The wall on the oldest supported PostgreSQL ({given.oldest}):", flush=True)
        oldest = run("-m", "wall and not prove", env=environment | {"CONTINGENT_TEST_POSTGRES": given.oldest})
        environment[EARLIER] = f"wall on oldest={(time.monotonic() - began) / 60:.2f}"
        print("\nEverything on the embedded server:", flush=True)
    everything = run(*EVERYTHING, *further, env=environment)
    if oldest and not everything:
        print("The wall does not hold on the oldest supported PostgreSQL: see above.", file=sys.stderr)
    return everything or oldest


def run(*arguments: str, env: dict[str, str]) -> int:
    """Run pytest with ``arguments`` and return its status."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
