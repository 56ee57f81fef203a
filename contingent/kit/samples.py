"""Ordinary arguments for each hook, marked with the invented tenant they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from contingent import (
    Absence,
    Answered,
    Chosen,
    Course,
    Duty,
    Event,
    Experience,
    Homecoming,
    HrRecord,
    Leave,
    Nomination,
    Notification,
    Officer,
    Overview,
    Period,
    Place,
    Return,
    Run,
    Source,
    Strength,
    Subject,
    Talk,
    Tour,
    Training,
    Transition,
)
from core.hooks.marking import Hook

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
_NAMES = UUID("0b9c2a52-31f4-4a8e-9a38-7a3f5b1c0002")


def marker(tenant: str) -> str:
    """Return a word that no other tenant's data contains."""
    return f"MARK{uuid5(_NAMES, tenant).hex[:10].upper()}"


def marked_id(tenant: str, name: str) -> UUID:
    """Return the id of something of the tenant."""
    return uuid5(_NAMES, f"{tenant}/{name}")


def worker_file(tenant: str) -> bytes:
    """Return a small file of invented workers, every text with the tenant's marker in it."""
    mark = marker(tenant)
    rows = ["employee_number,given_name,family_name,rank,unit"]
    rows += [f"{mark}-{number},Alix {mark},Tremblay {mark},constable,{mark}" for number in range(3)]
    return "\r\n".join(rows).encode()


def arguments(hook: Hook, tenant: str) -> list[dict[str, Any]]:
    """Return calls of ``hook`` with ordinary arguments of the tenant: each kind of subject, an early end."""
    calls: list[dict[str, Any]] = [{}]
    for name in hook.arguments:
        choices = _choices(hook.types[name], tenant)
        calls = [{**call, name: choice} for call in calls for choice in choices]
    return calls


def _choices(kind: Any, tenant: str) -> list[Any]:
    make = _SAMPLES.get(kind)
    if make is None:
        raise LookupError(f"the kit has no sample of {kind}: add one to contingent/kit/samples.py")
    return make(tenant)


def _sources(tenant: str) -> list[Source]:
    source = marked_id(tenant, "source")
    upload = Source(id=source, upload=marked_id(tenant, "upload"), file_name=f"{marker(tenant)}.csv")
    return [upload, Source(id=source)]


def _homecoming(tenant: str) -> Homecoming:
    held, coming = date(2026, 7, 6), date(2027, 6, 30)
    talks = [Talk(key="first_week", due=held, done=held), Talk(key="year", due=coming)]
    tour = _tour(tenant, ended_early=True)
    return Homecoming(id=marked_id(tenant, "return"), tour=tour, state="initial", home=date(2026, 6, 30), talks=talks)


def _places(tenant: str) -> list[Place]:
    officer, tour, home = _officer(tenant), _tour(tenant), _homecoming(tenant)
    return [
        Place(kind="officer", id=officer.id, officer=officer),
        Place(kind="tour", id=tour.id, officer=officer, tour=tour),
        *(
            Place(kind="return", id=home.id, own=own, officer=officer, tour=home.tour, homecoming=home)
            for own in (True, False)
        ),
    ]


def _choices_made(tenant: str) -> list[Chosen]:
    """Return an action that no plugin offers: it is sent all the same."""
    (*_, place) = _places(tenant)
    return [Chosen(id=marked_id(tenant, "choice"), key="unheard-of", place=place, answers={"day": "2026-12-01"})]


def _answered(tenant: str) -> list[Answered]:
    home = _homecoming(tenant)
    return [
        Answered(homecoming=home, answers={}),
        Answered(homecoming=home, answers={"unheard-of": marker(tenant), "number": 3, "yes": True}),
    ]


def _event(tenant: str) -> Event:
    return Event(id=marked_id(tenant, "event"), name="changed", at=NOON, on=NOON.date())


def _notification(tenant: str) -> Notification:
    return Notification(
        id=marked_id(tenant, "notification"),
        address=f"{marker(tenant)}@example.org",
        language="fr",
        subject=marker(tenant),
        text=f"{marker(tenant)}\n",
    )


def _hr_records(tenant: str) -> list[HrRecord]:
    """Return a record of each kind, and the leave corrected and then taken back."""
    made, mark = marked_id(tenant, "record"), marker(tenant)
    first, last = date(2026, 1, 5), date(2026, 12, 28)
    leave = HrRecord(
        id=made,
        key=marked_id(tenant, "record/1"),
        revision=1,
        kind="leave",
        employee_number=f"{mark}-1",
        tour_id=marked_id(tenant, "tour"),
        mission=mark,
        leave=Leave(first=first, last=last),
    )
    again = {"revision": 2, "key": marked_id(tenant, "record/2"), "reference": f"{mark}-4711"}
    courses = [Course(key="driving", done=first), Course(key="firearm", done=first, expires=last)]
    earned = Experience(role={"en": mark, "fr": mark}, first=first, last=last, days=358)
    return [
        leave,
        msgspec.structs.replace(leave, **again, leave=Leave(first=first, last=date(2026, 10, 20))),
        msgspec.structs.replace(leave, **again, withdrawn=True, external_id=f"{mark}-HR"),
        msgspec.structs.replace(leave, kind="training", leave=None, training=Training(courses=courses)),
        msgspec.structs.replace(leave, kind="experience", leave=None, experience=earned),
        msgspec.structs.replace(leave, kind="duty", leave=None, duty=Duty(on=last)),
    ]


