"""What follows from the worker file: whoever no longer acts for the service is shown out, and their programs with them.

That their roles count no longer needs no job: it is derived at each look (``auth.roles.counting``).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auth.claim_rules.service import RULED
from auth.claim_rules.settling import LOST
from auth.keeping import NOBODY_LEFT, alarm_if_nobody, alarm_without, follow_alarm
from auth.leaving import end_all_of
from auth.models import Seat
from auth.red_button.pressing import PAGE
from auth.roles import GONE
from auth.scim.feeding import SHUT
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.journal.job_words import call_jobs
from core.personnel.models import Officer
from core.text import t
from core.use_cases.work import Work

call_jobs(
    {
        "auth.alarm_operator": t("Tells the operator of a service in which nobody gives roles"),
        "auth.follow_officer": t("Ends the access of an officer who is gone"),
        "auth.follow_workers": t("Ends the access of everybody who is gone, after a load"),
        "auth.look_who_is_left": t("Looks whether somebody is left who gives roles"),
        "auth.look_who_manages": t("Looks whether somebody still gives roles after a change of rules"),
    }
)


@subscriber("officer_changed", kinds={"agency"})
async def follow_officer(ctx: Ctx, event: Event) -> None:
    """End what hung on one officer's standing, if they are gone."""
    await _show_out(ctx, event.subject_id)


@subscriber("workers_changed", kinds={"agency"})
async def follow_workers(ctx: Ctx, event: Event) -> None:
    """End what hung on the standing of everybody who is gone, after a load."""
    await _show_out(ctx)


@subscriber(SHUT, kinds={"agency"})
async def look_who_is_left(ctx: Ctx, event: Event) -> None:
    """Raise the alarm if the directory shut out the last person who could give roles."""
    async with tenant_session(ctx) as session:
        await alarm_if_nobody(Work(ctx, session, ctx.today, ctx.clock.now()), {event.subject_id})


@subscriber(LOST, kinds=RULED)
async def look_who_manages(ctx: Ctx, event: Event) -> None:
    """Raise the alarm if a rule gave the last person who could give roles their role, and gives it no longer."""
    async with tenant_session(ctx) as session:
        await alarm_without(Work(ctx, session, ctx.today, ctx.clock.now()), {event.subject_id})


@subscriber(NOBODY_LEFT, side="platform")
async def alarm_operator(ctx: Ctx, event: Event) -> None:
    """Tell the operator in which service nobody is left; who was withdrawn there is that service's to know."""
    scope = await ctx.database.scope_by_id(event.owner_id)
    if scope is None:
        return
    async with tenant_session(ctx) as session:
        told = t("Alarm: nobody is left in %(service)s who can give roles and sign in.", service=scope.slug)
        await Work(ctx, session, event.on, ctx.clock.now()).notify(told, link=f"{PAGE}/services", role="operator")


async def _show_out(ctx: Ctx, officer_id: UUID | None = None) -> None:
    """End what those who are gone began or let others in by; whoever may still come in signs in anew."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        chosen = (
            select(Seat.id)
            .join(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))
            .where(Seat.tenant_id == ctx.scope.id, Officer.status.in_(GONE))
            .order_by(Seat.id)
            .with_for_update(of=Seat)
        )
        if officer_id is not None:
            chosen = chosen.where(Officer.id == officer_id)
        gone = (await session.scalars(chosen)).all()
        for seat_id in gone:
            ended = await end_all_of(work, seat_id)
            if any(ended.values()):
                await work.audit("seat.withdraw", ("seat", seat_id), after={"cause": "worker_file", **ended})
    # Only now: whoever holds the directory waits for seats, so nobody who holds seats waits for it.
    async with tenant_session(ctx) as session:
        await follow_alarm(Work(ctx, session, ctx.today, ctx.clock.now()), set(gone))
