"""Which database a command works on, and an embedded server for as long as it needs one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from core.settings import Settings, read_settings

DEMONSTRATION = "demo"
"""The folder, inside the one for embedded data, that holds the demonstration's server."""
HOME = Path(__file__).resolve().parents[2]
"""Where this installation is: a checkout's own folder."""


def demonstration(settings: Settings) -> Settings:
    """Return the demonstration's settings: its own folder and embedded server, whatever else is set."""
    if settings.database_url:
        click.echo("DATABASE_URL is set and left alone: the demonstration keeps to a server of its own.", err=True)
    return replace(settings, database_url="", data_folder=settings.data_folder / DEMONSTRATION, demonstration=True)


def environment(settings: Settings) -> dict[str, str]:
    """Return the process's environment, changed so that a child reads these ``settings``."""
    return dict(os.environ) | {
        "DATABASE_URL": settings.database_url,
        "CONTINGENT_VAR": str(settings.data_folder.resolve()),
        "CONTINGENT_DEMO": "1" if settings.demonstration else "0",
        "PORT": str(settings.port),
    }


def follow_demonstration() -> None:
    """Let this command work on the embedded database that runs, the demonstration's included, and say which.

    Only where nothing else was said, neither ``DATABASE_URL`` nor ``CONTINGENT_VAR``. The server is
    looked for in the folder the command is run in, then in that of this installation; one of ``make run``
    comes before the demonstration's.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("CONTINGENT_VAR"):
        return
    here = read_settings().data_folder
    for folder in (here, here / DEMONSTRATION, HOME / here, HOME / here / DEMONSTRATION):
        if _runs(folder):
            break
    else:
        return
    if folder == here:
        return
    os.environ["CONTINGENT_VAR"] = str(folder)
    if folder.name == DEMONSTRATION:
        os.environ["CONTINGENT_DEMO"] = "1"
    whose = "demonstration's database" if folder.name == DEMONSTRATION else "database"
    click.echo(f"(On the {whose} in {folder}.)", err=True)


def _runs(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    from core.database import embedded  # noqa: PLC0415 - only where there is a folder to look into

    return embedded.running(folder) is not None


@contextmanager
def database_at_hand(settings: Settings, *, make: bool = False) -> Iterator[None]:
    """Hold the embedded server open, started if it does not run; do nothing where ``DATABASE_URL`` names another.

    Where there is none yet one is made if ``make`` is set; else that is refused.
    """
    if settings.database_url:
        yield
        return
    from core.database import embedded  # noqa: PLC0415 - not for a server that is elsewhere

    server = (embedded.start if make else embedded.resume)(settings.data_folder)
    try:
        yield
    finally:
        server.stop()
