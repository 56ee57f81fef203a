from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.clock import ManualClock
from core.ids import new_id, uuid7

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_identifier_says_its_version_and_its_instant() -> None:
    made = new_id(ManualClock(NOON))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOON.timestamp() * 1000)


def test_what_is_made_later_sorts_later_within_one_millisecond_too() -> None:
    clock = ManualClock(NOON)
    made = [new_id(clock) for _ in range(2000)]
    clock.advance(timedelta(milliseconds=1))
    made.append(new_id(clock))
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_the_lowest_identifier_of_an_instant_bounds_all_of_it() -> None:
    assert uuid7(NOON, bytes(10)) <= new_id(ManualClock(NOON)) < uuid7(NOON + timedelta(milliseconds=1), bytes(10))
