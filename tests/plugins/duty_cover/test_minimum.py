"""The minimum is held against the worst day of the tour, whatever days others are away."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Absence, Finding, Nomination, Officer, Strength, specs
from contingent.kit.platform import Tenant
from plugins.duty_cover.service import worst_day
from plugins.duty_cover.settings import Settings, UnitMinimum

FIRST, LAST = date(2027, 2, 1), date(2027, 3, 31)
DAYS = [FIRST + timedelta(days=number) for number in range(-20, 80)]
BANDS = st.integers(1, 7)


def absence(band: int, first: date, last: date, *, certain: bool) -> Absence:
    return Absence(band=band, first=min(first, last), last=max(first, last), certain=certain)


ABSENCES = st.lists(
    st.builds(absence, BANDS, st.sampled_from(DAYS), st.sampled_from(DAYS), certain=st.booleans()), max_size=8
)


def nomination(unit: str | None = "Patrol", band: int = 2) -> Nomination:
    officer = Officer(id=UUID(int=1), rank="constable", band=band, unit=unit)
    return Nomination(id=UUID(int=2), call_id=UUID(int=3), officer=officer, state="draft", mission="BINUH")


def find(agency: Tenant, settings: Settings, nominated: Nomination, there: Strength | None) -> list[Finding] | None:
    agency.enable("duty_cover", settings)
    return next(iter(agency.ask(specs.eligibility_findings, nomination=nominated, strength=there)), None)


def strength(officers: int, *absences: Absence) -> Strength:
    return Strength(first=FIRST, last=LAST, officers={2: officers}, absences=absences)


@given(st.dictionaries(BANDS, st.integers(0, 9), max_size=4), ABSENCES, BANDS, BANDS, st.booleans())
def test_the_worst_day_is_the_worst_of_all_days(
    officers: dict[int, int], absences: list[Absence], one: int, other: int, undecided: bool
) -> None:
    lowest, highest = min(one, other), max(one, other)
    rule = UnitMinimum(unit="Patrol", minimum=1, lowest_band=lowest, highest_band=highest, undecided=undecided)
    day, left = worst_day(rule, Strength(first=FIRST, last=LAST, officers=officers, absences=absences))

    def there(on: date) -> int:
        whole = sum(count for band, count in officers.items() if lowest <= band <= highest)
        away = sum(
            one.first <= on <= one.last
            for one in absences
            if lowest <= one.band <= highest and (one.certain or undecided)
        )
        return max(whole - 1 - away, 0)

    tour = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    assert FIRST <= day <= LAST
    assert left == there(day) == min(map(there, tour))


@pytest.mark.parametrize(
    ("verdict", "minimum", "found"), [("warn", 4, "warn"), ("block", 4, "block"), ("block", 3, "pass")]
)
def test_falling_short_is_what_the_service_says_it_is(agency: Tenant, verdict: str, minimum: int, found: str) -> None:
    rule = {"unit": " patrol ", "minimum": minimum, "verdict": verdict}
    settings = Settings(units=[UnitMinimum(**rule)])  # type: ignore[arg-type] # as the form gives it
    away = absence(2, FIRST, LAST, certain=True)
    answer = find(agency, settings, nomination(), strength(5, away))
    assert answer is not None
    (finding,) = answer
    assert (finding.verdict, finding.key) == (found, "minimum-1-7")
    assert f"3 {'at its lowest (' if found == 'pass' else 'on '}Feb\u00a01, 2027" in finding.reason["en"]
    assert "1ᵉʳ\u00a0févr.\u00a02027" in finding.reason["fr"]
    assert "2027-02" not in str(finding.reason)


def test_each_minimum_of_a_unit_that_counts_the_officer_is_held_and_says_which_bands_it_counts(
    agency: Tenant,
) -> None:
    rules = [
        UnitMinimum(unit="Patrol", minimum=9),
        UnitMinimum(unit="Patrol", minimum=2, lowest_band=2, highest_band=3, verdict="block"),
        UnitMinimum(unit="Patrol", minimum=1, lowest_band=2, highest_band=2),
        UnitMinimum(unit="Patrol", minimum=9, lowest_band=4),
    ]
    found = find(agency, Settings(units=rules), nomination(), strength(2))
    assert found is not None
    assert [one.verdict for one in found] == ["warn", "block", "pass"]
    assert len({one.key for one in found}) == 3
    starts = ("Patrol would be short", "Patrol (bands 2 to 3) would be short", "Patrol (band 2) keeps")
    for one, start in zip(found, starts, strict=True):
        assert one.reason["en"].startswith(start)
    assert found[1].reason["fr"].startswith("Patrol (tranches 2 à 3)")


def test_bands_of_which_none_counts_are_refused_where_they_are_entered() -> None:
    with pytest.raises(ValueError, match="is above the highest"):
        UnitMinimum(unit="Patrol", minimum=1, lowest_band=3, highest_band=2)


def test_of_a_unit_or_a_rank_that_does_not_count_nothing_is_said(agency: Tenant) -> None:
    rule = UnitMinimum(unit="Patrol", minimum=99, highest_band=3)
    settings = Settings(units=[rule])
    assert find(agency, settings, nomination("Training"), strength(5)) is None
    assert find(agency, settings, nomination(None), strength(5)) is None
    assert find(agency, settings, nomination(band=4), strength(5)) is None
    assert find(agency, settings, nomination(), None) is None
    assert find(agency, Settings(), nomination(), strength(5)) is None
