"""The life of an HR run, as data."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

HR_READ = "hr.read"
HR_LOAD = "hr.load"
HR_SCOPE = "hr.scope"

RUN = Lifecycle(
    subject="hr_run",
    initial="previewed",
    states={
        "previewed": t("Ready to apply"),
        "braked": t("Stopped: more changes than usual"),
        "applied": t("Applied"),
        "dropped": t("Dropped"),
    },
    transitions=(
        Transition("allow", t("Allow so many changes"), frozenset({"braked"}), "previewed", HR_LOAD, needs_reason=True),
        Transition("apply", t("Apply"), frozenset({"previewed"}), "applied", HR_LOAD),
        Transition("drop", t("Drop"), frozenset({"previewed", "braked"}), "dropped", HR_LOAD),
    ),
)

OVER = frozenset({"applied", "dropped"})
"""States of a run that needs its file no longer."""
