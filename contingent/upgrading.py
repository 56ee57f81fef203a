"""Moving the embedded server's data to another major version of PostgreSQL, by a backup and its restoring."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

from contingent.backups import Say, Tools, client_programs, restore_backup, write_backup
from core.clock import SystemClock
from core.database import embedded
from core.database.cluster import find_home
from core.database.programs import Programs, find_programs, wheel_folder
from core.database.secret_file import make_secrets
from core.database.target import find_target
from core.errors import Misconfigured
from core.settings import Settings

DEBIAN = "/usr/lib/postgresql/{major}/bin"


def upgrade_embedded(settings: Settings, older: Path | None, say: Say) -> str:
    """Move the data in ``settings.data_folder`` to the current programs and return what was done.

    ``older`` is the folder of programs that made the data, if it is not found by itself. The old
    data are kept beside the new ones. Raises ``Misconfigured`` if they cannot be read.
    """
    home = find_home(settings.data_folder)
    made_with = home.made_with() if home else None
    current = find_programs()
    if home is None or made_with is None:
        return f"There are no data in {settings.data_folder} yet."
    if made_with == current.major:
        return f"The data in {settings.data_folder} are PostgreSQL {made_with}'s already."
    server = embedded.start(settings.data_folder, programs=_programs(made_with, older))
    source = settings.data_folder / f"from-{made_with}.backup"
    try:
        key = make_secrets(settings.data_folder).field_key
        tools = Tools(client_programs(), find_target(settings))
        write_backup(tools, source, field_key=key, version=version("contingent"), now=SystemClock().now(), say=say)
    finally:
        server.stop()
    kept = home.data.with_name(f"data.{made_with}")
    home.data.rename(kept)
    (home.path / "bootstrapped").unlink(missing_ok=True)
    try:
        _fill(settings, source, say)
    except BaseException:
        # As it was: the old version still runs on the old data.
        shutil.rmtree(home.data, ignore_errors=True)
        kept.rename(home.data)
        raise
    return f"Moved from PostgreSQL {made_with} to {current.major}. The old data are in {kept}, a backup in {source}."


def _fill(settings: Settings, source: Path, say: Say) -> None:
    server = embedded.start(settings.data_folder)
    try:
        restore_backup(Tools(client_programs(), find_target(settings)), source, say)
    finally:
        server.stop()


def _programs(major: int, named: Path | None) -> Programs:
    beside = sorted(wheel_folder().parent.parent.glob("pginstall*/bin"))
    for folder in [named] if named else [*beside, Path(DEBIAN.format(major=major))]:
        if (folder / "postgres").exists():
            programs = find_programs(folder)
            if programs.major == major:
                return programs
    raise Misconfigured(
        f"The data were made by PostgreSQL {major} and its programs are not here: install them (Debian: "
        f"postgresql-{major}) or name their folder with --programs."
    )
