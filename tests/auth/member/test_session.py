"""A session that came in by member access: what it opens, what ends it, and what does not."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from auth.red_button.schemas import PressIn
from auth.red_button.service import find_stop, lift, press_red_button
from auth.roles import OF_ONES_OWN
from auth.schemas import GrantIn, LinkOfficer, SwitchSeat
from auth.service import grant_role, link_officer, switch_seat
from auth.step_up.schemas import RuleIn
from auth.step_up.service import set_step_up
from core.context import Scope
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.web.callers import Caller, Credential
from tests.auth.member.officers import Member, approach, selected
from tests.auth.rig import Browser, Rig
from tests.auth.test_people import WHY, manager


async def inside(member: Member) -> Browser:
    """Return a browser that came in by a code."""
    door = await approach(member.rig, member.scope)
    assert (await door.code(member.codes.pop())).status_code == 303
    return door.browser


async def caller_of(rig: Rig, scope: Scope, browser: Browser) -> Caller | None:
    credential = Credential("session", scope.slug, browser.cookies[f"__Host-{scope.slug}"])
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return await rig.parts.callers.caller(session, scope, credential)


async def test_it_opens_ones_own_file_and_nothing_of_anybody_else(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    caller = await caller_of(rig, member.scope, await inside(member))
    assert caller is not None
    assert caller.actor.permissions == OF_ONES_OWN
    assert {one for one in OF_ONES_OWN if not one.endswith(":own")} == {"session.read", "session.end"}
    assert caller.actor.officer_id == member.officer_id
    assert caller.actor.roles == {"member"}


async def test_what_the_seat_was_granted_besides_does_not_come_along(rig: Rig) -> None:
    member = await selected(rig)
    for role in ("administrator", "approver", "health"):
        data = GrantIn(id=str(member.seat), role=role, reason=WHY)
        await execute(grant_role, manager(rig, member.scope), data)
    await member.print()
    browser = await inside(member)
    caller = await caller_of(rig, member.scope, browser)
    assert caller is not None
    assert caller.actor.permissions == OF_ONES_OWN
    for language, words in [("en", "your own file and nothing else"), ("fr", "seul votre propre dossier")]:
        refused = await browser.get(f"/{language}/{member.scope.slug}/people")
        assert refused.status_code == 403
        said = refused.text.split('class="pad error"')[1].split("</main>")[0]
        assert words in said
        assert "role" not in said.replace('role="', ""), "none of theirs would open it"


async def test_shutting_the_seat_out_ends_work_and_not_this(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser, worker = await inside(member), rig.browser()
    await rig.sign_in(worker, member.scope)
    page = f"/en/{member.scope.slug}/session"
    assert (await worker.get(page)).status_code == 200
    shut = SwitchSeat(id=str(member.seat), active=False, reason=WHY)
    await execute(switch_seat, manager(rig, member.scope), shut)
    assert (await worker.get(page)).status_code == 303
    assert (await browser.get(page)).status_code == 200


async def test_the_service_ends_it_with_a_reason_and_it_is_gone_at_once(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser = await inside(member)
    await member.switch(opened=False)
    assert (await browser.get(f"/en/{member.scope.slug}/my/access")).status_code == 303
    (line,) = await member.lines("member_access.end")
    assert (line.actor_name, line.reason) == ("Privacy Officer", "It was asked for in writing.")
    assert line.after == {"sessions_ended": 1}
    assert not await member.enters()
    await member.switch(opened=True)
    assert not await member.enters(), "what it was opened by is gone for good"


async def test_a_seat_linked_to_another_file_opens_neither(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser = await inside(member)
    unlinked = LinkOfficer(id=str(member.seat), employee_number=None, reason=WHY)
    await execute(link_officer, manager(rig, member.scope), unlinked)
    assert (await browser.get(f"/en/{member.scope.slug}/my/access")).status_code == 303
    assert not await member.enters()
    assert await member.refusals() == ["relinked"]


async def test_an_emergency_stop_holds_for_it_too_until_it_is_lifted(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser = await inside(member)
    presser = rig.platform.ctx(member.scope, "red_button.press", seat=await rig.seat(member.scope, subject="person-9"))
    pressed = await execute(press_red_button, presser, PressIn(reason=WHY, understood=True))
    assert await caller_of(rig, member.scope, browser) is None
    assert not await member.enters()
    assert await member.refusals() == ["stopped"]
    async with tenant_session(presser) as session:
        work = Work(presser, session, presser.today, rig.platform.clock.now())
        await lift(work, await find_stop(work, str(pressed.stop.id)), WHY)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert await caller_of(rig, member.scope, browser) is None
    assert await member.enters()


async def test_it_ends_with_its_last_day(rig: Rig) -> None:
    member, clock = await selected(rig), rig.platform.clock
    midnight = datetime.combine(member.today + timedelta(days=1), time(), ZoneInfo(member.scope.zone))
    clock.advance(midnight - clock.now() - timedelta(minutes=10))
    await member.set_tour("ended", home_on=member.today)
    await member.set_return("closed", member.today.replace(year=member.today.year - 1))
    await member.print()
    browser = await inside(member)
    clock.advance(timedelta(minutes=9))
    assert await caller_of(rig, member.scope, browser) is not None
    clock.advance(timedelta(minutes=1))
    assert await caller_of(rig, member.scope, browser) is None


async def test_signing_out_needs_no_provider(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser = await inside(member)
    page = await browser.get(f"/en/{member.scope.slug}/session")
    assert "sign-in service" not in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    token = page.text.split('name="_token" value="')[1].split('"')[0]
    answer = await browser.post(f"/t/{member.scope.slug}/auth/logout?language=en", {"_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/")
    assert (await browser.get(f"/en/{member.scope.slug}/session")).status_code == 303


async def test_a_rule_is_met_by_coming_in_anew_and_by_no_word_of_a_provider(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    rules = [RuleIn(action="export", minutes=15, reason=WHY), RuleIn(action="health", amr="mfa", reason=WHY)]
    seat = await rig.seat(member.scope, subject="person-9")
    administrator = rig.platform.ctx(member.scope, "seat.read", "seat.manage", seat=seat)
    for rule in rules:
        await execute(set_step_up, administrator, rule)
    browser = await inside(member)
    caller = await caller_of(rig, member.scope, browser)
    assert caller is not None
    assert caller.actor.meets == {"export"}
    assert caller.actor.ruled == {"export", "health", "own_access"}
    assert caller.anew == f"/t/{member.scope.slug}/member"
    rig.platform.clock.advance(timedelta(minutes=16))
    caller = await caller_of(rig, member.scope, browser)
    assert caller is not None
    assert caller.actor.meets == set()
