"""Fields of which the class of their column does not say all: handed out once, telling of health, or of people."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from core.deployments.lifecycle import TOUR_CAUSE, UNTOLD
from core.extensions.lifecycle import PLUGIN_PEOPLE
from core.nominations.candidacy_schemas import FITNESS
from core.nominations.lifecycle import CANDIDACY_HEALTH
from core.returns.lifecycle import MILESTONE_HEALTH

HANDED_OUT = frozenset(
    {
        "accounts.Made.text",
        "approval_links.Message.text",
        "break_glass.Drawn.text",
        "calendars.MadeAddress.url",
        "linking.Invitation.path",
        "member.Codes.codes",
    }
)
"""What is secret and is given out all the same: to whoever makes it or delivers it, and to nobody who reads."""


class Apart(msgspec.Struct, frozen=True):
    """Values of a field that say something of health though its column does not: who may be given them."""

    permission: str
    values: frozenset[str]


APART: Mapping[str, Apart] = {
    "deployments.TourSummary.state": Apart(TOUR_CAUSE, frozenset(UNTOLD)),
    "nominations.AssessmentOut.kind": Apart(CANDIDACY_HEALTH, frozenset(FITNESS)),
    "returns.MilestoneOut.state": Apart(MILESTONE_HEALTH, frozenset({"health"})),
}
"""Whoever lacks the permission is given another word instead, or not the row; the person concerned sees their own."""

WITHHELD: Mapping[str, str] = dict.fromkeys(
    (
        "extensions.ChangeOut.actor_name",
        "extensions.ChangeOut.reason",
        "extensions.ConsentOut.by",
        "extensions.DeliveryOut.reason",
        "extensions.PluginFile.reason",
        "extensions.ReceiptOut.note",
        "extensions.ReceiptOut.reference",
        "extensions.RemovalOut.erased_by_name",
        "extensions.RemovalOut.exported_by_name",
        "extensions.SecretOut.by",
    ),
    PLUGIN_PEOPLE,
)
"""Fields that are empty for whoever lacks the permission, though all else of the output reaches them."""
