"""``contingent demo``: everything on one machine, with invented people, from one command."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import click

from contingent.commands.place import demonstration
from contingent.commands.starting import embedded_server, listening, migrate, run, watch
from contingent.progress import Progress
from core.database import embedded
from core.settings import Settings, read_settings

LOADED = "loaded"
LOADING = "loading"


@click.command()
@click.option("--reset", is_flag=True, help="Forget what was done in it, and begin again.")
def demo(*, reset: bool) -> None:
    """Try it: starts a database of its own, loads invented people, serves on http://localhost:8000.

    PORT changes the port. Ctrl-C stops all of it and keeps what you did.
    """
    settings = replace(demonstration(read_settings()), web_processes=1)
    folder = settings.data_folder
    progress = Progress()
    with listening(settings) as sockets:
        if reset or (folder / LOADING).exists():
            # A load that was cut off is begun again rather than guessed at.
            progress("Clearing away the demonstration")
            embedded.erase(folder)
            shutil.rmtree(folder, ignore_errors=True)
        with embedded_server(settings, progress) as server:
            progress("Bringing the database to this version")
            migrate(settings)
            if (folder / LOADED).exists():
                follow_port(settings)
            else:
                load(settings, progress)
            run(
                settings,
                sockets,
                progress,
                worker=True,
                watch=watch(server),
                logs=logs_in(folder),
                welcome=welcome(settings),
            )


def load(settings: Settings, progress: Progress) -> None:
    """Load the demonstration, once, whole or to be begun again."""
    from contingent.demo import loader  # noqa: PLC0415 - only the first start loads anything

    marker = settings.data_folder / LOADING
    marker.touch()
    asyncio.run(loader.load(settings, progress))
    marker.rename(settings.data_folder / LOADED)


def follow_port(settings: Settings) -> None:
    """Let every scope expect its sign-in provider at the port of this start."""
    from contingent.demo.seats import renew  # noqa: PLC0415 - not for `--help`

    asyncio.run(renew(settings))


def logs_in(folder: Path) -> Path:
    """Return the folder of the processes' logs, with those of the last start put aside."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for one in logs.glob("*.log"):
        one.replace(one.with_suffix(".old"))
    return logs


def welcome(settings: Settings) -> str:
    """Return the few lines that say where to go and who to be."""
    from contingent.demo.issuers import library  # noqa: PLC0415 - not for `--help`
    from contingent.demo.personas import personas_for  # noqa: PLC0415 - only this command needs it

    approver = next(one for one in personas_for("qc-spvm") if "approver" in one.roles)
    analyst = next(one for one in personas_for("ipob") if "analyst" in one.roles)
    return "\n".join(
        [
            "",
            f"  Contingent is ready:  {settings.address}",
            "",
            "  Choose an organization there, then who to be. To begin with, for example:",
            f"    {library().agencies['qc-spvm'].name.en}: {approver.name}, who approves",
            f"    {library().scopes['ipob'].name.en}: {analyst.name}, who sees all deployments",
            "  Everybody in it is invented; no password is asked for.",
            "",
            "  Ctrl-C stops everything and keeps your data. `make demo-reset` begins again.",
            f"  Logs are in {settings.data_folder / 'logs'}.",
            "",
        ]
    )
