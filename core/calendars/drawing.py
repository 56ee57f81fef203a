"""A calendar as text: iCalendar (RFC 5545), with the names of a calendar and how often to ask (RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event, vText

from core.calendars.entries import Entry
from core.context import Ctx, Language
from core.missions.models import Mission
from core.text import Text, t
from core.web.i18n import say

PRODUCT = "-//Contingent//Calendar addresses//EN"
REFRESH = timedelta(hours=6)
"""How often a calendar is asked to look again."""
KINDS: dict[str, Text] = {
    "tour_begins": t("Tour begins"),
    "tour_ends": t("Tour ends"),
    "home": t("Home"),
    "rotation": t("Rotation"),
    "check_in": t("Check-in due"),
    "milestone": t("Return milestone due"),
}
STATUSES: dict[str, Text] = {
    "tentative": t("Planned; there is no order yet."),
    "cancelled": t("Called off."),
}


def draw_calendar(ctx: Ctx, entries: Iterable[Entry], language: Language, mission: Mission | None) -> bytes:
    """Return a calendar with ``entries``; of one's own dates where there is no ``mission``.

    It names no method: what is fetched at an address is nobody's message to anybody, and a stamp then says when an
    entry was last revised (RFC 5545, 3.8.7.2), so that the same entries are the same bytes.
    """
    made = Calendar()
    acronym = _acronym(mission, language) if mission else None
    name = say(t("Contingent: %(mission)s", mission=acronym) if acronym else t("Contingent: my dates"), language)
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    # As text by name: the library escapes only what it knows to be that.
    made.add("name", vText(name))
    made.add("x-wr-calname", vText(name))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    home = f"{ctx.database.settings.address}/{language}/{ctx.scope.slug}"
    for entry in entries:
        made.add_component(_event(entry, language, home))
    drawn: bytes = made.to_ical(sorted=False)
    return drawn


def _event(entry: Entry, language: Language, home: str) -> Event:
    made = Event()
    made.add("uid", str(entry.uid))
    made.add("dtstamp", entry.revised_at)
    made.add("created", entry.made_at)
    made.add("last-modified", entry.revised_at)
    made.add("sequence", entry.revisions)
    made.add("dtstart", entry.first)
    made.add("dtend", entry.last + timedelta(days=1))
    made.add("summary", say(_summary(entry, language), language))
    made.add("description", "\n".join(say(line, language) for line in _description(entry, language)))
    made.add("categories", [_acronym(entry.mission, language)])
    made.add("status", entry.status.upper())
    made.add("transp", "TRANSPARENT")
    made.add("class", "PRIVATE")
    made.add("url", f"{home}{entry.path}")
    return made


def _summary(entry: Entry, language: Language) -> Text:
    acronym, what = _acronym(entry.mission, language), KINDS[entry.kind]
    about = [word for word in (_position(entry, language), entry.rotation) if word]
    said = t("%(mission)s: %(what)s", mission=acronym, what=what)
    if about:
        said = t("%(mission)s: %(what)s (%(about)s)", mission=acronym, what=what, about=", ".join(about))
    return t("Called off – %(what)s", what=said) if entry.status == "cancelled" else said


def _description(entry: Entry, language: Language) -> list[Text | str]:
    lines: list[Text | str] = [entry.mission.name_fr if language == "fr" else entry.mission.name_en]
    if entry.status in STATUSES:
        lines.append(STATUSES[entry.status])
    lines.append(t("More is on its page in Contingent, for whoever may read it."))
    return lines


def _acronym(mission: Mission, language: Language) -> str:
    return mission.acronym_fr if language == "fr" else mission.acronym_en


def _position(entry: Entry, language: Language) -> str | None:
    if entry.position is None:
        return None
    return entry.position.title_fr if language == "fr" else entry.position.title_en
