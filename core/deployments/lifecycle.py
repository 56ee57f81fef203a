"""The life of a tour, as data."""

from __future__ import annotations

from core.context import Actor
from core.text import Text, t
from core.use_cases.lifecycle import Lifecycle, Transition

TOUR_READ = "tour.read"
TOUR_LIST = "tour.list"
TOUR_PLAN = "tour.plan"
TOUR_ORDER = "tour.order"
TOUR_MOVE = "tour.move"
MOVEMENT_REPORT = "movement.report"

TOUR = Lifecycle(
    subject="tour",
    initial="planned",
    states={
        "planned": t("Planned"),
        "ordered": t("Ordered"),
        "in_transit": t("In transit"),
        "in_mission": t("In the mission"),
        "on_leave": t("On leave"),
        "medical_hold": t("Not available"),
        "evacuated": t("Out of the mission"),
        "returning": t("Returning"),
        "ended": t("Ended"),
        "cancelled": t("Cancelled"),
    },
    transitions=(
        Transition("order", t("Order the tour"), frozenset({"planned"}), "ordered", TOUR_ORDER),
        Transition("depart", t("Departed"), frozenset({"ordered"}), "in_transit", TOUR_MOVE),
        Transition(
            "arrive", t("Arrived in the mission"), frozenset({"ordered", "in_transit"}), "in_mission", TOUR_MOVE
        ),
        Transition("go_on_leave", t("Went on leave"), frozenset({"in_mission"}), "on_leave", TOUR_MOVE),
        Transition("come_back", t("Came back from leave"), frozenset({"on_leave"}), "in_mission", TOUR_MOVE),
        Transition("hold", t("Not available"), frozenset({"in_mission", "on_leave"}), "medical_hold", TOUR_MOVE),
        Transition("release", t("Available again"), frozenset({"medical_hold"}), "in_mission", TOUR_MOVE),
        Transition(
            "evacuate",
            t("Taken out of the mission"),
            frozenset({"in_mission", "on_leave", "medical_hold"}),
            "evacuated",
            TOUR_MOVE,
            needs_reason=True,
        ),
        Transition("return_to_mission", t("Back in the mission"), frozenset({"evacuated"}), "in_mission", TOUR_MOVE),
        Transition(
            "leave_mission",
            t("Left the mission"),
            frozenset({"in_mission", "on_leave", "medical_hold", "evacuated"}),
            "returning",
            TOUR_MOVE,
        ),
        Transition("end", t("Came home"), frozenset({"returning"}), "ended", TOUR_MOVE),
        Transition(
            "cancel",
            t("Cancel the tour"),
            frozenset({"planned", "ordered"}),
            "cancelled",
            TOUR_ORDER,
            needs_reason=True,
        ),
    ),
)

TOUR_CAUSE = "tour.cause"
"""To know why somebody is not available or out of the mission: health, and IPOB's deployment support."""

THERE = ("in_mission", "on_leave", "medical_hold")
"""Where an officer counts as being in the mission."""

UNTOLD: dict[str, str] = {"medical_hold": "not_available", "evacuated": "out_of_mission"}
"""What a state is called in the answers to everybody else."""


def told_state(state: str, actor: Actor) -> str:
    """Return the key of a tour's state as ``actor`` may read it."""
    return state if actor.may_at_all(TOUR_CAUSE) else UNTOLD.get(state, state)


def meant_state(state: str) -> str:
    """Return the state that a reader asks for by a key of either kind."""
    return next((meant for meant, told in UNTOLD.items() if told == state), state)


STATES: dict[str, Text] = dict(TOUR.states) | {told: TOUR.states[state] for state, told in UNTOLD.items()}
"""The words of every key that an answer may hold."""

MOVEMENTS: dict[str, str] = {
    "departed": "depart",
    "arrived": "arrive",
    "leave_began": "go_on_leave",
    "leave_ended": "come_back",
    "left_mission": "leave_mission",
    "home": "end",
}
"""Which transition of the tour a reported movement asks for."""
