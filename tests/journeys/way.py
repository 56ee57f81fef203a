"""The stations of an officer's way, each done through the pages by whoever does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from contingent.demo.issuers import library
from contingent.demo.personas import Persona, personas_for
from contingent.demo.way import ACT
from tests.journeys.stage import Stage
from tests.journeys.walking import FIRST, Company, Walker, persona

DEADLINE, LEAVES, COMES_HOME = date(2027, 1, 15), date(2027, 3, 1), date(2028, 2, 29)
RESULTS = ("interview", "security")


@dataclass
class Way:
    """One officer of one service, on one mission; what is learned on the way is kept here."""

    stage: Stage
    company: Company
    agency: str
    folder: Path
    mission: str = "MPPJ"
    paper: bool = False
    paths: dict[str, str] = field(default_factory=dict)

    @property
    def officer(self) -> Persona:
        """Who goes."""
        return next(one for one in personas_for(self.agency) if one.officer)

    async def call_is_opened(self) -> None:
        """IPOB plans a mission with a position and opens a call for it."""
        async with self.company.acting(persona("ipob", "planner")) as planner:
            await planner.open("/missions")
            await planner.follow("/missions/new")
            await planner.send(
                "/missions/new",
                acronym_en=self.mission, acronym_fr=self.mission, name_en="Practice mission of the journeys",
                name_fr="Mission d’exercice des parcours", organization="UN", country="HT", seat="Jacmel",
                latitude="18.23", longitude="-72.53", hazardous=True, starts_on=date(2026, 9, 1),
            )  # fmt: skip
            await planner.send("/step", step="activate")
            await planner.send(
                "/positions", title_en="Training adviser", title_fr="Conseil en formation", band_low=1, seats=2
            )
            await planner.follow("/calls/new")
            await planner.send("/calls/new", closes_on=DEADLINE, tour_starts_on=LEAVES, tour_months=12)
            await planner.send("/positions", position_id=FIRST, wanted=1)
            await planner.send("/step", step="open")
            self.paths["call"] = "/calls/" + planner.page.url.rsplit("/", 1)[1]
        await self.stage.settle()

    async def workers_are_loaded(self) -> None:
        """HR loads the one officer it means from its worker file; the administrator links the account."""
        officer = self.officer
        given, family = officer.name.split(" ", 1)
        rank = library().ladders[library().agencies[self.agency].governance.ladder].ranks[0].code
        file = self.folder / "workers.csv"
        file.write_text(
            "Employee number,Given name,Family name,Rank,Language,Unit,Status,Hire date\r\n"
            f"{officer.employee_number},{given},{family},{rank},{officer.language},patrol,active,2012-05-07\r\n"
            f"70001,Somebody,Else,{rank},{officer.language},patrol,active,2014-05-07\r\n",
            encoding="utf-8-sig",
        )
        async with self.company.acting(persona(self.agency, "hr_clerk")) as clerk:
            await clerk.open("/hr")
            await clerk.send("/hr/scope", scope="named", named=officer.employee_number)
            await clerk.send("/hr", document_id=file)
            preview = await clerk.text()
            assert family in preview
            assert "Somebody" not in preview
            await clerk.send("/step", step="apply")
        async with self.company.acting(persona(self.agency, "administrator")) as administrator:
            await administrator.open("/people")
            await administrator.press(administrator.page.get_by_role("link", name=officer.name))
            await administrator.send("/officer", employee_number=officer.employee_number, reason="Own file")

    async def officer_is_interested(self) -> None:
        """The officer finds the call and says: I am interested."""
        async with self.company.acting(self.officer) as member:
            await member.open("/calls")
            await member.follow(self.paths["call"])
            await member.send("/interest")
            await member.open("/my/nominations")
        await self.stage.settle()

    async def coordinator_nominates(self) -> None:
        """The coordinator puts the officer forward, with the conduct attestation, and sends it for approval."""
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open(self.paths["call"])
            await coordinator.follow(f"{self.paths['call']}/nominate?officer=")
            await coordinator.send("/nominate", recommendation="Calm, methodical. / Calme, méthode.")
            self.paths["nomination"] = "/nominations/" + coordinator.page.url.rsplit("/", 1)[1]
            await coordinator.send(
                "/conduct", outcome="clear", attested_by="Professional standards", attested_on=date(2026, 11, 20)
            )
            await coordinator.send("/submission")
            await coordinator.follow("/approvals/")
            self.paths["case"] = "/approvals/" + coordinator.page.url.rsplit("/", 1)[1]
        await self.stage.settle()

    async def service_approves(self) -> None:
        """Each step of the service's own chain is decided by somebody of it; the last, or an act, on paper by two."""
        chain = library().chains[library().agencies[self.agency].governance.chain]
        for step in chain.release:
            on_paper = step.kind == "act" or (self.paper and step is chain.release[-1])
            if on_paper:
                await self._decide_on_paper()
            elif step.kind == "decide":
                decider = next(
                    one for one in personas_for(self.agency)
                    if step.role in one.roles and (step.role != "approver" or one.key.startswith(step.key))
                )  # fmt: skip
                await self._decide(decider)
            await self.stage.settle()

    async def _decide(self, decider: Persona) -> None:
        async with self.company.acting(decider) as approver:
            await approver.open("/approvals")
            await approver.follow("/approvals/")
            assert self.paths["case"] in approver.page.url
            await approver.press(approver.page.locator("button[name=verdict][value=approve]"))

    async def _decide_on_paper(self) -> None:
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open(self.paths["case"])
            await coordinator.send(
                "/paper",
                paper_number="2026-1",
                paper_date=date(2026, 11, 20),
                signatory="Greffe / Clerk",
                document_id=ACT,
            )
            assert await coordinator.page.locator("form[action$='/confirmation']").count() == 0, "a second person does"
        async with self.company.acting(persona(self.agency, "approver")) as second:
            await second.open(self.paths["case"])
            await second.send("/confirmation")

    async def nomination_is_sent(self) -> None:
        """The coordinator sends what was approved to IPOB."""
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open("/nominations")
            await coordinator.follow(self.paths["nomination"])
            await coordinator.send("/release")
        await self.stage.settle()

    async def ipob_selects(self, follow: Callable[[int], Awaitable[None]]) -> None:
        """IPOB screens, records results, selects, trains and marks as ready; ``follow`` hears of each step done."""
        async with self.company.acting(persona("ipob", "selection")) as selection:
            await selection.open("/nominations?state=nominated")
            await selection.follow(f"/nominations/{self.agency}/")
            self.paths["candidacy"] = selection.page.url.removeprefix(selection.home)
            for number, step in enumerate(("screen", "assess", "select"), start=1):
                if step == "select":
                    for kind in RESULTS:
                        await selection.send("/assessments", kind=kind, result="met")
                await selection.send("/step", step=step)
                await follow(number)
        async with self.company.acting(persona("ipob", "health")) as health:
            await health.open(self.paths["candidacy"])
            await health.send("/fitness", kind="medical", result="fit")
        async with self.company.acting(persona("ipob", "selection")) as selection:
            await selection.open(self.paths["candidacy"])
            for number, step in enumerate(("train", "ready"), start=4):
                await selection.send("/step", step=step)
                await follow(number)

    async def tour_is_ordered(self) -> None:
        """Support plans the tour and gives it its order."""
        async with self.company.acting(persona("ipob", "support")) as support:
            await support.open(self.paths["candidacy"])
            await support.follow(f"{self.paths['candidacy']}/tour")
            await support.send("/tour", starts_on=LEAVES, ends_on=COMES_HOME)
            self.paths["tour"] = support.page.url.removeprefix(support.home)
            await support.send("/order", order_number="IPOB-2027-1")

    async def officer_leaves(self) -> None:
        """The officer travels and arrives; the service sees the tour."""
        async with self.company.acting(persona("ipob", "support")) as support:
            await support.open(self.paths["tour"])
            await support.send("/step", step="depart")
            await support.send("/step", step="arrive", _on=LEAVES)
        async with self.company.acting(self.officer) as member:
            await member.open("/my/tour")
            await member.open("/my/return")

    async def return_is_prepared(self) -> None:
        """Eight weeks before the end the file opened by itself; plan, and what the officer does before leaving."""
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open("/returns")
            await coordinator.follow("/returns/")
            self.paths["return"] = coordinator.page.url.removeprefix(coordinator.home)
            await coordinator.send("/plan", supervisor_seat=FIRST, target_unit="patrol")
        await self._complete(self.officer)
        await self._complete(persona(self.agency, "coordinator"))

    async def officer_comes_home(self) -> None:
        """The officer leaves the mission and is home on the planned day."""
        async with self.company.acting(persona("ipob", "support")) as support:
            await support.open(self.paths["tour"])
            await support.send("/step", step="leave_mission", _on=COMES_HOME - timedelta(days=1))
            await support.send("/step", step="end", _on=COMES_HOME)
        await self.stage.settle()

    async def milestones_are_done(self) -> None:
        """As the year goes by, each does what is theirs on the days it is due."""
        await self.stage.go_to(COMES_HOME + timedelta(days=30))
        await self._complete(persona(self.agency, "supervisor"))
        await self._complete(persona(self.agency, "coordinator"))
        await self._follow_up(nth=0)
        async with self.company.acting(persona("ipob", "support")) as support:
            await support.open("/returns")
            await _press_all(support, "/milestones/")
        await self.stage.go_to(COMES_HOME + timedelta(days=182))
        await self._complete(persona(self.agency, "supervisor"))
        await self._follow_up(nth=1)
        await self._move("adjust")
        await self.stage.go_to(COMES_HOME + timedelta(days=366))
        await self._complete(self.officer)

    async def file_is_closed(self) -> None:
        """The coordinator closes the file: nothing is left to do."""
        await self._move("settle")
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open(self.paths["return"])
            await coordinator.send("/closing", step="close")
            await coordinator.open("/returns?state=closed")
            assert self.officer.name in await coordinator.text()
        await self.stage.settle()
        async with self.company.acting(persona("ipob", "support")) as support:
            await support.open("/returns?state=closed")
            assert self.officer.name in await support.text()

    async def _move(self, step: str) -> None:
        async with self.company.acting(persona(self.agency, "coordinator")) as coordinator:
            await coordinator.open(self.paths["return"])
            await coordinator.send("/step", step=step)

    async def _complete(self, who: Persona) -> None:
        """Let somebody do every milestone and check-in that is theirs and has opened."""
        async with self.company.acting(who) as walker:
            await walker.open("/my/return" if who.officer else self.paths["return"])
            await _press_all(walker, "/milestones/")
            await _press_all(walker, "/check-ins/")

    async def _follow_up(self, nth: int) -> None:
        async with self.company.acting(persona(self.agency, "health")) as health:
            await health.open(self.paths["return"])
            form = health.page.locator("form[action*='/follow-up/']").nth(nth)
            await health.fill(form, outcome="done")
            await health.press(form.locator("button"))


async def _press_all(walker: Walker, part: str) -> None:
    """Send every form of the page that is posted to an address with ``part`` in it, one after the other."""
    forms = walker.page.locator(f"form[method=post][action*='{part}']")
    while left := await forms.count():
        await walker.unfold(forms.first)
        await walker.press(forms.first.locator("button"))
        assert await forms.count() < left
