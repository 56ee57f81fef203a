"""``contingent token``: what programs carry instead of signing in."""

from __future__ import annotations

from uuid import UUID

import click
from sqlalchemy import select

from auth.command_line import check_roles, opened, run, whose
from auth.models import ApiToken
from auth.tokens import Kind, create_token
from core.settings import read_settings

_DAY = "%Y-%m-%d"


@click.group()
def token() -> None:
    """API tokens: what programs carry instead of signing in."""


@token.command()
@whose
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="What it may do. May be given several times.")
@click.option("--scim", is_flag=True, help="For the agency's directory, which tells who works there; without a role.")
@click.option("--name", default="command line", show_default=True, help="What it is for: shown in lists and the log.")
@click.option("--days", default=90, show_default=True, help="How long it lasts, at most 366 days.")
@run
async def create(
    *, tenant: str | None, program: bool, roles: tuple[str, ...], scim: bool, name: str, days: int
) -> None:
    """Create a token and print it as the last line. It is shown only this once.

    For an agency: `contingent token create --tenant qc-spvm --role coordinator`. For IPOB:
    `contingent token create --program --role analyst`. For an agency's directory:
    `contingent token create --tenant qc-spvm --scim --name "Entra ID"`.
    """
    if scim == bool(roles):
        raise click.UsageError("Say what it is for: --role ROLE for the API, or --scim for a directory.")
    async with opened(tenant, program) as (ctx, work):
        if scim and ctx.scope.kind != "agency":
            raise click.BadParameter(f"{ctx.scope.slug} is no agency", param_hint="--scim")
        check_roles(ctx.scope, roles)
        if not 1 <= days <= 366:
            raise click.BadParameter("a token lasts from 1 to 366 days", param_hint="--days")
        kind: Kind = "scim" if scim else "api"
        row, text = await create_token(
            work.session, ctx.clock, ctx.scope, name=name, roles=list(roles), days=days, kind=kind
        )
        after = {"name": name, "kind": kind, "roles": row.roles, "expires_at": row.expires_at}
        await work.audit("api_token.create", ("api_token", row.id), after=after)
    may = f"SCIM at {read_settings().address}/t/{ctx.scope.slug}/scim/v2" if scim else ", ".join(row.roles)
    click.echo(f"{name}: {may} for {ctx.scope.slug}, until {row.expires_at.strftime(_DAY)}. Keep it secret:")
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
        may = "SCIM" if row.kind == "scim" else ", ".join(row.roles)
        click.echo(f"{row.id}  {row.name}  {may}  {until}  {used}")
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
        row.revoked_at, row.end_cause = work.now, "operator"
        await work.audit("api_token.revoke", ("api_token", row.id), after={"name": row.name})
    click.echo("Ended.")
