"""What all answers have in common, and the addresses that belong to nobody."""

from __future__ import annotations

import re

import msgspec
import pytest

from core.web import request_log
from core.web.assets import asset
from core.web.protection import POLICY
from tests.http.ring import Ring

pytestmark = pytest.mark.http

EVERYWHERE = ["/", "/en/", "/en/hello", "/api/v1/notes", "/health/live", "/metrics", "/nowhere", "/en/x/y"]


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_is_guarded_and_numbered(ring: Ring, path: str) -> None:
    async with ring.client() as browser:
        answer = await browser.get(path)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


async def test_the_first_address_leads_to_the_readers_language(ring: Ring) -> None:
    async with ring.client() as browser:
        english = await browser.get("/")
        french = await browser.get("/", headers={"accept-language": "fr"})
    assert english.headers["location"] == "/en/"
    assert french.headers["location"] == "/fr/"


async def test_only_names_of_this_server_are_answered(ring: Ring) -> None:
    async with ring.client() as browser:
        for host in ("localhost:8000", "127.0.0.1:8000", "localhost", "[::1]:8000"):
            assert (await browser.get("/health/live", headers={"host": host})).status_code == 200
        for host in ("evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example:8000"):
            assert (await browser.get("/health/live", headers={"host": host})).status_code in {400, 421}


async def test_a_page_under_a_bare_address_leads_to_the_canonical_one(ring: Ring) -> None:
    async with ring.client() as browser:
        answer = await browser.get("/en/hello?who=x", headers={"host": "127.0.0.1:8000"})
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://localhost:8000/en/hello?who=x"


async def test_asking_for_the_head_gives_no_body(ring: Ring) -> None:
    async with ring.client() as browser:
        whole, head = await browser.get("/en/hello"), await browser.head("/en/hello")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("path", ["/de/", "/nowhere", "/fr-CA/", "/french"])
async def test_a_language_that_there_is_not_gets_a_page_in_the_readers_own(ring: Ring, path: str) -> None:
    async with ring.client() as browser:
        french = await browser.get(path, headers={"accept-language": "fr"})
        english = await browser.get(path, headers={"accept-language": "en"})
    assert french.status_code == english.status_code == 404
    assert '<html lang="fr' in french.text
    assert '<html lang="en' in english.text


async def test_long_answers_are_packed_for_who_takes_it(ring: Ring) -> None:
    async with ring.client() as browser:
        packed = await browser.get("/en/hello", headers={"accept-encoding": "gzip, br"})
        plain = await browser.get("/en/hello", headers={"accept-encoding": "identity"})
        never = await browser.get("/en/hello", headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in never.headers
    assert packed.text == plain.text
    assert "Accept-Encoding" in plain.headers["vary"]


async def test_a_static_file_is_kept_for_ever_under_its_own_address(ring: Ring) -> None:
    async with ring.client() as browser:
        sheet = await browser.get(asset("ui.css"))
        plain = await browser.get(asset("ui.css"), headers={"accept-encoding": "identity"})
        missing = await browser.get("/static/ui.0000000000.css")
        outside = await browser.get("/static/..%2f..%2fassets.py")
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert sheet.headers["content-encoding"] == "gzip"
    assert sheet.text == plain.text
    assert missing.status_code == outside.status_code == 404


async def test_health_says_whether_it_can_serve(ring: Ring) -> None:
    async with ring.client() as browser:
        live, ready = await browser.get("/health/live"), await browser.get("/health/ready")
    assert live.json() == {"status": "live"}
    # The tests' database is made from the models and was never migrated: that is not ready, and said so.
    assert ready.status_code == 503
    assert ready.json() == {"status": "not ready", "checks": {"database": True, "migrations": False}}


async def test_metrics_count_by_route_and_name_no_tenant(ring: Ring) -> None:
    scope = await ring.platform.agency()
    async with ring.browser(scope, "note.read") as browser:
        await browser.get(f"/en/{scope.slug}/notes")
        text = (await browser.get("/metrics")).text
    assert re.search(r'contingent_requests_total\{route="GET notes/notes",status="200"\} \d+', text)
    assert 'le="+Inf"' in text
    assert "contingent_pool_connections" in text
    assert scope.slug not in text
    assert str(scope.id) not in text


async def test_a_request_leaves_one_line_without_personal_data(ring: Ring, caplog: pytest.LogCaptureFixture) -> None:
    scope = await ring.platform.agency()
    with caplog.at_level("INFO", "contingent.request"):
        async with ring.browser(scope, "note.read") as browser:
            answer = await browser.get(f"/en/{scope.slug}/notes?q=Tremblay")
    (record,) = [one for one in caplog.records if one.name == "contingent.request"]
    line = msgspec.json.decode(request_log.JsonLines().format(record))
    assert line["request"] == answer.headers["x-request-id"]
    assert line["scope"] == str(scope.id)
    assert line["route"] == "GET notes/notes"
    assert line["status"] == 200
    assert isinstance(line["ms"], float)
    assert "Tremblay" not in str(line)
    assert scope.slug not in str(line)


async def test_the_api_describes_itself(ring: Ring) -> None:
    async with ring.client() as browser:
        described = (await browser.get("/api/openapi.json")).json()
        french = (await browser.get("/api/openapi.json", headers={"accept-language": "fr"})).headers
        page = await browser.get("/en/api")
        room = await browser.get("/fr/api/notes")
        missing = await browser.get("/en/api/nothing")
    assert described["openapi"] == "3.1.0"
    change = described["paths"]["/api/v1/notes/{id}"]["put"]
    assert [one["name"] for one in change["parameters"]] == ["id", "Idempotency-Key", "If-Match"]
    assert change["requestBody"]["content"]["application/json"]["schema"]["required"] == ["title"]
    assert "note.write" in change["description"]
    assert french["content-language"] == "fr"
    assert "/api/v1/notes/{id}" in page.text
    assert "Idempotency-Key" not in room.text
    assert missing.status_code == 404


async def test_each_kind_of_problem_has_a_page(ring: Ring) -> None:
    async with ring.client() as browser:
        asked = await browser.get("/problems/refused", headers={"accept-language": "fr"})
        assert asked.headers["location"] == "/fr/problems/refused"
        shown = await browser.get("/en/problems/refused")
        assert shown.status_code == 200
        assert (await browser.get("/problems/nothing")).status_code == 404
        assert (await browser.get("/en/problems/nothing")).status_code == 404


async def test_the_statements_that_every_foot_leads_to_are_there(ring: Ring) -> None:
    async with ring.client() as browser:
        for language, words in (("en", "Accessibility"), ("fr", "Accessibilité")):
            statement = await browser.get(f"/{language}/accessibility")
            assert statement.status_code == 200
            assert f"<h1>{words}</h1>" in statement.text
            assert "400" in statement.text
            assert "%%" not in statement.text
            assert (await browser.get(f"/{language}/privacy")).status_code == 200
