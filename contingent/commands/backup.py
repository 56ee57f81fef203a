"""``contingent backup`` and ``contingent restore``."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path

import click

from contingent.backups import (
    Manifest,
    Tools,
    client_programs,
    fingerprint,
    read_manifest,
    restore_backup,
    write_backup,
)
from contingent.commands.audit import line, verify_database
from contingent.commands.place import database_at_hand
from core.clock import SystemClock
from core.database import migrating
from core.database.secret_file import NAME, read_secrets
from core.database.target import find_target
from core.errors import Misconfigured
from core.settings import Settings, read_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def backup(file: Path, *, overwrite: bool) -> None:
    """Write everything into FILE, while the platform works.

    The key that opens sealed columns is not in it: keep a copy of secrets.toml elsewhere.
    """
    if file.exists() and not overwrite:
        raise click.UsageError(f"{file} exists: choose another name, or say --overwrite.")
    settings = read_settings()
    with database_at_hand(settings):
        tools = Tools(client_programs(), find_target(settings))
        now = SystemClock().now()
        manifest = write_backup(
            tools, file, field_key=_key(settings), version=version("contingent"), now=now, say=click.echo
        )
    click.echo(f"Written: {file} ({file.stat().st_size / 2**20:.1f} MiB, {len(manifest.heads)} audit logs).")
    click.echo(f"Not in it: {settings.data_folder / NAME}, without which sealed columns stay closed.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--without-key", is_flag=True, help="Restore even though sealed columns cannot be opened with the key here."
)
def restore(file: Path, *, without_key: bool) -> None:
    """Put the backup FILE into an empty database, compare it, and verify every audit log."""
    settings = read_settings()
    manifest = read_manifest(file)
    click.echo(f"Made on {manifest.made_at:%Y-%m-%d %H:%M} UTC by version {manifest.version}.")
    if manifest.field_key != fingerprint(_key(settings)) and not without_key:
        raise Misconfigured(
            f"The backup was made with another field key than the one in {settings.data_folder / NAME}: put the "
            f"right file there first, or say --without-key and lose what is sealed."
        )
    with database_at_hand(settings, make=True):
        target = find_target(settings)
        restore_backup(Tools(client_programs(), target), file, click.echo)
        applied = asyncio.run(migrating.upgrade(target))
        for name in applied:
            click.echo(f"Applied {name}")
        click.echo("Verifying the audit logs")
        faults = asyncio.run(_faults(manifest))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"Restored: {sum(manifest.rows.values()):,} rows, {len(manifest.heads)} audit logs as they were.")


async def _faults(manifest: Manifest) -> list[str]:
    """Return what is wrong with the audit logs that were restored: each must hold and end where it did."""
    faults = []
    for name, report in await verify_database(now=manifest.made_at):
        expected = manifest.heads.get(str(report.scope_id))
        if not report.holds:
            faults.append(line(name, report))
        elif expected is not None and expected != report.head:
            faults.append(f"{name}: the log ends at {report.head.sequence}, in the backup at {expected.sequence}")
    return faults


def _key(settings: Settings) -> bytes | None:
    secrets = read_secrets(settings.data_folder)
    return secrets.field_key if secrets else None
