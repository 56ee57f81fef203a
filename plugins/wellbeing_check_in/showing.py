"""What the plugin shows: on the overview, on the officer's own return, on a tour. No answer is in any of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from contingent import (
    Bar,
    Column,
    Fact,
    Facts,
    Figure,
    Homecoming,
    Notice,
    Overview,
    PageLink,
    Panel,
    Row,
    Table,
    Talk,
    Tour,
    Words,
    shift,
)
from plugins.wellbeing_check_in.settings import Settings

TITLE: Words = {"en": "Wellbeing check-ins", "fr": "Points sur le mieux-être"}
NEXT: Words = {"en": "Next talk", "fr": "Prochaine conversation"}
MOST_ROWS = 20
TALKS: dict[str, Words] = {
    "first_week": {"en": "First week at home", "fr": "Première semaine au retour"},
    "first_month": {"en": "First month", "fr": "Premier mois"},
    "half_year": {"en": "Six months", "fr": "Six mois"},
    "year": {"en": "Twelve months", "fr": "Douze mois"},
    "talk": {"en": "Arranged", "fr": "Convenue"},
}
"""What the host's talks are called, by key."""

OWN: Words = {
    "en": "What you answer in the check-in is shown to you alone, and is kept nowhere unless you share it with health.",
    "fr": "Vos réponses ne sont montrées qu’à vous, et ne sont conservées nulle part sauf si vous les transmettez "
    "au service de santé.",
}
HAZARDOUS: Words = {
    "en": "The mission is designated as hazardous: offer the first check-in soon, and more than once.",
    "fr": "La mission est désignée comme dangereuse\u00a0: proposez rapidement un premier point, et plus d’une fois.",
}


def open_talks(homecoming: Homecoming) -> list[Talk]:
    """Return the talks that are still to be held, the next first."""
    return sorted((one for one in homecoming.talks if one.done is None), key=lambda one: one.due)


def on_overview(settings: Settings, overview: Overview, today: date) -> Panel | None:
    """Return which talks come up, and how many of those due were held; nothing without returns."""
    if not overview.returns:
        return None
    until = shift(today, days=settings.days_ahead)
    coming = sorted(_coming(overview, until), key=lambda one: (one[1].due, str(one[0].id)))
    due = [talk for one in overview.returns for talk in one.talks if talk.done or talk.due <= today]
    table = Table(
        title={"en": "Talks that come up", "fr": "Conversations à venir"},
        columns=[
            Column(title={"en": "Officer", "fr": "Membre"}),
            Column(title={"en": "Talk", "fr": "Conversation"}),
            Column(title={"en": "Due", "fr": "Échéance"}, kind="day"),
        ],
        rows=[
            Row(
                cells=[None, TALKS.get(talk.key, TITLE), talk.due],
                link=PageLink(kind="return", id=one.id),
            )
            for one, talk in coming[:MOST_ROWS]
        ],
        empty={
            "en": f"No talk is due in the next {settings.days_ahead} days.",
            "fr": f"Aucune conversation n’est prévue dans les {settings.days_ahead} prochains jours.",
        },
    )
    held = Bar(
        title={"en": "Held, of those due", "fr": "Tenues, de celles à échéance"},
        part=sum(one.done is not None for one in due),
        whole=len(due),
    )
    figure = Figure(
        title={"en": "Talks after a return", "fr": "Conversations après un retour"},
        unit={"en": "Talks", "fr": "Conversations"},
        bars=[held],
    )
    return Panel(key="talks", title=TITLE, parts=[table, figure] if due else [table])


def _coming(overview: Overview, until: date) -> Iterator[tuple[Homecoming, Talk]]:
    for one in overview.returns:
        for talk in open_talks(one):
            if one.home is not None and talk.due <= until:
                yield one, talk


def on_own_return(homecoming: Homecoming) -> Panel:
    """Return when the next talk is, and what becomes of answers."""
    following = open_talks(homecoming)
    facts = Facts(facts=[Fact(title=NEXT, value=following[0].due if following else None)])
    return Panel(key="check-in", title=TITLE, parts=[facts, Notice(text=OWN)])


def on_tour(settings: Settings, tour: Tour) -> Panel:
    """Return when the first check-in should be offered."""
    first = shift(tour.end, days=settings.first_days)
    facts = Facts(facts=[Fact(title={"en": "Offer the first by", "fr": "Proposer le premier d’ici le"}, value=first)])
    return Panel(
        key="after", title=TITLE, parts=[facts, Notice(text=HAZARDOUS, tone="warn")] if tour.hazardous else [facts]
    )
