"""A certified provider that knows people by another subject at each client, and by one claim at all of them."""

from __future__ import annotations

from typing import Any

import pytest

from auth.relying_party.identities import seats_beside
from contingent.demo.issuers import issuer_name
from core.database.sessions import identity_session
from tests.auth.peers.joining import joined, pairwise_subject, refusals
from tests.auth.peers.node import Peers
from tests.auth.peers.person import Person
from tests.auth.rig import Rig

pytestmark = pytest.mark.peers

RCMP = issuer_name("ca-rcmp")


@pytest.mark.parametrize(
    ("there", "here", "known"),
    [
        ({"oid": "{}"}, {"oid": "{}"}, True),
        ({"oid": "{}"}, {"oid": "not {}"}, False),
        ({"oid": "{}"}, {}, False),
        ({}, {}, False),
        ({"oid": ""}, {"oid": ""}, False),
    ],
)
async def test_a_claim_that_is_the_same_at_two_clients_makes_two_subjects_one_person(
    rig: Rig, peers: Peers, there: dict[str, Any], here: dict[str, Any], known: bool
) -> None:
    rcmp = await joined(rig, peers, RCMP, pairwise=True, person_claim="oid")
    ipob = await joined(rig, peers, RCMP, "program", pairwise=True, person_claim="oid")
    account = f"both-{rcmp.slug}"
    subjects = {scope.slug: pairwise_subject(scope, account) for scope in (rcmp, ipob)}
    assert subjects[rcmp.slug] != subjects[ipob.slug]
    seats = {
        scope.slug: await rig.seat(scope, role, subject=subjects[scope.slug], issuer=peers.issuer(RCMP))
        for scope, role in ((rcmp, "coordinator"), (ipob, "selection"))
    }
    for scope, said in ((rcmp, there), (ipob, here)):
        claims = {name: value.format(account) for name, value in said.items()}
        peers.control(RCMP, person=account, claims=claims)
        async with Person(rig, account) as person:
            answer = await person.sign_in(scope)
            assert answer.status_code == 303, answer.text
        assert await refusals(rig, scope) == []
    async with identity_session(rig.platform.database) as session:
        beside = await seats_beside(session, rcmp.id, seats[rcmp.slug])
    assert beside == ([(ipob.id, seats[ipob.slug])] if known else [])


async def test_the_subject_of_one_client_opens_nothing_at_the_other(rig: Rig, peers: Peers) -> None:
    one, two = [await joined(rig, peers, RCMP, pairwise=True, person_claim="oid") for _ in range(2)]
    account = f"person-{one.slug}"
    peers.control(RCMP, person=account, claims={"oid": account})
    subject = pairwise_subject(one, account)
    for scope in (one, two):
        await rig.seat(scope, "coordinator", subject=subject, issuer=peers.issuer(RCMP))
    async with Person(rig, account) as person:
        assert (await person.sign_in(one)).status_code == 303
        assert (await person.sign_in(two)).status_code == 403
    assert await refusals(rig, two) == ["no_seat"]
