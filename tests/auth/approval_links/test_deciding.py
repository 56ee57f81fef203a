"""Deciding by an approval link: once, on what was read, with today’s rights, and nothing but its step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import DecideByLink, OfCase
from auth.approval_links.service import decide_by_link, get_linked_case, list_waited_for
from auth.models import RoleGrant, Touched
from auth.roles import BY_LINK
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.step_up.schemas import RuleIn
from auth.step_up.service import set_step_up
from core.approvals.decisions import decide as decide_here
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_MANAGE, APPROVAL_READ
from core.approvals.models import ApprovalCase
from core.approvals.schemas import DecideIn
from core.context import Ctx
from core.database.sessions import identity_session, tenant_session
from core.errors import NotFound
from core.text import t
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.approval_links.desk import Desk, decide, make_desk, work_off
from tests.auth.rig import Rig
from tests.core.approvals.bench import step


async def test_a_link_leads_through_a_fresh_sign_in_to_the_decision(desk: Desk) -> None:
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    assert page.status_code == 200
    assert "Position" in page.text
    done = await decide(browser, page)
    assert done.status_code == 303
    assert await desk.state() == "approved"
    [made] = await desk.decisions()
    assert (made.seat_id, made.verdict) == (desk.seat, "approve")
    after = await browser.get(done.headers["location"])
    assert "You have decided" in after.text
    assert '<form class="dec"' not in after.text
    [used] = await desk.lines("approval_link.use")
    [decided] = await desk.lines("approval.decide")
    assert used.assurance is not None
    assert used.assurance == decided.assurance
    assert used.after is not None
    assert used.after["changed"] is False


async def test_whoever_decides_by_a_link_has_touched_the_case(desk: Desk) -> None:
    browser = desk.rig.browser()
    assert (await decide(browser, await desk.page(browser, await desk.secret()))).status_code == 303
    async with tenant_session(desk.ctx(), read_only=True) as session:
        case = await session.get(ApprovalCase, (desk.scope.id, UUID(desk.case)))
        assert case is not None
        touched = select(Touched.case_id).where(Touched.seat_id == desk.seat)
        assert list(await session.scalars(touched)) == [case.subject_id]


async def test_what_the_agency_asks_before_a_decision_is_asked_here_too(desk: Desk) -> None:
    seat = await desk.rig.seat(desk.scope, "administrator", subject="person-3", name="Noor Khan")
    ctx = desk.rig.platform.ctx(desk.scope, SEAT_READ, SEAT_MANAGE, seat=seat)
    await execute(set_step_up, ctx, RuleIn(action="approve", acr="high", minutes=10, reason="a test"))
    secret = await desk.secret()
    assert (await desk.come(desk.rig.browser(), secret)).status_code == 403
    browser = desk.rig.browser()
    assert "acr_values=high" in (await desk.start(browser, secret)).headers["location"]
    came = await desk.come(browser, secret, acr="high")
    page = await browser.get(came.headers["location"])
    desk.rig.platform.clock.advance(timedelta(minutes=11))
    late = await decide(browser, page)
    assert late.status_code == 409
    assert "Open the link in your message once more" in late.text
    assert await desk.decisions() == []
    came = await desk.come(browser, secret, acr="high")
    assert (await decide(browser, await browser.get(came.headers["location"]))).status_code == 303


def by_link(desk: Desk, link: ApprovalLink) -> Ctx:
    """Return the context of the person who has come by the link."""
    ctx = desk.rig.platform.ctx(desk.scope, roles=("approver",), seat=desk.seat)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, permissions=BY_LINK, only=link.id))


async def test_whoever_decides_by_a_link_has_touched_the_case_as_anybody_who_decides(desk: Desk) -> None:
    browser = desk.rig.browser()
    await decide(browser, await desk.page(browser, await desk.secret()))
    async with tenant_session(desk.ctx(), read_only=True) as session:
        case = await session.get(ApprovalCase, (desk.scope.id, UUID(desk.case)))
        assert case is not None
    async with identity_session(desk.rig.platform.database) as session:
        seats = await session.scalars(select(Touched.seat_id).where(Touched.case_id == case.subject_id))
        assert desk.seat in set(seats)


async def test_of_two_decisions_by_one_link_at_once_one_counts(rig: Rig) -> None:
    desk = await make_desk(rig, step("all", how_many=2))
    [link] = await desk.links()
    ctx = by_link(desk, link)
    seen = (await execute(get_linked_case, ctx, ById(str(link.id)))).seen
    asked = DecideByLink(id=str(link.id), verdict="approve", seen=seen)
    answers = await asyncio.gather(
        *(execute(decide_by_link, ctx, asked, key=f"key-{n}") for n in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in answers) == ["LinkedCase", "Refused", "Refused", "Refused"]
    assert len(await desk.decisions()) == 1
    assert len(await desk.lines("approval_link.use")) == 1


async def test_a_double_click_is_one_decision_and_one_answer(desk: Desk) -> None:
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    answers = await asyncio.gather(decide(browser, page), decide(browser, page))
    assert [one.status_code for one in answers] == [303, 303]
    assert len(await desk.decisions()) == 1


async def test_what_changed_since_is_shown_first_and_has_to_be_read(desk: Desk) -> None:
    desk.subject.said = [(t("Position"), "Adviser"), (t("Tour"), "one year")]
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    main = page.text.split("<main", 1)[1]
    assert main.index("one year") < main.index('id="case-title"'), "what changed stands before the case"
    assert "when you were asked" in main
    refused = await decide(browser, page)
    assert refused.status_code == 422
    assert "tick this" in refused.text
    assert await desk.decisions() == []
    assert (await decide(browser, page, noted="true")).status_code == 303
    [used] = await desk.lines("approval_link.use")
    assert used.after is not None
    assert used.after["changed"] is True


async def test_a_decision_on_what_no_longer_holds_is_refused_and_the_difference_shown(desk: Desk) -> None:
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    assert "when you were asked" not in page.text
    desk.subject.said = [(t("Position"), "Chief adviser")]
    refused = await decide(browser, page, verdict="refuse", comment="not now", noted="true")
    assert refused.status_code == 409
    assert "Chief adviser" in refused.text
    assert "Adviser" in refused.text
    assert "not now" in refused.text, "what was typed is kept"
    assert "checked" not in refused.text.split('name="noted"', 1)[1].split(">")[0], "what was ticked was another state"
    assert await desk.decisions() == []
    assert (await decide(browser, refused, verdict="refuse", comment="not now", noted="true")).status_code == 303
    assert await desk.state() == "refused"


async def test_the_difference_names_what_was_and_what_is_in_the_readers_language(desk: Desk) -> None:
    desk.subject.blocked = True
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret(), "fr")
    assert "réussie" in page.text
    assert "bloque l’approbation" in page.text


async def test_whoever_lost_the_role_meanwhile_neither_sees_nor_decides(desk: Desk) -> None:
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    async with tenant_session(desk.ctx()) as session:
        await session.execute(update(RoleGrant).where(RoleGrant.seat_id == desk.seat).values(ends_on=desk.ctx().today))
    again = await browser.get(str(page.url))
    assert again.status_code == 409
    assert "Adviser" not in again.text
    assert (await decide(browser, page)).status_code == 409
    assert await desk.decisions() == []


async def test_a_link_to_one_step_decides_no_other(rig: Rig) -> None:
    desk = await make_desk(rig, step("first"), step("second"))
    await rig.seat(desk.scope, "approver", subject="person-2", name="Alix Roy")
    browser = rig.browser()
    page = await desk.page(browser, await desk.secret())
    other = (await execute(list_waited_for, desk.ctx(APPROVAL_MANAGE), OfCase(id=desk.case))).people
    alix = next(one.seat_id for one in other if one.name == "Alix Roy")
    ctx = rig.platform.ctx(desk.scope, APPROVAL_READ, APPROVAL_DECIDE, seat=alix)
    await execute(decide_here, ctx, DecideIn(id=desk.case, verdict="approve"))
    assert await desk.state() == "open"
    late = await decide(browser, page)
    assert late.status_code == 409
    assert len(await desk.decisions()) == 1
    await work_off(rig, desk.scope)
    assert (await decide(browser, await desk.page(browser, await desk.secret()))).status_code == 303
    assert await desk.state() == "approved"


async def test_the_form_of_one_link_decides_nothing_once_another_is_open_in_the_browser(desk: Desk) -> None:
    other = await desk.another()
    browser = desk.rig.browser()
    first = await desk.page(browser, await desk.secret())
    second = await other.page(browser, await other.secret())
    assert (await decide(browser, first)).status_code == 404
    assert await desk.decisions() == []
    assert (await decide(browser, second)).status_code == 303
    assert (await desk.state(), await other.state()) == ("open", "approved")


async def test_whoever_comes_once_more_by_the_same_link_can_send_the_form_they_had_open(desk: Desk) -> None:
    browser = desk.rig.browser()
    first = await desk.page(browser, await desk.secret())
    await desk.page(browser, await desk.secret())
    assert (await decide(browser, first)).status_code == 303


async def test_another_tenants_link_is_no_link_of_ones_own(rig: Rig) -> None:
    one, other = await make_desk(rig), await make_desk(rig)
    [mine], [theirs] = await one.links(), await other.links()
    for link_id in (theirs.id, one.seat):
        with pytest.raises(NotFound):
            await execute(get_linked_case, by_link(one, mine), ById(str(link_id)))
        asked = DecideByLink(id=str(link_id), verdict="approve", seen="")
        with pytest.raises(NotFound):
            await execute(decide_by_link, by_link(one, mine), asked)
