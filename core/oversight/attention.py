"""What needs attention at IPOB: late milestones, files nobody has looked at, departures without an order."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from core.deployments.models import Tour
from core.missions.models import Call
from core.nominations.models import Candidacy, Nomination, Reconsideration
from core.oversight.schemas import Attention
from core.returns.models import ProgramMilestone, ReturnStatus
from core.text import t
from core.use_cases.work import Work

CLOSE = timedelta(days=14)


async def needs_attention(work: Work, as_of: date) -> list[Attention]:
    """Return what waits, the most pressing first; nothing that is an agency's own business."""

    async def count(query: object) -> int:
        return int(await work.session.scalar(query) or 0)  # type: ignore[call-overload]

    own = await count(select(func.count()).where(ProgramMilestone.state == "open", ProgramMilestone.due_on < as_of))
    late = await count(select(func.count()).where(ReturnStatus.state == "late"))
    unordered = await count(select(func.count()).where(Tour.state == "planned", Tour.starts_on <= as_of + CLOSE))
    waiting = await count(
        select(func.count())
        .select_from(Nomination)
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .where(Nomination.state == "nominated", Candidacy.id.is_(None))
    )
    again = await count(
        select(func.count())
        .select_from(Reconsideration)
        .join(Candidacy, (Candidacy.tenant_id == Reconsideration.tenant_id) & (Candidacy.id == Reconsideration.id))
        .where(Candidacy.state == "not_selected")
    )
    drafts = await count(select(func.count()).where(Call.state == "draft"))
    found = [
        (
            own,
            "bad",
            t("IPOB’s own milestones are late"),
            t("%(count)s of returns", count=own),
            "/returns",
            t("Look at it"),
        ),
        (
            unordered,
            "bad",
            t("Tours begin within 14 days without an order"),
            t("%(count)s planned", count=unordered),
            "/tours?state=planned",
            t("Give the order"),
        ),
        (
            late,
            "warn",
            t("Returns have a late milestone"),
            t("%(count)s at the services", count=late),
            "/returns?state=late",
            t("Look at it"),
        ),
        (
            waiting,
            "warn",
            t("Nominations wait for screening"),
            t("%(count)s since they were sent", count=waiting),
            "/nominations?state=nominated",
            t("Screen"),
        ),
        (
            again,
            "warn",
            t("Services ask to look again"),
            t("%(count)s refusals", count=again),
            "/nominations?state=not_selected",
            t("Look at it"),
        ),
        (
            drafts,
            "info",
            t("Calls are still drafts"),
            t("%(count)s not open yet", count=drafts),
            "/calls",
            t("Look at it"),
        ),
    ]
    return [
        Attention(title=title, note=note, href=href, label=label, tone=tone)
        for number, tone, title, note, href, label in found
        if number
    ]
