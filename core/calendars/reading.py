"""What an address gives when it is fetched: the dates that whoever made it may read at that moment."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from core.calendars.ending import is_stale
from core.calendars.entries import Entry, mission_entries, own_entries
from core.calendars.lifecycle import CALENDAR_MISSION, CALENDAR_OWN
from core.calendars.models import CalendarAddress
from core.context import Language
from core.deployments.lifecycle import TOUR_READ
from core.errors import NotFound
from core.missions.models import Mission
from core.returns.lifecycle import RETURN_READ
from core.use_cases.work import Work


class Feed(NamedTuple):
    """What is to be drawn; ``stale``: that the address was fetched is to be noted."""

    id: UUID
    language: Language
    mission: Mission | None
    entries: list[Entry]
    stale: bool


async def read_feed(work: Work) -> Feed:
    """Return the dates for the address by which the actor came.

    Raises ``NotFound`` where they may not read them any more.
    """
    actor = work.ctx.actor
    row: CalendarAddress = await work.get(CalendarAddress, str(actor.only))
    mission = None
    if row.mission_id is not None:
        if not (actor.may(CALENDAR_MISSION) and actor.may(TOUR_READ)):
            raise NotFound
        mission = await work.find(Mission, row.mission_id)
        entries = await mission_entries(work, mission.id)
    else:
        officer_id = row.officer_id
        if officer_id is None or officer_id != actor.officer_id or not actor.may(CALENDAR_OWN):
            raise NotFound
        tours, returns = (actor.may(one, owner=officer_id) for one in (TOUR_READ, RETURN_READ))
        entries = await own_entries(work, officer_id, tours=tours, returns=returns)
    return Feed(row.id, "fr" if row.language == "fr" else "en", mission, entries, is_stale(row, work))
