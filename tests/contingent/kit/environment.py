"""A new environment that holds what a wheel asks for and nothing else, made without an index.

What it needs is taken over from the environment that runs the tests, where the lock has put it.
"""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def build_wheel(project: Path, out: Path) -> Path:
    """Build the wheel of ``project`` with the back end that its ``pyproject.toml`` names; return the file."""
    before = set(out.glob("*.whl"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = set(out.glob("*.whl")) - before
    return wheel


def make_environment(folder: Path, wheels: Iterable[Path], *, tools: Iterable[str]) -> Path:
    """Make an environment with the wheels, what they ask for, and ``tools``; return its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    asked = [*tools, *(requirement for wheel in wheels for requirement in requirements_of(wheel))]
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    for one in closure(asked):
        take_over(one, site)
    installing = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--offline", "--no-deps", "--quiet"]
    subprocess.run([*installing, "--python", str(python), *map(str, wheels)], check=True, capture_output=True)
    return python


def requirements_of(wheel: Path) -> list[str]:
    """Return what the wheel asks for, leaving out its extras."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        asked = email.message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []
    return [one for one in asked if not EXTRA.search(one)]


def closure(requirements: Iterable[str]) -> list[Distribution]:
    """Return the installed distributions that these need, and those that they need in turn."""
    waiting, found, seen = list(requirements), {}, set()
    while waiting:
        match = REQUIREMENT.match(waiting.pop())
        assert match is not None
        name = re.sub(r"[-_.]+", "-", match[1]).lower()
        extras = frozenset(one.strip() for one in (match[2] or "").split(",") if one.strip())
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            one = found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system, or another Python
        for asked in one.requires or []:
            wanted = EXTRA.search(asked)
            if wanted is None or wanted[1] in extras:
                waiting.append(asked)
    return list(found.values())


def take_over(one: Distribution, site: Path) -> None:
    """Put the distribution's files into another environment; its programs are left out."""
    for file in one.files or []:
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        source, target = Path(str(one.locate_file(file))), site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
