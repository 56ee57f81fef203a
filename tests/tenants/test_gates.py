"""The gates, regime by regime: what is missing or lapsed on a day, and who can supply it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agencies import CONTRACT_FIELDS, Agencies
from core.context import Scope
from core.database.sessions import tenant_session
from tenants.answers import TenantAnswers
from tenants.files import AgencyFile
from tenants.gates import AgreementHeld, ContractHeld, Held, Need, RecordHeld, find_gaps, in_force
from tenants.library import Library
from tests.platform import Platform
from tests.tenants.conftest import Open

DAY = date(2026, 11, 23)
SPRING = date(2008, 4, 1)
FORCE_OF_2008 = (
    "ca-rcmp qc-sq qc-spvm on-opp qc-saguenay on-durham qc-saint-jerome qc-riviere-du-loup".split()  # noqa: SIM905 - the table of 2008 as one reads it
)


def _held(agency: AgencyFile, library: Library, on: date) -> Held:
    states = [one for one in agency.states if one.since <= on]
    regime, chain = library.regimes[agency.governance.regime], library.chains[agency.governance.chain]
    sharing = agency.sharing
    return Held(
        state=states[-1].state if states else None,
        set_by=states[-1].by if states else "operator",
        needs=[Need(one.what, one.supplied_by, one.since) for one in regime.needs],
        acts=[step.act for step in chain.agreement if step.gate and step.act],
        agreements=[
            AgreementHeld(one.starts, one.expires, frozenset(act.kind for act in one.acts)) for one in agency.agreements
        ],
        contracts=[ContractHeld(1, sharing.since, sharing.accepted)] if sharing else [],
        records=[RecordHeld(one.kind, one.made, one.lapses) for one in agency.privacy],
    )


def _keys(held: Held, on: date = DAY) -> list[str]:
    return [gap.key for gap in find_gaps(held, on)]


def test_in_the_demonstration_bromont_waits_for_its_privacy_papers_alone(library: Library) -> None:
    gaps = find_gaps(_held(library.agencies["qc-bromont"], library, DAY), DAY)
    assert [str(gap.what) for gap in gaps] == [
        "the privacy impact assessment lapsed after 2026-09-30",
        "the written agreement on personal information is missing",
    ]
    assert {str(gap.remedy) for gap in gaps} == {
        "your privacy officer can record it on the page of agreements and privacy"
    }


def test_besides_it_only_those_who_are_joining_or_on_hold_are_blocked(library: Library) -> None:
    blocked = {slug: _keys(_held(agency, library, DAY)) for slug, agency in library.agencies.items()}
    assert {slug: keys for slug, keys in blocked.items() if keys} == {
        "qc-bromont": ["privacy_assessment", "written_agreement"],
        "nb-saint-john": ["state", "agreement", "sharing"],
        "ab-calgary": ["state"],
    }


@pytest.mark.parametrize("slug", FORCE_OF_2008)
def test_the_services_of_2008_could_nominate_then(slug: str, library: Library) -> None:
    assert not _keys(_held(library.agencies[slug], library, SPRING), SPRING)


def _sound(**changes: object) -> Held:
    values: dict[str, object] = {
        "state": "active",
        "needs": [Need("agreement", "coordinator"), Need("sharing", "privacy"), Need("privacy_assessment", "privacy")],
        "acts": ["council_resolution", "order_in_council"],
        "agreements": [
            AgreementHeld(date(2024, 4, 1), date(2027, 3, 31), frozenset({"council_resolution", "order_in_council"}))
        ],
        "contracts": [ContractHeld(1, date(2024, 4, 1), date(2024, 3, 1))],
        "records": [RecordHeld("privacy_assessment", date(2024, 1, 1), date(2027, 1, 31))],
    }
    return Held(**(values | changes))  # type: ignore[arg-type] # the table above, changed by name


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, []),
        ({"state": None}, ["state"]),
        ({"state": "onboarding"}, ["state"]),
        ({"state": "on_hold"}, ["state"]),
        ({"state": "withdrawn"}, ["state"]),
        ({"agreements": []}, ["agreement"]),
        ({"agreements": [AgreementHeld(date(2020, 1, 1), date(2026, 11, 22))]}, ["agreement"]),
        ({"agreements": [AgreementHeld(date(2026, 11, 24), date(2030, 1, 1))]}, ["agreement"]),
        (
            {"agreements": [AgreementHeld(DAY, DAY, frozenset({"council_resolution"}))]},
            ["act:order_in_council"],
        ),
        ({"contracts": []}, ["sharing"]),
        ({"contracts": [ContractHeld(1, date(2024, 4, 1))]}, ["sharing"]),
        ({"contracts": [ContractHeld(1, date(2026, 11, 24), date(2024, 4, 1))]}, ["sharing"]),
        ({"records": []}, ["privacy_assessment"]),
        ({"records": [RecordHeld("privacy_assessment", date(2026, 11, 24))]}, ["privacy_assessment"]),
        ({"records": [RecordHeld("privacy_assessment", date(2020, 1, 1), DAY)]}, []),
        ({"records": [RecordHeld("privacy_assessment", date(2020, 1, 1))]}, []),
        ({"needs": [Need("written_agreement", "privacy", date(2026, 11, 24))]}, []),
        ({"needs": [Need("written_agreement", "privacy", DAY)]}, ["written_agreement"]),
        ({"needs": []}, []),
    ],
)
def test_each_gate_closes_for_its_own_reason(changes: dict[str, object], keys: list[str]) -> None:
    assert _keys(_sound(**changes)) == keys


def test_a_proposed_version_waits_for_the_other_side_and_changes_nothing_until_then() -> None:
    agreed, proposed = ContractHeld(1, date(2024, 4, 1), date(2024, 3, 1)), ContractHeld(2, DAY)
    assert in_force([agreed, proposed], DAY) == agreed
    waiting = find_gaps(_sound(contracts=[proposed]), DAY)[0]
    assert (str(waiting.what), str(waiting.remedy)) == (
        "version 2 of the sharing contract waits for IPOB’s consent",
        "IPOB can accept it",
    )


@given(
    made=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    days=st.integers(0, 3650),
    on=st.dates(date(2000, 1, 1), date(2050, 1, 1)),
)
def test_a_record_holds_from_the_day_it_was_made_to_the_day_it_lapses(made: date, days: int, on: date) -> None:
    lapses = made + timedelta(days=days)
    keys = _keys(
        _sound(needs=[Need("privacy_assessment", "privacy")], records=[RecordHeld("privacy_assessment", made, lapses)]),
        on,
    )
    assert keys == ([] if made <= on <= lapses else ["privacy_assessment"])


async def _opened(platform: Platform, scope: Scope, on: date) -> list[str]:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return [gap.key for gap in await TenantAnswers().gaps(session, on)]


async def test_the_database_says_what_the_file_said(platform: Platform, open_agency: Open, library: Library) -> None:
    for slug in ("qc-bromont", "nb-saint-john", "qc-saguenay"):
        agency = library.agencies[slug]
        scope = await open_agency(agency)
        for on in (DAY, SPRING):
            assert await _opened(platform, scope, on) == _keys(_held(agency, library, on), on)


async def test_a_service_without_a_file_cannot_nominate(platform: Platform) -> None:
    assert await _opened(platform, await platform.agency(), DAY) == ["state"]


async def test_core_learns_contract_and_ranks_of_its_own_agency(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["qc-sq"])
    await open_agency(library.agencies["on-opp"])
    answers: Agencies = TenantAnswers()
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        contract = await answers.contract(session, DAY)
        before = await answers.contract(session, date(2006, 3, 31))
        ranks = await answers.ranks(session)
    assert (contract.version, set(contract.fields)) == (1, set(CONTRACT_FIELDS) - {"gender"})
    assert contract.fields["telephone"] == "duty_of_care"
    assert (before.version, before.fields) == (0, {})
    assert [rank.band for rank in ranks.values()] == sorted(rank.band for rank in ranks.values())
    assert ranks["sergent"].title("fr", "woman") == "Sergente"
