"""``contingent token``: what programs carry instead of signing in."""

from __future__ import annotations

from uuid import UUID

import click
from sqlalchemy import select

from auth.command_line import check_roles, opened, run, whose
from auth.models import ApiToken
from auth.tokens import create_token

_DAY = "%Y-%m-%d"


@click.group()
def token() -> None:
    """API tokens: what programs carry instead of signing in."""


@token.command()
@whose
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="May be given several times.")
@click.option("--name", default="command line", show_default=True, help="What it is for: shown in lists and the log.")
@click.option("--days", default=90, show_default=True, help="How long it lasts, at most 366 days.")
@run
async def create(tenant: str | None, program: bool, roles: tuple[str, ...], name: str, days: int) -> None:
    """Create a token and print it as the last line. It is shown only this once.

    For an agency: `contingent token create --tenant qc-spvm --role coordinator`. For IPOB:
    `contingent token create --program --role analyst`.
    """
    async with opened(tenant, program) as (ctx, work):
        check_roles(ctx.scope, roles)
        if not 1 <= days <= 366:
            raise click.BadParameter("a token lasts from 1 to 366 days", param_hint="--days")
        row, text = await create_token(work.session, ctx.clock, ctx.scope, name=name, roles=list(roles), days=days)
        after = {"name": name, "roles": row.roles, "expires_at": row.expires_at}
        await work.audit("api_token.create", ("api_token", row.id), after=after)
    click.echo(
        f"{name}: {', '.join(row.roles)} for {ctx.scope.slug}, until {row.expires_at.strftime(_DAY)}. Keep it secret:"
    )
    click.echo(text)


@token.command(name="list")
@whose
@run
async def list_tokens(tenant: str | None, program: bool) -> None:
    """List the tokens of a scope: id, name, roles, until when, last use."""
    async with opened(tenant, program) as (ctx, work):
        chosen = select(ApiToken).where(ApiToken.tenant_id == ctx.scope.id).order_by(ApiToken.created_at)
        rows = list(await work.session.scalars(chosen))
    for row in rows:
        ended = row.revoked_at is not None or row.expires_at <= ctx.clock.now()
        until = "ended" if ended else f"until {row.expires_at.strftime(_DAY)}"
        used = "never used" if row.last_used_at is None else f"last used {row.last_used_at.strftime(_DAY)}"
        click.echo(f"{row.id}  {row.name}  {', '.join(row.roles)}  {until}  {used}")
    if not rows:
        click.echo("No token.")


@token.command()
@whose
@click.argument("token_id", metavar="ID", type=click.UUID)
@run
async def revoke(tenant: str | None, program: bool, token_id: UUID) -> None:
    """End the token with this ID at once."""
    async with opened(tenant, program) as (ctx, work):
        row = await work.session.get(ApiToken, (ctx.scope.id, token_id))
        if row is None or row.revoked_at is not None:
            raise click.ClickException(f"{ctx.scope.slug} has no such token, or it has ended.")
        row.revoked_at = work.now
        await work.audit("api_token.revoke", ("api_token", row.id), after={"name": row.name})
    click.echo("Ended.")
