"""A test sign-in checks all that a sign-in checks, and changes nothing but its own record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from auth.claim_rules.schemas import RuleIn
from auth.claim_rules.service import add_rule
from auth.models import IdentityProvider, Seat
from auth.secrets import session_cookie
from auth.service import SEAT_MANAGE
from auth.setup.lacks import LACKS, NO_PERSON, OTHER_SEAT, UNLINKED
from auth.setup.models import ProviderTest
from auth.setup.schemas import ChangeProvider
from auth.setup.service import change_provider
from auth.setup.testing import clear_claims
from core.database import embedded
from core.database.rooms import load_models
from core.database.sessions import tenant_session
from core.database.target import Target
from core.use_cases.execution import execute
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Rig, sent_with
from tests.auth.setup.wizard import NEW, Wizard, open_wizard
from tests.wall.conftest import superuser

OWN = {"provider_test", "sign_in_flow", "audit_line", "audit_pending", "rate_bucket"}
"""What a test may write: its record with its line in the log, its flow, and that it was counted."""


@pytest.fixture
async def wizard(rig: Rig) -> Wizard:
    made = await open_wizard(rig)
    await made.add()
    return made


async def everything(server: embedded.Server, target: Target) -> dict[str, set[str]]:
    """Return every row of every table, whoever's it is."""
    found = {}
    async with superuser(server, target.database) as connection:
        for table in load_models().sorted_tables:
            rows = await connection.fetch(f'SELECT t::text AS row FROM "{table.name}" t')
            found[table.name] = {row["row"] for row in rows}
    return found


async def records(wizard: Wizard) -> list[ProviderTest]:
    async with tenant_session(wizard.rig.ctx(wizard.scope), read_only=True) as session:
        return list(await session.scalars(select(ProviderTest).order_by(ProviderTest.id)))


async def test_a_test_changes_no_row_of_any_table_but_its_own_record(
    wizard: Wizard, server: embedded.Server, target: Target
) -> None:
    before = await everything(server, target)
    cookies = dict(wizard.browser.cookies)
    landed = await wizard.test()
    after = await everything(server, target)
    assert landed.headers["location"] == f"/en/{wizard.scope.slug}/sign-in/{wizard.id}/tested"
    assert {name for name in before if before[name] != after[name]} == OWN
    assert before["provider_test"] < after["provider_test"]
    for name in ("provider_test", "sign_in_flow", "audit_line"):
        assert len(after[name]) == len(before[name]) + 1, name
    name = session_cookie(wizard.scope.slug)
    assert wizard.browser.cookies[name] == cookies[name], "the session goes on as it was"
    assert "set-cookie" not in landed.headers
    page = await wizard.browser.get(landed.headers["location"])
    assert page.status_code == 200
    assert "The test has succeeded" in page.text
    assert str(LACKS[UNLINKED].title) in page.text


async def test_a_test_tells_the_claims_the_roles_they_would_give_and_nothing_of_the_person(wizard: Wizard) -> None:
    await wizard.move("switch_off")
    await wizard.enforced()
    manager = replace(
        wizard.ctx,
        actor=msgspec.structs.replace(wizard.ctx.actor, permissions=wizard.ctx.actor.permissions | {SEAT_MANAGE}),
    )
    rule = RuleIn(claim="groups", value="chiefs", role="approver", reason="a test", provider_id=wizard.id)
    await execute(add_rule, manager, rule)
    await wizard.test(
        groups=["chiefs", "others"], email="maelle.fafard@service.qc.ca", name="Maëlle Fafard", amr=["pwd", "mfa"]
    )
    test = (await wizard.file()).test
    assert test is not None
    assert (test.why, test.roles, test.mine, test.holds) == (None, ["approver"], True, True)
    assert test.claims is not None
    assert test.claims["groups"] == "chiefs, others", "what decides is whole"
    assert (test.claims["amr"], test.claims["iss"]) == ("pwd, mfa", OTHER_ISSUER)
    assert test.claims["email"] == "ma…@service.qc.ca"
    assert test.claims["name"] == "Ma…"
    assert "Fafard" not in str(test.claims)
    [page] = [await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")]
    assert "Approver" in page.text
    assert "chiefs, others" in page.text


@pytest.mark.parametrize(
    ("named", "claims", "missing"),
    [
        ("oid", {}, True),
        ("oid", {"oid": ["one", "two"]}, True),
        ("oid", {"oid": ""}, True),
        ("oid", {"oid": "somebody"}, False),
        ("/realm/person", {"realm": {"person": "somebody"}}, False),
        (None, {}, False),
    ],
)
async def test_a_test_says_whether_the_claim_came_that_is_to_name_the_person(
    wizard: Wizard, named: str | None, claims: dict[str, Any], missing: bool
) -> None:
    await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, person_claim=named, id=wizard.id))
    landed = await wizard.test(**claims)
    test = (await wizard.file()).test
    assert test is not None
    assert (test.why, NO_PERSON in test.missing) == (None, missing)
    page = await wizard.browser.get(landed.headers["location"])
    assert (str(LACKS[NO_PERSON].title) in page.text) == missing


