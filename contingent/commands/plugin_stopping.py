"""``contingent plugin stop`` and ``resume``: what the operator does on the page, for when no page is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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
    from contingent.stopping import stop  # noqa: PLC0415 - so

    follow_demonstration()
    asyncio.run(stop(plugin, tenant, reason))
    click.echo(f"Stopped in {tenant or 'every service'}: {plugin or 'every plugin'}.")


@click.command(short_help="Let run again what was stopped.")
@where
def resume(plugin: str | None, tenant: str | None, reason: str) -> None:
    """Let run again what the operator stopped just so: this plugin or all, in this service or in every one."""
    from contingent.commands.place import follow_demonstration  # noqa: PLC0415 - making a plugin needs no database
    from contingent.stopping import resume  # noqa: PLC0415 - so

    follow_demonstration()
    asyncio.run(resume(plugin, tenant, reason))
    click.echo(f"Not stopped any more in {tenant or 'every service'}: {plugin or 'all plugins together'}.")
