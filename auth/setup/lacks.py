"""What a test sign-in may show to be missing, each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from auth.claim_rules.rules import person_in
from auth.relying_party.assurance import read_assurance
from auth.setup.findings import CHECKS
from auth.setup.sharing import NAMED, SHARED
from core.text import Text, t

UNLINKED, OTHER_SEAT, NO_ROLE, NO_PERSON, NO_TIME, NO_METHODS, NO_SESSION = (
    "unlinked",
    "other_seat",
    "no_role",
    "no_person",
    "no_time",
    "no_methods",
    "no_session",
)


class Lack(msgspec.Struct, frozen=True):
    """Something that is missing, how much it matters, and who can mend it."""

    tone: Literal["warn", "info"]
    title: Text
    remedy: Text


LACKS: Mapping[str, Lack] = {
    UNLINKED: Lack(
        "warn",
        t("This account leads into no seat here"),
        t("If it is yours, link it to your seat. Others are linked before the provider is put in force."),
    ),
    OTHER_SEAT: Lack(
        "warn",
        t("This account leads into the seat of another person"),
        t("Sign in there with your own account and test again, or have the link corrected."),
    ),
    NO_ROLE: Lack(
        "warn",
        t("No rule from claims to roles fits what came"),
        t("Compare the claims below with your rules. Roles given by hand stay as they are."),
    ),
    NO_PERSON: Lack(
        "warn",
        t("The claim that is to name the person to all clients did not come, or is no single text"),
        t(
            "Compare its name in the set-up with the claims below, or have your identity team add it there. Without it,"
            " nobody sees that somebody who acts for two services is one person."
        ),
    ),
    SHARED: Lack("warn", CHECKS[SHARED].fails, CHECKS[SHARED].remedy),
    NAMED: Lack("warn", CHECKS[NAMED].fails, CHECKS[NAMED].remedy),
    NO_METHODS: Lack(
        "info",
        t("It does not say how the person signed in (acr, amr or acrs)"),
        t("A second factor can then not be checked here: your identity team must require it there."),
    ),
    NO_TIME: Lack(
        "info",
        t("It does not say when the person proved who they are (auth_time)"),
        t("Asking for a fresh sign-in by minutes would refuse everybody. Your identity team may be able to add it."),
    ),
    NO_SESSION: Lack(
        "info",
        t("It does not name its session (sid)"),
        t("If it tells us that a session has ended, all sessions of that person here end."),
    ),
}
"""In the order in which they are shown."""


def lacking(
    claims: Mapping[str, Any],
    roles: Sequence[str],
    *,
    ruled: bool,
    person_claim: str | None,
    linked: UUID | None,
    tester: UUID | None,
) -> list[str]:
    """Return the keys of what is missing; ``ruled``: there are rules; ``linked``: whose seat the account leads into."""
    said = read_assurance(dict(claims))
    missing = {
        UNLINKED: linked is None,
        OTHER_SEAT: linked is not None and linked != tester,
        NO_ROLE: ruled and not roles,
        NO_PERSON: person_claim is not None and person_in(claims, person_claim) is None,
        NO_METHODS: not (said.acr or said.amr or said.acrs),
        NO_TIME: said.at is None,
        NO_SESSION: "sid" not in claims,
    }
    return [key for key, is_missing in missing.items() if is_missing]
