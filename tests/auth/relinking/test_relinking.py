"""A change of provider: every subject is another, and everybody keeps their seat with all that hangs on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.linking.directory import link_seat_account
from auth.linking.schemas import SeatAccount
from auth.relinking.schemas import OfRelink
from auth.relinking.service import get_relink, list_relinks, move_relink
from auth.relying_party.identities import identity_of, sit_down
from core.database.sessions import identity_session, tenant_session
from core.documents.models import Document
from core.errors import Conflict, Invalid, NotFound, Refused
from core.events.models import NotificationRow
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.relinking.changing import hang_on, hanging, outcomes, service
from tests.auth.rig import Rig, sent_with
from tests.auth.scim.directory import ENTERPRISE, USER, directory_of
from tests.auth.test_people import WHY, link, officer


@pytest.mark.parametrize("issuer", [OTHER_ISSUER, ISSUER], ids=["another issuer", "another client of the same issuer"])
async def test_every_subject_changes_and_everybody_keeps_what_they_have(rig: Rig, issuer: str) -> None:
    at = await service(rig, issuer=issuer)
    numbers = [f"E-{place}" for place in range(1, 6)]
    seats = [await at.person(number, role) for number, role in zip(numbers, ["approver", "member"] * 3, strict=False)]
    await hang_on(at, seats[0], seats[1])
    before, old = await hanging(at), await at.accounts()
    assert len(before) > 12
    file = await at.preview(*(f"{number},new {number}" for number in numbers))
    assert [(row.outcome, row.seat_id) for row in file.rows if row.line] == [("matched", seat) for seat in seats]
    assert await at.accounts() == old
    assert (await at.step(file, "apply")).relink.state == "applied"
    new = {(issuer, f"new {number}", seat) for number, seat in zip(numbers, seats, strict=True)}
    assert await at.accounts() == old | new
    assert await hanging(at) == before
    for number in numbers:
        assert await at.comes_in(1, f"new {number}") == f"Person {number}"
    assert await at.comes_in(0, "old E-1") == "Person E-1"
    with pytest.raises(Refused, match="still lets people in"):
        await at.step(file, "finish")
    await at.switch(0, state="off")
    assert (await at.step(file, "finish")).relink.state == "finished"
    kept = {one for one in old if one[2] == at.ctx.actor.id}
    assert await at.accounts() == new | kept
    assert await hanging(at) == before
    assert await at.comes_in(1, "new E-1") == "Person E-1"
    assert await at.comes_in(0, "old E-1") is None
    told = [line.after for line in await at.lines("identity.link")]
    assert sorted(one["subject"] for one in told if one) == [f"new {number}" for number in numbers]
    assert {(one["issuer"], one["origin"]) for one in told if one} == {(issuer, "relink")}
    assert len(await at.lines("identity.unlink")) == 5


async def test_the_preview_says_of_each_line_and_person_what_becomes_of_them_and_why(rig: Rig) -> None:
    at = await service(rig)
    for number in ("E-1", "E-2", "E-3", "E-4", "E-5", "E-6"):
        await at.person(number, "member")
    await officer(rig, at.scope, "E-7")
    await rig.seat(at.scope, "member", subject="taken", issuer=OTHER_ISSUER, name="Person Z")
    seated = await rig.seat(at.scope, "member", subject="already", issuer=OTHER_ISSUER, name="Person E-8")
    await link(rig, at.scope, seated, await officer(rig, at.scope, "E-8"))
    file = await at.preview(
        "E-1,new-1",
        "E-2,new-2a",
        "E-2,new-2b",
        "E-3,shared",
        "E-4,shared",
        "E-5,taken",
        "E-7,new-7",
        "E-8,already",
        "E-9,new-9",
        "E-1,new-1",
        ",new-10",
        "E-10,",
        "",
    )
    admin = (None, None, "missing", "not_in_source")
    assert outcomes(file) == [
        (2, "E-1", "matched", None),
        (3, "E-2", "ambiguous", "two_subjects"),
        (4, "E-2", "ambiguous", "two_subjects"),
        (5, "E-3", "ambiguous", "two_numbers"),
        (6, "E-4", "ambiguous", "two_numbers"),
        (7, "E-5", "rejected", "other_seat"),
        (8, "E-7", "rejected", "no_seat"),
        (9, "E-8", "linked", None),
        (10, "E-9", "rejected", "unknown"),
        (12, "", "rejected", "incomplete"),
        (13, "E-10", "rejected", "incomplete"),
        (None, "E-6", "missing", "not_in_source"),
        admin,
    ]
    assert file.relink.counts == {"matched": 1, "ambiguous": 4, "rejected": 5, "linked": 1, "missing": 2}
    only = await execute(get_relink, at.ctx, OfRelink(id=str(file.relink.id), outcome="rejected", limit=2))
    assert ([row.line for row in only.rows], only.next) == ([7, 8], 2)
    other = await at.preview("E-8,another")
    assert outcomes(other)[0] == (2, "E-8", "rejected", "other_account")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"employee_number,subject",
        b"number,who\nE-1,x",
        b"employee_number\nE-1",
        "employee_number,subject\nÉ-1,x".encode("latin-1"),
        b'employee_number,subject\n"E-1,x',
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_as_a_whole(rig: Rig, content: bytes) -> None:
    at = await service(rig)
    with pytest.raises(Invalid):
        await at.preview_bytes(content)
    assert (await execute(list_relinks, at.ctx, Nothing())).relinks == []


async def test_headings_may_be_french_and_parted_by_semicolons_and_the_file_is_not_kept(rig: Rig) -> None:
    at = await service(rig)
    await at.person("E-1", "member")
    file = await at.preview("ignored;E-1;new-1", heading="nom;Matricule;SUB")
    assert outcomes(file)[0] == (2, "E-1", "matched", None)
    async with tenant_session(rig.ctx(at.scope)) as session:
        assert await session.scalar(select(func.count()).where(Document.tenant_id == at.scope.id)) == 0


async def test_what_changed_since_the_preview_stops_the_whole(rig: Rig) -> None:
    at = await service(rig)
    await at.person("E-1", "member")
    await at.person("E-2", "member")
    file = await at.preview("E-1,new-1", "E-2,new-2")
    await rig.seat(at.scope, "member", subject="new-2", issuer=OTHER_ISSUER)
    before = await at.accounts()
    with pytest.raises(Refused, match="changed since the preview"):
        await at.step(file, "apply")
    assert await at.accounts() == before
    assert await at.lines("identity.link") == []
    assert (await execute(get_relink, at.ctx, OfRelink(id=str(file.relink.id)))).relink.state == "previewed"
    dropped = await at.step(file, "drop")
    assert (dropped.relink.state, dropped.rows) == ("dropped", [])


async def test_applied_twice_and_at_once_it_is_done_once(rig: Rig) -> None:
    at = await service(rig)
    seat = await at.person("E-1", "member")
    file = await at.preview("E-1,new-1")
    done = await asyncio.gather(*(at.step(file, "apply") for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Refused", "Refused", "RelinkFile"]
    assert len(await at.lines("identity.link")) == 1
    async with tenant_session(rig.ctx(at.scope)) as session:
        told = select(NotificationRow.seat_id, NotificationRow.link).where(NotificationRow.tenant_id == at.scope.id)
        assert (await session.execute(told)).all() == [(seat, "/session")]
    again = await at.preview("E-1,new-1")
    assert again.relink.counts == {"linked": 1, "missing": 1}
    with pytest.raises(Refused, match="Nothing in this preview"):
        await at.step(again, "apply")


async def test_whoever_was_linked_since_the_preview_gets_no_second_line_and_is_told_nothing(rig: Rig) -> None:
    at = await service(rig)
    seat, other = await at.person("E-1", "member"), await at.person("E-2", "member")
    file = await at.preview("E-1,new-1", "E-2,new-2")
    async with identity_session(rig.platform.database) as session:
        identity = await identity_of(session, rig.platform.clock, OTHER_ISSUER, "new-1")
        assert await sit_down(session, rig.platform.clock, identity, at.scope.id, seat, "invitation")
    assert (await at.step(file, "apply")).relink.state == "applied"
    assert [line.subject_id for line in await at.lines("identity.link")] == [other]


async def test_the_directory_says_the_new_accounts_by_external_id(rig: Rig) -> None:
    at = await service(rig)
    seat = await at.person("E-1", "member")
    with pytest.raises(Refused, match="externalId"):
        await at.ask("directory")
    directory = await directory_of(rig, at.scope)
    told: dict[str, Any] = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"employeeNumber": "E-1"}}
    await directory.add("first", externalId="new-1", **told)
    await directory.add("closed", externalId="new-2", active=False, **told)
    await directory.add("nobodys", externalId="new-3")
    file = await at.ask("directory")
    assert outcomes(file)[0] == (None, "E-1", "matched", None)
    await at.step(file, "apply")
    assert (OTHER_ISSUER, "new-1", seat) in await at.accounts()


async def test_whoever_has_no_officer_file_is_found_by_the_account_that_was_linked_to_their_seat(rig: Rig) -> None:
    at = await service(rig)
    seat = await rig.seat(at.scope, "hr_clerk", subject="old clerk", name="Person without a file")
    directory = await directory_of(rig, at.scope)
    account = await directory.add("clerk", externalId="new-7")
    await execute(link_seat_account, at.ctx, SeatAccount(id=account["id"], seat_id=str(seat), reason=WHY))
    file = await at.ask("directory")
    (row,) = [one for one in file.rows if one.subject == "new-7"]
    assert (row.outcome, row.seat_id, row.employee_number, row.why) == ("matched", seat, None, None)
    # A second account, which would be theirs by the number of a file that they got meanwhile, makes it ambiguous.
    await link(rig, at.scope, seat, await officer(rig, at.scope, "E-7"))
    told: dict[str, Any] = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"employeeNumber": "E-7"}}
    second = await directory.add("adm-clerk", externalId="new-8", **told)
    assert {(one.outcome, one.why) for one in (await at.ask("directory")).rows if one.subject} == {
        ("ambiguous", "two_subjects")
    }
    await directory.send("DELETE", f"/Users/{second['id']}")
    await at.step(file, "apply")
    assert (OTHER_ISSUER, "new-7", seat) in await at.accounts()
    await at.switch(0, state="off")
    await at.step(file, "finish")
    assert {one for one in await at.accounts() if one[2] == seat} == {(OTHER_ISSUER, "new-7", seat)}


async def test_by_number_everybody_is_linked_when_they_first_come(rig: Rig) -> None:
    at = await service(rig)
    await at.person("E-1", "member")
    with pytest.raises(Invalid):
        await at.ask("number")
    await at.switch(1, number_claim="employee_number")
    file = await at.ask("number")
    assert outcomes(file) == [(None, "E-1", "by_number", None), (None, None, "missing", "no_number")]
    with pytest.raises(Refused, match="Nothing in this preview"):
        await at.step(file, "apply")


async def test_another_service_s_providers_previews_and_files_are_not_there(rig: Rig) -> None:
    mine, other = await service(rig), await service(rig)
    await other.person("E-1", "member")
    file = await other.preview("E-1,new-1")
    with pytest.raises(NotFound):
        await execute(get_relink, mine.ctx, OfRelink(id=str(file.relink.id)))
    with pytest.raises(NotFound):
        await mine.step(file, "apply")
    mine.providers = other.providers
    with pytest.raises(Invalid):
        await mine.preview("E-1,new-1")
    assert (await execute(list_relinks, mine.ctx, Nothing())).relinks == []


async def test_a_stale_page_applies_nothing(rig: Rig) -> None:
    at = await service(rig)
    await at.person("E-1", "member")
    file = await at.preview("E-1,new-1")
    with pytest.raises(Conflict):
        await execute(move_relink, at.ctx, Step(id=str(file.relink.id), step="apply", reason=WHY), expected=9)


@pytest.mark.parametrize(("language", "words"), [("en", "Would be linked"), ("fr", "À rattacher")])
async def test_the_pages_preview_and_link(rig: Rig, language: str, words: str) -> None:
    at = await service(rig)
    await at.person("E-1", "member")
    file = await at.preview("E-1,new-1")
    browser = rig.browser()
    rig.hostile.claims = sets(sub=f"administrator of {at.scope.slug}")
    rig.hostile.userinfo = sets(sub=f"administrator of {at.scope.slug}")
    sent = sent_with(await browser.get(f"/t/{at.scope.slug}/auth/start?provider={at.providers[0]}"))
    await rig.finish(browser, at.scope, sent)
    address = f"/{language}/{at.scope.slug}/people/relinking"
    assert (await browser.get(address)).status_code == 200
    page = await browser.get(f"{address}/{file.relink.id}")
    assert words in page.text
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "step": "apply", "reason": WHY}
    moved = await browser.post(f"{address}/{file.relink.id}/step", sent)
    assert moved.status_code == 303, moved.text
    assert (OTHER_ISSUER, "new-1") in {one[:2] for one in await at.accounts()}
