"""``contingent settings``: the table of every environment variable, for the terminal and for the handbook."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click

from core.database.programs import VARIABLE as PROGRAMS
from core.database.roles import APPLICATION, MIGRATOR, password_variable
from core.settings import Settings

HEADING = "| variable | if unset | meaning |\n|---|---|---|\n"
PAGE = """\
# Settings

This page is written by `contingent settings --write docs/operators/settings.md`; a test compares the two. A variable
that is set to something it cannot be stops the start, with a sentence that says what was expected.

"""
BEFORE_SECRETS = """
## Behind a proxy

The web server (uvicorn) reads this one itself.

| variable | if unset | meaning |
|---|---|---|
| `FORWARDED_ALLOW_IPS` | `127.0.0.1,::1` | the proxies that are believed; behind another, all people are one |

[Running it](running.md) says what hangs on it.

## Passwords and programs

Each login of the database has a password of its own. What is not set here is looked up in the user's password file
(`~/.pgpass`). The embedded server's passwords and field key are made at its first start, in `secrets.toml` in the
folder that `CONTINGENT_VAR` names.

"""


def table() -> str:
    """Return the table of process settings as Markdown, generated from ``core.settings``."""
    rows = [(one.metadata["variable"], _shown(one.default), one.metadata["meaning"]) for one in fields(Settings)]
    return HEADING + "".join(f"| `{variable}` | {default} | {meaning} |\n" for variable, default, meaning in rows)


def table_of_secrets() -> str:
    """Return the table of passwords and of the folder of programs as Markdown."""
    rows = [(password_variable(MIGRATOR), "password file", "for `contingent migrate`, `backup` and `restore` only")]
    rows += [
        (password_variable(role), "password file", f"of the login `{role}`, for web processes and workers")
        for role in APPLICATION
    ]
    rows.append(
        (PROGRAMS, "those that come with it", "a folder of PostgreSQL programs: for the embedded server, backups")
    )
    return HEADING + "".join(f"| `{variable}` | {default} | {meaning} |\n" for variable, default, meaning in rows)


def page() -> str:
    """Return the handbook's page of settings."""
    return f"{PAGE}{table()}{BEFORE_SECRETS}{table_of_secrets()}"


def _shown(default: object) -> str:
    if default is False:
        return "0"
    return f"`{default}`" if default != "" else "–"


@click.command()
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the handbook's page to this file."
)
def settings(write: Path | None) -> None:
    """Print every environment variable, what it means and what holds if it is unset."""
    if write:
        write.write_text(page(), encoding="utf-8")
        click.echo(f"Written: {write}")
    else:
        click.echo(table() + "\n" + table_of_secrets(), nl=False)
