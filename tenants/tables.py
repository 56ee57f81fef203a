"""Agencies, agreements and contracts as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.agencies import PURPOSES
from core.context import Language
from core.text import t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table
from tenants.lifecycle import AGENCY
from tenants.schemas import AgencyOut, AgreementOut, ContractOut, PrivacyOut, SharedOut
from tenants.words import ACTS, CONFIDENCE, FIELDS, KINDS, NEEDS

STATE_TONES: Mapping[str, Tone] = {"active": "ok", "onboarding": "info", "on_hold": "warn", "withdrawn": "idle"}
CONTRACT_WORDS = {
    "in_force": t("In force"),
    "agreed": t("Agreed, not begun"),
    "proposed": t("Waits for IPOB"),
    "replaced": t("Replaced"),
}
CONTRACT_TONES: Mapping[str, Tone] = {"in_force": "ok", "agreed": "info", "proposed": "warn", "replaced": "idle"}
NEVER = t("until further notice")


def agencies_table(agencies: Sequence[AgencyOut], language: Language, *, shared: bool) -> Table:
    """Return the list of agencies; ``shared`` adds what only IPOB is told."""
    more = [
        Column("kind", t("Kind")),
        Column("province", t("Province")),
        Column("expires", t("Agreement until"), "date"),
        Column("shares", t("Fields shared"), "number"),
        Column("participation", t("Participation"), "badge"),
    ]
    return Table(
        name="agencies",
        caption=t("Agencies"),
        columns=[
            Column("agency", t("Agency"), "link"),
            Column("state", t("State"), "badge"),
            Column("since", t("Since"), "date"),
            *(more if shared else []),
        ],
        rows=[
            {
                "id": str(one.id),
                "agency": Link(one.name_fr if language == "fr" else one.name_en, f"/agencies/{one.id}", one.slug),
                "state": state_badge(one.state),
                "since": one.since,
                "kind": KINDS[one.kind] if one.kind else None,
                "province": one.province,
                "expires": one.agreement_expires,
                "shares": Badge(t("Version %(number)s waits for you", number=one.waiting), "warn")
                if one.waiting
                else len(one.shares or []),
                "participation": participation_badge(one.confidence),
            }
            for one in agencies
        ],
        empty=t("No agency to show."),
    )


def state_badge(state: str | None) -> Badge | None:
    """Return an agency's state in words."""
    return Badge(AGENCY.states[state], STATE_TONES[state]) if state else None


def participation_badge(confidence: str | None) -> Badge | None:
    """Return how well it is known that the service takes part."""
    return Badge(CONFIDENCE[confidence], "ok" if confidence == "A" else "warn") if confidence else None


def agreements_table(agreements: Sequence[AgreementOut], *, acts: bool) -> Table:
    """Return the agreements with the RCMP; ``acts`` with what each rests on."""
    return Table(
        name="agreements",
        caption=t("Agreements with the RCMP"),
        columns=[
            Column("reference", t("Reference")),
            Column("starts_on", t("In force from"), "date"),
            Column("expires_on", t("Last day in force"), "date"),
            *(
                [Column("acts", t("Rests on")), Column("add", t("Record an act"), "link", hidden_label=True)]
                if acts
                else []
            ),
            Column("note", t("Note"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "reference": one.reference,
                "starts_on": one.starts_on,
                "expires_on": one.expires_on,
                "acts": _acts(one),
                "add": Link(t("Record an act"), f"/agreements/{one.id}/acts"),
                "note": invented(demonstration=one.demonstration),
            }
            for one in agreements
        ],
        empty=t("No agreement is recorded."),
    )


def _acts(agreement: AgreementOut) -> list[Badge]:
    given = [
        Badge(t("%(act)s, no. %(number)s of %(day)s", act=ACTS[act.kind], number=act.number, day=act.decided_on), "ok")
        for act in agreement.acts
    ]
    return given + [Badge(t("missing: %(act)s", act=ACTS[kind]), "bad") for kind in agreement.wanting]


def privacy_table(records: Sequence[PrivacyOut]) -> Table:
    """Return the privacy assessments and written agreements."""
    return Table(
        name="privacy",
        caption=t("Privacy assessments and written agreements"),
        columns=[
            Column("kind", t("What it is")),
            Column("reference", t("Reference")),
            Column("made_on", t("Made on"), "date"),
            Column("lapses_on", t("Lapses after"), "date"),
            Column("note", t("Note"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "kind": NEEDS[one.kind],
                "reference": one.reference,
                "made_on": one.made_on,
                "lapses_on": one.lapses_on or NEVER,
                "note": invented(demonstration=one.demonstration),
            }
            for one in records
        ],
        empty=t("Nothing is recorded."),
    )


def fields_table(fields: Sequence[SharedOut]) -> Table:
    """Return what a version of the contract lets IPOB see, why, and for how long."""
    return Table(
        name="fields",
        caption=t("What IPOB may see"),
        columns=[
            Column("field", t("Field")),
            Column("purpose", t("Purpose")),
            Column("days", t("Kept after the last use, in days"), "number"),
        ],
        rows=[
            {"field": FIELDS[one.field], "purpose": PURPOSES[one.purpose], "days": one.retention_days} for one in fields
        ],
        empty=t("Nothing crosses under this version."),
    )


def versions_table(contracts: Sequence[ContractOut]) -> Table:
    """Return the versions of the sharing contract."""
    return Table(
        name="versions",
        caption=t("Versions of the sharing contract"),
        columns=[
            Column("number", t("Version"), "number"),
            Column("since", t("In force from"), "date"),
            Column("proposed_on", t("Proposed on"), "date"),
            Column("accepted_on", t("Accepted by IPOB on"), "date"),
            Column("fields", t("Fields"), "number"),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "number": one.number,
                "since": one.since,
                "proposed_on": one.proposed_on,
                "accepted_on": one.accepted_on,
                "fields": len(one.fields),
                "state": Badge(CONTRACT_WORDS[one.state], CONTRACT_TONES[one.state]),
            }
            for one in contracts
        ],
        empty=t("No version was proposed yet."),
    )


def invented(*, demonstration: bool) -> Badge | None:
    """Return the mark of what was invented for the demonstration."""
    return Badge(t("Demonstration"), "idle") if demonstration else None
