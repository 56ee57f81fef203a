"""The figures on top of the dashboard, each with where to look further."""

from __future__ import annotations

from typing import Any

from core.oversight.schemas import Dashboard, DashboardIn, Waiting
from core.text import Text, t
from core.web.figures.bars import sparkline
from core.web.tables import again
from core.web.view import View


def key_figures(found: Dashboard, asked: DashboardIn, view: View) -> list[dict[str, Any]]:
    """Return what is told of the day, and of what waits on the day that is today."""
    figures = [
        {
            "title": t("Deployed now") if found.waiting else t("Deployed on this day"),
            "value": found.deployed,
            "note": _of(found, asked),
            "href": again("/strength", view.query, by="agency", format=None, agencies=None),
            "spark": sparkline([count for _, count in found.history], _history(found, view)),
        },
        {
            "title": t("Departing in 60 days"),
            "value": found.departing,
            "note": t("planned and ordered tours") if found.waiting else t("tours ordered by this day"),
            "href": "/tours?state=ordered" if found.waiting else None,
        },
        {
            "title": t("Returning in 60 days"),
            "value": found.returning,
            "note": t("the last day of their tours"),
        },
    ]
    if found.waiting is not None:
        unplanned = found.waiting.unplanned
        note = t("%(count)s without a return file", count=unplanned)
        figures[-1] |= {"note": note, "href": "/returns", "tone": "warn" if unplanned else ""}
        return figures + _waiting(found.waiting)
    return [
        *figures,
        {
            "title": t("Missions with officers"),
            "value": sum(one.deployed > 0 for one in found.missions),
            "note": t("of %(count)s that ran on this day", count=len(found.choices)),
        },
        {
            "title": t("Services with officers"),
            "value": len({slug for slug, _, _ in found.contributions}),
            "note": t("of %(count)s on this platform", count=len(found.agencies)),
        },
    ]


def _of(found: Dashboard, asked: DashboardIn) -> Text:
    if asked.agency:
        return t("of %(count)s from all services", count=found.everybody)
    if found.unauthorized:
        return t("of %(count)s authorized, where a number is known", count=found.authorized)
    return t("of %(count)s authorized", count=found.authorized)


def _history(found: Dashboard, view: View) -> str:
    counts = ", ".join(str(count) for _, count in found.history)
    return view.say(t("In the twelve months until this day: %(counts)s", counts=counts))


def _waiting(found: Waiting) -> list[dict[str, Any]]:
    return [
        {
            "title": t("Places without a nominee"),
            "value": found.vacancies,
            "note": t("calls closing this week: %(count)s", count=found.closing_calls),
            "href": "/calls",
        },
        {
            "title": t("To screen"),
            "value": found.to_screen,
            "note": t("nominations not looked at"),
            "href": "/nominations?state=nominated",
            "tone": "warn" if found.to_screen else "",
        },
        {
            "title": t("Returns with a late milestone"),
            "value": found.late_returns,
            "note": t("status shared by the services"),
            "href": "/returns?state=late",
            "tone": "bad" if found.late_returns else "",
        },
    ]
