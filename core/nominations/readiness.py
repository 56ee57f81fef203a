"""Readiness on a clock: every qualification is held against the last day of the tour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.approvals.subjects import Check
from core.hooks.days import shift
from core.text import Text, t

EXTENSION_MONTHS = 6
"""The extension against which a qualification is tested besides: the longest usual one."""

KINDS: dict[str, Text] = {
    "language": t("Language"),
    "driving": t("Driving"),
    "firearm": t("Firearm"),
    "first_aid": t("First aid"),
    "security_clearance": t("Security clearance"),
    "passport": t("Passport"),
    "vaccination": t("Vaccination"),
    "host_clearance": t("Clearance by the host organization"),
    "use_of_force": t("Use of force"),
    "psychological_baseline": t("Psychological baseline"),
}


def check_qualification(kind: str, expires_on: date | None, last_day: date) -> Check:
    """Return how a qualification stands against a tour that ends on ``last_day``.

    One that expires before the last day, or before the last day if extended, warns.
    """
    title = KINDS.get(kind, Text(kind.replace("_", " ").capitalize()))
    if expires_on is None:
        return Check("pass", title, t("Does not expire."))
    if expires_on < last_day:
        return Check("warn", title, t("Expires on %(day)s, before the last day of the tour.", day=expires_on))
    if expires_on < shift(last_day, months=EXTENSION_MONTHS):
        return Check("warn", title, t("Valid until %(day)s: too short if the tour is extended.", day=expires_on))
    return Check("pass", title, t("Valid until %(day)s.", day=expires_on))


def check_service(hire_date: date | None, needed: int, on: date) -> Check:
    """Return whether the officer has ``needed`` years of service on ``on``."""
    title = t("Service of %(years)s years or more", years=needed)
    if hire_date is None:
        return Check("warn", title, t("HR sends no date of hire: enter it in the officer's file."))
    years = on.year - hire_date.year - ((on.month, on.day) < (hire_date.month, hire_date.day))
    detail = t("%(years)s years, from HR.", years=years)
    return Check("pass" if years >= needed else "warn", title, detail)


def check_conduct(outcome: str | None) -> Check:
    """Return the attestation by professional standards as a check: without one, nobody can approve."""
    title = t("Conduct")
    if outcome == "clear":
        return Check("pass", title, t("Attested clear by professional standards."))
    if outcome == "not_clear":
        return Check("block", title, t("Professional standards attested: not clear."))
    return Check("block", title, t("Not attested yet: ask professional standards and enter their answer."))


def check_qualifications(rows: Sequence[Any], last_day: date) -> list[Check]:
    """Return a check for each qualification of an officer, by kind."""
    return [check_qualification(row.kind, row.expires_on, last_day) for row in rows]
