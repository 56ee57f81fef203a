"""The life of an approval case, as data."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

APPROVAL_READ = "approval.read"
APPROVAL_OPEN = "approval.open"
APPROVAL_DECIDE = "approval.decide"
APPROVAL_PAPER = "approval.paper"
APPROVAL_DELEGATE = "approval.delegate"
APPROVAL_MANAGE = "approval.manage"
APPROVAL_HOLD = "approval.hold"
"""To put on hold what somebody decided, and to let it count again."""
APPROVAL_CHAIN = "approval.chain"
"""To choose who gives the chain and who decides when nobody else is left."""

CASE = Lifecycle(
    subject="approval_case",
    initial="waiting_for_chain",
    states={
        "waiting_for_chain": t("Waiting for a chain"),
        "open": t("Being decided"),
        "returned": t("Returned for changes"),
        "approved": t("Approved"),
        "refused": t("Refused"),
        "withdrawn": t("Request withdrawn"),
    },
    transitions=(
        Transition("start", t("Start"), frozenset({"waiting_for_chain"}), "open", APPROVAL_OPEN),
        Transition("approve", t("Approve"), frozenset({"open"}), "approved", APPROVAL_DECIDE),
        Transition(
            "reopen",
            t("Take the approval back"),
            frozenset({"approved"}),
            "open",
            APPROVAL_DECIDE,
            allowed_when=t("It was given less than 15 minutes ago, and what follows from it has not left."),
        ),
        Transition("refuse", t("Refuse"), frozenset({"open"}), "refused", APPROVAL_DECIDE, needs_reason=True),
        Transition(
            "return", t("Return for changes"), frozenset({"open"}), "returned", APPROVAL_DECIDE, needs_reason=True
        ),
        Transition(
            "withdraw", t("Withdraw"), frozenset({"waiting_for_chain", "open", "returned"}), "withdrawn", APPROVAL_OPEN
        ),
    ),
)
