"""The lives of an interest, a nomination (the agency's) and a candidacy (IPOB's), as data."""

from __future__ import annotations

from core.approvals.lifecycle import APPROVAL_DECIDE
from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

INTEREST_READ = "interest.read"
INTEREST_DECLARE = "interest.declare"
INTEREST_ANSWER = "interest.answer"
NOMINATION_READ = "nomination.read"
NOMINATION_WRITE = "nomination.write"
NOMINATION_RELEASE = "nomination.release"
NOMINATION_WITHDRAW = "nomination.withdraw"
CONDUCT_ATTEST = "conduct.attest"
CANDIDACY_READ = "candidacy.read"
CANDIDACY_SCREEN = "candidacy.screen"
CANDIDACY_HEALTH = "candidacy.health"
"""To record the health results of screening and to see them: outcomes and dates."""
CANDIDACY_SELECT = "candidacy.select"
CANDIDACY_ASSIGN = "tour.plan"
"""Who plans the tour assigns the candidate to it: the two are one step."""
CANDIDACY_RECONSIDER = "candidacy.reconsider"

INTEREST = Lifecycle(
    subject="interest",
    initial="declared",
    states={
        "declared": t("Interested"),
        "nominated": t("Put forward"),
        "declined": t("Not put forward"),
        "withdrawn": t("Interest withdrawn"),
    },
    transitions=(
        Transition("nominate", t("Put the officer forward"), frozenset({"declared"}), "nominated", NOMINATION_WRITE),
        Transition(
            "decline", t("Do not put forward"), frozenset({"declared"}), "declined", INTEREST_ANSWER, needs_reason=True
        ),
        Transition("withdraw", t("Withdraw"), frozenset({"declared", "nominated"}), "withdrawn", INTEREST_DECLARE),
        Transition(
            "renew", t("I am interested again"), frozenset({"withdrawn", "declined"}), "declared", INTEREST_DECLARE
        ),
    ),
)

NOMINATION = Lifecycle(
    subject="nomination",
    initial="draft",
    states={
        "draft": t("Draft"),
        "agency_review": t("In the service’s approval"),
        "nominated": t("Nominated"),
        "not_supported": t("Not supported by the service"),
        "withdrawn": t("Withdrawn"),
    },
    transitions=(
        Transition(
            "submit", t("Send for approval"), frozenset({"draft"}), "agency_review", NOMINATION_WRITE, asks=True
        ),
        Transition("return", t("Return for changes"), frozenset({"agency_review"}), "draft", APPROVAL_DECIDE),
        Transition(
            "not_support",
            t("Do not support"),
            frozenset({"agency_review"}),
            "not_supported",
            APPROVAL_DECIDE,
            needs_reason=True,
        ),
        Transition(
            "release",
            t("Send to IPOB"),
            frozenset({"agency_review"}),
            "nominated",
            NOMINATION_RELEASE,
            allowed_when=t(
                "The chain has approved it, no check blocks it, the call is open and its deadline is not past, "
                "and agreement, sharing contract and privacy records are in force."
            ),
            asks=True,
        ),
        Transition(
            "withdraw",
            t("Withdraw"),
            frozenset({"draft", "agency_review", "nominated"}),
            "withdrawn",
            NOMINATION_WITHDRAW,
            needs_reason=True,
        ),
    ),
)

CANDIDACY = Lifecycle(
    subject="candidacy",
    initial="screening",
    states={
        "screening": t("Screening"),
        "assessment": t("Assessment"),
        "selected": t("Selected"),
        "reserve": t("On the reserve list"),
        "not_selected": t("Not selected"),
        "training": t("In training"),
        "ready": t("Ready to deploy"),
        "assigned": t("Assigned to a tour"),
        "withdrawn": t("Withdrawn"),
    },
    transitions=(
        Transition("assess", t("Begin assessment"), frozenset({"screening"}), "assessment", CANDIDACY_SCREEN),
        Transition(
            "select", t("Select the candidate"), frozenset({"assessment", "reserve"}), "selected", CANDIDACY_SELECT
        ),
        Transition("reserve", t("Put on the reserve list"), frozenset({"assessment"}), "reserve", CANDIDACY_SELECT),
        Transition(
            "refuse",
            t("Do not select"),
            frozenset({"screening", "assessment", "reserve"}),
            "not_selected",
            CANDIDACY_SELECT,
            needs_reason=True,
        ),
        Transition(
            "reconsider",
            t("Reconsider"),
            frozenset({"not_selected"}),
            "assessment",
            CANDIDACY_SELECT,
            needs_reason=True,
        ),
        Transition("train", t("Send to training"), frozenset({"selected"}), "training", CANDIDACY_SELECT),
        Transition(
            "ready",
            t("Mark as ready"),
            frozenset({"selected", "training"}),
            "ready",
            CANDIDACY_SELECT,
            allowed_when=t("No result is missing, and none expires before the last day of the tour."),
        ),
        Transition("assign", t("Assign to a tour"), frozenset({"ready"}), "assigned", CANDIDACY_ASSIGN),
        Transition(
            "withdraw",
            t("Withdraw"),
            frozenset({"screening", "assessment", "reserve", "selected", "training", "ready"}),
            "withdrawn",
            CANDIDACY_SCREEN,
            needs_reason=True,
        ),
    ),
)
