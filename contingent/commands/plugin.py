"""``contingent plugin``: making, trying, checking and signing plugins, and which are installed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from contingent.commands.plugin_bundles import bundle, key, verify
from contingent.commands.plugin_making import new
from contingent.commands.plugin_running import run
from contingent.commands.plugin_stopping import allow, resume, stop
from core.errors import Misconfigured
from core.hooks.registry import Plugin, Registry


@click.group()
def plugin() -> None:
    """Plugins: make one, try it, check it, sign it; and those that are installed."""


@plugin.command("list", short_help="List every plugin that was found.")
def list_plugins() -> None:
    """List every plugin that was found, with its hooks and where it comes from; a broken one with the reason.

    That is what is installed, and what lies in the operator's folder of bundles, where an older version of what is
    offered is named, too. The status is 1 if something is broken.
    """
    from contingent.offered import offered  # noqa: PLC0415 - making a plugin needs no settings
    from core.settings import read_settings  # noqa: PLC0415 - only this command needs it

    registry = asyncio.run(offered(read_settings()))
    for name, one in sorted(registry.plugins.items()):
        click.echo(f"{name} {one.manifest.version}  {one.manifest.title['en']}")
        click.echo(f"  {', '.join(sorted(one.hooks))}")
        click.echo(f"  {_origin(one)}")
    for broken in registry.broken.values():
        click.echo(str(broken), err=not broken.superseded)
    if any(not broken.superseded for broken in registry.broken.values()):
        raise SystemExit(1)


def _origin(one: Plugin) -> str:
    if one.source == "folder":
        return f"from the folder, signed by {one.publisher}"
    return "installed beside Contingent" if one.beside else "installed with Contingent"


@plugin.command(short_help="Check a plugin against the contract.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def check(path: Path) -> None:
    """Check a plugin's project, package or file against the contract: manifest, hooks, languages, two tenants.

    A project's recorded cases (tests/cases) have to be answered as recorded. Says what a service consents to.
    """
    from contingent.kit.projects import find_plugin  # noqa: PLC0415 - only this command needs the kit
    from contingent.testing import check_path  # noqa: PLC0415 - only this command needs it

    try:
        found = find_plugin(path)
    except Misconfigured as error:
        raise click.UsageError(str(error)) from error

    problems = check_path(path)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo(f"{found.name} is sound.")
    registry = Registry()
    registry.load_module(found.name, found.address)
    for line in registry.plugins[found.name].warned:
        click.echo(f"  it uses what goes: {line}")
    for what, names in registry.plugins[found.name].manifest.asks.stored().items():
        if names:
            click.echo(f"  it asks for {what.replace('_', ' ')}: {', '.join(names)}")


for command in (new, run, key, bundle, verify, stop, resume, allow):
    plugin.add_command(command)
