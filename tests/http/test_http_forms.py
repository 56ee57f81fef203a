"""Forms: accepted once, refused with everything that is wrong, never sent by somebody else."""

from __future__ import annotations

import pytest

from core.web.protection import make_token
from tests.http.ring import Ring, fields_of, main_of, notes_of, write_a_note

pytestmark = pytest.mark.http

READ, WRITE = "note.read", "note.write"


async def test_a_form_is_accepted_and_leads_on_with_a_notice_that_is_shown_once(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/fr/{scope.slug}/notes/new")
        sent = await browser.post(f"/fr/{scope.slug}/notes/new", data=fields_of(page) | {"title": "Première"})
        assert sent.status_code == 303
        assert sent.headers["location"].startswith(f"/fr/{scope.slug}/notes/")
        first = await browser.get(sent.headers["location"])
        again = await browser.get(sent.headers["location"])
    assert "“Première” is written." in first.text
    assert "is written" not in again.text


async def test_a_double_click_writes_once_and_gets_the_first_answer(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/en/{scope.slug}/notes/new")
        form = fields_of(page) | {"title": "Once"}
        first = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
        second = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert await notes_of(ring, scope) == ["Once"]


async def test_the_same_token_for_something_else_is_refused_and_can_be_sent_again(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/en/{scope.slug}/notes/new")
        await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(page) | {"title": "One"})
        other = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(page) | {"title": "Two"})
        assert other.status_code == 409
        assert 'value="Two"' in other.text
        sent = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(other) | {"title": "Two"})
    assert sent.status_code == 303
    assert await notes_of(ring, scope) == ["One", "Two"]


async def test_a_refused_form_shows_every_fault_and_keeps_what_was_typed(ring: Ring) -> None:
    scope = await ring.platform.agency()
    sent = {"title": "x" * 41, "body": "kept", "due": "2026-02-30", "tags": ["a", "a"], "odd": "1"}
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/en/{scope.slug}/notes/new")
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(page) | sent)
    assert shown.status_code == 422
    assert "Use at most 40 characters." in shown.text
    assert "Enter a date that exists" in shown.text
    assert "There is no such field here" in shown.text
    assert "x" * 41 in shown.text
    assert "kept" in shown.text
    assert 'value="2026-02-30"' in shown.text
    assert await notes_of(ring, scope) == []


async def test_a_fault_found_by_the_use_case_stands_at_its_field(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/en/{scope.slug}/notes/new")
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(page) | {"title": "forbidden"})
    assert shown.status_code == 422
    assert 'id="f-title-error"' in shown.text


async def test_a_box_that_is_not_ticked_is_a_no_and_stays_so(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(f"/en/{scope.slug}/notes/new")
        assert main_of(page).count(" checked") == 1
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(page) | {"title": ""})
    assert shown.status_code == 422
    assert " checked" not in main_of(shown)


async def test_a_stale_form_shows_both_values_and_can_be_sent_again(ring: Ring) -> None:
    scope = await ring.platform.agency()
    address = f"/en/{scope.slug}/notes/{await write_a_note(ring, scope, title='Before')}"
    async with ring.browser(scope, READ, WRITE) as browser:
        mine, theirs = await browser.get(address), await browser.get(address)
        await browser.post(address, data=fields_of(theirs) | {"title": "Theirs"})
        refused = await browser.post(address, data=fields_of(mine) | {"title": "Mine"})
        assert refused.status_code == 409
        assert 'value="Mine"' in refused.text
        assert "It is now: Theirs" in refused.text
        again = await browser.post(address, data=fields_of(refused) | {"title": "Mine"})
    assert again.status_code == 303
    assert await notes_of(ring, scope) == ["Mine"]


async def test_a_rule_that_forbids_says_what_would_allow_it(ring: Ring) -> None:
    scope = await ring.platform.agency()
    address = f"/en/{scope.slug}/notes/{await write_a_note(ring, scope)}"
    async with ring.browser(scope, READ, WRITE) as browser:
        await browser.post(f"{address}/shut", data=fields_of(await browser.get(address)))
        shown = await browser.post(address, data=fields_of(await browser.get(address)) | {"title": "New"})
    assert shown.status_code == 409
    assert "The note is shut." in shown.text
    assert "Write another one." in shown.text


