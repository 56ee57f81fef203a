"""How health's milestones stand on a return's page, and what counts as done: to health, to others, to the officer."""

from __future__ import annotations

import re

from core.returns.health import complete_health_milestone, get_follow_up
from core.returns.reading import get_return
from core.returns.schemas import HealthIn, OfReturn
from core.returns.tables import progress
from tests.core.lists.conftest import Desk
from tests.core.returns.test_the_way_home import came_home
from tests.way import AGENCY, World

KINDS = [("done", "Done"), ("declined", "Declined"), ("not_done", "Not done")]


def card(page: str) -> str:
    """Return the list of milestones."""
    return page.split('id="milestones"', 1)[1].split("</section>", 1)[0]


def counted(page: str) -> tuple[int, int]:
    """Return how many milestones are said to be done, of how many."""
    ((total, done),) = re.findall(r'<progress max="(\d+)" value="(\d+)"', page)
    return int(done), int(total)


async def test_health_sees_how_each_stands_and_counts_each_others_one_line(world: World, desk: Desk) -> None:
    _, file = await came_home(world)
    id, health = str(file.summary.id), await world.ctx("health")
    due = (await world.cast.run(health, get_follow_up, OfReturn(id=id))).milestones
    assert len(due) > 1
    plain = [one for one in file.milestones if one.side == "agency" and one.owner != "health"]
    done = sum(one.state == "done" for one in plain)
    for settled, (one, (outcome, words)) in enumerate(zip(due, KINDS, strict=False), start=1):
        before = await desk.page(AGENCY, "health", f"/returns/{id}")
        assert counted(before.text) == (done + settled - 1, len(plain) + len(due))
        recorded = HealthIn(id=id, milestone_id=str(one.id), outcome=outcome, done_on=health.today)  # type: ignore[arg-type]
        await world.cast.run(health, complete_health_milestone, recorded)
        page = await desk.page(AGENCY, "health", f"/returns/{id}")
        line = card(page.text).split(one.title_en, 1)[1].split('<div class="row between">', 1)[0]
        assert words in line
        assert "Seen by health alone" not in card(page.text)
        assert f"/milestones/{one.id}" not in card(page.text), "it is done in the card of health"
    others = await desk.page(AGENCY, "coordinator", f"/returns/{id}")
    assert counted(others.text)[1] == len(plain) + 1
    assert "Health follow-up" in card(others.text)
    assert not [one for one in due if one.title_en in card(others.text)]


async def test_to_the_officer_health_s_count_as_one_and_the_page_says_so(world: World) -> None:
    _, file = await came_home(world)
    health = await world.ctx("health")
    whole = await world.cast.run(health, get_return, OfReturn(id=str(file.summary.id)))
    apart = [one for one in whole.milestones if one.side == "agency" and one.owner == "health"]
    assert [one.state for one in apart] == ["health"] * len(apart)
    for seen, said in ((whole.milestones, True), (file.milestones, False)):
        done, total, words = progress(file.summary, seen, health=False)
        assert (done, total) == (file.summary.done, file.summary.total)
        assert ("counted as one" in words.id) == said
