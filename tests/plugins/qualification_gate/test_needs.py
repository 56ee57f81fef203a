"""A step is refused for what is not in force, until the day for which it is needed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from contingent import Nomination, Officer, Rejected, Tour, Transition, Words, specs
from contingent.kit.platform import Tenant
from plugins.qualification_gate.settings import Need, Settings

ON = date(2026, 11, 23)
LAST = date(2028, 1, 31)
"""The last day of twelve months from 1 February 2027."""


def release(**held: date | None) -> Transition:
    officer = Officer(id=UUID(int=1), rank="constable", band=2, qualifications=held)
    nomination = Nomination(
        id=UUID(int=2),
        call_id=UUID(int=3),
        officer=officer,
        state="agency_review",
        mission="BINUH",
        starts=date(2027, 2, 1),
        months=12,
    )
    return Transition(
        subject="nomination",
        id=nomination.id,
        step="release",
        source="agency_review",
        target="nominated",
        on=ON,
        officer=officer,
        nomination=nomination,
    )


def reason(agency: Tenant, transition: Transition, *needs: Need) -> Words | None:
    """Return why the step is refused, if it is."""
    agency.enable("qualification_gate", Settings(needs=list(needs)))
    try:
        agency.ask(specs.authorize_transition, transition=transition)
    except Rejected as refusal:
        return refusal.reason
    return None


def refused(agency: Tenant, transition: Transition, /, **need: str) -> bool:
    wanted = msgspec.convert({"step": "release", "kind": "firearm", **need}, Need)
    return reason(agency, transition, wanted) is not None


@pytest.mark.parametrize(("until", "needed"), [("step", ON), ("tour", LAST)])
def test_it_must_be_in_force_to_the_very_day(agency: Tenant, until: str, needed: date) -> None:
    assert not refused(agency, release(firearm=needed), until=until)
    assert refused(agency, release(firearm=needed - timedelta(days=1)), until=until)
    assert not refused(agency, release(firearm=None), until=until)
    assert refused(agency, release(passport=None), until=until)


def test_only_the_step_that_is_named_asks_for_it(agency: Tenant) -> None:
    assert not refused(agency, release(), step="submit")


def test_after_a_return_the_day_of_the_step_counts_where_the_tour_has_ended(agency: Tenant) -> None:
    tour = Tour(id=UUID(int=4), officer_id=UUID(int=1), mission="BINUH", start=date(2026, 1, 1), end=date(2026, 9, 1))
    step = msgspec.structs.replace(
        release(firearm=date(2026, 10, 1)), subject="return", step="adjust", nomination=None, tour=tour
    )
    assert refused(agency, step, step="adjust", until="tour")


def test_all_that_is_missing_is_named_at_once_in_both_languages(agency: Tenant) -> None:
    needs = [Need(step="release", kind="firearm", until="tour"), Need(step="release", kind="first_aid")]
    words = reason(agency, release(firearm=ON), *needs)
    assert words is not None
    assert "firearm (held until 2026-11-23, needed on 2028-01-31); first aid (not in the file)" in words["en"]
    assert (
        "arme à feu (valide jusqu’au 2026-11-23, nécessaire le 2028-01-31); secourisme (pas au dossier)" in words["fr"]
    )
