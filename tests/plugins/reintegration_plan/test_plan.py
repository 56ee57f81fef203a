"""From settings to dated milestones."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contingent import Tour, specs
from contingent.kit.platform import Tenant
from plugins.reintegration_plan.service import plan
from plugins.reintegration_plan.settings import PlannedMilestone, Settings

END = date(2026, 11, 30)
TOUR = Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="CPMU", start=date(2025, 12, 1), end=END)


def test_the_built_in_plan_runs_from_before_the_end_to_a_year_after(agency: Tenant) -> None:
    agency.enable("reintegration_plan")
    (milestones,) = agency.ask(specs.reintegration_milestones, tour=TOUR)
    by_key = {one.key: one for one in milestones}
    assert by_key["return-plan"].opens == END - timedelta(weeks=8)
    assert by_key["check-out"].due == END - timedelta(days=7)
    assert by_key["supervisor-meeting"].due == END + timedelta(days=30)
    assert by_key["closing-survey"].due == END + timedelta(days=365)
    assert {one.key for one in milestones if one.health} == {"first-health", "second-health"}
    assert by_key["requalification"].before_duty
    assert all(one.side == "agency" for one in milestones), "IPOB plans its own"


days = st.integers(-365, 1095)


@given(st.lists(st.tuples(days, st.none() | days), max_size=10))
def test_milestones_come_by_date_and_none_opens_after_it_is_due(windows: list[tuple[int, int | None]]) -> None:
    planned = [
        PlannedMilestone(key=f"m{place}", title_en="M", title_fr="J", owner="agency", due_days=due, opens_days=opens)
        for place, (due, opens) in enumerate(windows)
    ]
    milestones = plan(Settings(milestones=planned), TOUR)
    assert [one.due for one in milestones] == sorted(one.due for one in milestones)
    assert all(one.opens is None or one.opens <= one.due for one in milestones)
    assert len(milestones) == len(planned)