async def test_a_refusal_without_a_form_is_a_page_of_its_own(ring: Ring) -> None:
    scope = await ring.platform.agency()
    address = f"/en/{scope.slug}/notes/{await write_a_note(ring, scope)}"
    async with ring.browser(scope, READ, WRITE) as browser:
        page = await browser.get(address)
        await browser.post(address, data=fields_of(page) | {"title": "Changed"})
        shown = await browser.post(f"{address}/shut", data=fields_of(page))
    assert shown.status_code == 409
    assert "Somebody changed this" in shown.text


@pytest.mark.parametrize("token", ["", "nonsense", "é", "A" * 43, None])
async def test_a_form_without_this_sessions_token_saves_nothing(ring: Ring, token: str | None) -> None:
    scope = await ring.platform.agency()
    form = {"title": "Forged"} | ({} if token is None else {"_token": token})
    async with ring.browser(scope, READ, WRITE) as browser:
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
    assert shown.status_code == 403
    assert "Nothing was saved." in shown.text
    assert await notes_of(ring, scope) == []


async def test_the_token_of_another_session_is_not_taken(ring: Ring) -> None:
    scope = await ring.platform.agency()
    _, stranger = ring.caller(scope, READ, WRITE)
    async with ring.browser(scope, READ, WRITE) as browser:
        form = {"title": "Forged", "_token": make_token(stranger.secret)}
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
    assert shown.status_code == 403
    assert await notes_of(ring, scope) == []


async def test_a_form_sent_from_another_site_is_not_taken(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/new")) | {"title": "Forged"}
        headers = {"sec-fetch-site": "cross-site"}
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=form, headers=headers)
    assert shown.status_code == 403
    assert await notes_of(ring, scope) == []


async def test_a_form_needs_a_session_and_the_permission(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.client() as nobody:
        away = await nobody.post(f"/en/{scope.slug}/notes/new", data={"title": "x"})
    assert away.status_code == 303
    assert away.headers["location"].startswith(f"/t/{scope.slug}/auth/start")
    async with ring.browser(scope, READ) as reader:
        refused = await reader.post(f"/en/{scope.slug}/notes/new", data={"title": "x"})
    assert refused.status_code == 403
    assert WRITE in refused.text


async def test_another_agencys_id_in_a_form_is_not_found(ring: Ring) -> None:
    mine, other = await ring.platform.agency(), await ring.platform.agency()
    foreign = await write_a_note(ring, other, title="Theirs")
    async with ring.browser(mine, READ, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{mine.slug}/notes/new")) | {"title": "Stolen"}
        shown = await browser.post(f"/en/{mine.slug}/notes/{foreign}", data=form)
        nothing = await browser.post(f"/en/{mine.slug}/notes/{'0' * 32}", data=form)
    assert shown.status_code == nothing.status_code == 404
    assert shown.text.replace(str(foreign), "0" * 32) == nothing.text, "but for what was asked for"
    assert await notes_of(ring, other) == ["Theirs"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"title=%ff&_token=x", "application/x-www-form-urlencoded", 400),
        (b"title=x", "text/plain", 415),
        (b'{"title": "x"}', "application/json", 415),
        (b"a=1&" * 3000, "application/x-www-form-urlencoded", 400),
        (b"title=" + b"x" * (2**20 + 1), "application/x-www-form-urlencoded", 413),
        (b"--b\r\n", "multipart/form-data; boundary=b", 415),
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_refused(ring: Ring, body: bytes, kind: str, status: int) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        shown = await browser.post(f"/en/{scope.slug}/notes/new", content=body, headers={"content-type": kind})
    assert shown.status_code == status
    assert shown.headers["content-type"].startswith("text/html")


async def test_text_that_cannot_be_stored_is_a_fault_and_no_failure(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        form = fields_of(await browser.get(f"/en/{scope.slug}/notes/new")) | {"title": "a\x00b", "_version": "x"}
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
        assert shown.status_code == 422
        del form["_version"]
        shown = await browser.post(f"/en/{scope.slug}/notes/new", data=form)
    assert shown.status_code == 422
