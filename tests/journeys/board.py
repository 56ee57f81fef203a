"""IPOB's dashboard, kept open by an analyst while an officer goes the way: what each of its figures says."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.journeys.stage import Stage
from tests.journeys.walking import Company, Walker, persona

READ = r"""() => {
    const number = (text) => Number((text || "").match(/\d+/)?.[0] ?? 0);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const cells = (selector) => all(selector).map((one) => number(one.textContent));
    const classes = all(".gantt .mark").map((one) => one.getAttribute("class").match(/k-(\w+)/)[1]);
    const [deployed, departing, returning, vacancies, to_screen, late] = cells(".kpis .v");
    const row = document.querySelector("#missions tbody tr");
    return {
        deployed, departing, returning, vacancies, to_screen, late,
        funnel: cells(".funnel b.num"),
        map: cells(".map a text:is(.count, .name)").slice(0, 1)[0] ?? 0,
        missions: number(row?.querySelectorAll("td")[0]?.textContent),
        arriving: number(row?.querySelectorAll("td")[3]?.textContent),
        heat: cells("#contributions tbody .tot").reduce((sum, one) => sum + one, 0),
        timeline: classes.sort(),
    };
}"""


@dataclass
class Board:
    """The analyst's page, of one mission alone; it is loaded again for each look."""

    stage: Stage
    company: Company
    walker: Walker
    mission: str
    day: date
    seen: dict[str, Any] = field(default_factory=dict)

    async def shows(self, **expected: Any) -> None:
        """Look again: these figures say this now, and all others what they said before."""
        await self.stage.settle()
        if self.day != (today := self.stage.clock.now().date()):
            # Nobody stays signed in from one day to another.
            await self.company.sign_in(self.walker.page, persona("ipob", "analyst"))
            self.day = today
        await self.walker.page.goto(f"{self.walker.home}/?mission={self.mission}")
        found = await self.walker.page.evaluate(READ)
        wanted = self.seen | expected
        assert found == wanted, {name: value for name, value in found.items() if value != wanted[name]}
        self.seen = found


@contextlib.asynccontextmanager
async def watching(stage: Stage, company: Company, mission: str) -> AsyncIterator[Board]:
    """Sign the analyst in, and keep the page of a mission on which nothing has happened yet."""
    async with company.acting(persona("ipob", "analyst")) as walker:
        nothing = dict.fromkeys(("deployed", "departing", "returning", "vacancies", "to_screen", "late"), 0)
        nothing |= dict.fromkeys(("map", "missions", "arriving", "heat"), 0)
        seen: dict[str, Any] = {**nothing, "funnel": [0] * 6, "timeline": []}
        board = Board(stage, company, walker, mission, stage.clock.now().date(), seen)
        await board.shows()
        yield board
