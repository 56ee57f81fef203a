"""``contingent audit``: is the log what was written?"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import click

from contingent.commands.place import database_at_hand
from core.audit.chain import Head
from core.audit.following import Report, verify_lines
from core.clock import SystemClock
from core.errors import Misconfigured
from core.settings import read_settings


@click.group()
def audit() -> None:
    """Verify that nothing in the audit log was changed, removed or reordered."""


@audit.command(short_help="Verify every log, or a FILE alone without a database.")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tenant", metavar="SLUG", help="Verify the log of this scope alone: qc-spvm, ipob.")
@click.option("--head", metavar="SEQUENCE:HASH", help="An end that you noted earlier, with FILE or --tenant.")
def verify(file: Path | None, tenant: str | None, head: str | None) -> None:
    """Verify FILE, an exported log, with no database; without FILE, every log in the database.

    Prints one line a log and the end of its chain: note it, and give it as --head the next time, so
    that a log which was rewritten as a whole is found too. The status is 1 if a log does not hold.
    """
    known = _head(head) if head else None
    if known and not (file or tenant):
        raise click.UsageError("--head belongs to one log: name a FILE or a --tenant.")
    if file:
        with file.open("rb") as lines:
            try:
                reports = [(file.name, verify_lines(lines, known=known))]
            except ValueError as error:
                raise click.ClickException(f"{file}: {error}.") from error
    else:
        with database_at_hand(read_settings()):
            reports = asyncio.run(verify_database(tenant, known))
    for name, report in reports:
        click.echo(line(name, report))
    if not reports:
        click.echo("There is no log yet.")
    if not all(report.holds for _, report in reports):
        raise SystemExit(1)


@audit.command(short_help="Write one scope's sealed log to a file.")
@click.argument("tenant", metavar="SLUG")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(tenant: str, file: Path) -> None:
    """Write the sealed log of the scope SLUG to FILE, which `audit verify FILE` checks without the platform."""
    with database_at_hand(read_settings()):
        asyncio.run(_export(tenant, file))
    click.echo(f"Written: {file}")


async def verify_database(
    slug: str | None = None, known: Head | None = None, *, now: datetime | None = None
) -> list[tuple[str, Report]]:
    """Return what verification found in each scope's log (in ``slug``'s alone, if given), by slug.

    ``now`` is the instant until which rows may wait for their seal: this one, if none is given.
    """
    from core.audit.verification import verify as verify_scope  # noqa: PLC0415 - FILE needs no database
    from core.database.directory import list_scopes  # noqa: PLC0415 - only this command needs it
    from core.database.engines import Database  # noqa: PLC0415 - only this command needs it
    from core.database.sessions import public_session, worker_session  # noqa: PLC0415 - only this command needs it

    database = await Database.open(read_settings())
    try:
        async with public_session(database) as session:
            scopes = [scope for scope in await list_scopes(session) if slug in {None, scope.slug}]
        if slug and not scopes:
            raise Misconfigured(f"There is no scope called {slug!r}.")
        found = []
        for scope in scopes:
            async with worker_session(database, tenant=scope.id) as session:
                report = await verify_scope(session, scope.id, known=known, now=now or SystemClock().now())
                found.append((scope.slug, report))
        return found
    finally:
        await database.close()


async def _export(slug: str, file: Path) -> None:
    from core.audit.verification import export as export_scope  # noqa: PLC0415 - FILE needs no database
    from core.database.engines import Database  # noqa: PLC0415 - only this command needs it
    from core.database.sessions import worker_session  # noqa: PLC0415 - only this command needs it

    database = await Database.open(read_settings())
    try:
        scope = await database.scope(slug)
        if scope is None:
            raise Misconfigured(f"There is no scope called {slug!r}.")
        async with worker_session(database, tenant=scope.id) as session:
            with file.open("wb") as target:
                async for one in export_scope(session, scope.id, scope.slug):
                    target.write(one)
    finally:
        await database.close()


def line(name: str, report: Report) -> str:
    """Return what was found in one log as one line for a person."""
    breaks = "; ".join(f"{one.what} at {one.sequence}" for one in report.breaks)
    unsealed = f", {report.unsealed} not sealed yet" if report.unsealed else ""
    state = f"DOES NOT HOLD: {breaks}" if breaks else "holds"
    return f"{name:24} {state}, {report.sealed} sealed{unsealed}, ends {report.head.sequence}:{report.head.hash}"


def _head(text: str) -> Head:
    sequence, _, digest = text.partition(":")
    if not sequence.isdecimal() or not digest:
        raise click.UsageError(f"--head {text!r}: expected SEQUENCE:HASH, as this command prints it.")
    return Head(int(sequence), digest)
