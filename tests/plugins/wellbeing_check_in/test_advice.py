"""From answers to advice, from returns to panels, and what can be arranged when."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contingent import (
    Action,
    Advice,
    Answered,
    Chosen,
    Done,
    Faults,
    Homecoming,
    Overview,
    Place,
    Table,
    Talk,
    Tour,
    specs,
)
from contingent.kit.platform import Tenant
from plugins.wellbeing_check_in.service import advice_on
from plugins.wellbeing_check_in.settings import Settings

TODAY = date(2026, 11, 23)
TOUR = Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="CPMU", start=date(2025, 12, 1), end=TODAY)
WELL: dict[str, str | int | bool] = {
    "sleep": 5,
    "on-edge": 1,
    "memories": 1,
    "people": 5,
    "somebody": True,
    "else": "No.",
}
WORST: dict[str, str | int | bool] = {"sleep": 1, "on-edge": 5, "memories": 5, "people": 1, "somebody": False}


def home(*talks: Talk, state: str = "initial") -> Homecoming:
    return Homecoming(id=UUID(int=3), tour=TOUR, state=state, home=TODAY, talks=talks)


def advice(agency: Tenant, answers: dict[str, str | int | bool]) -> list[Advice]:
    agency.enable("wellbeing_check_in")
    (found,) = agency.ask(specs.check_in_advice, answered=Answered(homecoming=home(), answers=answers))
    return found


def test_the_more_answers_speak_for_it_the_nearer_help_is(agency: Tenant) -> None:
    def whom(answers: dict[str, str | int | bool]) -> str | None:
        return advice(agency, answers)[0].contact

    assert whom(WELL) is None
    assert whom(WELL | {"sleep": 2}) == "peer"
    assert whom(WORST) == "health"
    assert whom({}) is None
    assert whom({"unheard-of": 5}) is None


def test_who_answers_nothing_is_not_told_that_all_is_well(agency: Tenant) -> None:
    def tone(answers: dict[str, str | int | bool]) -> str:
        return advice(agency, answers)[0].tone

    assert tone(WELL) == "ok"
    assert tone({"sleep": 5}) == "ok"
    assert tone({}) == tone({"else": "All is well."}) == "info"


@given(st.dictionaries(st.sampled_from(sorted(WORST)), st.booleans() | st.integers(1, 5) | st.text(max_size=5)))
def test_whatever_is_answered_somebody_to_call_at_once_is_named(answers: dict[str, str | int | bool]) -> None:
    assert advice_on(Settings(), answers)[-1].text["fr"] == Settings().urgent_fr


def test_nothing_has_to_be_answered(agency: Tenant) -> None:
    agency.enable("wellbeing_check_in")
    (asked,) = agency.ask(specs.check_in_questions, homecoming=home())
    assert asked
    assert not any(one.required for one in asked)


def test_the_overview_shows_the_talks_that_come_up_the_nearest_first_and_how_many_were_held(
    agency: Tenant,
) -> None:
    far, near = Talk(key="far", due=TODAY + timedelta(days=31)), Talk(key="near", due=TODAY + timedelta(days=30))
    held = Talk(key="held", due=TODAY, done=TODAY)
    agency.enable("wellbeing_check_in")
    ((panel,),) = agency.ask(specs.dashboard_panels, overview=Overview(returns=[home(far, near, held)]))
    table, figure = panel.parts
    assert isinstance(table, Table)
    assert [row.cells[-1] for row in table.rows] == [near.due]
    assert (figure.bars[0].part, figure.bars[0].whole) == (1, 1)  # type: ignore[union-attr]
    assert agency.ask(specs.dashboard_panels, overview=Overview()) == []


def test_officer_panels_name_the_next_talk_and_tour_panels_the_first(agency: Tenant) -> None:
    later, sooner = Talk(key="later", due=date(2027, 2, 1)), Talk(key="sooner", due=date(2026, 12, 1))
    agency.enable("wellbeing_check_in")
    own = Place(kind="return", id=UUID(int=3), own=True, homecoming=home(later, sooner))
    ((panel,),) = agency.ask(specs.officer_panels, place=own)
    facts = panel.parts[0]
    assert facts.facts[0].value == sooner.due  # type: ignore[union-attr]
    ((panel,),) = agency.ask(specs.tour_panels, tour=TOUR)
    first = panel.parts[0]
    assert first.facts[0].value == TODAY + timedelta(days=7)  # type: ignore[union-attr]


def test_a_talk_is_offered_on_an_open_return_to_the_officer_with_whom_they_choose(agency: Tenant) -> None:
    agency.enable("wellbeing_check_in")

    def offered(homecoming: Homecoming, *, own: bool) -> list[Action]:
        place = Place(kind="return", id=homecoming.id, own=own, homecoming=homecoming)
        return [action for actions in agency.ask(specs.offered_actions, place=place) for action in actions]

    (mine,), (theirs,) = offered(home(), own=True), offered(home(), own=False)
    assert (mine.who, theirs.who) == ("officer", "keeper")
    assert [one.key for one in mine.form] == ["day", "whom"]
    assert offered(home(state="closed"), own=True) == []
    assert agency.ask(specs.offered_actions, place=Place(kind="officer", id=UUID(int=2))) == []


def test_a_talk_is_arranged_for_today_or_a_day_within_a_year(agency: Tenant) -> None:
    agency.enable("wellbeing_check_in")

    def on(day: date, **more: str) -> Done | Faults:
        place = Place(kind="return", id=UUID(int=3), homecoming=home())
        answers = {"day": day.isoformat(), **more}
        chosen = Chosen(id=UUID(int=4), key="arrange-talk", place=place, answers=answers)
        (came,) = agency.ask(specs.run_action, chosen=chosen)
        assert isinstance(came, Done | Faults)
        return came

    assert isinstance(on(TODAY - timedelta(days=1)), Faults)
    assert isinstance(on(date(2027, 11, 24)), Faults)
    done = on(TODAY, whom="chaplain")
    assert isinstance(done, Done)
    assert (done.talk, done.contact) == (TODAY, "chaplain")
    assert on(date(2027, 11, 23)).contact is None  # type: ignore[union-attr]
