"""The step and the milestone that only Lakeshore has."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from contingent import Nomination, Officer, Step, Subject, Tour, specs
from contingent.testing import Tenants

from lakeshore_police.settings import Settings


def release(unit: str | None) -> Subject:
    officer = Officer(id=UUID(int=1), rank="constable", band=1, unit=unit)
    nomination = Nomination(id=UUID(int=2), call_id=UUID(int=3), officer=officer, state="selected", mission="MINUSTAH")
    return Subject(kind="release", id=nomination.id, concerns=officer.id, nomination=nomination)


def steps(tenants: Tenants, subject: Subject) -> list[str]:
    answers = tenants.alpha.ask(specs.approval_chain, subject=subject)
    return [step.key for chain in answers if isinstance(chain, list) for step in chain if isinstance(step, Step)]


def test_the_harbour_unit_is_asked_about_its_own_alone(tenants: Tenants) -> None:
    tenants.alpha.enable("lakeshore_police")
    assert steps(tenants, release("HARBOUR")) == ["supervisor", "harbour-watch", "chief"]
    assert steps(tenants, release("PATROL")) == ["supervisor", "chief"]
    assert steps(tenants, release(None)) == ["supervisor", "chief"]


def test_agreements_are_left_to_another_chain(tenants: Tenants) -> None:
    tenants.alpha.enable("lakeshore_police")
    assert steps(tenants, Subject(kind="agreement", id=UUID(int=4))) == []


def test_the_boat_course_is_due_before_active_duty(tenants: Tenants) -> None:
    tenants.alpha.enable("lakeshore_police", Settings(course_days=10))
    tour = Tour(
        id=UUID(int=5), officer_id=UUID(int=1), mission="MINUSTAH", start=date(2026, 1, 1), end=date(2026, 12, 31)
    )
    ((course,),) = tenants.alpha.ask(specs.reintegration_milestones, tour=tour)
    assert (course.key, course.due, course.before_duty) == ("lakeshore-boat-course", date(2027, 1, 10), True)


def test_nobody_else_has_either(tenants: Tenants) -> None:
    tenants.alpha.enable("lakeshore_police")
    assert tenants.beta.ask(specs.approval_chain, subject=release("HARBOUR")) == []
