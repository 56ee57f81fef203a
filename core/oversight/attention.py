"""What needs attention at IPOB: late milestones, files nobody has looked at, departures without an order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from core.deployments.models import Tour
from core.missions.models import Call
from core.nominations.models import Candidacy, Reconsideration
from core.oversight.part import Part
from core.oversight.schemas import Attention
from core.returns.models import ProgramMilestone, ReturnStatus
from core.text import t
from core.use_cases.work import Work

CLOSE = timedelta(days=14)


async def needs_attention(work: Work, part: Part, *, late: int, to_screen: int) -> list[Attention]:
    """Return what waits in this part, the most pressing first; nothing that is an agency's own business.

    ``late`` returns and nominations ``to_screen`` are counted already.
    """

    async def count(query: Select[Any]) -> int:
        return int(await work.session.scalar(query.with_only_columns(func.count())) or 0)

    own = await count(
        select(ProgramMilestone.id)
        .join(Tour, (Tour.tenant_id == ProgramMilestone.tenant_id) & (Tour.id == ProgramMilestone.tour_id))
        .join(ReturnStatus, (ReturnStatus.tenant_id == Tour.tenant_id) & (ReturnStatus.id == Tour.id))
        .where(
            ProgramMilestone.state == "open",
            ProgramMilestone.due_on < work.on,
            ReturnStatus.state != "closed",
            *part.of(Tour.mission_id, Tour.tenant_id),
        )
    )
    unordered = await count(
        select(Tour.id).where(
            Tour.state == "planned", Tour.starts_on <= work.on + CLOSE, *part.of(Tour.mission_id, Tour.tenant_id)
        )
    )
    again = await count(
        select(Candidacy.id)
        .join(
            Reconsideration,
            (Candidacy.tenant_id == Reconsideration.tenant_id) & (Candidacy.id == Reconsideration.id),
        )
        .where(Candidacy.state == "not_selected", *part.of(Candidacy.mission_id, Candidacy.tenant_id))
    )
    drafts = await count(select(Call.id).where(Call.state == "draft", *part.of(Call.mission_id)))
    found = [
        (
            own,
            "bad",
            t("IPOB’s own milestones are late"),
            t("milestones of returns: %(count)s", count=own),
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
            to_screen,
            "warn",
            t("Nominations wait for screening"),
            t("%(count)s since they were sent", count=to_screen),
            "/nominations?state=nominated",
            t("Screen"),
        ),
        (
            again,
            "warn",
            t("Services ask to look again"),
            t("refusals: %(count)s", count=again),
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
