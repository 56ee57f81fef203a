"""Where a provider has another subject for each of its clients: a claim says who is one person, and opens nothing."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from auth.models import Identity
from auth.one_person import seats_of_one
from auth.relying_party.identities import seats_beside
from core.context import Scope
from core.database.sessions import identity_session, tenant_session
from tests.auth.hostile import sets
from tests.auth.rig import Rig


async def come(rig: Rig, scope: Scope, subject: str, **claims: object) -> int:
    rig.hostile.claims, rig.hostile.userinfo = sets(sub=subject, **claims), sets(sub=subject)
    return (await rig.sign_in(rig.browser(), scope)).status_code


async def beside(rig: Rig, scope: Scope, seat: UUID) -> list[UUID]:
    async with identity_session(rig.platform.database) as session:
        return [other for _, other in await seats_beside(session, scope.id, seat)]


@pytest.mark.parametrize(
    ("claim", "there", "known"),
    [
        ("oid", {"oid": "somebody"}, True),
        ("oid", {"oid": "somebody else"}, False),
        ("oid", {}, False),
        ("oid", {"oid": ["somebody", "somebody else"]}, False),
        ("email", {"oid": "somebody", "email": "her@example.org"}, False),
        (None, {"oid": "somebody"}, False),
    ],
)
async def test_two_subjects_of_which_the_claim_says_so_are_one_person(
    rig: Rig, claim: str | None, there: dict[str, object], known: bool
) -> None:
    scope, other = await rig.agency(person_claim=claim), await rig.agency(person_claim=claim)
    name = scope.slug  # The tests share one issuer: whose it is has to be this test's own.
    said = {"oid": f"somebody {name}", "email": f"{name}@example.org"}
    here = await rig.seat(scope, subject=f"pairwise-1 {name}")
    their = await rig.seat(other, subject=f"pairwise-2 {name}")
    assert await come(rig, scope, f"pairwise-1 {name}", **said) == 303
    mine = {
        key: [f"{one} {name}" for one in value] if isinstance(value, list) else f"{value} {name}"
        for key, value in there.items()
    }
    assert await come(rig, other, f"pairwise-2 {name}", **mine) == 303
    assert await beside(rig, scope, here) == ([their] if known else [])


async def test_two_accounts_in_one_service_draw_no_two_halves(rig: Rig) -> None:
    scope = await rig.agency(person_claim="oid")
    subjects = [f"pairwise-{number} {scope.slug}" for number in (1, 2)]
    seats = [await rig.seat(scope, "administrator", subject=subject) for subject in subjects]
    ctx = rig.ctx(scope)

    async def one() -> frozenset[UUID]:
        async with tenant_session(ctx) as session:
            return await seats_of_one(session, [seats[0]])

    assert await one() == {seats[0]}
    for subject in subjects:
        await come(rig, scope, subject, oid=f"somebody {scope.slug}")
    assert await one() == set(seats)


@pytest.mark.parametrize("blank", ["", " "])
async def test_two_people_of_whom_the_claim_says_nothing_are_not_one(rig: Rig, blank: str) -> None:
    scope, other = await rig.agency(person_claim="oid"), await rig.agency(person_claim="oid")
    here = await rig.seat(scope, subject=f"pairwise-1 {scope.slug}")
    await rig.seat(other, subject=f"pairwise-2 {scope.slug}")
    for place, subject in ((scope, "pairwise-1"), (other, "pairwise-2")):
        assert await come(rig, place, f"{subject} {scope.slug}", oid=blank) == 303
    assert await beside(rig, scope, here) == []


async def test_what_two_services_read_from_different_claims_is_not_one_person_because_it_reads_alike(rig: Rig) -> None:
    scope, other = await rig.agency(person_claim="oid"), await rig.agency(person_claim="department")
    here = await rig.seat(scope, subject=f"pairwise-1 {scope.slug}")
    await rig.seat(other, subject=f"pairwise-2 {scope.slug}")
    said = {"oid": f"alike {scope.slug}", "department": f"alike {scope.slug}"}
    for place, subject in ((scope, "pairwise-1"), (other, "pairwise-2")):
        assert await come(rig, place, f"{subject} {scope.slug}", **said) == 303
    assert await beside(rig, scope, here) == []


async def test_the_claim_opens_no_seat(rig: Rig) -> None:
    scope = await rig.agency(person_claim="oid")
    await rig.seat(scope, subject=f"known {scope.slug}")
    assert await come(rig, scope, f"known {scope.slug}", oid=f"somebody {scope.slug}") == 303
    assert await come(rig, scope, f"unknown {scope.slug}", oid=f"somebody {scope.slug}") == 403
    async with identity_session(rig.platform.database) as session:
        chosen = select(Identity.subject).where(Identity.person == f"oid somebody {scope.slug}")
        assert set(await session.scalars(chosen)) == {f"known {scope.slug}", f"unknown {scope.slug}"}