async def test_another_claim_that_names_the_person_asks_for_another_test(wizard: Wizard) -> None:
    await wizard.test()
    await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, person_claim="oid", id=wizard.id))
    test = (await wizard.file()).test
    assert test is not None
    assert not test.holds


async def test_claims_that_no_database_holds_are_told_with_marks(wizard: Wizard) -> None:
    answer = await wizard.test(name="\0\0\0\0", groups=["chiefs\0"], **{"k\0": True})
    assert answer.status_code == 303, answer.text
    test = (await wizard.file()).test
    assert test is not None
    assert test.claims is not None
    assert (test.claims["groups"], test.claims["k\ufffd"], test.claims["name"]) == (
        "chiefs\ufffd",
        "true",
        "\ufffd\ufffd…",
    )


async def test_what_came_is_cleared_after_an_hour_and_the_result_stays(wizard: Wizard) -> None:
    await wizard.test()
    wizard.rig.platform.clock.advance(timedelta(minutes=59))
    await clear_claims(wizard.rig.ctx(wizard.scope))
    assert (await records(wizard))[0].claims is not None
    wizard.rig.platform.clock.advance(timedelta(minutes=1))
    shown = (await wizard.file()).test
    assert shown is not None
    assert (shown.claims, shown.linkable) == (None, False), "whether the worker came by or not"
    await clear_claims(wizard.rig.ctx(wizard.scope))
    [kept] = await records(wizard)
    assert (kept.claims, kept.subject, kept.why) == (None, None, None)
    assert kept.missing
    await wizard.rig.sign_in(wizard.browser, wizard.scope)
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    assert "is shown for an hour" in page.text


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (sets(aud="somebody-else"), "audience"),
        (sets(nonce="another"), "nonce"),
        (sets(exp=1), "expired"),
        (sets(iss="https://login.example.org"), "issuer"),
    ],
)
async def test_whatever_a_sign_in_refuses_a_test_refuses_and_says_why(wizard: Wizard, lie: Any, why: str) -> None:
    start = await wizard.start()
    wizard.rig.other.claims = lie
    landed = await wizard.rig.finish(wizard.browser, wizard.scope, sent_with(start), iss=OTHER_ISSUER)
    assert landed.status_code == 303
    [record] = await records(wizard)
    assert (record.why, record.claims, record.subject) == (why, None, None)
    page = await wizard.browser.get(landed.headers["location"])
    assert "The test did not succeed" in page.text
    assert why in page.text
    assert not (await wizard.file()).enforcing[0].met


async def test_a_provider_that_is_down_is_told_in_the_second_window(wizard: Wizard) -> None:
    wizard.rig.other.answers["/.well-known/openid-configuration"] = lambda: httpx2.Response(502)
    start = await wizard.start()
    assert start.headers["location"].endswith("/tested")
    [record] = await records(wizard)
    assert record.why == "provider_down"


