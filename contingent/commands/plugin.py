"""``contingent plugin``: which plugins are installed, and whether one is sound."""

from __future__ import annotations

from pathlib import Path

import click

from core.hooks.registry import Registry


@click.group()
def plugin() -> None:
    """Plugins that are installed, and whether one is sound."""


@plugin.command("list", short_help="List every plugin that was found.")
def list_plugins() -> None:
    """List every plugin that was found, with its hooks; a broken one with the reason."""
    registry = Registry().load()
    for name, one in sorted(registry.plugins.items()):
        click.echo(f"{name} {one.manifest.version}  {one.manifest.title['en']}")
        click.echo(f"  {', '.join(sorted(one.hooks))}")
    for broken in registry.broken.values():
        click.echo(str(broken), err=True)
    if registry.broken:
        raise SystemExit(1)


@plugin.command(short_help="Check a plugin against the contract.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def check(path: Path) -> None:
    """Check a plugin's folder or file against the contract: manifest, hooks, languages, two tenants side by side."""
    if path.is_dir() and not (path / "plugin.py").exists():
        raise click.UsageError(f"{path} holds no plugin.py: name a plugin's folder, or its file.")
    from contingent.testing import check_path  # noqa: PLC0415 - only this command needs the kit

    problems = check_path(path)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo(f"{path.name} is sound.")
