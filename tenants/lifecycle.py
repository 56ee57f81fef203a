"""The life of an agency in the program, and the permissions of this room."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

AGENCY_READ = "agency.read"
"""See the profile, the gates and the sharing contract; for IPOB and the operator, the list of agencies."""
AGENCY_MOVE = "agency.move"
"""Bring an agency in, pause it, end its part."""
AGENCY_PAUSE = "agency.pause"
"""Pause and resume one's own agency."""
AGENCY_RENAME = "agency.rename"
"""Record a change of name or address."""
AGREEMENT_WRITE = "agreement.write"
"""Record agreements and the external acts they rest on."""
PRIVACY_WRITE = "privacy.write"
"""Record privacy assessments and written agreements."""
CONTRACT_PROPOSE = "contract.propose"
"""Propose, for the agency, what IPOB may see."""
CONTRACT_ACCEPT = "contract.accept"
"""Accept it, for IPOB."""

AGENCY = Lifecycle(
    subject="agency",
    initial="onboarding",
    states={
        "onboarding": t("Joining"),
        "active": t("Taking part"),
        "on_hold": t("On hold"),
        "withdrawn": t("Has withdrawn"),
    },
    transitions=(
        Transition(
            "activate",
            t("Let it take part"),
            frozenset({"onboarding"}),
            "active",
            AGENCY_MOVE,
            needs_reason=True,
        ),
        Transition(
            "pause",
            t("Put on hold"),
            frozenset({"active"}),
            "on_hold",
            AGENCY_PAUSE,
            needs_reason=True,
            also=AGENCY_MOVE,
        ),
        Transition(
            "resume",
            t("Resume taking part"),
            frozenset({"on_hold"}),
            "active",
            AGENCY_PAUSE,
            needs_reason=True,
            also=AGENCY_MOVE,
        ),
        Transition(
            "withdraw",
            t("End its part"),
            frozenset({"onboarding", "active", "on_hold"}),
            "withdrawn",
            AGENCY_MOVE,
            needs_reason=True,
        ),
        Transition("return", t("Bring back"), frozenset({"withdrawn"}), "onboarding", AGENCY_MOVE, needs_reason=True),
    ),
)
"""States take effect on a day; the history is kept, and an agency that comes back keeps its id."""
