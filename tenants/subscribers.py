"""What follows from events: the other side of a contract and of a state is told."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.journal.job_words import call_jobs
from core.text import t
from core.use_cases.work import Work
from tenants.models import SharingContract

call_jobs(
    {
        "tenants.tell_administrator": t("Tells administrators that the operator changed their service"),
        "tenants.tell_privacy": t("Tells a privacy officer that a contract was accepted"),
        "tenants.tell_program": t("Tells IPOB of a proposed contract"),
    }
)


@subscriber("contract_proposed", side="program")
async def tell_program(ctx: Ctx, event: Event) -> None:
    """Tell IPOB's planners that an agency proposes a version of its sharing contract."""
    agency = await ctx.database.scope_by_id(event.owner_id)
    async with tenant_session(ctx) as session:
        contract = await session.get(SharingContract, (event.owner_id, event.subject_id))
        if agency is None or contract is None:
            return
        # Names differ by language and a notification is read in either: the slug is the same in both.
        said = t(
            "%(agency)s proposes version %(number)s of its sharing contract.",
            agency=agency.slug,
            number=contract.number,
        )
        await _work(ctx, session, event).notify(said, link=f"/agencies/{agency.id}", role="planner")


@subscriber("contract_accepted", kinds={"agency"})
async def tell_privacy(ctx: Ctx, event: Event) -> None:
    """Tell the agency's privacy officer that IPOB accepted."""
    async with tenant_session(ctx) as session:
        contract = await session.get(SharingContract, (ctx.scope.id, event.subject_id))
        if contract is None:
            return
        said = t("IPOB has accepted version %(number)s of the sharing contract.", number=contract.number)
        await _work(ctx, session, event).notify(said, link="/agreements", role="privacy")


@subscriber("agency_changed", kinds={"agency"})
async def tell_administrator(ctx: Ctx, event: Event) -> None:
    """Tell the administrators that their agency's state or name changed, where the operator did it."""
    if event.writer_id == event.owner_id:
        return
    async with tenant_session(ctx) as session:
        said = t("The operator changed your service’s state or name.")
        await _work(ctx, session, event).notify(said, link="/agreements", role="administrator")


def _work(ctx: Ctx, session: AsyncSession, event: Event) -> Work:
    return Work(ctx, session, event.on, ctx.clock.now())
