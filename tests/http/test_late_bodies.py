"""A body that comes late is worth what its sender may do when it has come, and not what they might before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from core.context import Scope
from core.web.callers import Caller
from tests.http.notes.service import NOTE_READ, NOTE_WRITE
from tests.http.ring import Ring, fields_of, notes_of
from tests.http.test_http_uploads import PDF, files_of
from tests.late import late

WRITE = (NOTE_READ, NOTE_WRITE)
JSON = {"content-type": "application/json"}
Change = Callable[[Caller], Caller | None]


def lesser(caller: Caller) -> Caller:
    return msgspec.structs.replace(caller, actor=msgspec.structs.replace(caller.actor, permissions=frozenset()))


def unproven(caller: Caller) -> Caller:
    return msgspec.structs.replace(caller, actor=msgspec.structs.replace(caller.actor, ruled=frozenset({"approve"})))


def gone(_: Caller) -> None:
    return None


class Sender:
    """Somebody at a page or with a token, of whom a test says what becomes of them."""

    def __init__(self, ring: Ring, scope: Scope, kind: str = "person") -> None:
        self.ring, self.scope = ring, scope
        self.secret, self.caller = ring.caller(scope, *WRITE, kind=kind)
        cookies = {f"session-{scope.slug}": self.secret}
        self.client = ring.client(**cookies) if kind == "person" else ring.bearing(scope, self.secret)

    def become(self, change: Change) -> Callable[[], Awaitable[None]]:
        """Return what makes somebody else of them."""

        async def happens() -> None:
            became = change(self.caller)
            if became is None:
                del self.ring.callers.known[self.scope.id, self.secret]
            else:
                self.ring.callers.known[self.scope.id, self.secret] = became

        return happens

    async def form(self, change: Change, **fields: str) -> httpx.Response:
        """Send the form of a note, of whose sender something becomes before its last byte."""
        address = f"/en/{self.scope.slug}/notes/new"
        values = fields_of(await self.client.get(address)) | {"title": "Late"} | fields
        answer: httpx.Response = await late(self.client, address, values, self.become(change))
        return answer

    async def call(self, change: Change) -> httpx.Response:
        """Call the API likewise."""
        body = msgspec.json.encode({"title": "Late"})
        answer: httpx.Response = await late(self.client, "/api/v1/notes", body, self.become(change), JSON)
        return answer


async def test_a_late_form_of_whoever_is_as_before_is_taken_and_costs_no_look_more(ring: Ring) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope)
    before = ring.callers.looked_up
    taken = await sender.form(lambda caller: caller)
    assert taken.status_code == 303
    assert await notes_of(ring, scope) == ["Late"]
    assert ring.callers.looked_up - before == 3, "for the page, for the head of the form, and for what it changes"


@pytest.mark.parametrize("title", ["Late", "forbidden", ""])
async def test_a_late_form_of_whoever_lost_the_right_is_refused_as_one_that_begins_then(ring: Ring, title: str) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope)
    refused = await sender.form(lesser, title=title)
    begun_then = await sender.client.post(f"/en/{scope.slug}/notes/new", data={"title": title})
    assert refused.status_code == begun_then.status_code == 403
    assert refused.text == begun_then.text, "nothing of the form's page is shown, either"
    assert await notes_of(ring, scope) == []


@pytest.mark.parametrize("title", ["Late", "forbidden", ""])
async def test_a_late_form_of_a_session_that_ended_is_led_to_signing_in(ring: Ring, title: str) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope)
    sent_away = await sender.form(gone, title=title)
    assert sent_away.status_code == 303
    assert sent_away.headers["location"].startswith(f"/t/{scope.slug}/auth/start")
    assert await notes_of(ring, scope) == []


async def test_a_late_form_is_held_where_the_proof_is_no_longer_enough(ring: Ring) -> None:
    scope = await ring.platform.agency()
    held = await Sender(ring, scope).form(unproven)
    assert held.status_code == 403
    assert 'value="Late"' in held.text
    assert f"/t/{scope.slug}/auth/start?action=approve" in held.text
    assert await notes_of(ring, scope) == []


async def test_what_a_late_form_is_answered_with_is_the_page_of_whoever_it_then_is(ring: Ring) -> None:
    """A form that is wrong, of somebody who may write still and read no more."""
    scope = await ring.platform.agency()

    def writes_only(caller: Caller) -> Caller:
        return msgspec.structs.replace(
            caller, actor=msgspec.structs.replace(caller.actor, name="Noor Roy", permissions=frozenset({NOTE_WRITE}))
        )

    shown = await Sender(ring, scope).form(writes_only, title="")
    assert shown.status_code == 422
    assert "Noor Roy" in shown.text
    assert f'href="/en/{scope.slug}/notes"' not in shown.text


@pytest.mark.parametrize(("change", "status"), [(lesser, 403), (gone, 303)])
async def test_a_file_of_whoever_may_no_more_is_not_kept(ring: Ring, change: Change, status: int) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope)
    address = f"/en/{scope.slug}/notes/file"
    form = fields_of(await sender.client.get(address)) | {"title": "Late"}
    request = sender.client.build_request("POST", address, data=form, files={"document_id": ("scan.pdf", PDF)})
    headers = {"content-type": request.headers["content-type"]}
    body = request.read()
    held = len(body) - body.index(PDF) - 1
    refused = await late(sender.client, address, body, sender.become(change), headers, held=held)
    assert refused.status_code == status
    assert await files_of(ring, scope) == 0
    assert await notes_of(ring, scope) == []


@pytest.mark.parametrize(("change", "status"), [(lesser, 403), (unproven, 403), (gone, 401)])
async def test_a_late_call_is_refused_as_one_that_begins_then(ring: Ring, change: Change, status: int) -> None:
    scope = await ring.platform.agency()
    program = Sender(ring, scope, "token")
    refused = await program.call(change)
    begun_then = await program.client.post("/api/v1/notes", json={"title": "Late"})
    assert refused.status_code == begun_then.status_code == status
    assert refused.json()["type"] == begun_then.json()["type"]
    assert await notes_of(ring, scope) == []


async def test_an_answer_that_was_kept_for_a_key_is_not_given_to_whoever_may_no_more(ring: Ring) -> None:
    scope = await ring.platform.agency()
    program = Sender(ring, scope, "token")
    keyed = JSON | {"idempotency-key": "one"}
    assert (await program.client.post("/api/v1/notes", json={"title": "Once"}, headers=keyed)).status_code == 201
    body = msgspec.json.encode({"title": "Once"})
    again = await late(program.client, "/api/v1/notes", body, program.become(lesser), keyed)
    assert again.status_code == 403


@pytest.mark.parametrize("kind", ["person", "token"])
async def test_a_body_whose_end_does_not_come_in_time_is_told_so_and_nothing_is_saved(ring: Ring, kind: str) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope, kind)

    def waits(caller: Caller) -> Caller:
        ring.platform.clock.advance(timedelta(minutes=20, seconds=1))
        return caller

    slow = await (sender.form(waits) if kind == "person" else sender.call(waits))
    assert slow.status_code == 408
    assert slow.headers["connection"] == "close"
    assert "had not arrived in full after 20 minutes" in slow.text
    assert await notes_of(ring, scope) == []


async def test_a_body_that_stops_coming_does_not_hold_its_request_for_ever(ring: Ring) -> None:
    scope = await ring.platform.agency()
    sender = Sender(ring, scope, "token")

    async def stops() -> Any:
        ring.platform.clock.advance(timedelta(minutes=20))
        yield b"{"
        await asyncio.Event().wait()

    slow = await sender.client.post("/api/v1/notes", content=stops(), headers=JSON)
    assert slow.status_code == 408
    assert slow.json()["type"] == "/problems/too-slow"


async def test_a_large_scan_over_a_slow_line_comes_in_time(ring: Ring) -> None:
    """50 MB, the largest file there is, at the 400 kbit/s of a mission."""
    scope = await ring.platform.agency()
    sender = Sender(ring, scope)

    def waits(caller: Caller) -> Caller:
        ring.platform.clock.advance(timedelta(seconds=50 * 2**20 * 8 / 400_000))
        return caller

    assert (await sender.form(waits)).status_code == 303
