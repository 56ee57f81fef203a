"""Pages through the whole application: who sees what, in which language, and in which part."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest

from auth.models import RoleGrant, Seat
from core.database.sessions import tenant_session
from core.ids import new_id
from core.text import t
from core.web.protection import POLICY
from core.web.shell import NavLink, NavSection, Page
from tests.http.land import Whole
from tests.http.ring import TOKEN, Ring, main_of, write_a_note

pytestmark = pytest.mark.http

READ, WRITE = "note.read", "note.write"
OWN = {"x-request-id", "content-length"}
"""Headers that are an answer's own."""


async def test_a_page_shows_what_the_scope_holds_and_no_other(ring: Ring) -> None:
    mine, other = await ring.platform.agency(), await ring.platform.agency()
    await write_a_note(ring, mine, title="My own")
    await write_a_note(ring, other, title="Somebody else's")
    async with ring.browser(mine, READ) as browser:
        shown = await browser.get(f"/en/{mine.slug}/notes")
    assert shown.status_code == 200
    assert "My own" in shown.text
    assert "Somebody" not in shown.text
    assert 'lang="en-CA"' in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert "Cookie, X-Fragment" in shown.headers["vary"]


async def test_who_alone_approves_is_told_so_and_not_asked_whom_to_choose(whole: Whole) -> None:
    scope, platform = await whole.scope("agency"), whole.ring.platform
    now, ctx = platform.clock.now(), platform.ctx(scope)
    path, chosen = f"/en/{scope.slug}/delegations", 'name="to_seat"'
    async with whole.browser(scope, "approval.delegate") as browser:
        alone = (await browser.get(path)).text
        async with tenant_session(ctx) as session:
            seat = Seat(tenant_id=scope.id, id=new_id(platform.clock), name="Léo Bé", language="fr", created_at=now)
            session.add(seat)
            await session.flush()
            granted = {"origin": "manual", "starts_on": ctx.today, "reason": "a test", "created_at": now}
            ids = {"tenant_id": scope.id, "id": new_id(platform.clock), "seat_id": seat.id, "granted_by": seat.id}
            session.add(RoleGrant(role="approver", **ids, **granted))
        assert chosen in (await browser.get(path)).text
    assert "there is nobody to choose" in alone
    assert chosen not in alone


