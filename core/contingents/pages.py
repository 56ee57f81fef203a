"""The commander's page: the contingent as it is today."""

from __future__ import annotations

from typing import Any

from core.contingents.lifecycle import CONTINGENT_READ
from core.contingents.schemas import PRESENCE, Contingent, ReadContingent
from core.contingents.service import read_contingent
from core.contingents.tables import held_table, roster_table
from core.lists.showing import show_list
from core.missions.lifecycle import MISSION
from core.missions.schemas import ORGANIZATIONS
from core.text import t
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, View

ROSTER = Listing(t("Contingent"), {"state": "all"})

pages = Pages(
    "contingents",
    scopes={"mission"},
    nav=[Nav("main", t("Contingent"), "/", CONTINGENT_READ, "people", 10)],
)


@pages.get("/", permission=CONTINGENT_READ, listing=ROSTER)
async def contingent(view: View) -> PageAnswer:
    """Show the mission's commander who is there, who is away and who is coming."""
    asked = view.read(ReadContingent)
    found = await view.run(read_contingent, asked)
    return await show_list(
        view,
        "contingents/contingent.html",
        roster_table(found.members, view.language),
        form=view.form(ReadContingent, asked).offering("state", PRESENCE),
        mission=found.mission,
        kpis=_figures(found),
        held=held_table(found, view.language),
        MISSION=MISSION,
        organization=ORGANIZATIONS[found.mission.organization],
    )


def _figures(found: Contingent) -> list[dict[str, Any]]:
    authorized = found.mission.authorized
    of = t("of %(authorized)s authorized", authorized=authorized) if authorized is not None else t("officers")
    return [
        {"title": PRESENCE["there"], "value": found.counts["there"], "note": of, "href": "/?state=there"},
        {
            "title": PRESENCE["on_leave"],
            "value": found.counts["on_leave"],
            "note": t("officers"),
            "href": "/?state=on_leave",
        },
        {
            "title": PRESENCE["expected"],
            "value": found.counts["expected"],
            "note": t("ordered, or on their way"),
            "href": "/?state=expected",
        },
        {
            "title": t("Elsewhere"),
            "value": found.counts["elsewhere"],
            "note": t("not available, or on the way home"),
            "href": "/?state=elsewhere",
        },
    ]
