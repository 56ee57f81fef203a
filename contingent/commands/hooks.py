"""``contingent hooks``: the contract with plugins, printed from its source."""

from __future__ import annotations

import click


@click.command()
def hooks() -> None:
    """Print every hook: its arguments, its answer, its deadline, and what a failure of it means."""
    from core.hooks.contract import render_contract  # noqa: PLC0415 - only this command needs it

    click.echo(render_contract(), nl=False)
