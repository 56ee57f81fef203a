"""The life of a provider that a scope signs in through, and the permissions of this room."""

from __future__ import annotations

from core.text import t
from core.use_cases.lifecycle import Lifecycle, Transition

PROVIDER_MANAGE = "provider.manage"
"""Set up how the scope's people sign in: add a provider, test it, enforce it, let it go."""

ON = frozenset({"enforced", "retiring"})
"""States in which people sign in through it. Two may be on at once, while one takes the other's place."""

PROVIDER = Lifecycle(
    subject="identity_provider",
    initial="draft",
    states={
        "draft": t("Being set up"),
        "tested": t("Tested"),
        "enforced": t("In force"),
        "retiring": t("Being replaced"),
        "off": t("Switched off"),
    },
    transitions=(
        Transition("revise", t("Set it up anew"), frozenset({"draft", "tested", "off"}), "draft", PROVIDER_MANAGE),
        Transition(
            "confirm",
            t("Confirm the test"),
            frozenset({"draft"}),
            "tested",
            PROVIDER_MANAGE,
            allowed_when=t("An administrator’s test sign-in of this very set-up has succeeded."),
        ),
        Transition(
            "enforce",
            t("Put it in force"),
            frozenset({"tested"}),
            "enforced",
            PROVIDER_MANAGE,
            needs_reason=True,
            allowed_when=t(
                "Its test is at most 7 days old, an administrator can come in through it, and a break-glass account"
                " is ready."
            ),
        ),
        Transition(
            "retire", t("Begin to replace it"), frozenset({"enforced"}), "retiring", PROVIDER_MANAGE, needs_reason=True
        ),
        Transition(
            "keep", t("Keep it after all"), frozenset({"retiring"}), "enforced", PROVIDER_MANAGE, needs_reason=True
        ),
        Transition(
            "switch_off",
            t("Switch it off"),
            frozenset({"draft", "tested", "enforced", "retiring"}),
            "off",
            PROVIDER_MANAGE,
            needs_reason=True,
            allowed_when=t("An administrator can come in without it."),
        ),
    ),
)
