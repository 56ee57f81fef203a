"""Signing in at certified providers, through the whole application: one for each issuer of the project's scopes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from auth.models import Identity, IdentitySeat
from auth.secrets import session_cookie
from contingent.demo.issuers import issuer_name, provider_of
from core.database.sessions import identity_session
from tests.auth.peers.conftest import issuer_names
from tests.auth.peers.joining import joined, refusals, sessions
from tests.auth.peers.node import Peers
from tests.auth.peers.person import CANCEL, Person
from tests.auth.rig import Rig

pytestmark = pytest.mark.peers

ISSUERS = issuer_names()
RCMP = issuer_name("ca-rcmp")
SHARED = issuer_name("qc-bromont")


def test_there_are_28_issuers() -> None:
    assert len(ISSUERS) == 28
    assert provider_of("ipob").issuer == RCMP


@pytest.mark.parametrize("issuer", ISSUERS)
async def test_one_signs_in_and_out_at(rig: Rig, peers: Peers, issuer: str) -> None:
    scope = await joined(rig, peers, issuer)
    seat = await rig.seat(scope, "coordinator", issuer=peers.issuer(issuer))
    async with Person(rig) as person:
        back = await person.sign_in(scope)
        assert (back.status_code, back.headers["location"]) == (303, f"/en/{scope.slug}/"), back.text
        assert "Maëlle Fafard" in await person.page(scope)
        assert await sessions(rig, scope) == [seat]
        assert await person.sign_out(scope) == "/en/"
        assert session_cookie(scope.slug) not in person.browser.cookies
        assert "Maëlle Fafard" not in await person.page(scope)
    assert await refusals(rig, scope) == []


async def test_the_same_subject_at_28_issuers_is_28_people(rig: Rig, peers: Peers) -> None:
    scopes = {issuer: await joined(rig, peers, issuer) for issuer in ISSUERS}
    subject = f"everybody-{scopes[RCMP].slug}"
    neighbours = dict(zip(ISSUERS, [*ISSUERS[1:], ISSUERS[0]], strict=True))
    # Everywhere the neighbour's person has the seat. Their namesake must not get it.
    seats = {
        issuer: await rig.seat(scopes[issuer], "coordinator", subject=subject, issuer=peers.issuer(neighbours[issuer]))
        for issuer in ISSUERS
    }
    async with Person(rig, subject) as person:
        for issuer, scope in scopes.items():
            assert (await person.sign_in(scope)).status_code == 403, issuer
            assert await refusals(rig, scope) == ["no_seat"], issuer
            assert await sessions(rig, scope) == [], issuer
        for issuer, scope in scopes.items():
            own = await rig.seat(scope, "coordinator", subject=subject, issuer=peers.issuer(issuer))
            assert (await person.sign_in(scope)).status_code == 303, issuer
            assert await sessions(rig, scope) == [own] != [seats[issuer]], issuer
    async with identity_session(rig.platform.database) as session:
        of_subject = select(func.count(), func.count(Identity.issuer.distinct())).where(Identity.subject == subject)
        assert (await session.execute(of_subject)).one() == (28, 28)


async def test_ipob_signs_in_through_the_rcmps_issuer_with_a_seat_of_its_own(rig: Rig, peers: Peers) -> None:
    rcmp, ipob = await joined(rig, peers, RCMP), await joined(rig, peers, RCMP, "program")
    issuer = peers.issuer(RCMP)
    both, member = f"both-{ipob.slug}", f"member-{ipob.slug}"
    seats = {
        scope.slug: await rig.seat(scope, role, subject=both, issuer=issuer, name=f"At {scope.slug}")
        for scope, role in ((rcmp, "coordinator"), (ipob, "planner"))
    }
    await rig.seat(rcmp, "coordinator", subject=member, issuer=issuer)
    async with Person(rig, both) as person:
        for scope in (rcmp, ipob):
            assert (await person.sign_in(scope)).status_code == 303
        for scope in (rcmp, ipob):
            assert await sessions(rig, scope) == [seats[scope.slug]]
            assert f"At {scope.slug}" in await person.page(scope)
    async with Person(rig, member) as person:
        assert (await person.sign_in(rcmp)).status_code == 303
        assert (await person.sign_in(ipob)).status_code == 403
    assert await refusals(rig, ipob) == ["no_seat"]
    async with identity_session(rig.platform.database) as session:
        of_person = select(IdentitySeat.scope_id).join(Identity).where(Identity.subject == both)
        assert set(await session.scalars(of_person)) == {rcmp.id, ipob.id}


async def test_a_shared_issuers_services_are_told_apart_by_the_pinned_claim(rig: Rig, peers: Peers) -> None:
    claim = provider_of("qc-bromont").claim
    assert claim == provider_of("qc-saint-jerome").claim == "organization"
    one = await joined(rig, peers, SHARED, pinned_claim=claim, pinned_value="one")
    two = await joined(rig, peers, SHARED, pinned_claim=claim, pinned_value="two")
    subject = f"person-{one.slug}"
    for scope in (one, two):
        await rig.seat(scope, "coordinator", subject=subject, issuer=peers.issuer(SHARED))
    for told, expected in ((None, (403, 403)), ("one", (303, 403)), ("two", (403, 303)), (["one", "two"], (403, 403))):
        peers.control(SHARED, person=subject, claims={claim: told} if told else {})
        async with Person(rig, subject) as person:
            got = (await person.sign_in(one)).status_code, (await person.sign_in(two)).status_code
            assert got == expected, told
    for scope in (one, two):
        assert await refusals(rig, scope) == ["pinned_claim"] * 3


async def test_a_provider_that_exchanged_its_key_is_believed_again_within_half_a_minute(rig: Rig, peers: Peers) -> None:
    scope = await joined(rig, peers, ISSUERS[0])
    await rig.seat(scope, "coordinator", issuer=peers.issuer(ISSUERS[0]))
    async with Person(rig) as person:
        assert (await person.sign_in(scope)).status_code == 303
        peers.control(ISSUERS[0], rotate=True)
        assert (await person.sign_in(scope)).status_code == 403, "the key set may not be asked for at will"
        rig.platform.clock.advance(timedelta(seconds=30))
        assert (await person.sign_in(scope)).status_code == 303
    assert await refusals(rig, scope) == ["key"]


async def test_whoever_turns_back_at_the_provider_is_told_that_nothing_happened(rig: Rig, peers: Peers) -> None:
    scope = await joined(rig, peers, RCMP)
    async with Person(rig, CANCEL) as person:
        back = await person.sign_in(scope)
    assert back.status_code == 403
    assert "Nothing has changed." in back.text
    assert "turned back" not in back.text
    assert await refusals(rig, scope) == ["cancelled"]
    assert await sessions(rig, scope) == []


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_the_application_proves_itself_by_its_secret_and_by_no_other(
    rig: Rig, peers: Peers, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "s3cret: 100 %2B & +~"
    scope = await joined(rig, peers, RCMP, secret=secret, client_auth=method, secret_ref="env:PEERS_SECRET")
    await rig.seat(scope, "coordinator", issuer=peers.issuer(RCMP))
    async with Person(rig) as person:
        monkeypatch.setenv("PEERS_SECRET", "another")
        assert (await person.sign_in(scope)).status_code == 403
        monkeypatch.setenv("PEERS_SECRET", secret)
        assert (await person.sign_in(scope)).status_code == 303
    assert await refusals(rig, scope) == ["token_refused"]
