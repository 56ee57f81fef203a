"""What the fields of a line are called, and what their values say.

Most fields of the log were entered in a form: their labels and choices are that form's. The
rest stands in the table below. While the tests run, a field that has no words is refused where
it is written. A plugin's settings keep the names that the plugin gave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec

from core.audit.recording import WITHHELD
from core.extensions.words import CAUSES as PLUGIN_CAUSES
from core.hooks.titles import TITLES
from core.journal.words import CAUSES, QUIET_STATES
from core.text import Text, t
from core.use_cases.declaration import DECLARED
from core.use_cases.fields import Field, declared_field
from core.use_cases.lifecycle import LIFECYCLES

FIELDS: dict[str, Text] = {
    "accepted_on": t("Accepted on"),
    "account": t("Account"),
    "active": t("May come in"),
    "added": t("Added"),
    "agency": t("Service"),
    "algorithms": t("Signature algorithms"),
    "ambiguous": t("Ambiguous"),
    "answer": t("Answer"),
    "applied_at": t("Applied at"),
    "arrived_on": t("Arrived on"),
    "asked": t("Asked"),
    "assessment": t("Assessment"),
    "assurance": t("Assurance of identity"),
    "attempts": t("Attempts"),
    "band": t("Rank band"),
    "by": t("By"),
    "by_number": t("At their first sign-in"),
    "call": t("Call"),
    "capabilities": t("Capabilities"),
    "case_id": t("Approval case"),
    "came": t("What came of it"),
    "cause": t("Cause"),
    "chain": t("Chain of approval"),
    "changed": t("Changed"),
    "chunks": t("Parts"),
    "codes": t("Printed codes"),
    "client_auth": t("How the client proves itself"),
    "client_id": t("Client identifier"),
    "closed_at": t("Closed at"),
    "closed_on": t("Closed on"),
    "conduct": t("Conduct"),
    "comment": t("Comment"),
    "contract_version": t("Version of the sharing contract"),
    "data_classes": t("Classes of data"),
    "decided_on": t("Decided on"),
    "decisions": t("Decisions"),
    "decision": t("Decision"),
    "detail": t("Details"),
    "digest": t("Digest"),
    "documents": t("Documents"),
    "done_on": t("Done on"),
    "due_on": t("Due on"),
    "duty_on": t("Back on duty"),
    "employee_number": t("Employee number"),
    "ends_on": t("Ends on"),
    "expires_at": t("Expires at"),
    "expires_on": t("Valid until"),
    "external_id": t("Identifier in the directory"),
    "failures": t("Failures"),
    "faults": t("Faults"),
    "fields": t("Fields"),
    "file": t("File"),
    "filename": t("Name of the file"),
    "finding": t("Finding of the scanner"),
    "fingerprint": t("Fingerprint of the key"),
    "for_seat": t("On behalf of"),
    "found": t("Found"),
    "group": t("Group in the directory"),
    "has_document": t("Discovery document handed in"),
    "has_secret": t("A secret is kept"),
    "home_on": t("Home on"),
    "hook": t("Hook"),
    "hosts": t("Machines"),
    "hosts_from": t("Settings that hold a machine’s address"),
    "impact": t("Effect on the service"),
    "issuer": t("Issuer"),
    "key": t("Key"),
    "kid": t("Key identifier"),
    "kind": t("Kind"),
    "ladder": t("Rank ladder"),
    "language": t("Language"),
    "left_on": t("Left on"),
    "level": t("Level"),
    "link": t("Approval link"),
    "linked": t("Linked already"),
    "list": t("List"),
    "matched": t("Would be linked"),
    "media_type": t("Type of the file"),
    "missions": t("Missions"),
    "milestones": t("Milestones"),
    "missing": t("Missing"),
    "name": t("Name"),
    "named": t("Persons named"),
    "new_provider": t("The new sign-in service"),
    "nominated_on": t("Nominated on"),
    "number": t("Number"),
    "officer": t("Officer"),
    "officer_id": t("Officer"),
    "old_provider": t("The old sign-in service"),
    "on": t("On"),
    "opens_on": t("Opens on"),
    "order_number": t("Number of the order"),
    "ordered_on": t("Ordered on"),
    "origin": t("Origin"),
    "out_of_scope": t("Out of scope"),
    "outcome": t("Outcome"),
    "outside": t("Decides when nobody else is left"),
    "person": t("Released person"),
    "plan": t("Return plan"),
    "plugin": t("Plugin"),
    "plugin_version": t("Version of the plugin"),
    "profile": t("Profile"),
    "position": t("Position"),
    "published_at": t("Published at"),
    "published_until": t("Published until"),
    "purpose": t("Purpose"),
    "record": t("Record for HR"),
    "reference": t("Number in the HR system"),
    "refresh": t("Asked again"),
    "reached": t("Went through"),
    "reason": t("Reason"),
    "reason_code": t("Reason"),
    "recommendation": t("Recommendation"),
    "reconsidered": t("Reconsidered"),
    "refusal": t("Reason of the refusal"),
    "regime": t("Privacy regime"),
    "rejected": t("Rejected"),
    "result": t("Result"),
    "revision": t("Revision"),
    "role": t("Role"),
    "roles": t("Roles"),
    "rows": t("Rows"),
    "scope": t("Whom to load"),
    "sessions_ended": t("Sessions ended"),
    "approval_links_ended": t("Links to cases ended"),
    "calendars_ended": t("Calendar addresses ended"),
    "invitations_withdrawn": t("Links to seats withdrawn"),
    "secrets": t("Secrets"),
    "settings": t("Settings"),
    "sha256": t("Digest"),
    "shared": t("Shared status"),
    "signs_from": t("Signs from"),
    "since": t("Since"),
    "size": t("Size"),
    "slug": t("Word in addresses"),
    "source": t("Source"),
    "sponsor": t("Sponsoring service"),
    "starts_on": t("Begins on"),
    "state": t("State"),
    "states": t("States"),
    "step": t("Step"),
    "step_reopened": t("Step open again"),
    "step_up": t("Before this action"),
    "subject": t("Subject"),
    "submitted_at": t("Sent at"),
    "supervisor": t("Supervisor at home"),
    "talk": t("Talk"),
    "synced": t("Kept by several devices"),
    "tokens_ended": t("Tokens ended"),
    "tour": t("Tour"),
    "tour_ends_on": t("End of the tour"),
    "unchanged": t("Unchanged"),
    "unit": t("Unit"),
    "until": t("Valid until"),
    "used": t("What it used"),
    "verdict": t("Decision"),
    "version": t("Version"),
    "waiting_for": t("Waits for"),
    "way": t("Way in"),
    "why": t("Cause"),
    "withdrawn": t("Taken back"),
}
VALUES: dict[str, dict[str, Text]] = {
    "plan": {"complete": t("complete"), "incomplete": t("incomplete")},
    "shared": {"open": t("open"), "late": t("late"), "closed": t("closed")},
    "origin": {
        "manual": t("by hand"),
        "claim": t("a rule by claim"),
        "directory": t("a rule by group of the directory"),
        "delegation": t("delegation"),
        "command": t("command line"),
        "invitation": t("an invitation"),
        "number": t("the employee number"),
        "just_in_time": t("the first sign-in"),
        "relink": t("a change of sign-in service"),
    },
    "cause": PLUGIN_CAUSES
    | {
        "failing": t("Failed again and again"),
        "group_removed": t("the directory has deleted the group"),
        "provider": t("the provider ended its session"),
        "refresh": t("the provider was asked again and no longer stands behind it"),
        "unlinked": t("the account opens this access no longer"),
        "unvouched": t("the provider no longer stands behind whoever let the program in"),
        "worker_file": t("the worker file says that the person no longer acts for the service"),
    },
    "record": {
        "leave": t("leave of absence"),
        "training": t("training completed"),
        "experience": t("experience earned"),
        "duty": t("return to duty"),
    },
    "came": PLUGIN_CAUSES | {"answered": t("It answered."), "refused": t("It refused, with its reason.")},
    "hook": {key: Text(words["en"], own={"fr": words["fr"]}) for key, words in TITLES.items()},
    "refresh": {
        "given": t("with the token that it gives by itself"),
        "offline": t("with a token for offline access"),
    },
}
NOTHING = t("(nothing)")


def field_words(name: str) -> Text | None:
    """Return what a field is called, or ``None`` if nobody has said."""
    entered = _entered().get(name)
    return FIELDS.get(name) or (entered.label if entered else None)


def value_words(kind: str, name: str, value: Any, *, may_see_cause: bool) -> Text | str | int | float:
    """Return what a value says: ``kind`` is the line's subject, whose lifecycle names its states."""
    match value:
        case None:
            said: Text | str | int | float = NOTHING
        case bool():
            said = t("Yes") if value else t("No")
        case int() | float():
            said = value
        case Mapping() if value.keys() == {WITHHELD}:
            said = t("(kept out of the log)")
        case Mapping():
            said = _listed([_pair(kind, inner, one, may_see_cause) for inner, one in value.items()])
        case list():
            said = _listed([value_words(kind, name, one, may_see_cause=may_see_cause) for one in value])
        case _:
            said = _text(kind, name, str(value), may_see_cause)
    return said


