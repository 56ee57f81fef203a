"""What is told of today alone: places without a nominee, nominations under way, late returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from core.deployments.models import Tour
from core.missions.models import Call, CallPosition
from core.nominations.models import Candidacy, Nomination
from core.oversight.attention import needs_attention
from core.oversight.part import Part
from core.oversight.schemas import Waiting
from core.oversight.stays import Stay
from core.returns.models import ReturnStatus
from core.use_cases.work import Work

STAGES = ("nominated", "screening", "assessment", "selected", "training", "ready")
WEEK = timedelta(days=7)


async def waiting_today(work: Work, part: Part, going: Sequence[Stay]) -> Waiting:
    """Return what waits in this part; of ``going``, how many have no return file yet."""
    vacancies, closing = await _vacancies(work, part)
    funnel = await _funnel(work, part)
    to_screen = funnel[0][1] - funnel[1][1]
    late = await _late(work, part)
    return Waiting(
        unplanned=await _unplanned(work, going),
        vacancies=vacancies,
        closing_calls=closing,
        late_returns=late,
        to_screen=to_screen,
        funnel=funnel,
        attention=await needs_attention(work, part, late=late, to_screen=to_screen),
    )


async def _unplanned(work: Work, going: Sequence[Stay]) -> int:
    if not going:
        return 0
    files = select(func.count()).where(ReturnStatus.id.in_([one.id for one in going]))
    return len(going) - int(await work.session.scalar(files) or 0)


async def _vacancies(work: Work, part: Part) -> tuple[int, int]:
    """Return the places of open calls without a nominee, and the open calls that close within a week."""
    wanted = (
        select(Call.id, Call.closes_on, func.sum(CallPosition.wanted))
        .join(CallPosition, (CallPosition.tenant_id == Call.tenant_id) & (CallPosition.call_id == Call.id))
        .where(Call.state == "open", *part.of(Call.mission_id))
        .group_by(Call.id, Call.closes_on)
    )
    rows = (await work.session.execute(wanted)).all()
    counted = (
        select(Nomination.call_id, func.count())
        .where(Nomination.state == "nominated", Nomination.call_id.in_([row[0] for row in rows]))
        .group_by(Nomination.call_id)
    )
    nominees = {row[0]: row[1] for row in await work.session.execute(counted)}
    vacant = sum(max(0, int(places) - nominees.get(call, 0)) for call, _, places in rows)
    return vacant, sum(work.on <= closes <= work.on + WEEK for _, closes, _ in rows)


async def _late(work: Work, part: Part) -> int:
    query = (
        select(func.count())
        .select_from(ReturnStatus)
        .join(Tour, (Tour.tenant_id == ReturnStatus.tenant_id) & (Tour.id == ReturnStatus.id))
        .where(ReturnStatus.state == "late", *part.of(Tour.mission_id, Tour.tenant_id))
    )
    return int(await work.session.scalar(query) or 0)


async def _funnel(work: Work, part: Part) -> list[tuple[str, int]]:
    """Return how many running nominations reached each stage; it starts where agencies released them."""
    query = (
        select(Candidacy.state, func.count())
        .select_from(Nomination)
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .where(Nomination.state == "nominated", *part.of(Nomination.mission_id, Nomination.tenant_id))
        .group_by(Candidacy.state)
    )
    counts = {state or STAGES[0]: number for state, number in await work.session.execute(query)}
    running = [counts.get(stage, 0) for stage in STAGES]
    running[2] += counts.get("reserve", 0)
    return [(stage, sum(running[place:])) for place, stage in enumerate(STAGES)]
