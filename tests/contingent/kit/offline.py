"""A machine without a network, for the programs that a test starts: whoever asks for one is told that there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

GUARD = """
import sys

def refuse(event, arguments):
    away = event == "socket.connect" and not isinstance(arguments[1], (str, bytes))
    if away or event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        raise OSError(f"this machine has no network: {event} {arguments!r}")

sys.addaudithook(refuse)
"""


def offline(folder: Path, python: Path | None = None) -> dict[str, str]:
    """Return an environment whose Python has no network; the programs beside ``python`` are found first."""
    (folder / "guard").mkdir(parents=True, exist_ok=True)
    (folder / "guard" / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    programs = (python or Path(sys.executable)).parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONTINGENT", "COV"))}
    return kept | {"PYTHONPATH": str(folder / "guard"), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
