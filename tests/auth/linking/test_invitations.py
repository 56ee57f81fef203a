"""By an invitation: shown once, used once, confirmed by whoever it names, and nothing by looking at a page."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import msgspec
import pytest
from sqlalchemy import func, select

from auth.linking.models import SeatInvitation
from auth.linking.schemas import Invite, Unlink, Withdraw
from auth.linking.service import get_links, invite, unlink, withdraw_invitation
from auth.models import Identity, IdentitySeat, Seat
from auth.relying_party.identities import identity_of, sit_down
from auth.relying_party.refusals import Why
from auth.schemas import SwitchSeat
from auth.secrets import session_cookie
from auth.service import SEAT_MANAGE, SEAT_READ, switch_seat
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import identity_session, tenant_session
from core.errors import NotFound, Refused
from core.events.models import NotificationRow
from core.ids import new_id
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Browser, Rig, sent_with

WHY = "she has started with us"
NAME = "Odette Samson"


async def administrator(rig: Rig, scope: Scope) -> Ctx:
    seat = await rig.seat(scope, "administrator", subject=f"administrator of {scope.slug}", name="Uriel Labonté")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def empty_seat(rig: Rig, scope: Scope) -> UUID:
    """Return a seat that no account opens."""
    seat = new_id(rig.platform.clock)
    async with tenant_session(rig.ctx(scope)) as session:
        now = rig.platform.clock.now()
        session.add(Seat(tenant_id=scope.id, id=seat, name=NAME, language="fr", active=True, created_at=now))
    return seat


async def link_for(ctx: Ctx, seat: UUID) -> str:
    return (await execute(invite, ctx, Invite(id=str(seat), days=7, reason=WHY))).path


async def come_by(rig: Rig, browser: Browser, scope: Scope, link: str, subject: str = "new-1") -> httpx2.Response:
    """Follow the link, sign in at the provider, and return what is shown then."""
    rig.hostile.claims, rig.hostile.userinfo = sets(sub=subject), sets(sub=subject)
    return await rig.finish(browser, scope, sent_with(await browser.get(link)))


def state_in(page: httpx2.Response) -> str:
    found: list[str] = re.findall(r'name="state" value="([^"]+)"', page.text)
    assert len(found) == 1, page.text
    return found[0]


async def confirm(browser: Browser, scope: Scope, page: httpx2.Response) -> httpx2.Response:
    return await browser.post(f"/t/{scope.slug}/auth/join", {"state": state_in(page)})


async def links(rig: Rig, scope: Scope) -> list[tuple[str, UUID, str]]:
    async with identity_session(rig.platform.database) as session:
        chosen = (
            select(Identity.subject, IdentitySeat.seat_id, IdentitySeat.origin)
            .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
            .where(IdentitySeat.scope_id == scope.id, IdentitySeat.origin != "command")
        )
        return [(row.subject, row.seat_id, row.origin) for row in await session.execute(chosen)]


async def lines(rig: Rig, scope: Scope, *actions: str) -> list[AuditLine]:
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == scope.id, AuditLine.action.in_(actions))
        return list(await session.scalars(chosen))


async def refusals(rig: Rig, scope: Scope) -> list[str]:
    return [line.after["why"] for line in await lines(rig, scope, "sign_in.refused") if line.after]


async def test_whoever_signs_in_by_the_link_and_confirms_the_name_is_linked(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await empty_seat(rig, scope), rig.browser()
    page = await come_by(rig, browser, scope, await link_for(ctx, seat))
    assert page.status_code == 200
    assert NAME in page.text
    assert await links(rig, scope) == []
    assert session_cookie(scope.slug) not in browser.cookies
    joined = await confirm(browser, scope, page)
    assert joined.status_code == 200, joined.text
    assert await links(rig, scope) == [("new-1", seat, "invitation")]
    assert session_cookie(scope.slug) not in browser.cookies
    (line,) = await lines(rig, scope, "identity.link")
    assert line.after == {"issuer": ISSUER, "subject": "new-1", "origin": "invitation"}
    assert (line.subject_id, line.reason) == (seat, WHY)
    (start,) = re.findall(r'class="btn p" href="([^"]+)"', joined.text)
    start = start.replace("&amp;", "&")
    asked = parse_qs(urlsplit(start).query)
    assert asked.keys() == {"language", "provider"}
    signed = await rig.finish(browser, scope, sent_with(await browser.get(start)))
    assert (signed.status_code, signed.headers["location"]) == (303, f"/fr/{scope.slug}/")
    async with tenant_session(rig.ctx(scope)) as session:
        told = select(NotificationRow.seat_id, NotificationRow.link).where(NotificationRow.tenant_id == scope.id)
        assert (await session.execute(told)).all() == [(ctx.actor.id, f"/people/{seat}/sign-in")]


async def test_whom_another_registration_at_the_same_issuer_knows_otherwise_is_invited_again_and_once(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope, subject="as the old registration knows them")
    with pytest.raises(Refused, match="linked to an account already"):
        await link_for(ctx, seat)
    assert not (await execute(get_links, ctx, ById(str(seat)))).invitable
    await rig.accept(scope, client_id="old-client", name="Old", state="off")
    assert (await execute(get_links, ctx, ById(str(seat)))).invitable
    link = await link_for(ctx, seat)
    browser = rig.browser()
    assert (await confirm(browser, scope, await come_by(rig, browser, scope, link))).status_code == 200
    assert await links(rig, scope) == [("new-1", seat, "invitation")]
    assert not (await execute(get_links, ctx, ById(str(seat)))).invitable
    with pytest.raises(Refused, match="linked to an account already"):
        await link_for(ctx, seat)


async def test_looking_at_pages_links_nobody(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await empty_seat(rig, scope), rig.browser()
    link = await link_for(ctx, seat)
    for _ in range(2):
        await come_by(rig, browser, scope, link)
    got = await browser.get(f"/t/{scope.slug}/auth/join")
    assert got.status_code in (404, 405)
    assert await links(rig, scope) == []
    async with tenant_session(rig.ctx(scope)) as session:
        used = select(func.count()).where(SeatInvitation.tenant_id == scope.id, SeatInvitation.used_at.is_not(None))
        assert await session.scalar(used) == 0


async def test_a_link_is_used_once_and_a_second_click_is_told_so(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await empty_seat(rig, scope)
    link, browser, other = await link_for(ctx, seat), rig.browser(), rig.browser()
    page, late = await come_by(rig, browser, scope, link), await come_by(rig, other, scope, link, "new-2")
    assert (await confirm(browser, scope, page)).status_code == 200
    assert (await confirm(browser, scope, page)).status_code == 403
    assert (await confirm(other, scope, late)).status_code == 403
    assert (await come_by(rig, rig.browser(), scope, link, "new-3")).status_code == 403
    assert await links(rig, scope) == [("new-1", seat, "invitation")]
    assert await refusals(rig, scope) == [Why.INVITATION] * 3


async def test_of_several_who_confirm_at_once_one_is_linked(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await empty_seat(rig, scope)
    link = await link_for(ctx, seat)
    browsers = [rig.browser() for _ in range(5)]
    pages = [await come_by(rig, one, scope, link, f"new-{place}") for place, one in enumerate(browsers)]
    done = await asyncio.gather(*(confirm(one, scope, page) for one, page in zip(browsers, pages, strict=True)))
    assert sorted(one.status_code for one in done) == [200, 403, 403, 403, 403]
    assert len(await links(rig, scope)) == len(await lines(rig, scope, "identity.link")) == 1


async def test_what_cannot_be_used_reads_the_same_whatever_it_was(rig: Rig) -> None:
    scope, elsewhere = await rig.agency(), await rig.agency()
    ctx, seat = await administrator(rig, scope), await empty_seat(rig, scope)
    withdrawn = await link_for(ctx, seat)
    await execute(withdraw_invitation, ctx, Withdraw(id=str(seat), reason=WHY))
    replaced = await link_for(ctx, seat)
    await link_for(ctx, seat)
    old = await link_for(ctx, await empty_seat(rig, scope))
    shut = await empty_seat(rig, scope)
    closed = await link_for(ctx, shut)
    await execute(switch_seat, ctx, SwitchSeat(id=str(shut), active=False, reason=WHY))
    theirs = await link_for(await administrator(rig, elsewhere), await empty_seat(rig, elsewhere))
    start = old.split("invitation=", maxsplit=1)[0]
    bad = {
        "withdrawn": withdrawn,
        "replaced by a newer one": replaced,
        "for somebody who is shut out": closed,
        "of another service": start + "invitation=" + theirs.split("invitation=")[1],
        "invented": f"{start}invitation={'x' * 43}",
        "broken": f"{start}invitation=x",
    }
    pages = [await come_by(rig, rig.browser(), scope, link) for link in bad.values()]
    rig.platform.clock.advance(timedelta(days=7))
    pages.append(await come_by(rig, rig.browser(), scope, old))
    assert {page.status_code for page in pages} == {403}
    assert len({page.text.replace(page.headers["x-request-id"], "") for page in pages}) == 1
    assert "demandez un nouveau lien" in pages[0].text
    assert await refusals(rig, scope) == [Why.INVITATION] * len(pages)
    assert await links(rig, scope) == await links(rig, elsewhere) == []


async def test_only_the_browser_that_signed_in_confirms_and_only_for_a_quarter_of_an_hour(rig: Rig) -> None:
    scope, elsewhere = await rig.agency(), await rig.agency()
    ctx, seat, browser = await administrator(rig, scope), await empty_seat(rig, scope), rig.browser()
    page = await come_by(rig, browser, scope, await link_for(ctx, seat))
    assert (await confirm(rig.browser(), scope, page)).status_code == 403
    assert (await confirm(browser, elsewhere, page)).status_code == 403
    sent = sent_with(await rig.start(browser, scope))
    for state in (sent["state"], "x" * 43, ""):
        said = await browser.post(f"/t/{scope.slug}/auth/join", {"state": state})
        assert said.status_code == 403
    rig.platform.clock.advance(timedelta(minutes=15))
    assert (await confirm(browser, scope, page)).status_code == 403
    assert await links(rig, scope) == []


async def test_an_account_that_opens_a_seat_here_is_not_moved_to_another(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await empty_seat(rig, scope)
    await rig.seat(scope, "member", subject="here-already")
    page = await come_by(rig, rig.browser(), scope, await link_for(ctx, seat), "here-already")
    assert page.status_code == 403
    assert await refusals(rig, scope) == [Why.SEATED]
    second, third = await empty_seat(rig, scope), rig.browser()
    asked = [await come_by(rig, third, scope, await link_for(ctx, one), "twice") for one in (seat, second)]
    assert [(await confirm(third, scope, one)).status_code for one in asked] == [200, 403]
    assert await links(rig, scope) == [("twice", seat, "invitation")]


async def test_a_seat_that_an_account_of_this_provider_opens_is_not_offered_again(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    taken = await rig.seat(scope, "member", subject="person-2")
    with pytest.raises(Refused, match="already"):
        await link_for(ctx, taken)
    seat, browser = await empty_seat(rig, scope), rig.browser()
    page = await come_by(rig, browser, scope, await link_for(ctx, seat))
    async with identity_session(rig.platform.database) as session:
        identity = await identity_of(session, rig.platform.clock, ISSUER, "quicker")
        assert await sit_down(session, rig.platform.clock, identity, scope.id, seat, "command")
    assert (await confirm(browser, scope, page)).status_code == 403
    assert await links(rig, scope) == []
    elsewhere = await rig.seat(scope, "member", subject="person-3", issuer=OTHER_ISSUER)
    again = await come_by(rig, rig.browser(), scope, await link_for(ctx, elsewhere), "new-9")
    assert again.status_code == 200


async def test_another_service_s_people_and_accounts_are_not_there(rig: Rig) -> None:
    mine, other = await rig.agency(), await rig.agency()
    ctx, theirs = await administrator(rig, mine), await administrator(rig, other)
    seat = await rig.seat(other, "member", subject="person-2")
    (account,) = (await execute(get_links, theirs, ById(str(seat)))).accounts
    attempts = [
        execute(get_links, ctx, ById(str(seat))),
        execute(invite, ctx, Invite(id=str(seat), days=7, reason=WHY)),
        execute(withdraw_invitation, ctx, Withdraw(id=str(seat), reason=WHY)),
        execute(unlink, ctx, Unlink(id=str(seat), identity_id=str(account.id), reason=WHY)),
    ]
    done = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(one) for one in done] == [NotFound] * 4
    own = await empty_seat(rig, mine)
    with pytest.raises(Refused):
        await execute(unlink, ctx, Unlink(id=str(own), identity_id=str(account.id), reason=WHY))
    assert len((await execute(get_links, theirs, ById(str(seat)))).accounts) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "Linked accounts"), ("fr", "Comptes rattachés")])
async def test_the_page_makes_a_link_shown_once_and_withdraws_it(rig: Rig, language: str, words: str) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    seat, browser = await empty_seat(rig, scope), rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/{seat}"
    page = await browser.get(f"{address}/sign-in")
    assert words in page.text
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    made = await browser.post(f"{address}/invitation", {"_token": token, "days": "2", "reason": WHY})
    assert made.status_code == 200, made.text
    (link,) = re.findall(r"<code>([^<]+)</code>", made.text)
    assert link.startswith(f"http://localhost:8000/t/{scope.slug}/auth/start?language=fr&amp;invitation=")
    shown = await browser.get(f"{address}/sign-in")
    assert "Uriel" not in shown.text
    assert link.split("invitation=")[1] not in shown.text
    token = shown.text.split('name="_token" value="')[-1].split('"')[0]
    gone = await browser.post(f"{address}/invitation/withdraw", {"_token": token, "reason": WHY})
    assert gone.status_code == 303
    refused = await come_by(rig, rig.browser(), scope, link.replace("&amp;", "&").removeprefix("http://localhost:8000"))
    assert refused.status_code == 403
