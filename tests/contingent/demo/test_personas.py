"""The invented people: enough of them everywhere, each known by one name, none by e-mail."""

from __future__ import annotations

from collections import Counter

from auth.roles import ROLES
from contingent.demo.issuers import COMMANDED, issuer_name, library, provider_of
from contingent.demo.personas import all_scopes, personas_for
from core.context import ScopeKind

NEEDED = {
    "administrator",
    "coordinator",
    "hr_clerk",
    "approver",
    "supervisor",
    "health",
    "privacy",
    "developer",
    "auditor",
    "member",
}


def kind_of(slug: str) -> ScopeKind:
    known = library()
    if slug in COMMANDED:
        return "mission"
    return "agency" if slug in known.agencies else known.scopes[slug].kind


def test_every_agency_has_somebody_for_every_role() -> None:
    for slug in library().agencies:
        held = {role for persona in personas_for(slug) for role in persona.roles}
        assert held == NEEDED, slug


def test_every_agency_has_two_administrators_because_one_cannot_draw_both_halves_of_a_break_glass_account() -> None:
    for slug in library().agencies:
        held = Counter(role for persona in personas_for(slug) for role in persona.roles)
        assert held["administrator"] == 2, slug


def test_nobody_of_a_scope_has_anothers_key() -> None:
    for slug in all_scopes():
        keys = Counter(persona.key for persona in personas_for(slug))
        assert set(keys.values()) == {1}, slug


def test_every_deciding_step_of_every_chain_has_somebody_and_no_two_share_one_person() -> None:
    for slug, agency in library().agencies.items():
        steps = Counter(
            step.role for step in library().chains[agency.governance.chain].release if step.kind == "decide"
        )
        held = Counter(role for persona in personas_for(slug) for role in persona.roles)
        assert all(held[role] >= count for role, count in steps.items()), slug


def test_roles_are_those_of_the_scopes_kind() -> None:
    for slug in all_scopes():
        known = ROLES[kind_of(slug)]
        assert [persona.key for persona in personas_for(slug) if not set(persona.roles) <= set(known)] == []


def test_nobody_has_anothers_name_but_who_has_two_seats() -> None:
    people = {
        (persona.issuer, persona.subject): persona.name for slug in all_scopes() for persona in personas_for(slug)
    }
    assert len(set(people.values())) == len(people)


def test_within_an_issuer_a_subject_is_one_person() -> None:
    seats = Counter(
        (persona.issuer, persona.subject, persona.scope) for slug in all_scopes() for persona in personas_for(slug)
    )
    assert max(seats.values()) == 1


def test_the_same_subject_is_used_at_many_issuers() -> None:
    issuers = {
        persona.issuer for slug in all_scopes() for persona in personas_for(slug) if persona.subject == "coordinator"
    }
    assert len(issuers) == 25


def test_somebody_of_the_rcmp_has_a_second_seat_at_ipob() -> None:
    analyst = next(persona for persona in personas_for("ipob") if persona.key == "analyst")
    member = next(persona for persona in personas_for("ca-rcmp") if persona.key == "member")
    assert (analyst.issuer, analyst.subject, analyst.name) == (member.issuer, member.subject, member.name)


def test_there_are_as_many_issuers_as_there_are_organizations_less_those_that_share() -> None:
    agencies = {issuer_name(slug) for slug in library().agencies}
    assert len(agencies) == 26
    assert issuer_name("ipob") == issuer_name("ca-rcmp")
    assert issuer_name("qc-bromont") == issuer_name("qc-saint-jerome")
    assert provider_of("qc-bromont").claim is not None
    assert len({issuer_name(slug) for slug in all_scopes()}) == 26 + 3


def test_an_unknown_scope_has_nobody() -> None:
    assert personas_for("qc-nowhere") == []
