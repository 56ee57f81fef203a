"""Backup and restore: one file with the whole database, and a list of what it has to hold afterwards.

The counts and the ends of the audit chains are read in the snapshot that is dumped, so that a
backup of a platform at work can be compared to the row. The field key is never in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import msgspec

from core.audit.chain import Head
from core.database.programs import find_programs, wheel_folder
from core.database.roles import MIGRATOR
from core.database.target import Target
from core.errors import Misconfigured

FORMAT = "contingent-backup/2"
MANIFEST = "manifest.json"
DUMP = "database.dump"
NEEDLESS = {b"SET transaction_timeout = 0;\n", b"CREATE SCHEMA public;\n"}
"""A setting that older servers do not know, and what the bootstrap has made already."""
BOOKKEEPING = re.compile(rb"ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);\n")
"""A note that servers since the releases of November 2026 keep on columns for themselves; older programs dump it."""

COUNTS = """\
SELECT format('SELECT %L, count(*) FROM %I', relname, relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname \\gexec
"""
HEADS = """\
SELECT DISTINCT ON (tenant_id) tenant_id, sequence, hash FROM audit_seal ORDER BY tenant_id, sequence DESC;
"""
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm');\n"

Say = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: its dump's SHA-256, rows by table, the end of each audit chain, and whose key opens it."""

    format: str
    made_at: datetime
    version: str
    field_key: str | None
    dump: str
    rows: dict[str, int]
    heads: dict[str, Head]


@dataclass(frozen=True, slots=True)
class Tools:
    """PostgreSQL's client programs, at one database, logged in as the owner's member."""

    folder: Path
    target: Target

    def arguments(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of ``program`` at the database; it holds no password."""
        return [str(self.folder / program), f"--dbname={self.target.driver_url(MIGRATOR)}", "-w", *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment of such a program, with the password."""
        given = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PGPASSFILE"}}
        password = self.target.passwords.get(MIGRATOR)
        return given | {"LC_ALL": "C", "TZ": "UTC"} | ({"PGPASSWORD": password} if password else {})

    def run(self, program: str, *arguments: str, stdin: str | None = None) -> str:
        """Run ``program`` and return what it printed; raise ``Misconfigured`` with its own words."""
        done = subprocess.run(  # noqa: S603 - PostgreSQL's programs, no shell
            self.arguments(program, *arguments),
            input=stdin,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Misconfigured(f"{program} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    def query(self, sql: str) -> list[list[str]]:
        """Return the rows of ``sql``, each a list of texts."""
        shown = self.run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-", stdin=sql)
        return [line.split("|") for line in shown.splitlines()]


def client_programs() -> Path:
    """Return the folder of the newest programs there are: an older ``pg_restore`` cannot read a newer dump."""
    found = {find_programs()}
    with contextlib.suppress(Misconfigured):
        found.add(find_programs(wheel_folder()))
    return max(found, key=lambda programs: programs.major).folder


def fingerprint(field_key: bytes | None) -> str | None:
    """Return what tells one field key from another and says nothing about it."""
    return hashlib.sha256(b"contingent backup" + field_key).hexdigest()[:16] if field_key else None


def write_backup(
    tools: Tools, destination: Path, *, field_key: bytes | None, version: str, now: datetime, say: Say
) -> Manifest:
    """Write the whole database into ``destination``, readable by its owner only, whole or not at all.

    Raises ``Misconfigured`` if there is nothing in it, or with the words of the program that failed.
    """
    if _tables(tools) == 0:
        raise Misconfigured("The database holds no table yet: there is nothing to back up.")
    with tempfile.TemporaryDirectory(dir=destination.resolve().parent, prefix=".backup-") as folder:
        dump, draft = Path(folder) / DUMP, Path(folder) / "backup"
        with _snapshot(tools) as (snapshot, rows, heads):
            say(f"Writing {sum(rows.values()):,} rows of {len(rows)} tables")
            options = (
                "--format=custom",
                "--schema=public",
                "--enable-row-security",
                "--no-owner",
                f"--snapshot={snapshot}",
            )
            tools.run("pg_dump", *options, f"--file={dump}")
        manifest = Manifest(FORMAT, now, version, fingerprint(field_key), _digest(dump), rows, heads)
        with tarfile.open(draft, "w") as archive:
            _add(archive, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
            archive.add(dump, DUMP, filter=_anonymous)
        draft.chmod(0o600)
        draft.replace(destination)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Return what the backup ``source`` says it holds; raise ``Misconfigured`` if it is not one."""
    try:
        with tarfile.open(source, "r:") as archive:
            member = archive.extractfile(MANIFEST)
            manifest = msgspec.json.decode(member.read() if member else b"", type=Manifest)
    except (tarfile.TarError, KeyError, msgspec.MsgspecError) as error:
        raise Misconfigured(f"{source} is not a backup of Contingent, or it was cut short.") from error
    if manifest.format != FORMAT:
        raise Misconfigured(f"{source} has the format {manifest.format!r}: expected {FORMAT!r}.")
    return manifest


def restore_backup(tools: Tools, source: Path, say: Say) -> Manifest:
    """Put the backup ``source`` into the empty database of ``tools`` and compare the counts.

    Raises ``Misconfigured`` if the database is not empty or the file was altered, or naming each table that differs.
    """
    manifest = read_manifest(source)
    tables = _tables(tools)
    if tables:
        raise Misconfigured(f"The database is not empty (it has {tables} tables): a backup goes into an empty one.")
    say(f"Reading {sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables")
    with tempfile.TemporaryDirectory(dir=source.resolve().parent, prefix=".restore-") as folder:
        with tarfile.open(source, "r:") as archive:
            member = archive.extractfile(DUMP)
            assert member is not None
            with (Path(folder) / DUMP).open("wb") as file:
                shutil.copyfileobj(member, file)
        if _digest(Path(folder) / DUMP) != manifest.dump:
            raise Misconfigured(f"{source} is not as it was written (its SHA-256 differs): restore another copy of it.")
        _restore(tools, Path(folder) / DUMP)
    say("Comparing counts")
    found = {name: int(count) for name, count in tools.query(COUNTS)}
    names = sorted(found.keys() | manifest.rows.keys())
    differing = [
        f"{name}: {manifest.rows.get(name)} expected, {found.get(name)} found"
        for name in names
        if manifest.rows.get(name) != found.get(name)
    ]
    if differing:
        raise Misconfigured("What was restored is not what was backed up:\n" + "\n".join(differing))
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tables(tools: Tools) -> int:
    ((count,),) = tools.query(TABLES)
    return int(count)


@contextlib.contextmanager
def _snapshot(tools: Tools) -> Iterator[tuple[str, dict[str, int], dict[str, Head]]]:
    """Hold a snapshot open; give its name, the rows of each table and the end of each audit chain in it."""
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's programs, no shell
        tools.arguments("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"),
        env=tools.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        assert psql.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSELECT pg_export_snapshot();\n")
            psql.stdin.write(f"{COUNTS}\\echo heads\n{HEADS}\\echo end\n")
            psql.stdin.flush()
        lines: list[str] = []
        for line in psql.stdout:
            lines.append(line.rstrip("\n"))
            if lines[-1] == "end":
                break
        else:
            raise Misconfigured(f"psql failed: {psql.stderr.read().strip()}")
        border = lines.index("heads")
        rows = {name: int(count) for name, count in (line.split("|") for line in lines[1:border])}
        ends = (line.split("|") for line in lines[border + 1 : -1])
        try:
            yield lines[0], rows, {tenant: Head(int(sequence), digest) for tenant, sequence, digest in ends}
        finally:
            psql.stdin.close()


def _restore(tools: Tools, dump: Path) -> None:
    """Turn the dump into SQL and run it in one transaction, without what an older server does not know."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's programs, no shell
            [str(tools.folder / "pg_restore"), "--file=-", "--no-owner", str(dump)],
            stdout=subprocess.PIPE,
            stderr=said,
        ) as reading,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's programs, no shell
            tools.arguments("psql", "-XqAt", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-f", "-"),
            env=tools.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as writing,
    ):
        assert reading.stdout is not None
        assert writing.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            _pour(reading.stdout, writing.stdin)
        # Closing writes what is left, and fails for the same reason: the program's own words follow.
        with contextlib.suppress(BrokenPipeError):
            writing.stdin.close()
        failed = writing.wait() or reading.wait()
        if failed:
            said.seek(0)
            raise Misconfigured(f"The backup cannot be restored; nothing was kept: {said.read().decode().strip()}")


def _pour(source: IO[bytes], sink: IO[bytes]) -> None:
    copying = False
    for line in source:
        if copying:
            copying = line != b"\\.\n"
        elif line in NEEDLESS or BOOKKEEPING.fullmatch(line):
            continue
        else:
            copying = line.startswith(b"COPY ")
        sink.write(line)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, BytesIO(content))


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry
