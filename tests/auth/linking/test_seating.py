"""Without an invitation: by the employee number from HR, or with a seat without a role; both off until turned on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from auth.claim_rules.schemas import RuleIn
from auth.claim_rules.service import add_rule
from auth.linking.providers import list_linking, set_linking
from auth.linking.schemas import LinkingRule
from auth.models import Identity, IdentitySeat, RoleGrant, Seat
from auth.relying_party.claims import FOR_DISPLAY
from auth.service import SEAT_MANAGE, SEAT_READ
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import identity_session, tenant_session
from core.errors import Invalid, NotFound
from core.ids import new_id
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.relying_party.kept import change_provider
from tests.auth.rig import Rig
from tests.auth.test_people import WHY, link, officer

NUMBER = "E-4711"
CLAIM = "employee_number"


async def numbered(rig: Rig, **provider: Any) -> tuple[Scope, UUID]:
    """Return an agency that links by number, and the seat of its one officer, which no account opens."""
    scope = await rig.agency(**({"number_claim": CLAIM} | provider))
    return scope, await seat_of_officer(rig, scope, NUMBER)


async def seat_of_officer(rig: Rig, scope: Scope, number: str, **fields: str) -> UUID:
    seat = new_id(rig.platform.clock)
    async with tenant_session(rig.ctx(scope)) as session:
        now = rig.platform.clock.now()
        session.add(Seat(tenant_id=scope.id, id=seat, name="Ozanne", language="fr", active=True, created_at=now))
    await link(rig, scope, seat, await officer(rig, scope, number, **fields))
    return seat


async def come(rig: Rig, scope: Scope, subject: str = "new-1", **claims: Any) -> httpx2.Response:
    rig.hostile.claims, rig.hostile.userinfo = sets(sub=subject, **claims), sets(sub=subject)
    return await rig.sign_in(rig.browser(), scope)


async def links(rig: Rig, scope: Scope) -> list[tuple[str, UUID, str]]:
    async with identity_session(rig.platform.database) as session:
        chosen = (
            select(Identity.subject, IdentitySeat.seat_id, IdentitySeat.origin)
            .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
            .where(IdentitySeat.scope_id == scope.id)
            .order_by(Identity.subject)
        )
        return [(row.subject, row.seat_id, row.origin) for row in await session.execute(chosen)]


async def lines(rig: Rig, scope: Scope, action: str) -> list[Any]:
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine.after).where(AuditLine.tenant_id == scope.id, AuditLine.action == action)
        return list(await session.scalars(chosen))


def administrator(rig: Rig, scope: Scope) -> Ctx:
    return rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE)


async def test_both_are_off_until_they_are_turned_on(rig: Rig) -> None:
    scope = await rig.agency()
    await seat_of_officer(rig, scope, NUMBER)
    assert (await come(rig, scope, employee_number=NUMBER, name="Ozanne Mainguy")).status_code == 403
    (told,) = (await execute(list_linking, administrator(rig, scope), Nothing())).providers
    assert (told.number_claim, told.just_in_time) == (None, False)
    assert await links(rig, scope) == []


async def test_the_number_from_hr_links_at_the_first_sign_in_and_only_then(rig: Rig) -> None:
    scope, seat = await numbered(rig)
    assert (await come(rig, scope, employee_number=NUMBER)).status_code == 303
    assert await links(rig, scope) == [("new-1", seat, "number")]
    assert await lines(rig, scope, "identity.link") == [{"issuer": ISSUER, "subject": "new-1", "origin": "number"}]
    assert (await come(rig, scope)).status_code == 303
    other = await seat_of_officer(rig, scope, "E-2")
    assert (await come(rig, scope, employee_number="E-2")).status_code == 303
    assert await links(rig, scope) == [("new-1", seat, "number")]
    assert other != seat


@pytest.mark.parametrize(
    "said",
    [
        "E-4712",
        "e-4711",
        " E-4711",
        "",
        "E-4711\0",
        "\ud800",
        4711,
        None,
        True,
        [],
        ["E-4711", "E-2"],
        {"value": "E-4711"},
        "*",
        "%",
    ],
)
async def test_what_is_not_exactly_one_officers_number_links_nobody(rig: Rig, said: Any) -> None:
    scope, _ = await numbered(rig)
    await seat_of_officer(rig, scope, "E-2")
    assert (await come(rig, scope, employee_number=said)).status_code == 403
    assert await links(rig, scope) == []


@pytest.mark.parametrize("status", ["leave", "seconded", "retired", "left", "suspended"])
async def test_the_number_of_an_officer_who_is_not_at_work_links_nobody(rig: Rig, status: str) -> None:
    scope, _ = await numbered(rig)
    await seat_of_officer(rig, scope, "E-2", status=status)
    assert (await come(rig, scope, employee_number="E-2")).status_code == 403


async def test_a_seat_that_is_shut_or_has_an_account_of_this_provider_is_not_linked_by_number(rig: Rig) -> None:
    scope, seat = await numbered(rig, just_in_time=True)
    assert (await come(rig, scope, employee_number=NUMBER)).status_code == 303
    second = await come(rig, scope, "new-2", employee_number=NUMBER, name="Ozanne")
    assert second.status_code == 403
    assert await links(rig, scope) == [("new-1", seat, "number")]
    shut, _ = await numbered(rig)
    async with tenant_session(rig.ctx(shut)) as session:
        for row in await session.scalars(select(Seat).where(Seat.tenant_id == shut.id)):
            row.active = False
    assert (await come(rig, shut, employee_number=NUMBER)).status_code == 403


async def test_an_account_of_another_provider_leaves_the_seat_open_to_this_one(rig: Rig) -> None:
    scope = await rig.agency(number_claim=CLAIM)
    seat = await rig.seat(scope, "member", issuer=OTHER_ISSUER)
    await link(rig, scope, seat, await officer(rig, scope, NUMBER))
    assert (await come(rig, scope, employee_number=NUMBER)).status_code == 303
    assert [one[1:] for one in await links(rig, scope)] == [(seat, "number"), (seat, "command")]


async def test_two_accounts_with_one_number_at_the_same_moment_get_one_seat(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, seat = await numbered(rig)
    browsers = [rig.browser() for _ in range(4)]
    started = [await rig.begin(browser, scope) for browser in browsers]
    # The provider answers one browser after the other; they meet where the seat is given.
    original = rig.parts.sign_ins._seat
    arrived, go = asyncio.Semaphore(0), asyncio.Event()

    async def together(*given: Any) -> Any:
        arrived.release()
        await go.wait()
        return await original(*given)

    monkeypatch.setattr(rig.parts.sign_ins, "_seat", together)
    tasks = []
    for place, (browser, sent) in enumerate(zip(browsers, started, strict=True)):
        rig.hostile.claims = sets(sub=f"new-{place}", employee_number=NUMBER)
        rig.hostile.userinfo = sets(sub=f"new-{place}")
        tasks.append(asyncio.create_task(rig.finish(browser, scope, sent)))
        await arrived.acquire()
    go.set()
    done = await asyncio.gather(*tasks)
    assert sorted(one.status_code for one in done) == [303, 403, 403, 403]
    assert [one[1:] for one in await links(rig, scope)] == [(seat, "number")]


async def test_whoever_is_added_just_in_time_has_no_role_and_is_named_for_display(rig: Rig) -> None:
    scope = await rig.agency(just_in_time=True)
    assert (await come(rig, scope, name="  Odette \n Samson ")).status_code == 303
    assert (await come(rig, scope, name="Odette Samson")).status_code == 303
    assert (await come(rig, scope, "nameless", name="\ud800")).status_code == 303
    assert [one[0::2] for one in await links(rig, scope)] == [("nameless", "just_in_time"), ("new-1", "just_in_time")]
    async with tenant_session(rig.ctx(scope)) as session:
        names = await session.scalars(select(Seat.name).where(Seat.tenant_id == scope.id))
        assert sorted(names) == ["Odette Samson", "nameless"]
        assert (await session.scalars(select(RoleGrant.id).where(RoleGrant.tenant_id == scope.id))).all() == []
    assert [one["origin"] for one in await lines(rig, scope, "seat.add")] == ["just_in_time"] * 2
    assert [one["origin"] for one in await lines(rig, scope, "identity.link")] == ["just_in_time"] * 2


async def test_the_programme_adds_nobody_just_in_time_and_knows_no_numbers(rig: Rig) -> None:
    program = rig.platform.program
    ctx = administrator(rig, program)
    with pytest.raises(NotFound):
        await execute(list_linking, ctx, Nothing())


async def test_an_administrator_turns_it_on_by_a_claim_that_decides(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = administrator(rig, scope)
    (one,) = (await execute(list_linking, ctx, Nothing())).providers
    for claim in ("email", "upn", "preferred_username", "UPN", "/user/email"):
        with pytest.raises(Invalid):
            await execute(set_linking, ctx, LinkingRule(id=str(one.id), number_claim=claim, reason=WHY))
        with pytest.raises(Invalid):
            await execute(add_rule, ctx, RuleIn(claim=claim, value="x", role="approver", reason=WHY))
    rule = LinkingRule(id=str(one.id), number_claim="/hr/number", just_in_time=True, reason=WHY)
    (told,) = (await execute(set_linking, ctx, rule)).providers
    assert (told.number_claim, told.just_in_time) == ("/hr/number", True)
    seat = await seat_of_officer(rig, scope, NUMBER)
    assert (await come(rig, scope, hr={"number": NUMBER})).status_code == 303
    assert await links(rig, scope) == [("new-1", seat, "number")]
    with pytest.raises(NotFound):
        await execute(set_linking, administrator(rig, await rig.agency()), rule)


class Outcome(msgspec.Struct, frozen=True):
    """All that follows from three people signing in: one who is known, one by number, one whom nobody knows."""

    answers: list[tuple[int, str]]
    links: list[tuple[str, str, str]]
    roles: list[tuple[str, str]]
    why: list[str]


async def outcome(rig: Rig, provider: dict[str, Any], said: dict[str, Any]) -> Outcome:
    scope, officers = await numbered(rig, **provider)
    known = await rig.seat(scope, "coordinator")
    maker = await rig.seat(scope, "administrator", subject="the administrator")
    ctx = administrator(rig, scope)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=maker))
    await execute(add_rule, ctx, RuleIn(claim="groups", value="Chiefs", role="approver", reason=WHY))
    names = {officers: "the officer", known: "the known one", maker: "the administrator"}
    came = [
        await come(rig, scope, "person-1", **said | {"groups": ["Chiefs"]}),
        await come(rig, scope, "new-1", **said | {"employee_number": NUMBER}),
        await come(rig, scope, "stranger", **said),
    ]
    async with tenant_session(rig.ctx(scope)) as session:
        grants = select(RoleGrant.seat_id, RoleGrant.role).where(RoleGrant.tenant_id == scope.id)
        roles = sorted((names[row.seat_id], row.role) for row in await session.execute(grants))
    return Outcome(
        answers=[
            (
                one.status_code,
                (one.text + one.headers.get("location", ""))
                .replace(one.headers["x-request-id"], "")
                .replace(scope.slug, ""),
            )
            for one in came
        ],
        links=[(subject, names.get(seat, "a new one"), origin) for subject, seat, origin in await links(rig, scope)],
        roles=roles,
        why=[one["why"] for one in await lines(rig, scope, "sign_in.refused")],
    )


WORDS = st.sampled_from([NUMBER, "Chiefs", "person-1", "administrator", "a@example.org"]) | st.text(max_size=12)
SAID = WORDS | st.booleans() | st.none() | st.integers() | st.lists(WORDS, max_size=3)
NAMES = sorted({*FOR_DISPLAY, "Email", "UPN"} - {"name"})
SETTINGS: dict[str, dict[str, Any]] = {
    "by number": {},
    "with seats just in time": {"just_in_time": True},
    "by a number that somebody set to be an address, past the page": {"number_claim": "email"},
    "by a number inside an object of that name": {"number_claim": "/email/number"},
}


PLAIN: dict[str, Outcome] = {}
TRAP = {"email": NUMBER, "upn": NUMBER, "preferred_username": NUMBER, "email_verified": True}


@pytest.mark.parametrize("setting", SETTINGS)
@settings(max_examples=4)
@given(said=st.dictionaries(st.sampled_from(NAMES), SAID, min_size=1, max_size=6))
@example(said=TRAP)
async def test_no_name_and_no_address_changes_what_happens(rig: Rig, setting: str, said: dict[str, Any]) -> None:
    provider = SETTINGS[setting]
    if setting not in PLAIN:
        PLAIN[setting] = await outcome(rig, provider, {})
    assert await outcome(rig, provider, said) == PLAIN[setting]
    assert PLAIN[setting].why or "just in time" in setting


async def test_a_pinned_address_lets_nobody_in(rig: Rig) -> None:
    scope = await rig.agency(pinned_claim="email", pinned_value="a@example.org")
    await rig.seat(scope, "coordinator")
    assert (await come(rig, scope, "person-1", email="a@example.org")).status_code == 403
    assert [one["why"] for one in await lines(rig, scope, "sign_in.refused")] == ["pinned_claim"]


async def test_where_a_provider_is_shared_the_page_on_which_accounts_are_let_come_says_so(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(await rig.agency(), subject=f"neighbour of {scope.slug}")
    ctx = administrator(rig, scope)
    (one,) = (await execute(list_linking, ctx, Nothing())).providers
    assert not one.shared
    rule = LinkingRule(id=str(one.id), number_claim="number", reason=WHY)
    (told,) = (await execute(set_linking, ctx, rule)).providers
    assert told.shared
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    page = await browser.get(f"/en/{scope.slug}/people/linking")
    assert "no claim tells yours apart" in page.text
    await change_provider(rig, scope, pinned_claim="organization", pinned_value="ours")
    (told,) = (await execute(list_linking, ctx, Nothing())).providers
    assert not told.shared
