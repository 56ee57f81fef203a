"""Accounts of the directory that belong to no officer: somebody says whose they are, and the directory goes on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from auth.linking.directory import (
    ListAccounts,
    get_directory_account,
    link_account,
    link_seat_account,
    list_directory_accounts,
)
from auth.linking.schemas import LinkAccount, SeatAccount
from auth.models import Seat
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Conflict, Invalid, NotFound, Refused
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, USER, Directory, directory_of
from tests.auth.test_people import WHY, link, manager, officer

NUMBER = "E-4711"
OFF, ON = {"op": "Replace", "path": "active", "value": "False"}, {"op": "Replace", "path": "active", "value": "True"}


async def account(directory: Directory, name: str, number: str | None = None, **attributes: Any) -> dict[str, Any]:
    enterprise = {} if number is None else {ENTERPRISE: {"employeeNumber": number}}
    return await directory.add(name, schemas=[USER, ENTERPRISE], **enterprise, **attributes)


async def setting(rig: Rig, role: str = "coordinator") -> tuple[Scope, UUID, Directory]:
    scope = await rig.agency()
    seat = await rig.seat(scope, role)
    await link(rig, scope, seat, await officer(rig, scope, NUMBER))
    return scope, seat, await directory_of(rig, scope)


async def active(rig: Rig, scope: Scope, seat: UUID) -> bool:
    async with tenant_session(rig.ctx(scope)) as session:
        return bool(await session.scalar(select(Seat.active).where(Seat.tenant_id == scope.id, Seat.id == seat)))


async def names(rig: Rig, scope: Scope, q: str = "") -> list[str]:
    found = await execute(list_directory_accounts, manager(rig, scope), ListAccounts(q=q))
    return [one.name for one in found.accounts]


def whose(one: dict[str, Any], number: str = NUMBER) -> LinkAccount:
    return LinkAccount(id=one["id"], employee_number=number, reason=WHY)


def theirs(one: dict[str, Any], seat: UUID) -> SeatAccount:
    return SeatAccount(id=one["id"], seat_id=str(seat), reason=WHY)


async def test_accounts_are_listed_until_they_belong_to_an_officer(rig: Rig) -> None:
    scope, _, directory = await setting(rig)
    await account(directory, "known", NUMBER)
    await account(directory, "nobodys", "E-9")
    await account(directory, "nameless")
    assert await names(rig, scope) == ["nameless", "nobodys"]
    assert await names(rig, scope, q="nobo") == ["nobodys"]
    assert await names(rig, await rig.agency()) == []


async def test_what_was_linked_by_hand_is_listed_with_whose_it_is_and_can_be_said_otherwise(rig: Rig) -> None:
    scope, seat, directory = await setting(rig)
    clerk = await rig.seat(scope, subject="person-7", name="Cyprien Abran")
    await officer(rig, scope, "E-3", family_name="Unseated", folded="unseated")
    await account(directory, "known", NUMBER)
    first, second, third = [await account(directory, name) for name in ("adm", "clerk", "unseated")]
    ctx = manager(rig, scope)
    await execute(link_account, ctx, whose(first))
    await execute(link_seat_account, ctx, theirs(second, clerk))
    await execute(link_account, ctx, whose(third, "E-3"))
    found = await execute(list_directory_accounts, ctx, ListAccounts(which="by_hand"))
    assert [(one.name, one.person, one.seat_id, one.employee_number) for one in found.accounts] == [
        ("adm", "Maëlle Fafard", seat, NUMBER),
        ("clerk", "Cyprien Abran", clerk, None),
        ("unseated", None, None, "E-3"),
    ]
    assert found.linked == 3
    asked = ListAccounts(which="by_hand", q="cle")
    assert [one.name for one in (await execute(list_directory_accounts, ctx, asked)).accounts] == ["clerk"]
    await execute(link_account, ctx, whose(second))
    one = await execute(get_directory_account, ctx, ById(second["id"]))
    assert (one.person, one.by_hand) == ("Maëlle Fafard", True)
    elsewhere = manager(rig, await rig.agency())
    with pytest.raises(NotFound):
        await execute(get_directory_account, elsewhere, ById(second["id"]))
    assert (await execute(list_directory_accounts, elsewhere, ListAccounts(which="by_hand"))).accounts == []


@pytest.mark.parametrize(("language", "words"), [("en", "Whose it is here"), ("fr", "À qui il appartient ici")])
async def test_the_page_lists_what_was_linked_by_hand(rig: Rig, language: str, words: str) -> None:
    scope, seat, directory = await setting(rig, "administrator")
    one = await account(directory, "adm")
    await execute(link_account, manager(rig, scope), whose(one))
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/directory"
    assert "which=by_hand" in (await browser.get(address)).text
    page = await browser.get(f"{address}?which=by_hand")
    assert words in page.text
    assert f"/people/{seat}" in page.text
    assert "Maëlle Fafard" in (await browser.get(f"{address}/{one['id']}")).text


@pytest.mark.parametrize(
    ("language", "none", "no_other"),
    [
        ("en", "No directory has told of an account yet.", "belongs to somebody here"),
        ("fr", "Aucun annuaire n’a encore annoncé de compte.", "appartient à quelqu’un ici"),
    ],
)
async def test_the_page_of_a_service_without_a_directory_says_so(
    rig: Rig, language: str, none: str, no_other: str
) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/directory"
    page = (await browser.get(address)).text
    assert (none in page, no_other in page) == (True, False)
    directory = await directory_of(rig, scope)
    await link(rig, scope, await rig.seat(scope, subject="person-3"), await officer(rig, scope, NUMBER))
    await account(directory, "theirs", NUMBER)
    page = (await browser.get(address)).text
    assert (none in page, no_other in page) == (False, True)
    assert no_other not in (await browser.get(f"{address}?q=nobody")).text


async def test_a_linked_account_opens_and_shuts_the_seat_as_if_the_directory_had_sent_the_number(rig: Rig) -> None:
    scope, seat, directory = await setting(rig)
    one = await account(directory, "nameless")
    await execute(link_account, manager(rig, scope), whose(one))
    assert await names(rig, scope) == []
    assert await active(rig, scope, seat)
    assert (await directory.patch(one, OFF)).status_code == 200
    assert not await active(rig, scope, seat)
    assert (await directory.patch(one, ON)).status_code == 200
    assert await active(rig, scope, seat)
    assert (await directory.send("DELETE", f"/Users/{one['id']}")).status_code == 204
    assert not await active(rig, scope, seat)


async def test_what_a_person_said_stands_against_what_the_directory_says_later(rig: Rig) -> None:
    scope, seat, directory = await setting(rig)
    other = await rig.seat(scope, "member", subject="person-2")
    await link(rig, scope, other, await officer(rig, scope, "E-2"))
    one = await account(directory, "swapped", "E-2")
    await execute(link_account, manager(rig, scope), whose(one))
    assert (await directory.patch(one, OFF)).status_code == 200
    assert not await active(rig, scope, seat)
    assert await active(rig, scope, other)


async def test_a_closed_account_shuts_its_officer_out_when_it_is_linked_but_not_the_last_administrator(
    rig: Rig,
) -> None:
    scope, seat, directory = await setting(rig, "administrator")
    one = await account(directory, "closed", active=False)
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(link_account, manager(rig, scope), whose(one))
    await rig.seat(scope, "administrator", subject="person-2")
    told = await execute(link_account, manager(rig, scope), whose(one))
    assert (told.employee_number, told.active) == (NUMBER, False)
    assert not await active(rig, scope, seat)
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == scope.id, AuditLine.action == "scim_user.link")
        (line,) = (await session.scalars(chosen)).all()
    assert (line.before, line.after, line.reason) == (
        {"employee_number": None},
        {"employee_number": NUMBER, "name": "closed"},
        WHY,
    )


async def test_a_number_of_nobody_a_group_a_stale_page_and_another_service_link_nothing(rig: Rig) -> None:
    scope, _, directory = await setting(rig)
    one, ctx = await account(directory, "nameless"), manager(rig, scope)
    with pytest.raises(Invalid):
        await execute(link_account, ctx, whose(one, "E-9"))
    with pytest.raises(Conflict):
        await execute(link_account, ctx, whose(one), expected=7)
    with pytest.raises(NotFound):
        await execute(link_account, manager(rig, await rig.agency()), whose(one))
    group = await directory.send("POST", "/Groups", {"schemas": [], "displayName": "Chiefs"})
    if group.status_code == 201:
        with pytest.raises(NotFound):
            await execute(link_account, ctx, whose(group.json()))
    assert await names(rig, scope) == ["nameless"]


async def test_an_account_of_somebody_without_an_officer_file_opens_and_shuts_their_seat(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "coordinator")
    directory = await directory_of(rig, scope)
    # What an administrator says stands, whatever number the directory sends.
    one = await account(directory, "clerk", NUMBER)
    await execute(link_seat_account, manager(rig, scope), theirs(one, seat))
    assert await names(rig, scope) == []
    assert (await directory.patch(one, OFF)).status_code == 200
    assert not await active(rig, scope, seat)
    assert (await directory.patch(one, ON)).status_code == 200
    assert await active(rig, scope, seat)
    assert (await directory.send("DELETE", f"/Users/{one['id']}")).status_code == 204
    assert not await active(rig, scope, seat)
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == scope.id, AuditLine.action == "scim_user.link")
        (line,) = (await session.scalars(chosen)).all()
    assert line.before == {"employee_number": NUMBER}
    assert line.after == {"employee_number": None, "seat_id": str(seat), "name": "clerk"}


async def test_accounts_of_both_kinds_count_together_and_those_of_others_do_not(rig: Rig) -> None:
    scope, seat, directory = await setting(rig)
    numbered, linked = await account(directory, "everyday", NUMBER), await account(directory, "adm-everyday")
    await account(directory, "nobodys")
    await account(directory, "elsewhere", "E-9")
    await execute(link_seat_account, manager(rig, scope), theirs(linked, seat))
    assert (await directory.patch(numbered, OFF)).status_code == 200
    assert await active(rig, scope, seat)
    assert (await directory.patch(linked, OFF)).status_code == 200
    assert not await active(rig, scope, seat)


async def test_the_accounts_that_nobody_linked_say_nothing_of_somebody_without_a_number(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "coordinator")
    directory = await directory_of(rig, scope)
    await account(directory, "nobodys")
    one = await account(directory, "clerk")
    await execute(link_seat_account, manager(rig, scope), theirs(one, seat))
    assert (await directory.patch(one, OFF)).status_code == 200
    assert not await active(rig, scope, seat)


async def test_an_account_that_was_linked_wrongly_is_linked_anew_to_somebody_else_alone(rig: Rig) -> None:
    scope, seat, directory = await setting(rig)
    clerk = await rig.seat(scope, "coordinator", subject="person-2")
    one, ctx = await account(directory, "clerk"), manager(rig, scope)
    await execute(link_account, ctx, whose(one))
    await execute(link_seat_account, ctx, theirs(one, clerk))
    assert (await directory.patch(one, OFF)).status_code == 200
    assert (await active(rig, scope, seat), await active(rig, scope, clerk)) == (True, False)
    await execute(link_account, ctx, whose(one))
    assert not await active(rig, scope, seat)


async def test_a_seat_elsewhere_a_stale_page_and_the_last_administrators_closed_account_link_nothing(rig: Rig) -> None:
    scope, elsewhere = await rig.agency(), await rig.agency()
    seat = await rig.seat(scope, "administrator")
    foreign = await rig.seat(elsewhere, "coordinator", subject="person-2")
    directory, ctx = await directory_of(rig, scope), manager(rig, scope)
    closed = await account(directory, "closed", active=False)
    for error, data, expected in (
        (NotFound, theirs(closed, foreign), None),
        (Conflict, theirs(closed, seat), 7),
        (Refused, theirs(closed, seat), None),
    ):
        with pytest.raises(error):
            await execute(link_seat_account, ctx, data, expected=expected)
    with pytest.raises(NotFound):
        await execute(link_seat_account, manager(rig, elsewhere), theirs(closed, foreign))
    assert await names(rig, scope) == ["closed"]
    assert await active(rig, scope, seat)


@pytest.mark.parametrize(("language", "words"), [("en", "Whose account is this?"), ("fr", "qui est ce compte")])
async def test_the_pages_list_and_link(rig: Rig, language: str, words: str) -> None:
    scope, _, directory = await setting(rig, "administrator")
    one = await account(directory, "nameless", displayName="Ozanne Mainguy")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/directory"
    listed = await browser.get(address)
    assert "Ozanne Mainguy" in listed.text
    page = await browser.get(f"{address}/{one['id']}")
    assert words in page.text
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "employee_number": NUMBER, "reason": WHY}
    assert (await browser.post(f"{address}/{one['id']}", sent)).status_code == 303
    assert "Ozanne Mainguy" not in (await browser.get(address)).text.split("<main")[1].split('class="tw"')[-1]


@pytest.mark.parametrize(
    ("language", "words", "untrue"),
    [
        ("en", "No account here has this in its name.", "Every account of the directory belongs to somebody here."),
        ("fr", "Aucun compte ne porte ce nom ici.", "Chaque compte de l’annuaire appartient à quelqu’un ici."),
    ],
)
async def test_a_search_that_finds_no_account_does_not_say_that_there_is_none(
    rig: Rig, language: str, words: str, untrue: str
) -> None:
    scope, _, directory = await setting(rig, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/directory"
    await account(directory, "known", NUMBER)
    assert untrue in (await browser.get(address)).text
    await account(directory, "nameless")
    for asked in ("?q=zzz", "?q=zzz&which=by_hand"):
        page = (await browser.get(f"{address}{asked}")).text
        assert words in page
        assert untrue not in page


@pytest.mark.parametrize(("language", "words"), [("en", "without an officer file"), ("fr", "sans dossier de membre")])
async def test_the_page_offers_who_has_no_officer_file_and_links_them(rig: Rig, language: str, words: str) -> None:
    scope, _, directory = await setting(rig, "administrator")
    clerk = await rig.seat(scope, "coordinator", subject="person-2", name="Thècle Doiron")
    one = await account(directory, "clerk")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/directory/{one['id']}"
    page = (await browser.get(address)).text
    assert words in page
    card = page.split('id="somebody"')[1]
    assert "Thècle Doiron" in card
    assert "Maëlle Fafard" not in card
    token = card.split('name="_token" value="')[1].split('"')[0]
    nobody = await browser.post(f"{address}/seat", {"_token": token, "seat_id": "", "reason": WHY})
    assert nobody.status_code in {404, 422}
    assert (
        await browser.post(f"{address}/seat", {"_token": token, "seat_id": str(clerk), "reason": WHY})
    ).status_code == 303
    assert (await directory.patch(one, OFF)).status_code == 200
    assert not await active(rig, scope, clerk)
