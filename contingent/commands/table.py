"""Every subcommand: where it is and what it does, so that ``--help`` imports none of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from contingent.commands.place import follow_demonstration
from core.errors import ContingentError, Misconfigured


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand: ``module:name`` of the click command, and its line in the overview."""

    target: str
    help: str
    hidden: bool = False
    follows: bool = False
    """It works on the demonstration's database while that one runs and nothing else was said."""


COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("contingent.commands.demo:demo", "Try it: invented people, real missions, one command."),
    "serve": Entry("contingent.commands.serve:serve", "Serve the pages and the API, and run the worker."),
    "worker": Entry("contingent.commands.serve:worker", "Run a worker alone, beside web processes elsewhere."),
    "migrate": Entry(
        "contingent.commands.database:migrate", "Bring the database to this version, or --check it.", follows=True
    ),
    "database": Entry("contingent.commands.database:database", "What a database administrator does once."),
    "tenant": Entry("tenants.commands:tenant", "Agencies: list, show, validate, add, compare, export.", follows=True),
    "plugin": Entry("contingent.commands.plugin:plugin", "Plugins: make, try, check and sign one; list them."),
    "access": Entry("auth.access_commands:access", "A scope's sign-in provider and its first person."),
    "token": Entry("auth.commands:token", "API tokens: create, list, revoke.", follows=True),
    "hooks": Entry("contingent.commands.hooks:hooks", "Print the contract for plugins from its source."),
    "audit": Entry(
        "contingent.commands.audit:audit", "Verify that nothing in the audit log was changed.", follows=True
    ),
    "backup": Entry("contingent.commands.backup:backup", "Write everything into one file.", follows=True),
    "restore": Entry("contingent.commands.backup:restore", "Put a backup into an empty database, and verify it."),
    "settings": Entry("contingent.commands.settings:settings", "Every environment variable, as a table."),
    "web": Entry("contingent.commands.serve:web", "One web process; `serve` starts these.", hidden=True),
}


NO_SUCH_TABLE = "42P01"


def load(name: str) -> click.Command:
    """Return the click command of the subcommand ``name``."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, click.Command)
    return found


class Commands(click.Group):
    """A group that knows its subcommands by the table alone and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, entry in COMMANDS.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # The name as it was typed decides; click would otherwise use the function's.
        _, command, rest = super().resolve_command(ctx, args)
        if command is not None and COMMANDS[args[0]].follows and not {"-h", "--help"} & {*rest}:
            follow_demonstration()
        return args[0], command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, entry.help) for name, entry in COMMANDS.items() if not entry.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an expected error is one line for a person, never a traceback."""
        try:
            return super().invoke(ctx)
        except Misconfigured as error:
            raise click.ClickException(str(error)) from error
        except ContingentError as error:
            remedy = f"\n{error.remedy}" if error.remedy else ""
            raise click.ClickException(f"{error.text}{remedy}") from error
        except Exception as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) == NO_SUCH_TABLE:
                raise click.ClickException("The database has no tables yet: run `contingent migrate`.") from error
            raise
