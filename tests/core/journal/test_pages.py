"""The journal's pages and routes in a real application."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from core.audit.following import verify_lines
from core.audit.models import AuditLine
from core.audit.sealing import seal_all
from core.context import LANGUAGES, SCOPE_KINDS, Actor, Assurance, Language, Scope, ScopeKind
from core.database.sessions import tenant_session, worker_session
from core.documents.purposes import DOCUMENT_READ, DOCUMENT_READ_PAPER
from core.documents.service import store_upload
from core.events.models import JobRow
from core.journal.job_words import JOBS
from core.journal.permissions import AUDIT_READ, LOOK_READ, NOTIFICATION_READ, QUEUE_READ, QUEUE_REPLAY
from core.missions.lifecycle import MISSION
from core.use_cases.step_up import EXPORT
from core.web.i18n import say
from tests.core.events.running import jobs_of
from tests.core.events.running import tell as tell_event
from tests.core.journal.writing import look, tell, write
from tests.http.ring import Ring, fields_of, main_of

pytestmark = pytest.mark.http

DELIVER = "extensions.deliver"


async def seen(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    page = await browser.get(path)
    assert page.status_code == 200, page.text[:500]
    return page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_log_shows_lines_with_words_filters_and_downloads(ring: Ring, language: Language) -> None:
    agency = await ring.platform.agency()
    ctx = ring.platform.ctx(agency, name="Noor Haddad")
    line = await write(ctx, "mission.open", reason="Agreed.", before={"state": "planned"}, after={"state": "active"})
    browser = ring.browser(agency, AUDIT_READ)
    page = main_of(await seen(browser, f"/{language}/{agency.slug}/audit"))
    assert {"en": "Mission: opening", "fr": "Mission\N{NO-BREAK SPACE}: ouverture"}[language] in page
    assert "Noor Haddad" in page
    assert "format=csv" in page
    one = main_of(await seen(browser, f"/{language}/{agency.slug}/audit/{line}"))
    assert "Agreed." in one
    assert say(MISSION.states["planned"], language) in one
    assert {"en": "State", "fr": "État"}[language] in one


async def test_a_line_shows_how_and_when_its_actor_had_proved_who_they_are_and_is_sealed_with_it(ring: Ring) -> None:
    agency = await ring.platform.agency()
    proof = Assurance(ring.platform.clock.now(), acr="2", amr=("pwd", "hwk"))
    line = await write(ring.platform.ctx(agency), "approval.decide", assurance=proof)
    browser = ring.browser(agency, AUDIT_READ)
    page = main_of(await seen(browser, f"/en/{agency.slug}/audit/{line}"))
    assert "acr=2 amr=pwd|hwk" in page
    await seal_all(ring.platform.database, ring.platform.clock)
    file = (await seen(browser, f"/en/{agency.slug}/audit/chain")).content
    assert verify_lines(file.splitlines()).holds
    told = b'"assurance":{"acr":"2","amr":["pwd","hwk"],"at":"2026-11-23T14:00:00Z"}'
    assert told in file
    assert not verify_lines(file.replace(b'"acr":"2"', b'"acr":"9"').splitlines()).holds


async def test_a_filter_stays_in_the_address_and_in_the_file(ring: Ring) -> None:
    agency = await ring.platform.agency()
    await write(ring.platform.ctx(agency, name="Noor Haddad"), "mission.open")
    await write(ring.platform.ctx(agency, name="=Kim"), "call.close")
    browser = ring.browser(agency, AUDIT_READ)
    page = main_of(await seen(browser, f"/en/{agency.slug}/audit?subject=call"))
    assert "=Kim" in page
    assert "Noor Haddad" not in page
    file = await seen(browser, f"/en/{agency.slug}/audit?subject=call&format=csv")
    assert file.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[1][1:3] == ["Call for nominations: closing", "'=Kim"]
    assert ["Filter: About", "Call for nominations"] in rows


@pytest.mark.parametrize("query", ["start=2026-02-30", "after=x", "subject_id=1"])
async def test_a_filter_that_makes_no_sense_is_refused_in_words(ring: Ring, query: str) -> None:
    agency = await ring.platform.agency()
    page = await ring.browser(agency, AUDIT_READ).get(f"/en/{agency.slug}/audit?{query}")
    assert page.status_code == 422
    assert "Some of what you entered cannot be accepted." in page.text


@pytest.mark.parametrize(("language", "said"), [("en", "Token “Entra ID”"), ("fr", "Jeton « Entra ID »")])
async def test_a_token_that_acted_is_called_by_its_name(ring: Ring, language: Language, said: str) -> None:
    agency = await ring.platform.agency()
    ctx = ring.platform.ctx(agency)
    line = await write(ctx.acting_as(Actor(id=ctx.actor.id, name="Entra ID", kind="token")))
    browser = ring.browser(agency, AUDIT_READ)
    for path in ("audit", f"audit/{line}"):
        assert said in main_of(await seen(browser, f"/{language}/{agency.slug}/{path}"))


async def test_who_may_not_read_the_log_gets_no_line_of_it(ring: Ring) -> None:
    agency = await ring.platform.agency()
    line = await write(ring.platform.ctx(agency))
    browser = ring.browser(agency, NOTIFICATION_READ)
    for path in ("audit", f"audit/{line}", "audit/chain", "audit?format=csv", "looks"):
        assert (await browser.get(f"/en/{agency.slug}/{path}")).status_code == 403
    other = await ring.platform.agency()
    assert (await ring.browser(other, AUDIT_READ).get(f"/en/{other.slug}/audit/{line}")).status_code == 404


@pytest.mark.parametrize("kind", SCOPE_KINDS)
async def test_the_sealed_log_is_a_file_that_anybody_can_verify(ring: Ring, kind: ScopeKind) -> None:
    scope = await ring.platform.scope(kind)
    for _ in range(3):
        await write(ring.platform.ctx(scope))
    await seal_all(ring.platform.database, ring.platform.clock)
    file = await seen(ring.browser(scope, AUDIT_READ), f"/en/{scope.slug}/audit/chain")
    assert f'filename="audit-{scope.slug}-2026-11-23' in file.headers["content-disposition"]
    report = verify_lines(file.content.splitlines())
    assert report.holds
    assert report.sealed == 3


async def test_whoever_takes_the_sealed_log_along_leaves_a_line_before_it_is_given(ring: Ring) -> None:
    agency = await ring.platform.agency()
    browser = ring.browser(agency, AUDIT_READ, marking="Protected B")
    file = await seen(browser, f"/en/{agency.slug}/audit/chain")
    assert b'"marking":"Protected B"' in file.content.splitlines()[0]
    assert verify_lines(file.content.splitlines()).holds
    name = file.headers["content-disposition"].split('filename="')[1].split('"')[0]
    assert await taken(ring, agency) == [{"filename": name, "list": "/audit/chain"}]


async def test_where_a_rule_asks_for_a_fresh_sign_in_before_lists_it_asks_before_the_log(ring: Ring) -> None:
    agency = await ring.platform.agency()
    browser = ring.browser(agency, AUDIT_READ, ruled=frozenset({EXPORT}))
    refused = await browser.get(f"/en/{agency.slug}/audit/chain")
    assert refused.status_code == 403
    back = f'action=export&amp;next=/en/{agency.slug}/audit"'
    assert back in refused.text, "whoever has proved it comes back to the log, not to a file"
    assert await taken(ring, agency) == []


async def taken(ring: Ring, agency: Scope) -> list[dict[str, str]]:
    """Return what the log says of files taken along."""
    chosen = select(AuditLine.after).where(AuditLine.tenant_id == agency.id, AuditLine.action == "list.export")
    async with tenant_session(ring.platform.ctx(agency), read_only=True) as session:
        return [after or {} for after in await session.scalars(chosen)]


async def test_why_somebody_is_not_available_is_for_deployment_support_alone(ring: Ring) -> None:
    program = ring.platform.program
    line = await write(ring.platform.ctx(program), "tour.hold", after={"state": "medical_hold"})
    address = f"/en/{program.slug}/audit/{line}"
    assert "medical" not in main_of(await seen(ring.browser(program, AUDIT_READ), address))
    assert "medical" in main_of(await seen(ring.browser(program, AUDIT_READ, "tour.cause"), address))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_agency_sees_each_look_at_its_people(ring: Ring, language: Language) -> None:
    agency = await ring.platform.agency()
    await look(ring.platform, agency, uuid4(), fields=["rank"])
    page = main_of(await seen(ring.browser(agency, LOOK_READ), f"/{language}/{agency.slug}/looks"))
    assert "Sam Roy" in page
    assert ring.platform.program.name(language) in page
    assert {"en": "Rank", "fr": "Grade"}[language] in page


async def test_opening_a_notification_marks_it_as_read_and_leads_on(ring: Ring) -> None:
    agency = await ring.platform.agency()
    secret, caller = ring.caller(agency, NOTIFICATION_READ)
    browser = ring.client(**{f"session-{agency.slug}": secret})
    for sentence in ("First thing", "Second thing"):
        await tell(ring.platform, agency, caller.actor.id, sentence)
    address = f"/en/{agency.slug}/notifications"
    page = await seen(browser, address)
    assert main_of(page).index("Second thing") < main_of(page).index("First thing")
    opening = main_of(page).split('action="')[2].split('"')[0]
    answer = await browser.post(opening, data=fields_of(page))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/{agency.slug}/approvals")
    page = await seen(browser, address)
    assert "Second thing" not in main_of(page)
    answer = await browser.post(f"{address}/read", data=fields_of(page))
    assert answer.status_code == 303
    assert "You have read everything." in (await seen(browser, address)).text
    assert "First thing" in (await seen(browser, f"{address}?state=all")).text


async def test_a_notification_is_told_in_the_readers_language(ring: Ring) -> None:
    agency = await ring.platform.agency()
    secret, caller = ring.caller(agency, NOTIFICATION_READ)
    await tell(ring.platform, agency, caller.actor.id, "Due in %(days)s days", days=3)
    page = await seen(ring.client(**{f"session-{agency.slug}": secret}), f"/fr/{agency.slug}/notifications")
    assert "Due in" not in main_of(page)


async def pdf() -> AsyncIterator[bytes]:
    yield b"%PDF-1.7 <script>"


async def test_a_file_is_saved_and_never_shown(ring: Ring) -> None:
    agency = await ring.platform.agency()
    id = await store_upload(ring.platform.ctx(agency), "résolution.pdf", pdf(), "resolution")
    address = f"/en/{agency.slug}/documents/{id}"
    answer = await seen(ring.browser(agency, DOCUMENT_READ, DOCUMENT_READ_PAPER), address)
    assert answer.content == b"%PDF-1.7 <script>"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "r%C3%A9solution.pdf" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].startswith("application/pdf")
    assert (await ring.browser(agency, DOCUMENT_READ).get(address)).status_code == 403
    other = await ring.platform.agency()
    browser = ring.browser(other, DOCUMENT_READ, DOCUMENT_READ_PAPER)
    assert (await browser.get(f"/en/{other.slug}/documents/{id}")).status_code == 404
    opened = select(AuditLine.tenant_id, AuditLine.after).where(
        AuditLine.subject_id == id, AuditLine.action == "document.see"
    )
    for scope, told in ((agency, [(agency.id, {"filename": "résolution.pdf"})]), (other, [])):
        async with tenant_session(ring.platform.ctx(scope), read_only=True) as session:
            assert [tuple(row) for row in await session.execute(opened)] == told


async def test_the_operator_gives_a_dead_job_another_chance(ring: Ring) -> None:
    agency = await ring.platform.agency()
    await tell_event(ring.platform, agency)
    async with worker_session(ring.platform.database) as session:
        await session.execute(
            update(JobRow)
            .where(JobRow.scope_id == agency.id)
            .values(subscriber=DELIVER, state="dead", attempts=10, failure="LookupError")
        )
    operator = ring.platform.operator
    browser = ring.browser(operator, QUEUE_READ, QUEUE_REPLAY)
    page = await seen(browser, f"/en/{operator.slug}/queue")
    told = (agency.name("en"), say(JOBS[DELIVER], "en"), DELIVER)
    assert [one for one in told if one not in main_of(page)] == []
    (job,) = await jobs_of(ring.platform, agency)
    answer = await browser.post(f"/en/{operator.slug}/queue/{job.id}/replay", data=fields_of(page))
    assert answer.status_code == 303
    (job,) = await jobs_of(ring.platform, agency)
    assert (job.state, job.attempts) == ("waiting", 0)
    assert (await ring.browser(agency, QUEUE_READ).get(f"/en/{agency.slug}/queue")).status_code == 404


async def test_the_api_tells_the_same(ring: Ring) -> None:
    agency = await ring.platform.agency()
    await write(ring.platform.ctx(agency), "mission.open", after={"state": "active"})
    await look(ring.platform, agency)
    script = ring.script(agency, AUDIT_READ, LOOK_READ)
    (line,) = (await seen(script, "/api/v1/audit?subject=mission")).json()["lines"]
    assert (line["action"], line["after"]) == ("mission.open", {"state": "active"})
    assert (await seen(script, f"/api/v1/audit/{line['id']}")).json()["id"] == line["id"]
    assert len((await seen(script, "/api/v1/looks")).json()["looks"]) == 1
    assert (await script.get("/api/v1/queue")).status_code == 404
