"""The lives of a mission and of a call, as data."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

MISSION_READ = "mission.read"
MISSION_WRITE = "mission.write"
MISSION_MOVE = "mission.move"
MISSION_OPENED = "mission_opened"
"""The event: a mission has a scope of its own now, for the commander of its contingent."""
CALL_READ = "call.read"
CALL_WRITE = "call.write"
CALL_OPEN = "call.open"

MISSION = Lifecycle(
    subject="mission",
    initial="planned",
    states={
        "planned": t("Planned"),
        "active": t("Active"),
        "suspended": t("Suspended"),
        "drawdown": t("Drawing down"),
        "closed": t("Ended"),
    },
    transitions=(
        Transition("activate", t("Start the mission"), frozenset({"planned"}), "active", MISSION_MOVE),
        Transition(
            "suspend", t("Suspend the mission"), frozenset({"active"}), "suspended", MISSION_MOVE, needs_reason=True
        ),
        Transition(
            "resume", t("Resume the mission"), frozenset({"suspended"}), "active", MISSION_MOVE, needs_reason=True
        ),
        Transition(
            "draw_down", t("Draw down"), frozenset({"active", "suspended"}), "drawdown", MISSION_MOVE, needs_reason=True
        ),
        Transition(
            "close",
            t("End the mission"),
            frozenset({"drawdown", "suspended", "planned"}),
            "closed",
            MISSION_MOVE,
            needs_reason=True,
            allowed_when=t("Nobody is in the mission any more."),
        ),
    ),
)

CALL = Lifecycle(
    subject="call",
    initial="draft",
    states={
        "draft": t("Draft"),
        "open": t("Open"),
        "closed": t("Closed"),
        "filled": t("Filled"),
        "cancelled": t("Call cancelled"),
    },
    transitions=(
        Transition(
            "open",
            t("Open the call"),
            frozenset({"draft"}),
            "open",
            CALL_OPEN,
            allowed_when=t("It offers at least one position and its deadline is not past."),
        ),
        Transition("close", t("Close the call"), frozenset({"open"}), "closed", CALL_OPEN),
        Transition("reopen", t("Open it again"), frozenset({"closed"}), "open", CALL_OPEN, needs_reason=True),
        Transition("fill", t("Mark as filled"), frozenset({"open", "closed"}), "filled", CALL_OPEN),
        Transition(
            "cancel",
            t("Cancel the call"),
            frozenset({"draft", "open", "closed"}),
            "cancelled",
            CALL_OPEN,
            needs_reason=True,
        ),
    ),
)
