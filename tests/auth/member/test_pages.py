"""The pages: one's own access, and the service's of everybody's."""

from __future__ import annotations

import html
import json
import re

import httpx2

from tests.auth.hostile import sets
from tests.auth.member.authenticator import Authenticator
from tests.auth.member.officers import Member, selected
from tests.auth.rig import Browser, Rig

OWN, ALL = "/my/access", "/people/member-access"


async def signed_in(member: Member, subject: str = "person-1") -> Browser:
    browser, hostile = member.rig.browser(), member.rig.hostile
    now = int(member.rig.platform.clock.now().timestamp())
    hostile.claims, hostile.userinfo = sets(sub=subject, auth_time=now), sets(sub=subject)
    assert (await member.rig.sign_in(browser, member.scope)).status_code == 303
    return browser


async def send(browser: Browser, home: str, page: str, path: str, **values: str) -> httpx2.Response:
    """Send the form of ``page`` that is posted to ``path``."""
    shown = await browser.get(home + page)
    (form,) = re.findall(rf'<form[^>]*action="{re.escape(home + path)}".*?</form>', shown.text, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))
    return await browser.post(home + path, hidden | values)


async def test_an_officer_adds_names_and_drops_a_passkey(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    browser, home = await signed_in(member), f"/en/{member.scope.slug}"
    assert "Nothing opens it yet" in (await browser.get(home + OWN)).text
    begun = await send(browser, home, OWN, f"{OWN}/passkeys")
    page = await browser.get(begun.headers["location"])
    (options,) = re.findall(r'data-options="([^"]*)"', page.text)
    answer = device.make(json.loads(html.unescape(options)))
    path = begun.headers["location"].removeprefix(home)
    added = await send(browser, home, path, path, name="My telephone", passkey=answer)
    assert (added.status_code, added.headers["location"]) == (303, home + OWN)
    again = await browser.get(home + path)
    assert again.status_code == 409, "what was begun is used up"
    shown = (await browser.get(home + OWN)).text
    (key,) = set(re.findall(rf"{OWN}/passkeys/([0-9a-f-]+)/removal", shown))
    await send(browser, home, OWN, f"{OWN}/passkeys/{key}/name", name="The one at home")
    assert "The one at home" in (await browser.get(home + OWN)).text
    await send(browser, home, OWN, f"{OWN}/passkeys/{key}/removal")
    assert "The one at home" not in (await browser.get(home + OWN)).text
    deeds = [len(await member.lines(f"passkey.{deed}")) for deed in ("add", "rename", "drop")]
    assert deeds == [1, 1, 1]


async def test_what_the_browser_did_not_make_for_this_is_not_added(rig: Rig) -> None:
    member = await selected(rig)
    browser, home = await signed_in(member), f"/en/{member.scope.slug}"
    path = (await send(browser, home, OWN, f"{OWN}/passkeys")).headers["location"].removeprefix(home)
    options = {"challenge": "AAAA", "user": {"id": "AAAA"}}
    for answer in (Authenticator().make(options), "{}", ""):
        refused = await send(browser, home, path, path, name="A stranger’s", passkey=answer)
        assert refused.status_code in {409, 422}
    assert await member.lines("passkey.add") == []


async def test_codes_stand_on_one_page_once_and_only_the_last_sheet_opens(rig: Rig) -> None:
    member = await selected(rig)
    browser, home = await signed_in(member), f"/fr/{member.scope.slug}"
    first, last = [
        re.findall(r"<code>([0-9A-Z-]{24})</code>", (await send(browser, home, OWN, f"{OWN}/codes")).text)
        for _ in range(2)
    ]
    assert len({*first, *last}) == 20
    assert re.findall(r"<code>([0-9A-Z-]{24})</code>", (await browser.get(home + OWN)).text) == []
    assert not await member.enters(first[0])
    assert await member.enters(last[0])
    assert "Il reste 9" in (await browser.get(home + OWN)).text


async def test_nobody_sets_up_what_is_not_theirs_to_have(rig: Rig) -> None:
    member = await selected(rig)
    await member.set_candidacy("assessment")
    browser, home = await signed_in(member), f"/en/{member.scope.slug}"
    page = (await browser.get(home + OWN)).text
    assert "once you are selected" in page
    assert f"{OWN}/codes" not in page
    await member.set_seat(officer_id=None)
    assert "No officer file belongs" in (await browser.get(home + OWN)).text


async def test_a_passkey_of_somebody_else_is_not_there(rig: Rig) -> None:
    member = await selected(rig)
    other = await selected(rig, member.scope, subject="person-2", number="E-2")
    theirs = await other.add(Authenticator())
    begun = await other.begin()
    browser, home = await signed_in(member), f"/en/{member.scope.slug}"
    await send(browser, home, OWN, f"{OWN}/codes")
    for path, named in (("removal", {}), ("name", {"name": "Mine now"})):
        token = (await browser.get(home + OWN)).text.split('name="_token" value="')[1].split('"')[0]
        answer = await browser.post(f"{home}{OWN}/passkeys/{theirs}/{path}", {"_token": token} | named)
        assert answer.status_code == 404
    assert (await browser.get(f"{home}{OWN}/passkeys/{begun}")).status_code == 404, "as one that was never begun"
    assert (await browser.get(f"{home}{OWN}/passkeys/{member.seat}")).status_code == 404
    assert len(await other.lines("passkey.drop")) == 0


async def test_the_service_ends_an_access_on_its_page_and_allows_it_again(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    await rig.seat(member.scope, "privacy", subject="person-9", name="Cyprien Charlebois")
    browser, home = await signed_in(member, "person-9"), f"/en/{member.scope.slug}"
    path = f"{ALL}/{(await member.row()).id}/switch"
    assert (await send(browser, home, ALL, path)).status_code == 422, "a reason is asked for"
    ended = await send(browser, home, ALL, path, reason="The officer asked for it in writing.")
    assert (ended.status_code, ended.headers["location"]) == (303, home + ALL)
    shown = (await browser.get(home + ALL)).text
    assert "Ended: The officer asked for it in writing." in shown
    assert "0 codes" in shown
    assert not await member.enters()
    own = await signed_in(member)
    assert "The officer asked for it in writing." in (await own.get(home + OWN)).text
    await send(browser, home, ALL, path, reason="It was the wrong officer.")
    assert (await send(own, home, OWN, f"{OWN}/codes")).status_code == 200


async def test_who_may_not_end_it_does_not_see_who_has_it(rig: Rig) -> None:
    member = await selected(rig)
    await rig.seat(member.scope, "coordinator", subject="person-9")
    browser = await signed_in(member, "person-9")
    assert (await browser.get(f"/en/{member.scope.slug}{ALL}")).status_code == 403


async def test_whoever_is_refused_at_the_provider_is_shown_the_other_way_in(rig: Rig) -> None:
    member = await selected(rig)
    await member.set_seat(active=False)
    refused = await rig.sign_in(rig.browser(), member.scope)
    assert refused.status_code == 403
    assert f'href="/t/{member.scope.slug}/member?language=en"' in refused.text
    await rig.accept(rig.platform.program)
    elsewhere = await rig.sign_in(rig.browser(), rig.platform.program, state="x" * 43)
    assert "/member" not in elsewhere.text


async def test_the_entrance_speaks_both_languages(rig: Rig) -> None:
    scope, browser = await rig.agency(), rig.browser()
    address = f"/t/{scope.slug}/member"
    english = (await browser.get(f"{address}?language=en")).text
    assert f'href="{address}?language=fr"' in english
    french = (await browser.get(f"{address}?language=fr")).text
    assert "Entrer avec une clé d’accès" in french
    assert '<html lang="fr-CA">' in french


async def test_the_list_of_services_leads_officers_to_their_entrances(rig: Rig) -> None:
    scope, browser = await rig.agency(), rig.browser()
    listed = (await browser.get("/en/")).text
    assert f'href="/en/{scope.slug}"' in listed
    assert 'href="/en/?way=member"' in listed
    entrances = (await browser.get(f"/en/?way=member&q={scope.slug}")).text
    assert f'href="http://localhost:8000/t/{scope.slug}/member?language=en"' in entrances
    assert '<input type="hidden" name="way" value="member">' in entrances
    assert "/ipob" not in (await browser.get("/en/?way=member")).text


async def test_a_name_that_is_refused_is_asked_for_again_at_its_own_passkey(rig: Rig) -> None:
    member = await selected(rig)
    key, _ = [await member.add(Authenticator(), name) for name in ("The first", "The second")]
    browser, home = await signed_in(member), f"/en/{member.scope.slug}"
    refused = await send(browser, home, OWN, f"{OWN}/passkeys/{key}/name", name="")
    assert refused.status_code == 422
    assert refused.text.count('<details class="ask" open>') == 1
    assert 'value="The second"' in refused.text
