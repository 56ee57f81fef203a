"""``contingent plugin stop`` and ``resume``: what the operator does on the page, for when no page is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

import click


def where(function: Callable[..., None]) -> Callable[..., None]:
    """Add what is stopped, where and why."""
    reason = click.option("--reason", required=True, help="The services read it, and both logs keep it.")
    tenant = click.option("--tenant", metavar="SLUG", help="In this service alone: qc-spvm. Without it: in every one.")
    name = click.option("--plugin", metavar="NAME", help="This plugin alone. Without it: all of them, safe mode.")
    return name(tenant(reason(function)))


@click.command(short_help="Stop a plugin, or all, in a service or in every one.")
@where
def stop(plugin: str | None, tenant: str | None, reason: str) -> None:
    """Stop a plugin, or all of them (safe mode), in one service or in every one, whatever these decided."""
    from contingent.commands.place import follow_demonstration  # noqa: PLC0415 - making a plugin needs no database
    from contingent.stopping import stop  # noqa: PLC0415 - only this command needs it

    follow_demonstration()
    asyncio.run(stop(plugin, tenant, reason))
    click.echo(f"Stopped in {tenant or 'every service'}: {plugin or 'every plugin'}.")


@click.command(short_help="Let run again what was stopped.")
@where
def resume(plugin: str | None, tenant: str | None, reason: str) -> None:
    """Let run again what the operator stopped just so: this plugin or all, in this service or in every one."""
    from contingent.commands.place import follow_demonstration  # noqa: PLC0415 - making a plugin needs no database
    from contingent.stopping import resume  # noqa: PLC0415 - only this command needs it

    follow_demonstration()
    asyncio.run(resume(plugin, tenant, reason))
    click.echo(f"Not stopped any more in {tenant or 'every service'}: {plugin or 'all plugins together'}.")


@click.command(short_help="Say which services may enable a plugin.")
@click.option("--plugin", required=True, metavar="NAME", help="Which plugin: hr_file.")
@click.option("--whom", type=click.Choice(["everyone", "nobody"]), help="For every service, or for none.")
@click.option("--tenant", "tenants", metavar="SLUG", multiple=True, help="For this service; with others, for each.")
@click.option("--reason", required=True, help="The services read it, and both logs keep it.")
def allow(plugin: str, whom: Literal["everyone", "nobody"] | None, tenants: tuple[str, ...], reason: str) -> None:
    """Say which services may enable a plugin: everyone, nobody, or those named alone.

    Where it is not allowed any more it stops, and its data are kept; allowed again, it runs by itself.
    """
    from contingent.commands.place import follow_demonstration  # noqa: PLC0415 - making a plugin needs no database
    from contingent.stopping import allow  # noqa: PLC0415 - only this command needs it

    if (whom is None) == (not tenants):
        raise click.UsageError("Say whom it is for: --whom everyone, --whom nobody, or --tenant for each service.")
    follow_demonstration()
    asyncio.run(allow(plugin, whom or "chosen", tenants, reason))
    click.echo(f"{plugin} is for {', '.join(tenants) or whom}.")
