"""``contingent access client-key``: renew the key by which the platform proves to a provider who it is."""

from __future__ import annotations

from datetime import timedelta

import click

from auth.client_keys import ALGORITHMS, OVERLAP, has_key, renew_key
from auth.command_line import opened, run, whose
from auth.provider_commands import found_provider

HOUR = timedelta(hours=1)


@click.command(short_help="Renew the key that we sign with at a provider.")
@whose
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider.")
@click.option("--client-id", required=True, help="Under which name Contingent is registered there.")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="Of the new key; that of the key before by default.")
@click.option(
    "--overlap",
    type=click.IntRange(1, 24 * 30),
    default=int(OVERLAP / HOUR),
    show_default=True,
    metavar="HOURS",
    help="How long the new key is published before it signs.",
)
@click.option("--at-once", is_flag=True, help="The key before has leaked: withdraw it now.")
@run
async def client_key(
    *,
    tenant: str | None,
    program: bool,
    issuer: str,
    client_id: str,
    algorithm: str | None,
    overlap: int,
    at_once: bool,
) -> None:
    """Renew the key by which Contingent proves to a provider who it is.

    The new key is published at once and signs only after the overlap, when the provider has seen
    it. With --at-once sign-ins fail until the provider has fetched the keys again.
    """
    async with opened(tenant, program) as (ctx, work):
        row = await found_provider(work, issuer, client_id)
        if row is None or not await has_key(work.session, ctx.scope.id, row.id, work.now):
            raise click.ClickException(
                f"{ctx.scope.slug} has no key at {issuer} for {client_id}. Make the first with:"
                " contingent access provider … --signing-key ES256"
            )
        made = await renew_key(work, row.id, algorithm, overlap=timedelta() if at_once else overlap * HOUR)
    click.echo(f"{made.algorithm} key {made.kid} is published, and signs from {made.active_from:%Y-%m-%d %H:%M} UTC.")
