"""A link by which somebody decides goes by mail as soon as they are waited for, and no longer than they are."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from auth.approval_links.schemas import MessageTo
from auth.approval_links.service import SUBJECT, hand_out_message
from auth.models import RoleGrant
from core.app import load_room
from core.approvals.decisions import decide
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_MANAGE
from core.approvals.models import ApprovalCase
from core.approvals.schemas import DecideIn
from core.audit.models import AuditLine
from core.database.sessions import tenant_session
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin
from core.ids import new_id
from core.use_cases.execution import execute
from tests.auth.approval_links.desk import open_for
from tests.plugins.notify_email.post import ALIX, Post

pytestmark = pytest.mark.http


async def waited_for(post: Post) -> ApprovalCase:
    """Open a case that waits for whoever reads the mail."""
    load_room("auth.approval_links")
    station = post.station
    async with tenant_session(station.ctx()) as session:
        if await session.scalar(select(RoleGrant).where(RoleGrant.tenant_id == station.scope.id)) is None:
            session.add(
                RoleGrant(
                    tenant_id=station.scope.id,
                    id=new_id(station.platform.clock),
                    seat_id=post.seat,
                    role="approver",
                    origin="manual",
                    starts_on=station.platform.clock.now().date(),
                    reason="a test",
                    granted_by=post.seat,
                    created_at=station.platform.clock.now(),
                )
            )
    case, _ = await open_for(station.platform, station.scope)
    return case


async def hand_outs(post: Post) -> int:
    async with tenant_session(post.station.ctx(), read_only=True) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == post.station.scope.id)
        lines = await session.scalars(chosen.where(AuditLine.action == "approval_link.hand_out"))
        return len(list(lines))


async def test_deliver_notification_takes_a_link_to_the_mail_server_at_once_whatever_the_rhythm(post: Post) -> None:
    await post.confirm("daily")
    case = await waited_for(post)
    await post.station.work()
    (mail,) = post.box.came
    assert mail["To"] == ALIX
    assert case.number in mail["Subject"]
    text = mail.get_content()
    assert "Secret Name" not in text + mail["Subject"]
    addresses = re.findall(r"http\S+/(?:en|fr)/\S+/decide/\S+", text)
    assert [one.split("/")[3] for one in addresses] == ["fr", "en"], "the reader’s language comes first"
    assert await hand_outs(post) == 1
    (row,) = [one for one in await post.station.deliveries() if one.subject_kind == SUBJECT]
    assert (row.hook, row.state) == ("deliver_notification", "done")
    secret = addresses[0].rsplit("/", 1)[1]
    assert secret not in repr(vars(row))
    ctx = post.station.platform.ctx(post.station.scope, APPROVAL_MANAGE)
    written = await execute(hand_out_message, ctx, MessageTo(id=str(case.id), seat=str(post.seat)))
    assert secret in written.text, "it is the very link of the person whom the case waits for"


async def test_a_link_waits_for_the_server_and_is_not_sent_once_its_step_waits_no_longer(post: Post) -> None:
    await post.confirm()
    post.box.answer = "451 later"
    case = await waited_for(post)
    await post.station.work()
    assert not post.box.came
    ctx = post.station.platform.ctx(post.station.scope, APPROVAL_DECIDE, roles=("approver",), seat=post.seat)
    await execute(decide, ctx, DecideIn(id=str(case.id), verdict="approve"))
    post.box.answer = "250 OK"
    await post.station.later(seconds=2)
    assert not post.box.came
    (row,) = [one for one in await post.station.deliveries() if one.subject_kind == SUBJECT]
    assert (row.state, row.cause) == ("dropped", "gone")


async def test_no_link_goes_to_an_address_that_nobody_confirmed_nor_by_a_channel_that_is_off(post: Post) -> None:
    await post.enter()
    await waited_for(post)
    await post.station.work()
    assert ["/decide/" in one.get_content() for one in post.box.came] == [False]
    post.box.came.clear()
    await post.confirm()
    await execute(disable_plugin, post.station.ctx(), WithReason(name="notify_email"))
    await waited_for(post)
    await post.station.work()
    assert not post.box.came
    assert await hand_outs(post) == 0
