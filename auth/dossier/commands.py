"""``contingent access dossier``: what a security officer asks, for the terminal and for the handbook."""

from __future__ import annotations

from pathlib import Path

import click

from core.context import Language


@click.command(short_help="Print or write the security dossier.")
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False), help="Write the handbook's pages to this folder."
)
@click.option(
    "--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of what is printed."
)
def dossier(write: Path | None, language: Language) -> None:
    """Print data flow, keys, who reads what and what is kept; or write it in both languages."""
    from auth.dossier.page import FILES  # noqa: PLC0415 - it loads every room, which no other command of access needs
    from auth.dossier.page import dossier as made  # noqa: PLC0415 - the same

    if write is None:
        click.echo(made(language), nl=False)
        return
    write.mkdir(parents=True, exist_ok=True)
    for of, name in FILES.items():
        (write / name).write_text(made(of), encoding="utf-8")
        click.echo(f"Written: {write / name}")
