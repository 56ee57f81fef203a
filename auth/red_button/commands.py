"""``contingent access stop`` and ``resume``: the red button at the command line, for when no page is left."""

from __future__ import annotations

from dataclasses import replace

import click

from auth.command_line import opened, run, whose
from auth.people import ThePeople
from auth.red_button.pressing import SUBJECT, end_all, ended_values, open_stop, stop, tell_answerable
from auth.red_button.service import lift
from core.errors import Refused
from core.text import t
from core.use_cases.work import Work

REASON = click.option("--reason", required=True, help="It is kept in the audit log, and people read it.")


@click.command(name="stop", short_help="End all sessions and tokens of a scope, and stop sign-in.")
@whose
@REASON
@run
async def stop_sign_in(*, tenant: str | None, program: bool, reason: str) -> None:
    """End all sessions and tokens of a scope at once, and stop signing in there."""
    async with opened(tenant, program) as (ctx, opened_work):
        work = _told(opened_work)
        try:
            row = await stop(work, ctx.scope, None, reason)
        except Refused as error:
            raise click.ClickException(f"Signing in to {ctx.scope.slug} is stopped already.") from error
        ended = await end_all(work)
        await work.audit("sign_in_stop.press", (SUBJECT, row.id), after=ended_values(ended), reason=reason)
        told = t("The operator of the platform stopped all signing in to your service: %(reason)s", reason=reason)
        await tell_answerable(work, told)
    click.echo(
        f"Nobody signs in to {ctx.scope.slug} any more. Ended: {ended.sessions} sessions,"
        f" {ended.programs + ended.directories} tokens."
    )


@click.command(name="resume", short_help="Let people sign in to a stopped scope again.")
@whose
@REASON
@run
async def resume_sign_in(*, tenant: str | None, program: bool, reason: str) -> None:
    """Let people sign in to a stopped scope again. Sessions and tokens from before stay ended."""
    async with opened(tenant, program) as (ctx, opened_work):
        work = _told(opened_work)
        row = await open_stop(work, ctx.scope.id, None)
        if row is None:
            raise click.ClickException(f"Signing in to {ctx.scope.slug} is not stopped.")
        await lift(work, row, reason)
        await tell_answerable(work, t("The operator of the platform lets people sign in to your service again."))
    click.echo(f"People can sign in to {ctx.scope.slug} again.")


def _told(work: Work) -> Work:
    """Return the same work, with who holds a role: people are told."""
    return replace(work, ctx=replace(work.ctx, people=ThePeople(work.ctx.clock)))
