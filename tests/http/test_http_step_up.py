"""An action before which one proves anew who one is: nothing is done, nothing typed is lost, and no program does it."""

from __future__ import annotations

import re
from html import unescape

import httpx
import msgspec
import pytest
from sqlalchemy import select

from core.audit.models import AuditLine
from core.context import Assurance, Scope
from core.database.sessions import tenant_session
from core.use_cases.step_up import APPROVE
from tests.http.ring import Ring, fields_of, main_of, notes_of

pytestmark = pytest.mark.http

READ, WRITE = "note.read", "note.write"
TYPED = {"title": "“Quoted” <b>", "body": "one\ntwo", "tags": ["a", "b"]}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def waiting(page: httpx.Response) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(main_of(page)):
        found.setdefault(name, []).append(unescape(value))
    return found


async def assurances(ring: Ring, scope: Scope) -> list[object]:
    chosen = select(AuditLine.assurance).where(AuditLine.tenant_id == scope.id, AuditLine.action == "note.write")
    async with tenant_session(ring.platform.ctx(scope)) as session:
        return list(await session.scalars(chosen))


async def test_a_form_waits_on_its_page_and_is_sent_once_its_sender_has_proved_who_they_are(ring: Ring) -> None:
    scope = await ring.platform.agency()
    secret, caller = ring.caller(scope, READ, WRITE, ruled=frozenset({APPROVE}))
    async with ring.client(**{f"session-{scope.slug}": secret}) as browser:
        form = await browser.get(f"/en/{scope.slug}/notes/new")
        refused = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(form) | TYPED)
        assert refused.status_code == 403
        assert await notes_of(ring, scope) == []
        start, proved = f"/t/{scope.slug}/auth/start", f"/en/{scope.slug}/session/proved"
        assert f'href="http://localhost:8000{start}?action=approve&amp;next={proved}" target="_blank"' in refused.text
        kept = waiting(refused)
        assert kept["body"] == ["one\ntwo"]
        assert kept["tags"] == ["a", "b"]
        again = await browser.post(f"/en/{scope.slug}/notes/new", data=kept)
        assert again.status_code == 403
        proven = msgspec.structs.replace(
            caller.actor, meets=frozenset({APPROVE}), assurance=Assurance(ring.platform.clock.now(), amr=("hwk",))
        )
        ring.callers.known[scope.id, secret] = msgspec.structs.replace(caller, actor=proven)
        sent = await browser.post(f"/en/{scope.slug}/notes/new", data=waiting(again))
    assert sent.status_code == 303
    assert await notes_of(ring, scope) == ["“Quoted” <b>"]
    assert await assurances(ring, scope) == [{"at": msgspec.to_builtins(ring.platform.clock.now()), "amr": ["hwk"]}]


async def test_whoever_came_in_elsewhere_proves_it_anew_there(ring: Ring) -> None:
    scope = await ring.platform.agency()
    secret, caller = ring.caller(scope, READ, WRITE, ruled=frozenset({APPROVE}))
    ring.callers.known[scope.id, secret] = msgspec.structs.replace(caller, anew=f"/t/{scope.slug}/member")
    async with ring.client(**{f"session-{scope.slug}": secret}) as browser:
        form = await browser.get(f"/fr/{scope.slug}/notes/new")
        refused = await browser.post(f"/fr/{scope.slug}/notes/new", data=fields_of(form) | TYPED)
    there = f"http://localhost:8000/t/{scope.slug}/member?language=fr&amp;next=%2Ffr%2F{scope.slug}%2Fsession%2Fproved"
    assert f'href="{there}" target="_blank"' in refused.text


async def test_without_a_rule_nothing_is_asked_and_the_line_keeps_nothing(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE) as browser:
        form = await browser.get(f"/en/{scope.slug}/notes/new")
        sent = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(form) | {"title": "Plain"})
    assert sent.status_code == 303
    assert await assurances(ring, scope) == [None]


async def test_what_is_wrong_with_a_form_is_said_before_anybody_is_sent_away(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, READ, WRITE, ruled=frozenset({APPROVE})) as browser:
        form = await browser.get(f"/en/{scope.slug}/notes/new")
        refused = await browser.post(f"/en/{scope.slug}/notes/new", data=fields_of(form) | {"title": ""})
    assert refused.status_code == 422


async def test_a_program_is_refused_where_a_rule_is(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.script(scope, READ, WRITE, ruled=frozenset({APPROVE})) as script:
        refused = await script.post("/api/v1/notes", json={"title": "x"})
        assert (await script.get("/api/v1/notes")).status_code == 200
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/step-up-needed"
    assert "A program cannot prove who it is" in refused.json()["remedy"]
    assert await notes_of(ring, scope) == []