def _return(tenant: str) -> Return:
    return Return(
        id=marked_id(tenant, "return"),
        tour_id=marked_id(tenant, "tour"),
        officer_id=marked_id(tenant, "officer"),
        state="returning",
        tour_ends=date(2026, 12, 31),
    )


def _tour(tenant: str, *, ended_early: bool = False) -> Tour:
    return Tour(
        id=marked_id(tenant, "tour"),
        officer_id=marked_id(tenant, "officer"),
        mission=marker(tenant),
        start=date(2026, 1, 31),
        end=date(2026, 6, 30) if ended_early else date(2027, 1, 30),
        state="ended" if ended_early else "in_mission",
        country="HT",
        hazardous=True,
        armed=True,
        ended_early=ended_early,
    )


def _officer(tenant: str) -> Officer:
    return Officer(
        id=marked_id(tenant, "officer"),
        rank=marker(tenant),
        band=2,
        unit=marker(tenant),
        language="fr",
        qualifications={"firearm": date(2026, 12, 31), "language": None},
    )


def _nomination(tenant: str) -> Nomination:
    return Nomination(
        id=marked_id(tenant, "nomination"),
        call_id=marked_id(tenant, "call"),
        officer=_officer(tenant),
        state="draft",
        mission=marker(tenant),
        country="HT",
        starts=date(2027, 2, 1),
        months=12,
        armed=True,
    )


def _strength() -> Strength:
    away = Absence(band=2, first=date(2026, 11, 1), last=date(2027, 4, 30), certain=True)
    maybe = Absence(band=3, first=date(2027, 3, 1), last=date(2028, 2, 29), certain=False)
    return Strength(first=date(2027, 2, 1), last=date(2028, 1, 31), officers={2: 9, 3: 2}, absences=[away, maybe])


def _transitions(tenant: str) -> list[Transition]:
    nomination, on = _nomination(tenant), date(2026, 11, 23)
    steps = [("submit", "draft", "agency_review"), ("release", "agency_review", "nominated")]
    return [
        *(
            Transition(
                subject="nomination",
                id=nomination.id,
                step=step,
                source=source,
                target=target,
                on=on,
                officer=nomination.officer,
                nomination=msgspec.structs.replace(nomination, state=source),
            )
            for step, source, target in steps
        ),
        Transition(
            subject="return",
            id=marked_id(tenant, "return"),
            step="adjust",
            source="initial",
            target="adjusting",
            on=on,
            officer=nomination.officer,
            tour=_tour(tenant),
        ),
    ]


def _subjects(tenant: str) -> list[Subject]:
    nomination = _nomination(tenant)
    officer = nomination.officer
    return [
        Subject(kind="nomination", id=nomination.id, concerns=officer.id, nomination=nomination),
        Subject(kind="release", id=nomination.id, concerns=officer.id, nomination=nomination),
        Subject(kind="agreement", id=marked_id(tenant, "agreement")),
    ]


_SAMPLES: Mapping[Any, Callable[[str], list[Any]]] = {
    Answered: _answered,
    Chosen: _choices_made,
    Homecoming: lambda tenant: [_homecoming(tenant)],
    Overview: lambda tenant: [Overview(), Overview(returns=[_homecoming(tenant)])],
    Place: _places,
    Tour: lambda tenant: [_tour(tenant), _tour(tenant, ended_early=True)],
    Subject: _subjects,
    Source: _sources,
    Nomination: lambda tenant: [_nomination(tenant)],
    Officer: lambda tenant: [_nomination(tenant).officer],
    Return: lambda tenant: [_return(tenant)],
    Event: lambda tenant: [_event(tenant)],
    Run: lambda tenant: [Run(id=marked_id(tenant, "run"), key=marker(tenant), due=NOON)],
    Notification: lambda tenant: [_notification(tenant)],
    HrRecord: _hr_records,
    Transition: _transitions,
    Period: lambda _: [Period(first=date(2026, 4, 1), last=date(2026, 6, 30))],
    Strength | None: lambda _: [_strength(), None],
    str | None: lambda _: [None],
}
"""What is tried of each type of argument, for a tenant."""