async def test_a_cancelled_test_is_a_failed_one(wizard: Wizard) -> None:
    sent = sent_with(await wizard.start())
    landed = await wizard.rig.finish(
        wizard.browser, wizard.scope, sent, iss=OTHER_ISSUER, code="", error="access_denied"
    )
    assert landed.headers["location"].endswith("/tested")
    assert [record.why for record in await records(wizard)] == ["cancelled"]


async def test_the_code_of_one_provider_is_not_shown_to_the_one_in_its_place(wizard: Wizard) -> None:
    rig = wizard.rig
    rig.hostile.metadata = rig.other.metadata = sets(authorization_response_iss_parameter_supported=False)
    sent = sent_with(await wizard.start())
    asked = rig.hostile.asked.count("/token")
    async with tenant_session(rig.ctx(wizard.scope)) as session:
        row = await session.get_one(IdentityProvider, (wizard.scope.id, UUID(wizard.id)))
        row.issuer = ISSUER
    landed = await rig.finish(wizard.browser, wizard.scope, sent, iss="")
    assert landed.headers["location"].endswith("/tested")
    assert [record.why for record in await records(wizard)] == ["callback"]
    assert (rig.hostile.asked.count("/token"), rig.other.asked.count("/token")) == (asked, 0)


async def test_a_test_cannot_be_used_as_a_sign_in_nor_a_sign_in_as_a_test(wizard: Wizard) -> None:
    """Without a session, what a test brings back opens none; and it is used once."""
    start = await wizard.start()
    name = session_cookie(wizard.scope.slug)
    kept = wizard.browser.cookies.pop(name)
    refused = await wizard.come_back(start)
    assert refused.status_code == 403
    assert name not in wizard.browser.cookies
    assert await records(wizard) == []
    wizard.browser.cookies[name] = kept
    again = await wizard.come_back(start)
    assert again.status_code == 403, "a record is used once, also by a test"
    assert await records(wizard) == []


async def test_only_who_sets_up_sign_in_tests_and_only_from_a_page_of_our_own(wizard: Wizard) -> None:
    rig, address = wizard.rig, f"/t/{wizard.scope.slug}/auth/test?provider={wizard.id}"
    stranger = await wizard.start(rig.browser())
    assert stranger.headers["location"].startswith(f"/t/{wizard.scope.slug}/auth/start")
    await rig.seat(wizard.scope, "coordinator", subject="somebody")
    rig.hostile.claims = rig.hostile.userinfo = sets(sub="somebody")
    other = rig.browser()
    await rig.sign_in(other, wizard.scope)
    assert (await wizard.start(other)).status_code == 403
    assert (await wizard.browser.get(address, sec_fetch_site="cross-site")).status_code == 403
    assert await records(wizard) == []


async def test_another_services_provider_is_not_found(rig: Rig, wizard: Wizard) -> None:
    foreign = await open_wizard(rig)
    made = await foreign.add()
    assert (await wizard.start(id=str(made.provider.id))).status_code == 404
    assert (await wizard.start(id="nothing")).status_code == 404
    assert await records(foreign) == []


async def test_an_administrator_who_is_none_any_more_ends_no_test(wizard: Wizard) -> None:
    start = await wizard.start()
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        seat = await session.get(Seat, (wizard.scope.id, wizard.seat))
        assert seat is not None
        seat.active = False
    assert (await wizard.come_back(start)).status_code == 403
    assert await records(wizard) == []


async def test_an_account_that_leads_into_the_seat_of_another_is_told(wizard: Wizard) -> None:
    await wizard.rig.seat(wizard.scope, "member", subject="new-1", issuer=OTHER_ISSUER)
    await wizard.test()
    [record] = await records(wizard)
    assert OTHER_SEAT in record.missing
    assert UNLINKED not in record.missing


async def test_every_lack_and_every_finding_has_words(wizard: Wizard) -> None:
    await wizard.test()
    [record] = await records(wizard)
    assert set(record.missing) <= set(LACKS)
    assert {"no_methods", "no_time"} <= set(record.missing)
