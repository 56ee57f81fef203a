"""The messages that carry approval links: what is in them, and what is kept of their secret."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from auth.approval_links.schemas import StepOpened
from auth.approval_links.service import make_links
from auth.approval_links.subscribers import clear_links
from core.approvals.decisions import decide as decide_here
from core.approvals.decisions import recall
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_MANAGE
from core.approvals.progress import STEP_OPENED
from core.approvals.schemas import DecideIn, OfDecision
from core.database.sessions import identity_session, tenant_session, worker_session
from core.errors import Refused
from core.events.models import EventRow
from core.use_cases.execution import execute
from tests.auth.approval_links.desk import ADDRESS, Desk, address, decide, make_desk, read_mail
from tests.auth.rig import Rig
from tests.core.approvals.bench import step


async def test_a_message_tells_of_no_officer_and_is_in_both_languages(desk: Desk) -> None:
    message = await desk.message()
    assert "Secret Name" not in message.text + message.subject
    assert f"{ADDRESS}/en/{desk.scope.slug}/decide/" in message.text
    assert f"{ADDRESS}/fr/{desk.scope.slug}/decide/" in message.text
    assert message.text.index("/fr/") < message.text.index("/en/"), "the seat's own language comes first"
    assert len({line.rsplit("/", 1)[1] for line in message.text.splitlines() if "/decide/" in line}) == 1
    assert await desk.secret() == address(message).rsplit("/", 1)[1], "it is the same until it is used"


async def test_the_file_of_a_message_is_one_that_a_mail_program_reads(desk: Desk) -> None:
    browser = desk.rig.browser()
    await desk.rig.seat(desk.scope, "coordinator", subject="person-2", name="Zoë Martin")
    sent = await desk.rig.begin(browser, desk.scope)
    desk.rig.hostile.claims = lambda told: told.update(sub="person-2")
    desk.rig.hostile.userinfo = lambda told: told.update(sub="person-2")
    await desk.rig.finish(browser, desk.scope, sent)
    page = await browser.get(f"/en/{desk.scope.slug}/approvals/{desk.case}/messages")
    assert page.status_code == 200
    assert "Maëlle Fafard" in page.text
    form = page.text.split("<main", 1)[1].split("<form", 1)[1]
    token = form.split('name="_token" value="', 1)[1].split('"')[0]
    answer = await browser.post(
        f"/en/{desk.scope.slug}/approvals/{desk.case}/messages/{desk.seat}", {"_token": token.replace("&#34;", '"')}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "message/rfc822"
    subject, words = read_mail(answer.content)
    assert words.replace("\r\n", "\n") == (await desk.message()).text
    assert " / " in subject
    assert len(await desk.lines("approval_link.hand_out")) == 2


async def test_nothing_kept_holds_the_secret_in_clear(desk: Desk) -> None:
    secret = await desk.secret()
    await desk.start(desk.rig.browser(), secret)
    await desk.page(desk.rig.browser(), secret)
    database = desk.rig.platform.database
    looked: set[str] = set()
    for opened in (tenant_session(desk.ctx(), read_only=True), identity_session(database), worker_session(database)):
        async with opened as session:
            readable = await session.scalars(
                text(
                    "SELECT DISTINCT table_name FROM information_schema.role_table_grants"
                    " WHERE privilege_type = 'SELECT' AND grantee = current_user AND table_schema = 'public'"
                )
            )
            for name in readable.all():
                count = text(f'SELECT count(*) FROM "{name}" AS kept WHERE kept::text LIKE :what')
                assert await session.scalar(count, {"what": f"%{secret}%"}) == 0, name
                looked.add(name)
    assert looked >= {"approval_link", "session", "audit_line", "event", "notification", "job", "sign_in_flow"}


async def test_each_person_waited_for_has_one_link_and_the_outbox_holds_ids_alone(rig: Rig) -> None:
    desk = await make_desk(rig, step("all", how_many="all"))
    assert [one.seat_id for one in await desk.links()] == [desk.seat]
    other = await rig.seat(desk.scope, "approver", subject="person-2", name="Alix Roy")
    await desk.message(other)
    assert {one.seat_id for one in await desk.links()} == {desk.seat, other}
    async with tenant_session(desk.ctx(), read_only=True) as session:
        told = (await session.scalars(select(EventRow).where(EventRow.name == STEP_OPENED))).one()
        assert told.subject_kind == "approval_step"
        step_id = str(told.subject_id)
    with pytest.raises(Refused):
        await execute(make_links, desk.ctx(APPROVAL_MANAGE), StepOpened(step_id))
    assert len(await desk.links()) == 2


async def test_a_message_is_written_to_nobody_the_case_does_not_wait_for(desk: Desk) -> None:
    clerk = await desk.rig.seat(desk.scope, "hr_clerk", subject="person-2", name="Alix Roy")
    with pytest.raises(Refused):
        await desk.message(clerk)


async def test_what_is_kept_of_a_link_is_cleared_once_it_is_good_for_nothing(desk: Desk) -> None:
    await clear_links(desk.ctx())
    [link] = await desk.links()
    assert None not in (link.secret_sealed, link.snapshot_sealed)
    browser = desk.rig.browser()
    await decide(browser, await desk.page(browser, await desk.secret()))
    await clear_links(desk.ctx())
    [link] = await desk.links()
    assert (link.secret_sealed, link.snapshot_sealed) == (None, None)


async def test_a_step_that_opens_again_after_its_links_were_cleared_is_decided_by_a_new_one(desk: Desk) -> None:
    old, seat = await desk.secret(), await desk.rig.seat(desk.scope, "approver", subject="person-2", name="Alix Roy")
    ctx = desk.rig.platform.ctx(desk.scope, APPROVAL_DECIDE, seat=seat)
    await execute(decide_here, ctx, DecideIn(id=desk.case, verdict="approve"))
    await clear_links(desk.ctx())
    [decision] = await desk.decisions()
    await execute(recall, ctx, OfDecision(id=desk.case, decision_id=str(decision.id)))
    secret = await desk.secret()
    assert secret != old
    browser = desk.rig.browser()
    assert (await decide(browser, await desk.page(browser, secret))).status_code == 303
    assert await desk.state() == "approved"
