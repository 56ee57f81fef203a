"""Programs that are let in: made once, replaced while they work, narrowed, and shut out at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from auth.accounts.schemas import AccountIn, EndAccount, Made, Rotate
from auth.accounts.service import TOKEN_MANAGE, add_account, end_account, list_accounts, rotate_token
from auth.models import ApiToken
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.tokens import digest, read_token
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from tests.auth.hostile import CLIENT, sets
from tests.auth.rig import Rig

WHY = "for the payroll office"
SEATS = "/api/v1/seats"


async def administrator(rig: Rig, scope: Scope, subject: str = "person-1") -> Ctx:
    seat = await rig.seat(scope, "administrator", name="Uriel Labonté", subject=subject)
    ctx = rig.platform.ctx(scope, TOKEN_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


def account(name: str = "Payroll export", **changes: Any) -> AccountIn:
    values: dict[str, Any] = {"kind": "api", "role": "administrator", "days": 90, "reason": WHY}
    return AccountIn(name=name, **(values | changes))


def rotation(made: Made, hours: int = 24) -> Rotate:
    return Rotate(id=str(made.account.id), overlap_hours=hours, days=90, reason=WHY)


async def calls(rig: Rig, text: str, method: str = "get", path: str = SEATS, **sent: Any) -> int:
    client = rig.browser()
    header = {"Authorization": f"Bearer {text}"}
    if method == "get":
        return (await client.get(path, **header)).status_code
    answer = await client._client.post(path, json=sent, headers=header)
    return answer.status_code


async def test_a_program_comes_in_with_a_token_that_is_told_once(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    made: Made = await execute(add_account, ctx, account())
    assert await calls(rig, made.text) == 200
    (listed,) = (await execute(list_accounts, ctx, Nothing())).accounts
    assert (listed.name, listed.roles, listed.reads_only, listed.made_by) == (
        "Payroll export",
        ["administrator"],
        True,
        "Uriel Labonté",
    )
    assert made.text not in str(listed)
    found = read_token(made.text)
    assert found is not None
    async with tenant_session(rig.ctx(scope)) as session:
        row = (await session.scalars(select(ApiToken))).one()
        line = (await session.scalars(select(AuditLine).where(AuditLine.action == "api_token.create"))).one()
    assert row.secret_digest == digest(found[1])
    assert line.after is not None
    assert found[1] not in str(line.after)


async def test_a_program_that_only_reads_changes_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    reading = (await execute(add_account, ctx, account())).text
    writing = (await execute(add_account, ctx, account("Directory sync", reads_only=False))).text
    person = {"name": "Maëlle Fafard", "language": "fr", "reason": WHY}
    assert await calls(rig, reading) == 200
    assert await calls(rig, reading, "post", **person) == 403
    assert await calls(rig, writing, "post", **person) == 201


async def test_the_old_token_works_beside_the_new_one_for_as_long_as_was_said(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    first = await execute(add_account, ctx, account())
    second = await execute(rotate_token, ctx, rotation(first, 2))
    assert second.account.id == first.account.id
    assert len(second.account.tokens) == 2
    assert [await calls(rig, one.text) for one in (first, second)] == [200, 200]
    rig.platform.clock.advance(timedelta(hours=2))
    assert [await calls(rig, one.text) for one in (first, second)] == [401, 200]
    third = await execute(rotate_token, ctx, rotation(first, 0))
    assert [await calls(rig, one.text) for one in (second, third)] == [401, 200]


async def test_the_log_knows_a_program_as_one_whatever_token_it_carries(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    first = await execute(add_account, ctx, account(reads_only=False))
    second = await execute(rotate_token, ctx, rotation(first))
    for text in (first.text, second.text):
        assert await calls(rig, text, "post", name="Maëlle Fafard", language="fr", reason=WHY) == 201
    async with tenant_session(rig.ctx(scope)) as session:
        lines = (await session.scalars(select(AuditLine).where(AuditLine.action == "seat.add"))).all()
    assert {(line.seat_id, line.actor_name) for line in lines} == {(first.account.id, "Payroll export")}


async def test_a_program_is_shut_out_at_once_with_all_its_tokens(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    first = await execute(add_account, ctx, account())
    second = await execute(rotate_token, ctx, rotation(first))
    assert (await execute(end_account, ctx, EndAccount(id=str(first.account.id), reason=WHY))).accounts == []
    assert [await calls(rig, one.text) for one in (first, second)] == [401, 401]


async def test_no_program_has_healths_role_and_a_directory_has_none(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    for wrong in ({"role": "health"}, {"role": "planner"}, {"role": None}, {"kind": "scim"}, {"days": 367}):
        with pytest.raises(Invalid):
            await execute(add_account, ctx, account(**wrong))
    made = await execute(add_account, ctx, account("Entra ID", kind="scim", role=None))
    assert await calls(rig, made.text) == 401
    assert await calls(rig, made.text, path=f"/t/{scope.slug}/scim/v2/Users") == 200


async def test_programs_do_not_let_programs_in_nor_people_without_the_right(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    token = replace(ctx, actor=msgspec.structs.replace(ctx.actor, kind="token"))
    with pytest.raises(Refused):
        await execute(add_account, token, account())
    with pytest.raises(Forbidden):
        await execute(add_account, rig.platform.ctx(scope), account())


async def test_another_service_s_programs_are_not_there(rig: Rig) -> None:
    mine, other = await rig.agency(), await rig.agency()
    theirs = await execute(add_account, await administrator(rig, other), account())
    ctx = await administrator(rig, mine)
    assert (await execute(list_accounts, ctx, Nothing())).accounts == []
    with pytest.raises(NotFound):
        await execute(end_account, ctx, EndAccount(id=str(theirs.account.id), reason=WHY))
    assert await calls(rig, theirs.text) == 200


async def test_ipob_and_the_operator_have_no_directory_to_let_in(rig: Rig) -> None:
    operator = rig.platform.operator
    await rig.accept(operator, client_id=CLIENT)
    await rig.seat(operator, "operator", subject="the operator of this test")
    rig.hostile.claims = rig.hostile.userinfo = sets(sub="the operator of this test")
    browser = rig.browser()
    assert (await rig.sign_in(browser, operator)).status_code == 303
    page = await browser.get(f"/en/{operator.slug}/programs")
    assert "A program that calls the API" in page.text
    assert "The directory" not in page.text


async def test_a_button_that_lacks_its_reason_asks_for_it_at_its_own_place(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    one, other = [await execute(add_account, ctx, account(name)) for name in ("Payroll", "Dashboard")]
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/en/{scope.slug}/programs"
    page = (await browser.get(address)).text
    token = page.split('name="_token" value="')[-1].split('"')[0]
    assert 'class="ask" open' not in page
    answer = await browser.post(f"{address}/{one.account.id}/end", {"_token": token, "reason": "ab"})
    assert answer.status_code == 422
    (opened,) = re.findall(r'<details class="ask" open>(.*?)</details>', answer.text, re.DOTALL)
    assert f"/programs/{one.account.id}/end" in opened
    assert "Use at least 3 characters." in opened
    assert ">ab</textarea>" in opened
    assert f"/programs/{other.account.id}/end" in answer.text


@pytest.mark.parametrize(
    ("sent", "role"),
    [({"kind": "api"}, "without a role it can do nothing"), ({"kind": "scim", "role": "auditor"}, "has no role")],
)
async def test_what_is_wrong_with_the_role_is_told_beside_what_was_left_empty(
    rig: Rig, sent: dict[str, str], role: str
) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/en/{scope.slug}/programs"
    page = (await browser.get(address)).text
    token = page.split('name="_token" value="')[-1].split('"')[0]
    label = page.split('for="f-add-role">')[1].split("</label>")[0]
    assert label == "Role", "it is asked for, if only of programs"
    answer = await browser.post(address, {"_token": token, **sent})
    assert answer.status_code == 422
    named = re.findall(r'href="#f-add-(\w+)"', answer.text)
    assert named == ["name", "role", "days", "reason"]
    assert role in answer.text.split('id="f-add-role-error"')[1].split("</p>")[0]


@pytest.mark.parametrize(("language", "words"), [("en", "shown this once"), ("fr", "n’est montré que cette fois")])
async def test_the_page_tells_the_token_once(rig: Rig, language: str, words: str) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/programs"
    page = await browser.get(address)
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "name": "Dashboard", "kind": "api", "role": "auditor", "days": "30", "reason": WHY}
    made = await browser.post(address, sent)
    assert made.status_code == 200, made.text
    assert words in made.text
    found = re.search(r"ctg_[^<\s]+", made.text)
    assert found is not None
    assert await calls(rig, unescape(found[0])) == 200
    again = await browser.get(address)
    assert "Dashboard" in again.text
    assert "ctg_" not in again.text
