"""The life of a return file, as data."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

RETURN_READ = "return.read"
RETURN_TRACK = "return.track"
RETURN_OPEN = "return.open"
RETURN_MANAGE = "return.manage"
RETURN_CLOSE = "return.close"
MILESTONE_COMPLETE = "milestone.complete"
MILESTONE_SUPERVISE = "milestone.supervise"
MILESTONE_HEALTH = "milestone.health"
MILESTONE_PROGRAM = "milestone.program"
CHECK_IN_RECORD = "check_in.record"
CHECK_IN_ANSWER = "check_in.answer"
CONTACT_ASK = "contact.ask"
CONTACT_ANSWER = "contact.answer"
COMPETENCY_WRITE = "competency.write"

DUTY = "adjust"
"""The step by which the officer is back on active duty."""

RETURN = Lifecycle(
    subject="return",
    initial="planning",
    states={
        "planning": t("Planning"),
        "returning": t("On the way home"),
        "initial": t("First weeks"),
        "adjusting": t("Settling in"),
        "stable": t("Settled"),
        "closed": t("Closed"),
    },
    transitions=(
        Transition("set_out", t("On the way home"), frozenset({"planning"}), "returning", RETURN_MANAGE),
        Transition("arrive", t("Is home"), frozenset({"planning", "returning"}), "initial", RETURN_MANAGE),
        Transition(
            DUTY,
            t("Is back on duty and settling in"),
            frozenset({"initial"}),
            "adjusting",
            RETURN_MANAGE,
            allowed_when=t("What must be done before active duty is done."),
            asks=True,
        ),
        Transition("settle", t("Has settled in"), frozenset({"adjusting"}), "stable", RETURN_MANAGE, asks=True),
        Transition(
            "close",
            t("Close the return file"),
            frozenset({"stable", "adjusting"}),
            "closed",
            RETURN_CLOSE,
            allowed_when=t("Every milestone is done or declined."),
            asks=True,
        ),
        Transition(
            "reopen", t("Open the file again"), frozenset({"closed"}), "adjusting", RETURN_CLOSE, needs_reason=True
        ),
    ),
)
