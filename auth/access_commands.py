"""``contingent access``: a scope's first way in."""

from __future__ import annotations

import click

from auth.command_line import COMMAND_LINE, check_roles, opened, run, whose
from auth.models import IdentityProvider, RoleGrant, Seat
from auth.relying_party.identities import give_seat, identity_of
from auth.relying_party.keys import ALGORITHMS
from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused
from core.database.sessions import identity_session
from core.ids import new_id
from core.settings import read_settings


@click.group()
def access() -> None:
    """The first sign-in of a scope: which provider it trusts, and its first person."""


@access.command(short_help="Accept sign-ins of a scope from a provider.")
@whose
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider, exactly as it names itself.")
@click.option("--client-id", required=True, help="Under which name Contingent is registered there.")
@click.option("--secret", "secret_ref", metavar="REF", help="Where the secret is: env:NAME or file:PATH.")
@click.option(
    "--algorithm", "algorithms", multiple=True, default=["RS256"], show_default=True, help="Of its id tokens."
)
@click.option("--pinned", metavar="CLAIM=VALUE", help="What tells this scope apart at a shared provider.")
@run
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
    async with opened(tenant, program) as (ctx, work):
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
@whose
@click.option("--name", required=True, help="The person, as the pages are to show them.")
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider that knows the person.")
@click.option("--subject", required=True, help="What the provider calls the person: the claim “sub”, never an e-mail.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="May be given several times.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="What they read.")
@run
async def person(
    *, tenant: str | None, program: bool, name: str, issuer: str, subject: str, roles: tuple[str, ...], language: str
) -> None:
    """Seat a scope's first person, who can then add others on the page “People and roles”."""
    async with opened(tenant, program) as (ctx, work):
        check_roles(ctx.scope, roles)
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