def _pair(kind: str, name: str, value: Any, may_see_cause: bool) -> Text:
    said = value_words(kind, name, value, may_see_cause=may_see_cause)
    return t("%(field)s: %(value)s", field=field_words(name) or name, value=said)


def _listed(told: list[Any]) -> Text:
    return Text("%(items)s", {"items": told}) if told else NOTHING


def _text(kind: str, name: str, value: str, may_see_cause: bool) -> Text | str:
    if kind == "tour" and value in QUIET_STATES:
        return CAUSES[value] if may_see_cause else QUIET_STATES[value]
    if name == "state" and kind in LIFECYCLES and value in LIFECYCLES[kind].states:
        return LIFECYCLES[kind].states[value]
    entered = _entered().get(name)
    known = VALUES.get(name, {}) or (entered.choices if entered and entered.choices else {})
    if value in known:
        return known[value]
    try:
        return t("%(day)s", day=date.fromisoformat(value)) if len(value) == len("2026-01-01") else value
    except ValueError:
        return value


def _entered() -> dict[str, Field]:
    """Return the fields of all forms by name, the first that was declared where several have one."""
    return _fields(len(DECLARED))


@cache
def _fields(declared: int) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for case in DECLARED.values():
        for one in msgspec.structs.fields(case.input) if not case.reads else ():
            shown = declared_field(one.type)
            if shown is not None:
                found.setdefault(one.name, shown)
    return found
