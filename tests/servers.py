"""One PostgreSQL a run, one template database, a copy a worker. Nothing is left running.

The process that began the run owns a folder; whoever first needs a database, this process or
one of its workers, starts the server there under a lock. The owner stops it at the end. A run
that was killed leaves a server behind: the next run finds its folder without an owner and
stops it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from sqlalchemy import create_mock_engine
from sqlalchemy.dialects.postgresql.base import PGDialect

from core.database import embedded
from core.database.bootstrap import bootstrap_sql
from core.database.policies import wall_sql
from core.database.programs import Programs
from core.database.roles import OWNER
from core.database.rooms import load_models
from core.database.secret_file import read_secrets
from core.database.target import Target

FOLDER = "CONTINGENT_TEST_FOLDER"
"""The environment variable through which workers find the run's folder."""
OLDEST = "CONTINGENT_TEST_POSTGRES"
"""The environment variable that names the folder of another PostgreSQL's programs."""
TEMPLATE = "template_contingent"
_PREFIX = "contingent-test-"


def begin_run() -> TextIOWrapper:
    """Make the run's folder, clear away what killed runs left, and return what marks it as owned."""
    area = Path(tempfile.gettempdir())
    for left in area.glob(f"{_PREFIX}*"):
        with contextlib.suppress(BlockingIOError, FileNotFoundError, PermissionError), _held(left / "owner"):
            _remove(left)
    made = Path(tempfile.mkdtemp(prefix="contingent-making-"))
    owner = (made / "owner").open("w")
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # Only now it gets the name that others look for: nobody clears it away before it is owned.
    folder = made.rename(made.with_name(made.name.replace("contingent-making-", _PREFIX)))
    os.environ[FOLDER] = str(folder)
    return owner


def end_run(owner: TextIOWrapper) -> None:
    """Stop the run's server, if one was started, and remove its folder."""
    _remove(Path(os.environ.pop(FOLDER)))
    owner.close()


def run_server() -> embedded.Server:
    """Return the run's server, started if nobody did so yet, with the template database."""
    folder = Path(os.environ[FOLDER])
    with _held(folder / "starting", wait=True):
        server = embedded.running(folder / "var")
        if server is None:
            named = os.environ.get(OLDEST)
            programs = Programs(Path(named)) if named else None
            server = embedded.start(folder / "var", durable=False, programs=programs, connections=400)
            make_template(server)
            server.let_go()
    return server


def make_template(server: embedded.Server) -> None:
    """Make the database that every worker's is a copy of, straight from the models."""
    server.psql(f"ALTER DATABASE {embedded.DATABASE} RENAME TO {TEMPLATE}", database="postgres")
    server.psql(f"SET ROLE {OWNER};\n{structure_sql()}\n{wall_sql(load_models().sorted_tables)}", database=TEMPLATE)


def structure_sql() -> str:
    """Return the SQL that makes every table of the models."""
    statements: list[str] = []
    dialect = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    engine = create_mock_engine(
        "postgresql+asyncpg://", lambda sql, *_, **__: statements.append(str(sql.compile(dialect=dialect)))
    )
    load_models().create_all(engine, checkfirst=False)
    return ";\n".join(statements) + ";\n"


def copy_database(server: embedded.Server, name: str, template: str = TEMPLATE) -> Target:
    """Make the database ``name`` as a fresh copy of the template and return how to reach it."""
    with _held(server.folder.parent / "copying", wait=True):
        server.psql(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\nCREATE DATABASE {name} TEMPLATE {template};",
            database="postgres",
        )
        server.psql(bootstrap_sql(), database=name)
    secrets = read_secrets(server.folder)
    assert secrets is not None
    return Target(server.host, server.port, name, {}, secrets.passwords)


@contextlib.contextmanager
def empty_database(server: embedded.Server, name: str) -> Iterator[Target]:
    """Make the database ``name`` with nothing in it and remove it in the end."""
    yield copy_database(server, name, "template0")
    server.psql(f"DROP DATABASE {name} WITH (FORCE)", database="postgres")


@contextlib.contextmanager
def _held(path: Path, *, wait: bool = False) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _remove(folder: Path) -> None:
    embedded.erase(folder / "var")
    shutil.rmtree(folder, ignore_errors=True)
