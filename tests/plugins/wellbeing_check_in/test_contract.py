"""The built-in plugin wellbeing_check_in passes what any plugin has to pass, its action sent by each who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from contingent import Answered, Chosen, Homecoming, Place, Talk, Tour
from contingent.kit.samples import marked_id, marker
from contingent.testing import PluginContract

TOUR = Tour(
    id=marked_id("alpha", "tour"),
    officer_id=marked_id("alpha", "officer"),
    mission=marker("alpha"),
    start=date(2025, 7, 1),
    end=date(2026, 6, 30),
)
HOME = Homecoming(
    id=marked_id("alpha", "return"),
    tour=TOUR,
    state="initial",
    home=TOUR.end,
    talks=[Talk(key="first_week", due=date(2026, 7, 6))],
)


def sent(day: str, **more: str) -> Chosen:
    place = Place(kind="return", id=HOME.id, own=bool(more), tour=TOUR, homecoming=HOME)
    return Chosen(id=marked_id("alpha", "choice"), key="arrange-talk", place=place, answers={"day": day, **more})


class TestWellbeingCheckIn(PluginContract):
    plugin = "wellbeing_check_in"
    cases: ClassVar[Mapping[str, Sequence[Mapping[str, Any]]]] = {
        "run_action": [
            {"chosen": sent("2026-12-01", whom="peer")},
            {"chosen": sent("2026-12-01")},
            {"chosen": sent("2026-11-01")},
        ],
        "check_in_advice": [
            {"answered": Answered(homecoming=HOME, answers=answers)}
            for answers in (
                {"sleep": 1, "on-edge": 5, "memories": 5, "somebody": False},
                {"sleep": 2},
                {"sleep": 5, "somebody": True},
            )
        ],
    }
