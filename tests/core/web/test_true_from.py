"""From which day somebody outside may say that a change is true: as far back as its use case allows, and no further."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from contingent.assembly import ALL_ROOMS
from core.app import load_room
from core.errors import Fault
from core.use_cases.declaration import DECLARED, NOW
from core.web.forms_sent import EARLIEST, true_from
from tests.platform import Platform

for _room in ALL_ROOMS:
    load_room(_room)
CHANGING = sorted(key for key, case in DECLARED.items() if not case.reads)
LATEST_VOTES = ("approvals.decide", "auth.grant_role", "extensions.enable_plugin", "nominations.release_nomination")


@pytest.mark.parametrize("key", CHANGING)
async def test_a_day_beyond_what_the_use_case_allows_is_a_fault(platform: Platform, key: str) -> None:
    case, ctx = DECLARED[key], platform.ctx(await platform.agency())

    def told(day: date) -> list[str]:
        faults: list[Fault] = []
        assert true_from(day.isoformat(), "/on", faults, case, ctx) == day
        return [fault.pointer for fault in faults]

    first = max(EARLIEST, ctx.today - timedelta(days=case.backdated))
    assert told(ctx.today) == []
    assert told(first) == []
    assert told(first - timedelta(days=1)) == ["/on"]
    assert told(ctx.today + timedelta(days=2)) == ["/on"]
    assert told(ctx.today + timedelta(days=1)) == (["/on"] if case.undated else [])


@pytest.mark.parametrize("key", LATEST_VOTES)
def test_votes_roles_and_what_leaves_are_true_when_they_are_done(key: str) -> None:
    assert DECLARED[key].backdated == NOW
