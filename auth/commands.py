"""``contingent token`` and ``contingent access``: what is given out from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

import click
from sqlalchemy import select

from auth.models import ApiToken, IdentityProvider, RoleGrant, Seat
from auth.relying_party.identities import give_seat, identity_of
from auth.relying_party.keys import ALGORITHMS
from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused
from auth.roles import ROLES, unknown_roles
from auth.tokens import create_token
from core.clock import SystemClock
from core.context import Actor, Ctx, Scope
from core.database.directory import list_scopes
from core.database.engines import Database
from core.database.sessions import identity_session, public_session, tenant_session
from core.ids import new_id
from core.settings import read_settings
from core.use_cases.work import Work

P = ParamSpec("P")
COMMAND_LINE = Actor(id=UUID(int=0), name="command line", kind="system")
_DAY = "%Y-%m-%d"


def _run(function: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(function(*args, **kwargs))

    return run


def _whose(function: Callable[..., None]) -> Callable[..., None]:
    """Add the two ways to say whose it is."""
    program = click.option("--program", is_flag=True, help="For the programme (IPOB).")
    tenant = click.option("--tenant", metavar="SLUG", help="For this agency, department or the operator: qc-spvm, psc.")
    return tenant(program(function))


@asynccontextmanager
async def _opened(tenant: str | None, program: bool) -> AsyncIterator[tuple[Ctx, Work]]:
    """Open the database and a transaction of the scope that was named."""
    if bool(tenant) == program:
        raise click.UsageError("Say whose it is: --tenant SLUG, or --program.")
    database = await Database.open(read_settings())
    try:
        async with public_session(database) as session:
            scopes = await list_scopes(session)
        ctx = Ctx(scope=_scope(scopes, tenant), actor=COMMAND_LINE, clock=SystemClock(), database=database)
        async with tenant_session(ctx) as session:
            yield ctx, Work(ctx, session, ctx.today, ctx.clock.now())
    finally:
        await database.close()


def _scope(scopes: list[Scope], tenant: str | None) -> Scope:
    for scope in scopes:
        if (tenant is None and scope.kind == "program") or scope.slug == tenant:
            return scope
    known = ", ".join(scope.slug for scope in scopes) or "none yet"
    raise click.ClickException(f"There is no scope called {tenant or 'the programme'}. There are: {known}.")


@click.group()
def token() -> None:
    """API tokens: what programs carry instead of signing in."""


@token.command()
@_whose
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="May be given several times.")
@click.option("--name", default="command line", show_default=True, help="What it is for: shown in lists and the log.")
@click.option("--days", default=90, show_default=True, help="How long it lasts, at most 366 days.")
@_run
async def create(tenant: str | None, program: bool, roles: tuple[str, ...], name: str, days: int) -> None:
    """Create a token and print it as the last line. It is shown only this once.

    For an agency: `contingent token create --tenant qc-spvm --role coordinator`. For IPOB:
    `contingent token create --program --role analyst`.
    """
    async with _opened(tenant, program) as (ctx, work):
        _check_roles(ctx.scope, roles)
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
@_whose
@_run
async def list_tokens(tenant: str | None, program: bool) -> None:
    """List the tokens of a scope: id, name, roles, until when, last use."""
    async with _opened(tenant, program) as (ctx, work):
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
@_whose
@click.argument("token_id", metavar="ID", type=click.UUID)
@_run
async def revoke(tenant: str | None, program: bool, token_id: UUID) -> None:
    """End the token with this ID at once."""
    async with _opened(tenant, program) as (ctx, work):
        row = await work.session.get(ApiToken, (ctx.scope.id, token_id))
        if row is None or row.revoked_at is not None:
            raise click.ClickException(f"{ctx.scope.slug} has no such token, or it has ended.")
        row.revoked_at = work.now
        await work.audit("api_token.revoke", ("api_token", row.id), after={"name": row.name})
    click.echo("Ended.")


@click.group()
def access() -> None:
    """The first sign-in of a scope: which provider it trusts, and its first person."""


@access.command(short_help="Accept sign-ins of a scope from a provider.")
@_whose
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider, exactly as it names itself.")
@click.option("--client-id", required=True, help="Under which name Contingent is registered there.")
@click.option("--secret", "secret_ref", metavar="REF", help="Where the secret is: env:NAME or file:PATH.")
@click.option(
    "--algorithm", "algorithms", multiple=True, default=["RS256"], show_default=True, help="Of its id tokens."
)
@click.option("--pinned", metavar="CLAIM=VALUE", help="What tells this scope apart at a shared provider.")
@_run
async def provider(
    *,
    tenant: str | None,
    program: bool,
    issuer: str,
    client_id: str,
    secret_ref: str | None,
    algorithms: tuple[str, ...],
    pinned: str | None,
) -> None:
    """Accept sign-ins of a scope from a provider; new ones go there from now on."""
    try:
        check_address(issuer, loopback=read_settings().demonstration)
    except SignInRefused as refused:
        raise click.BadParameter(refused.detail, param_hint="--issuer") from None
    unknown = [name for name in algorithms if name not in ALGORITHMS]
    if unknown:
        raise click.BadParameter(f"expected some of {', '.join(sorted(ALGORITHMS))}", param_hint="--algorithm")
    claim, _, value = (pinned or "").partition("=")
    if pinned is not None and not (claim and value):
        raise click.BadParameter("expected CLAIM=VALUE", param_hint="--pinned")
    async with _opened(tenant, program) as (ctx, work):
        row = IdentityProvider(
            tenant_id=ctx.scope.id,
            id=new_id(ctx.clock),
            issuer=issuer,
            client_id=client_id,
            client_auth="client_secret_basic" if secret_ref else "none",
            secret_ref=secret_ref,
            algorithms=sorted(set(algorithms)),
            pinned_claim=claim or None,
            pinned_value=value or None,
            active=True,
            created_at=work.now,
        )
        work.session.add(row)
        await work.session.flush()
        after = {"issuer": issuer, "client_id": client_id, "algorithms": row.algorithms}
        await work.audit("identity_provider.add", ("identity_provider", row.id), after=after)
    click.echo(
        f"{ctx.scope.slug} accepts {issuer}. Register there: {read_settings().address}/t/{ctx.scope.slug}/auth/callback"
    )


@access.command(short_help="Seat a scope's first person.")
@_whose
@click.option("--name", required=True, help="The person, as the pages are to show them.")
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider that knows the person.")
@click.option("--subject", required=True, help="What the provider calls the person: the claim “sub”, never an e-mail.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="May be given several times.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="What they read.")
@_run
async def person(
    *, tenant: str | None, program: bool, name: str, issuer: str, subject: str, roles: tuple[str, ...], language: str
) -> None:
    """Seat a scope's first person, who can then add others on the page “People and roles”."""
    async with _opened(tenant, program) as (ctx, work):
        _check_roles(ctx.scope, roles)
        seat = Seat(
            tenant_id=ctx.scope.id, id=work.new_id(), name=name, language=language, active=True, created_at=work.now
        )
        work.session.add(seat)
        await work.session.flush()
        for role in sorted(set(roles)):
            work.session.add(
                RoleGrant(
                    tenant_id=ctx.scope.id,
                    id=work.new_id(),
                    seat_id=seat.id,
                    role=role,
                    origin="manual",
                    starts_on=work.on,
                    reason="command line",
                    granted_by=COMMAND_LINE.id,
                    created_at=work.now,
                )
            )
        await work.audit("seat.add", ("seat", seat.id), after={"name": name, "roles": sorted(set(roles))})
        async with identity_session(ctx.database) as session:
            identity = await identity_of(session, ctx.clock, issuer, subject)
            await give_seat(session, ctx.clock, identity, ctx.scope.id, seat.id)
    click.echo(f"{name} can sign in: {read_settings().address}/{language}/{ctx.scope.slug}")


def _check_roles(scope: Scope, roles: tuple[str, ...]) -> None:
    unknown = unknown_roles(scope.kind, roles)
    if unknown:
        known = ", ".join(ROLES[scope.kind])
        raise click.BadParameter(f"{scope.slug} has no role {', '.join(unknown)}. It has: {known}", param_hint="--role")