async def test_the_address_decides_the_language(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        shown = await browser.get(f"/fr/{scope.slug}/notes?q=x")
    assert 'lang="fr-CA"' in shown.text
    assert f'href="/en/{scope.slug}/notes?q=x"' in shown.text


async def test_without_sign_in_a_page_leads_there_and_back(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.client() as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes?q=a%20b")
    assert shown.status_code == 303
    assert shown.headers["location"].startswith(f"/t/{scope.slug}/auth/start?next=")
    assert unquote(shown.headers["location"]).endswith(f"/en/{scope.slug}/notes?q=a b")


async def test_a_session_of_another_scope_is_no_session_here(ring: Ring) -> None:
    mine, other = await ring.platform.agency(), await ring.platform.agency()
    secret, _ = ring.caller(mine, READ)
    async with ring.client(**{f"session-{other.slug}": secret}) as browser:
        shown = await browser.get(f"/en/{other.slug}/notes")
    assert shown.status_code == 303


async def test_a_script_that_wanted_a_part_is_told_where_to_sign_in(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.client() as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes", headers={"x-fragment": "list"})
    assert shown.status_code == 401
    assert shown.headers["x-reauth"].startswith(f"/t/{scope.slug}/auth/start")


async def test_without_the_permission_the_page_says_what_would_allow_it(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes")
    assert shown.status_code == 403
    assert "Roles that allow it: Auditor." in shown.text
    assert "administrator" in shown.text
    assert "Alix Tremblay" in shown.text


async def test_where_no_role_gives_the_permission_it_is_named_itself(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes/new")
    assert shown.status_code == 403
    assert WRITE in shown.text


async def test_what_does_not_exist_and_what_is_not_yours_are_one_answer(ring: Ring) -> None:
    mine, other = await ring.platform.agency(), await ring.platform.agency()
    foreign = await write_a_note(ring, other)
    at_home = [f"notes/{foreign}", f"notes/{'0' * 32}", "notes/no-identifier", "notes/%00", f"notes/{foreign}/more"]
    elsewhere = [
        f"/en/{other.slug}/nowhere",
        "/en/no-such-service/notes",
        "/en/No%00Slug/notes",
        f"/en/{'x' * 300}/notes",
    ]
    async with ring.browser(mine, READ, WRITE) as browser:
        inside = [await browser.get(f"/en/{mine.slug}/{path}") for path in at_home]
        outside = [await browser.get(path) for path in elsewhere]
    assert {answer.status_code for answer in [*inside, *outside]} == {404}
    # The reader's own page holds its address, for the other language, and tokens made for its forms.
    pages = {TOKEN.sub("", page.text.replace(path, "")) for path, page in zip(at_home, inside, strict=True)}
    assert len(pages) == len({answer.content for answer in outside}) == 1
    for answers in (inside, outside):
        assert len({frozenset((k, v) for k, v in a.headers.items() if k not in OWN) for a in answers}) == 1


async def test_who_is_signed_in_reads_of_a_wrong_address_where_they_are(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        lost = await browser.get(f"/fr/{scope.slug}/nowhere/at-all?q=1")
        sent = await browser.get(f"/fr/{scope.slug}/notes/{'0' * 32}/shut")
        broken = await browser.get(f"/fr/{scope.slug}/nowhere?q=%ff")
    assert (lost.status_code, sent.status_code, broken.status_code) == (404, 405, 404)
    for page in (lost, sent):
        assert "Alix Tremblay" in page.text
        assert f'href="/fr/{scope.slug}/notes"' in page.text
        assert f'href="/fr/{scope.slug}/">Aller à la première page' in main_of(page)
    assert f'href="/en/{scope.slug}/nowhere/at-all?q=1"' in lost.text
    assert lost.headers["cache-control"] == "private, no-store"
    assert "POST" in sent.headers["allow"]
    assert "Alix Tremblay" not in broken.text


async def test_a_part_of_a_page_is_a_block_of_the_same_template(ring: Ring) -> None:
    scope = await ring.platform.agency()
    await write_a_note(ring, scope, title="Part of it")
    async with ring.browser(scope, READ) as browser:
        part = await browser.get(f"/en/{scope.slug}/notes", headers={"x-fragment": "list"})
        unknown = await browser.get(f"/en/{scope.slug}/notes", headers={"x-fragment": "__class__"})
    assert "Part of it" in part.text
    assert "outside" not in part.text
    assert "<html" not in part.text
    assert "<html" in unknown.text


async def test_the_navigation_shows_what_the_reader_may_open(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        reader = await browser.get(f"/en/{scope.slug}/notes")
    async with ring.browser(scope, READ, WRITE) as browser:
        writer = await browser.get(f"/en/{scope.slug}/notes")
    assert "New note" not in reader.text
    assert "New note" in writer.text
    assert "Administration" in writer.text


APART = {
    "/",
    "/approval-link/{id}",
    "/documents/{id}",
    "/notifications",
    "/notifications/channels",
    "/search",
    "/session",
    "/session/proved",
    "/views",
}
"""What is reached from the header, from one's own name, or by a link in a message."""


@pytest.mark.parametrize("kind", ["agency", "program", "department", "platform", "mission"])
async def test_each_page_is_found_under_a_line_of_the_navigation(whole: Whole, kind: str) -> None:
    rooms = [room for room in whole.site.pages if kind in room.scopes]
    lines = [nav.path for room in rooms for nav in room.nav]
    shell = Page(
        language="en", path="", today=date(2026, 11, 23), nav=[NavSection(None, [NavLink("", at) for at in lines])]
    )
    lost = {
        page.pattern
        for room in rooms
        for page in room.shown
        if not any(replace(shell, path=page.pattern, place=room.under).current(line) for line in lines)
    }
    assert lost <= APART


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/people", "/people"),
        ("/people/linking", "/people/linking"),
        ("/people/relinking", "/people/linking"),
        ("/people/directory", "/people/linking"),
        ("/people/new", "/people"),
        ("/joining", "/"),
        ("/delegations", "/approvals"),
    ],
)
async def test_the_line_that_led_to_a_page_is_marked(whole: Whole, path: str, line: str) -> None:
    scope = await whole.scope("agency")
    async with whole.browser(scope, *whole.permissions) as browser:
        shown = await browser.get(f"/en/{scope.slug}{path}")
    assert shown.status_code == 200
    marked = re.findall(r'<li><a href="([^"]+)" aria-current', shown.text.split("<nav class")[1])
    assert marked == [f"/en/{scope.slug}{line}"]


async def test_only_a_page_with_a_sign_out_form_lets_forms_lead_elsewhere(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        plain = await browser.get(f"/en/{scope.slug}/notes")
    links = [NavLink(t("My seats"), "/seats")]
    out = {"sign_out": f"/t/{scope.slug}/auth/logout", "form_origins": ["https://id.example"], "links": links}
    async with ring.browser(scope, READ, **out) as browser:
        signed = await browser.get(f"/en/{scope.slug}/notes")
    assert plain.headers["content-security-policy"] == POLICY
    assert "form-action 'self' https://id.example;" in signed.headers["content-security-policy"]
    assert f'action="/t/{scope.slug}/auth/logout"' in signed.text


async def test_each_form_of_a_page_has_a_token_of_its_own(ring: Ring) -> None:
    scope = await ring.platform.agency()
    note = await write_a_note(ring, scope)
    async with ring.browser(scope, READ, WRITE) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes/{note}")
    tokens = re.findall(r'name="_token" value="([^"]+)"', shown.text)
    assert len(tokens) == 2
    assert len(set(tokens)) == 2


async def test_a_file_is_saved_under_its_name(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes/export")
    assert shown.content == b"a,b\n"
    assert (
        shown.headers["content-disposition"] == "attachment; filename=\"_t_.csv\"; filename*=utf-8''%C3%A9t%C3%A9.csv"
    )


async def test_a_public_page_needs_nobody_and_escapes_what_it_is_given(ring: Ring) -> None:
    async with ring.client() as browser:
        shown = await browser.get("/fr/hello?who=<b>x</b>")
    assert shown.status_code == 200
    assert "Hello &lt;b&gt;x&lt;/b&gt;" in shown.text


@pytest.mark.parametrize("query", ["q=%ff", "q=%80%80", "a=1&" * 2500, "x" * 9000])
async def test_an_address_that_cannot_be_read_is_refused(ring: Ring, query: str) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes?{query}")
    assert shown.status_code == 400


async def test_a_page_asked_for_with_what_it_cannot_take_says_what_is_wrong(whole: Whole) -> None:
    scope = await whole.scope("program")
    async with whole.browser(scope, *whole.permissions) as browser:
        shown = await browser.get(f"/fr/{scope.slug}/?as_of=2026-02-30")
    assert shown.status_code == 422
    assert "En date du" in shown.text
    assert "Saisissez une date qui existe" in shown.text


async def test_a_fault_of_ours_tells_nothing_of_what_it_met(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ) as browser:
        shown = await browser.get(f"/en/{scope.slug}/notes/broken")
    assert shown.status_code == 500
    assert "secret words" not in shown.text
    assert shown.headers["x-request-id"] in shown.text
    (failure,) = [record for record in caplog.records if record.name == "contingent.failure"]
    assert failure.line["error"] == ["RuntimeError"]  # type: ignore[attr-defined]
    assert "secret words" not in str(failure.line)  # type: ignore[attr-defined]
