"""``contingent access matrix``: who may do what, for the terminal and for the handbook."""

from __future__ import annotations

from pathlib import Path

import click

from core.context import Language


@click.command(short_help="Print or write who may do what.")
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the handbook's page to this file."
)
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of the page.")
def matrix(write: Path | None, language: Language) -> None:
    """Print who may do what: every address, role, relation and state, as the code declares them."""
    from auth.matrix.page import page  # noqa: PLC0415 - it loads every room, which no other command of access needs

    if write:
        write.write_text(page(language), encoding="utf-8")
        click.echo(f"Written: {write}")
    else:
        click.echo(page(language), nl=False)
