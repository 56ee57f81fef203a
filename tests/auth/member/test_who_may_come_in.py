"""Who may come in by member access, and until when, whatever happens meanwhile: against a small model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from auth.member.models import MemberAccess
from auth.member.term import NO_END, Stay, last_day
from auth.models import RoleGrant
from auth.sessions import end_sessions_of
from core.database.sessions import tenant_session
from core.errors import Refused
from tests.auth.member.officers import Member, selected
from tests.auth.rig import Rig

DAY = timedelta(days=1)


def a_year_after(day: date) -> date:
    """Return the same day of the next year, or the last of February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 2, 28)


@dataclass
class Known:
    """What the rule looks at, and nothing else: everything else that happens must not matter."""

    opened_on: date
    selected: bool = True
    tour: str | None = None
    home_on: date | None = None
    file: str | None = None
    closed_on: date | None = None
    ended: bool = False
    linked: bool = True

    def lets_in(self, today: date) -> bool:
        if self.ended or not self.linked:
            return False
        if not self.selected or self.tour == "cancelled":
            return today <= a_year_after(self.opened_on)
        if self.file == "closed":
            assert self.closed_on is not None
            return today <= a_year_after(self.closed_on)
        if self.file is None and self.tour == "ended":
            assert self.home_on is not None
            return today <= a_year_after(self.home_on)
        return True


AGO = st.sampled_from([0, 1, 181, 364, 365, 366, 367, 730])
"""Days since something happened: a year and a day is where it ends."""
MATTERS = {
    "withdrawn": st.none(),
    "selected": st.none(),
    "set up": AGO,
    "tour": st.sampled_from(["planned", "in_mission", "returning", "cancelled"]),
    "home": AGO,
    "return": st.sampled_from(["planning", "adjusting", "stable"]),
    "closed": AGO,
    "ended": st.none(),
    "allowed again": st.none(),
    "linked": st.booleans(),
}
DOES_NOT_MATTER = {
    "hr": st.sampled_from(["active", "leave", "seconded", "suspended", "retired", "left"]),
    "directory": st.booleans(),
    "provider": st.booleans(),
    "roles taken": st.none(),
    "work sessions ended": st.none(),
}
events = st.one_of(*(st.tuples(st.just(name), value) for name, value in (MATTERS | DOES_NOT_MATTER).items()))


@given(happened=st.lists(events, min_size=1, max_size=12))
@settings(max_examples=40)
async def test_an_officer_comes_in_exactly_when_the_rule_says_so(rig: Rig, happened: list[tuple[str, Any]]) -> None:
    member = await selected(rig)
    await member.print()
    kept = member.codes.pop()
    known = Known(opened_on=member.today)
    for name, value in happened:
        await happen(member, known, name, value)
        expected = known.lets_in(member.today)
        if known.linked:
            assert await prints(member) == expected, (name, value)
        assert await member.enters(member.codes.pop() if expected else kept) == expected, (name, value)
        kept = member.codes.pop() if expected else kept


async def prints(member: Member) -> bool:
    """Say whether the officer, signed in, may make codes."""
    try:
        await member.print()
    except Refused:
        return False
    return True


async def happen(member: Member, known: Known, name: str, value: Any) -> None:
    """Let something happen, and note in the model what of it matters."""
    await {True: matter, False: not_matter}[name in MATTERS](member, known, name, value)


async def matter(member: Member, known: Known, name: str, value: Any) -> None:
    today = member.today
    if name in {"withdrawn", "selected"}:
        known.selected = name == "selected"
        await member.set_candidacy(name)
    elif name == "set up":
        known.opened_on = today - value * DAY
        async with tenant_session(member.rig.ctx(member.scope)) as session:
            mine = update(MemberAccess).where(MemberAccess.seat_id == member.seat)
            await session.execute(mine.values(opened_on=known.opened_on))
    elif name == "tour":
        known.tour = value
        await member.set_tour(value)
    elif name == "home":
        known.tour, known.home_on = "ended", today - value * DAY
        await member.set_tour("ended", home_on=known.home_on)
    elif name in {"return", "closed"} and known.tour is not None:
        known.file = "closed" if name == "closed" else value
        known.closed_on = today - value * DAY if name == "closed" else None
        await member.set_return(known.file, known.closed_on)
    elif name in {"ended", "allowed again"} and known.ended == (name == "allowed again") and known.linked:
        known.ended = name == "ended"
        await member.switch(opened=not known.ended)
    elif name == "linked":
        known.linked = value
        await member.set_seat(officer_id=member.officer_id if value else None)


async def not_matter(member: Member, known: Known, name: str, value: Any) -> None:
    rig, scope = member.rig, member.scope
    if name == "hr":
        await member.set_officer(status=value)
    elif name == "directory":
        await member.set_seat(active=value, shut_by_directory=not value)
    elif name == "provider":
        await member.switch_provider(active=value)
    elif name == "roles taken":
        async with tenant_session(rig.ctx(scope)) as session:
            await session.execute(delete(RoleGrant).where(RoleGrant.seat_id == member.seat))
    else:
        async with tenant_session(rig.ctx(scope)) as session:
            await end_sessions_of(session, scope, member.seat, rig.platform.clock.now())


days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
stays = st.builds(
    lambda tour, home, file, closed: Stay(
        tour, home if tour == "ended" else None, file, closed if file == "closed" else None
    ),
    st.sampled_from(["planned", "in_mission", "ended", "cancelled"]),
    days,
    st.sampled_from([None, "adjusting", "closed"]),
    days,
)


@given(several=st.lists(stays, max_size=4), opened_on=st.none() | days)
def test_the_last_of_several_tours_counts(several: list[Stay], opened_on: date | None) -> None:
    last = last_day(several, opened_on)
    assert last == last_day(several[::-1], opened_on)
    if any(stay.tour != "cancelled" and stay.ended_on is None for stay in several):
        assert last == NO_END
        return
    over = [stay.closed_on or stay.home_on for stay in several if stay.ended_on is not None]
    since = max([day for day in over if day is not None], default=opened_on)
    assert last == (None if since is None else a_year_after(since))


@pytest.mark.parametrize(("closed", "last"), [("2027-06-30", "2028-06-30"), ("2028-02-29", "2029-02-28")])
def test_it_lasts_twelve_months_to_the_day(closed: str, last: str) -> None:
    stay = Stay("ended", None, "closed", date.fromisoformat(closed))
    assert last_day([stay]) == date.fromisoformat(last)
