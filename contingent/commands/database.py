"""``contingent migrate`` and ``contingent database``: the structure of the database, and what comes before it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from contingent.commands.place import database_at_hand
from core.database.bootstrap import bootstrap_sql
from core.settings import read_settings


@click.command()
@click.option(
    "--check", is_flag=True, help="Change nothing; say what differs from this version, and fail if anything does."
)
def migrate(*, check: bool) -> None:
    """Bring the database to this version: structure first, then every policy and grant from the models."""
    from core.database import migrating  # noqa: PLC0415 - heavy, and `database bootstrap` needs none of it
    from core.database.secret_file import make_secrets  # noqa: PLC0415 - only this command needs it
    from core.database.target import find_target  # noqa: PLC0415 - only this command needs it

    settings = read_settings()
    with database_at_hand(settings, make=not check):
        target = find_target(settings)
        if check:
            differences = asyncio.run(migrating.check(target))
            for one in differences:
                click.echo(one)
            if differences:
                raise SystemExit(1)
            click.echo("The database is what this version expects.")
            return
        make_secrets(settings.data_folder)
        applied = asyncio.run(migrating.upgrade(target))
    for name in applied:
        click.echo(f"Applied {name}")
    click.echo("Policies and grants are renewed." if applied else "Nothing to apply; policies and grants are renewed.")


@click.group()
def database() -> None:
    """What a database administrator does once."""


@database.command(short_help="Print the SQL that makes the roles and their rights.")
@click.option("--print", "printed", is_flag=True, help="Print the SQL; this command never runs it.")
def bootstrap(*, printed: bool) -> None:
    """Print the SQL that makes the roles and their rights in an empty database."""
    if not printed:
        raise click.UsageError(
            "An administrator runs this SQL, Contingent does not. See it with `contingent database bootstrap --print`."
        )
    click.echo(bootstrap_sql(), nl=False)


@database.command(short_help="Move the embedded data to this version's PostgreSQL.")
@click.option(
    "--programs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the older PostgreSQL's programs, if it is not found by itself.",
)
def upgrade(programs: Path | None) -> None:
    """Move the embedded server's data to the PostgreSQL that comes with this version."""
    from contingent.upgrading import upgrade_embedded  # noqa: PLC0415 - needed once in years

    click.echo(upgrade_embedded(read_settings(), programs, click.echo))
