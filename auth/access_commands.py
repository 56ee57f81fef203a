"""``contingent access``: a scope's first way in."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from auth.client_key_commands import client_key
from auth.command_line import COMMAND_LINE, check_roles, opened, run, whose
from auth.dossier.commands import dossier
from auth.matrix.commands import matrix
from auth.models import RoleGrant, Seat
from auth.provider_commands import provider
from auth.red_button.commands import resume_sign_in, stop_sign_in
from auth.relying_party.identities import give_seat, identity_of
from core.database.sessions import identity_session
from core.settings import read_settings

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def access() -> None:
    """The first sign-in of a scope: which provider it trusts, and its first person."""


access.add_command(provider)
access.add_command(client_key)
access.add_command(matrix)
access.add_command(dossier)
access.add_command(stop_sign_in)
access.add_command(resume_sign_in)


@access.command(short_help="Seat a scope's first person.")
@whose
@click.option("--name", required=True, help="The person, as the pages are to show them.")
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider that knows the person.")
@click.option("--subject", required=True, help="What the provider calls the person: the claim “sub”, never an e-mail.")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="May be given several times.")
@click.option("--from", "first", type=DAY, metavar="DAY", help="The first day of the roles; today if not given.")
@click.option("--until", "last", type=DAY, metavar="DAY", help="Their last day; a commander’s roles have one.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="What they read.")
@run
async def person(
    *,
    tenant: str | None,
    program: bool,
    name: str,
    issuer: str,
    subject: str,
    roles: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    language: str,
) -> None:
    """Seat a scope's first person, who can then add others on the page “People and roles”.

    In a mission it is the commander of the contingent, from one day to another.
    """
    async with opened(tenant, program) as (ctx, work):
        check_roles(ctx.scope, roles)
        if ctx.scope.kind == "mission" and last is None:
            raise click.UsageError("A contingent is commanded between two days: say --until.")
        starts_on = work.on if first is None else first.date()
        if last is not None and last.date() < starts_on:
            raise click.BadParameter("this is before the first day", param_hint="--until")
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
                    starts_on=starts_on,
                    ends_on=None if last is None else last.date() + timedelta(days=1),
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
