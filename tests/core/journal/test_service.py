from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit.sealing import seal_all
from core.errors import Forbidden, NotFound
from core.journal.notifications import list_notifications, mark_read
from core.journal.permissions import AUDIT_READ, LOOK_READ, NOTIFICATION_READ
from core.journal.schemas import ListLines, ListLooks, ListNotifications, MarkRead
from core.journal.service import list_lines, list_looks, read_line
from core.text import t
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.core.journal.writing import look, tell, write
from tests.platform import NOW, Platform


async def test_lines_come_latest_first_with_their_seal(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), AUDIT_READ)
    written = [await write(ctx) for _ in range(3)]
    await seal_all(platform.database, platform.clock)
    written.append(await write(ctx))
    found = await execute(list_lines, ctx, ListLines())
    assert [line.id for line in found.lines] == written[::-1]
    assert [line.sequence for line in found.lines] == [None, 3, 2, 1]
    one = await execute(read_line, ctx, ById(str(written[0])))
    assert (one.id, one.sequence, len(one.hash or "")) == (written[0], 1, 64)


async def test_lines_are_found_by_who_what_subject_and_identifier(platform: Platform) -> None:
    agency, subject = await platform.agency(), uuid4()
    noor = platform.ctx(agency, AUDIT_READ, name="Noor Haddad")
    kim = platform.ctx(agency, name="Kim 100% Larue_")
    wanted = {
        "open": await write(noor, "mission.open", subject),
        "reopen": await write(kim, "call.reopen"),
        "close": await write(kim, "call.close"),
    }

    async def found(**asked: object) -> set[str]:
        answer = await execute(list_lines, noor, ListLines(**asked))  # type: ignore[arg-type]
        listed = {line.id for line in answer.lines}
        return {name for name, line in wanted.items() if line in listed}

    assert await found() == {"open", "reopen", "close"}
    assert await found(who="haddad") == {"open"}
    assert await found(who="100% larue_") == {"reopen", "close"}
    assert await found(who="1%e") == set()
    assert await found(action="open") == {"open"}
    assert await found(subject="call") == {"reopen", "close"}
    assert await found(subject_id=subject) == {"open"}


@settings(max_examples=10)
@given(
    days=st.lists(st.integers(0, 6), min_size=1, max_size=6),
    start=st.none() | st.integers(0, 6),
    end=st.none() | st.integers(0, 6),
)
async def test_a_period_holds_exactly_the_days_it_names(
    platform: Platform, days: list[int], start: int | None, end: int | None
) -> None:
    """Days are the scope's: written at 23:30 in Toronto, which is already tomorrow in UTC."""
    agency, first = await platform.agency(), date(2026, 11, 23)
    ctx = platform.ctx(agency, AUDIT_READ)
    late = NOW.replace(hour=4, minute=30) + timedelta(days=1)
    for day in days:
        platform.clock.set(late + timedelta(days=day))
        await write(ctx)
    asked = ListLines(
        start=None if start is None else first + timedelta(days=start),
        end=None if end is None else first + timedelta(days=end),
    )
    found = await execute(list_lines, ctx, asked)
    wanted = [day for day in days if (start is None or day >= start) and (end is None or day <= end)]
    assert sorted(line.on_day for line in found.lines) == sorted(first + timedelta(days=day) for day in wanted)


@pytest.mark.parametrize("day", [date.min, date(1969, 7, 20), date.max])
async def test_no_day_of_the_calendar_breaks_a_list(platform: Platform, day: date) -> None:
    ctx = platform.ctx(await platform.agency(), AUDIT_READ)
    await write(ctx)
    found = await execute(list_lines, ctx, ListLines(start=day))
    assert len(found.lines) == (0 if day == date.max else 1)
    found = await execute(list_lines, ctx, ListLines(end=day))
    assert len(found.lines) == (1 if day == date.max else 0)


async def test_pages_follow_each_other_without_gap_or_overlap(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), AUDIT_READ)
    written = [await write(ctx) for _ in range(7)]
    seen: list[UUID] = []
    after: UUID | None = None
    while True:
        found = await execute(list_lines, ctx, ListLines(after=after, limit=3))
        seen += [line.id for line in found.lines]
        after = found.next
        if after is None:
            break
    assert seen == written[::-1]


async def test_another_scopes_line_is_not_there(platform: Platform) -> None:
    mine, theirs = platform.ctx(await platform.agency(), AUDIT_READ), platform.ctx(await platform.agency())
    line = await write(theirs)
    for id in (line, uuid4(), "nothing"):
        with pytest.raises(NotFound):
            await execute(read_line, mine, ById(str(id)))
    assert (await execute(list_lines, mine, ListLines(subject_id=uuid4()))).lines == []
    with pytest.raises(Forbidden):
        await execute(list_lines, theirs, ListLines())


async def test_an_agency_sees_who_looked_at_its_people_and_what_they_were_shown(platform: Platform) -> None:
    agency, other, subject = await platform.agency(), await platform.agency(), uuid4()
    await look(platform, agency, subject, fields=["rank", "name"])
    await look(platform, other)
    found = await execute(list_looks, platform.ctx(agency, LOOK_READ), ListLooks())
    (one,) = found.looks
    assert (one.by_name, one.subject_id, one.fields) == ("Sam Roy", subject, ["name", "rank"])
    with pytest.raises(NotFound):
        await execute(list_looks, platform.ctx(platform.program, LOOK_READ), ListLooks())


async def test_one_reads_ones_own_notifications(platform: Platform) -> None:
    agency = await platform.agency()
    ctx = platform.ctx(agency, NOTIFICATION_READ)
    await tell(platform, agency, ctx.actor.id, "Due on %(day)s", day=date(2026, 3, 1))
    await tell(platform, agency, uuid4(), "For somebody else")
    found = await execute(list_notifications, ctx, ListNotifications())
    assert found.unread == 1
    (one,) = found.notifications
    assert one.sentence == t("Due on %(day)s", day=date(2026, 3, 1))
    assert await execute(mark_read, ctx, MarkRead(str(one.id))) is not None
    assert (await execute(list_notifications, ctx, ListNotifications())).notifications == []
    (one,) = (await execute(list_notifications, ctx, ListNotifications(state="all"))).notifications
    assert one.read


async def test_nobody_marks_what_somebody_else_was_told(platform: Platform) -> None:
    agency = await platform.agency()
    mine, theirs = platform.ctx(agency, NOTIFICATION_READ), platform.ctx(agency, NOTIFICATION_READ)
    await tell(platform, agency, theirs.actor.id, "For them")
    (one,) = (await execute(list_notifications, theirs, ListNotifications())).notifications
    with pytest.raises(NotFound):
        await execute(mark_read, mine, MarkRead(str(one.id)))
    assert (await execute(mark_read, mine, MarkRead())).marked == 0
    assert (await execute(mark_read, theirs, MarkRead())).marked == 1
