"""The life of a change of accounts."""

from __future__ import annotations

from auth.service import SEAT_MANAGE
from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

RELINK = Lifecycle(
    subject="relink",
    initial="previewed",
    states={
        "previewed": t("Previewed"),
        "applied": t("Both accounts open the seats"),
        "finished": t("Only the new accounts open the seats"),
        "dropped": t("Dropped"),
    },
    transitions=(
        Transition(
            "apply",
            t("Link the new accounts"),
            frozenset({"previewed"}),
            "applied",
            SEAT_MANAGE,
            needs_reason=True,
            allowed_when=t("Nothing in the preview has changed since."),
        ),
        Transition("drop", t("Drop"), frozenset({"previewed"}), "dropped", SEAT_MANAGE),
        Transition(
            "finish",
            t("Unlink the old accounts"),
            frozenset({"applied"}),
            "finished",
            SEAT_MANAGE,
            needs_reason=True,
            allowed_when=t("The old sign-in service is switched off."),
        ),
    ),
)
