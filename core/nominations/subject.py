"""A nomination as the subject of an approval case."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.approvals.chain import Chain, ask
from core.approvals.models import ApprovalCase
from core.approvals.subjects import Brief, Check, Verdict
from core.context import Ctx
from core.errors import Refused
from core.missions.calls import last_day
from core.missions.models import Call, Mission, Position
from core.nominations.asking import describe
from core.nominations.eligibility import check_findings
from core.nominations.lifecycle import NOMINATION
from core.nominations.models import Dossier, Nomination
from core.nominations.readiness import check_conduct, check_qualifications, check_service
from core.personnel.models import Officer, Qualification
from core.text import Text, t
from core.use_cases.lifecycle import move
from core.use_cases.work import Work


class NominationSubject:
    """What a decider sees of a nomination, and what follows from the decision."""

    async def brief(self, work: Work, subject_id: UUID) -> Brief:
        """Return the officer by rank and name with the mission, and the position with the days of the tour."""
        nomination: Nomination = await work.get(Nomination, subject_id)
        dossier: Dossier = await work.get(Dossier, subject_id)
        officer: Officer = await work.get(Officer, dossier.officer_id)
        mission: Mission = await work.find(Mission, nomination.mission_id)
        position: Position = await work.find(Position, nomination.position_id)
        call: Call = await work.find(Call, nomination.call_id)
        rank = (await work.ctx.agencies.ranks(work.session)).get(officer.rank_code)
        french = work.ctx.language == "fr"
        name = f"{officer.preferred_name or officer.given_name} {officer.family_name}"
        who = f"{rank.title(work.ctx.language, officer.gender)} {name}" if rank else name
        return Brief(
            f"{who} → {mission.acronym_fr if french else mission.acronym_en}",
            t(
                "%(position)s, %(first)s to %(last)s",
                position=position.title_fr if french else position.title_en,
                first=call.tour_starts_on,
                last=last_day(call.tour_starts_on, call.tour_months),
            ),
        )

    async def facts(self, work: Work, subject_id: UUID) -> list[tuple[Text, Text | str]]:
        """Return what the officer is put forward for."""
        nomination: Nomination = await work.get(Nomination, subject_id)
        mission: Mission = await work.find(Mission, nomination.mission_id)
        position: Position = await work.find(Position, nomination.position_id)
        call: Call = await work.find(Call, nomination.call_id)
        french = work.ctx.language == "fr"
        end = last_day(call.tour_starts_on, call.tour_months)
        return [
            (t("Mission"), mission.name_fr if french else mission.name_en),
            (t("Position"), position.title_fr if french else position.title_en),
            (t("Call"), call.number),
            (t("Tour"), t("%(first)s to %(last)s", first=call.tour_starts_on, last=end)),
        ]

    async def written(self, work: Work, subject_id: UUID) -> list[tuple[Text, str]]:
        """Return what the service said of the officer and of itself without them."""
        dossier: Dossier = await work.get(Dossier, subject_id)
        said = [
            (t("Effect on your service"), dossier.impact),
            (t("Recommendation of the supervisor"), dossier.recommendation),
        ]
        return [(title, words) for title, words in said if words]

    async def checks(self, work: Work, subject_id: UUID) -> list[Check]:
        """Return conduct, service and each qualification until the last day of the tour, and what plugins found."""
        nomination: Nomination = await work.get(Nomination, subject_id)
        dossier: Dossier = await work.get(Dossier, subject_id)
        call: Call = await work.find(Call, nomination.call_id)
        officer: Officer = await work.get(Officer, dossier.officer_id)
        query = select(Qualification).where(Qualification.officer_id == officer.id).order_by(Qualification.kind)
        rows = (await work.session.execute(query)).scalars().all()
        end = last_day(call.tour_starts_on, call.tour_months)
        return [
            check_conduct(dossier.conduct),
            check_service(officer.hire_date, call.minimum_service_years, work.on),
            *check_qualifications(rows, end),
            *await check_findings(work, dossier),
        ]

    async def names(self, work: Work, subject_id: UUID) -> list[str]:
        """Return the officer's names, as given and as preferred."""
        dossier: Dossier = await work.get(Dossier, subject_id)
        officer: Officer = await work.get(Officer, dossier.officer_id)
        given = {officer.given_name, officer.preferred_name or officer.given_name}
        return sorted(f"{name} {officer.family_name}" for name in given)

    async def ask(self, ctx: Ctx, subject_id: UUID) -> Chain:
        """Ask the agency's plugin for the chain of this nomination."""
        return await ask(ctx, await describe(ctx, subject_id))

    async def settle(self, work: Work, case: ApprovalCase, verdict: Verdict, reason: str | None) -> None:
        """Take note: approved waits for release, refused ends it, returned makes it a draft again."""
        nomination: Nomination = await work.get(Nomination, case.subject_id)
        link = f"/nominations/{nomination.id}"
        if verdict == "approved":
            await work.notify(ready_to_send(nomination), link=link, role="coordinator")
            return
        if verdict == "refused":
            dossier: Dossier = await work.get(Dossier, case.subject_id)
            dossier.refusal = reason
            await move(work, nomination, NOMINATION, "not_support", reason=reason)
            seat = await work.ctx.people.seat_of(work.session, dossier.officer_id)
            if seat:
                await work.notify(t("Your nomination was decided."), link="/my/nominations", seat=seat.id)
        else:
            await move(work, nomination, NOMINATION, "return", reason=reason)
        done = t(
            "%(number)s was decided: %(state)s.", number=nomination.number, state=NOMINATION.states[nomination.state]
        )
        await work.notify(done, link=link, role="coordinator")

    async def reopen(self, work: Work, case: ApprovalCase) -> None:
        """Let the approval be taken back while the nomination has not been sent, nor withdrawn."""
        nomination: Nomination = await work.get(Nomination, case.subject_id)
        if nomination.state != "agency_review":
            raise Refused(
                t(
                    "The approval can no longer be taken back: %(number)s is “%(state)s”.",
                    number=nomination.number,
                    state=NOMINATION.states[nomination.state],
                ),
                t("What has been sent to IPOB can be withdrawn, with a reason."),
            )
        back = t("The approval of %(number)s was taken back.", number=nomination.number)
        await work.notify(back, link=f"/nominations/{nomination.id}", role="coordinator")


def ready_to_send(nomination: Nomination) -> Text:
    """Return what coordinators are told until the nomination is sent or withdrawn."""
    return t("%(number)s is approved: send it to IPOB.", number=nomination.number)
