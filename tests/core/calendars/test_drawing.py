"""Whatever is in a calendar comes out of it as it went in, in lines that every reader takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from core.calendars.drawing import KINDS, draw_calendar
from core.calendars.entries import Entry
from core.context import Actor, Ctx, Language, Scope
from core.missions.models import Mission, Position
from core.settings import Settings
from tests.core.calendars.conftest import events

SCOPE = Scope(id=UUID(int=1), kind="agency", slug="qc-essai", name_en="Test", name_fr="Essai")
LONGEST = 75
words = st.text(
    st.sampled_from("éèàçœ’«»\u00a0ßaE ;,:\\\"'\n-0😀") | st.characters(exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=90,
)
days = st.dates(date(2000, 1, 1), date(2099, 12, 30))
instants = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@st.composite
def entries(draw: Any, number: int = 0) -> Entry:
    first = draw(days)
    kind: Any = draw(st.sampled_from(sorted(KINDS)))
    made = draw(instants)
    return Entry(
        uid=uuid5(UUID(int=number), kind),
        kind=kind,
        first=first,
        last=min(date(2099, 12, 31), first + timedelta(days=draw(st.integers(0, 400)))),
        status=draw(st.sampled_from(["confirmed", "tentative", "cancelled"])),
        mission=Mission(acronym_en=draw(words), acronym_fr=draw(words), name_en=draw(words), name_fr=draw(words)),
        position=draw(st.none() | st.builds(Position, title_en=words, title_fr=words)),
        rotation=draw(st.none() | words),
        path="/my/tour",
        made_at=made,
        revised_at=made + timedelta(minutes=draw(st.integers(0, 1000))),
        revisions=draw(st.integers(0, 10_000)),
    )


several = st.integers(0, 6).flatmap(lambda count: st.tuples(*(entries(number) for number in range(count))))


def ctx() -> Ctx:
    database = cast("Any", SimpleNamespace(settings=Settings()))
    return Ctx(scope=SCOPE, actor=Actor(UUID(int=2), "Nobody"), clock=cast("Any", None), database=database)


@given(several, st.sampled_from(["en", "fr"]))
def test_what_goes_in_comes_out(given_entries: tuple[Entry, ...], language: Language) -> None:
    mission = given_entries[0].mission if given_entries else None
    drawn = draw_calendar(ctx(), given_entries, language, mission)
    lines = drawn.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert max(len(line) for line in lines) <= LONGEST
    for line in lines:
        line.decode()  # no letter is cut in two
    found = events(drawn)
    assert len(found) == len(given_entries)
    assert len({one.uid for one in found}) == len(found)
    for event, entry in zip(found, given_entries, strict=True):
        assert event.uid == str(entry.uid)
        assert (event.first, event.after) == (entry.first, entry.last + timedelta(days=1))
        assert event.kinds_of_day == {"DATE"}
        assert event.stamp == event.modified == entry.revised_at.replace(microsecond=0)
        assert event.sequence == entry.revisions
        assert (event.status, event.transparency) == (entry.status.upper(), "TRANSPARENT")
        assert event.url == f"{Settings().address}/{language}/qc-essai/my/tour"
        acronym = entry.mission.acronym_fr if language == "fr" else entry.mission.acronym_en
        assert acronym in event.summary
        assert event.categories == [acronym]


@given(several)
def test_the_same_entries_are_the_same_bytes(given_entries: tuple[Entry, ...]) -> None:
    assert draw_calendar(ctx(), given_entries, "fr", None) == draw_calendar(ctx(), given_entries, "fr", None)


def test_a_text_in_it_passes_for_no_other_entry() -> None:
    odd = "UN\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:another\r\nATTACH:https://elsewhere.example"
    entry = Entry(
        uid=UUID(int=9),
        kind="tour_begins",
        first=date(2026, 1, 5),
        last=date(2026, 1, 5),
        status="confirmed",
        mission=Mission(acronym_en=odd, acronym_fr=odd, name_en=odd, name_fr=odd),
        position=Position(title_en=odd, title_fr=odd),
        rotation=odd,
        path="/my/tour",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        revised_at=datetime(2026, 1, 1, tzinfo=UTC),
        revisions=1,
    )
    drawn = draw_calendar(ctx(), [entry], "en", entry.mission)
    (found,) = events(drawn)
    assert found.uid == str(UUID(int=9))
    assert not any(line.startswith(b"ATTACH") for line in drawn.split(b"\r\n"))
