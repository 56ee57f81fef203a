"""What the agency's plugins say may be claimed: asked tour by tour, with no transaction open."""

from __future__ import annotations

from sqlalchemy import select

from core.claims.schemas import ClaimedTours, LineOut, Statement, TourClaim, Unanswered
from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.describing import describe_tour
from core.deployments.models import Tour
from core.hooks import types
from core.hooks.answers import Answers
from core.hooks.specs import claim_lines
from core.hooks.types import ClaimLine, Period
from core.nominations.models import PersonKey
from core.use_cases.work import Work


async def reckon(ctx: Ctx, claimed: ClaimedTours) -> Statement:
    """Return what may be claimed for these tours, asked of every plugin that reckons it."""
    period = Period(first=claimed.first, last=claimed.last)
    described = await _described(ctx, claimed)
    tours: list[TourClaim] = []
    asked = 0
    for one in claimed.tours:
        if one.tour_id not in described:
            continue  # the link to its officer was destroyed since the tours were listed
        answers = await ctx.hooks.all(claim_lines, tour=described[one.tour_id], period=period)
        asked = max(asked, answers.asked)
        lines, failed = _merged(answers, period)
        total = None if failed else sum(line.amount_cents for line in lines)
        tours.append(TourClaim(tour=one, lines=lines, failed=failed, total_cents=total))
    totals = [one.total_cents for one in tours if one.total_cents is not None]
    return Statement(asked=asked, tours=tours, total_cents=sum(totals) if len(totals) == len(tours) else None)


async def _described(ctx: Ctx, claimed: ClaimedTours) -> dict[object, types.Tour]:
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        chosen = (
            select(Tour, PersonKey.officer_id)
            .join(PersonKey, (PersonKey.tenant_id == Tour.tenant_id) & (PersonKey.id == Tour.person_id))
            .where(Tour.tenant_id == ctx.scope.id, Tour.id.in_([one.tour_id for one in claimed.tours]))
        )
        found = (await session.execute(chosen)).all()
        return {tour.id: await describe_tour(work, tour, officer) for tour, officer in found}


def _merged(answers: Answers[list[ClaimLine]], period: Period) -> tuple[list[LineOut], list[Unanswered]]:
    """Return the lines, of those with one key the first, and who gave none that can be used.

    A plugin that gave a line outside the period has answered nonsense.
    """
    kept: dict[str, LineOut] = {}
    failed = [Unanswered(plugin=one.plugin, cause=one.cause) for one in answers.failures]
    for origin, lines in zip(answers.origins, answers.results, strict=True):
        if any(one.first < period.first or one.last > period.last for one in lines):
            failed.append(Unanswered(plugin=origin.plugin, cause="nonsense"))
            continue
        for one in lines:
            line = LineOut(
                key=one.key,
                category=one.category,
                title_en=one.title["en"],
                title_fr=one.title["fr"],
                first=one.first,
                last=one.last,
                quantity=one.quantity,
                unit=one.unit,
                rate_cents=one.rate_cents,
                amount_cents=one.amount_cents,
                plugin=origin.plugin,
                plugin_version=origin.version,
            )
            kept.setdefault(one.key, line)
    return sorted(kept.values(), key=lambda line: (line.first, line.key)), failed
