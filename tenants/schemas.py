"""What goes in and out of the use cases on agencies, their gates and their sharing contract."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.agencies import Gap
from core.text import t
from core.use_cases.fields import field
from tenants.lifecycle import AGENCY
from tenants.words import ACTS, FIELDS, NEEDS, PRIVACY_RECORDS

ActKind = Literal[
    "agglomeration_resolution",
    "authority_resolution",
    "board_resolution",
    "board_signature",
    "chief_signature",
    "city_signature",
    "council_resolution",
    "executive_resolution",
    "legal_form",
    "ministerial_approval",
    "ministerial_opinion",
    "ministerial_signature",
    "order_in_council",
    "sponsor_protocol",
]
FieldName = Literal[
    "given_name",
    "family_name",
    "rank",
    "band",
    "gender",
    "language",
    "affiliation",
    "telephone",
    "qualifications",
]
_REASON = field(t("Reason"), widget="area", longest=2000, help=t("It is kept with the change."))
_PRIVACY_KINDS = {kind: NEEDS[kind] for kind in PRIVACY_RECORDS}
_PRIVACY = {kind: NEEDS[kind] for kind in PRIVACY_RECORDS}
_SCAN = field(t("Scan"), widget="file", help=t("PDF or picture, at most 25 MB."))


class AgreementIn(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with the RCMP to record."""

    reference: Annotated[str, field(t("Reference of the agreement"), longest=80)]
    starts_on: Annotated[date, field(t("In force from"), widget="date")]
    expires_on: Annotated[date, field(t("Last day in force"), widget="date")]


class ActIn(msgspec.Struct, frozen=True, kw_only=True):
    """An external act to record for an agreement (``id`` is the agreement's)."""

    id: Annotated[str, field(t("Agreement"), widget="hidden")]
    kind: Annotated[ActKind, field(t("What was decided"), choices=ACTS)]
    number: Annotated[
        str, field(t("Number of the act"), longest=80, help=t("As it stands on the paper, such as CM24-0312."))
    ]
    decided_on: Annotated[date, field(t("Decided on"), widget="date")]
    document_id: Annotated[str | None, _SCAN] = None


class PrivacyIn(msgspec.Struct, frozen=True, kw_only=True):
    """A privacy assessment or a written agreement to record."""

    kind: Annotated[
        Literal["privacy_assessment", "written_agreement"],
        field(t("What it is"), choices=_PRIVACY_KINDS),
    ]
    reference: Annotated[str, field(t("Reference"), longest=80)]
    made_on: Annotated[date, field(t("Made on"), widget="date")]
    lapses_on: Annotated[
        date | None,
        field(t("Lapses after"), widget="date", help=t("Leave it empty only if it holds until further notice.")),
    ] = None
    document_id: Annotated[str | None, _SCAN] = None


class ContractIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new version of the sharing contract, proposed by the agency."""

    since: Annotated[date, field(t("In force from"), widget="date", help=t("Not before IPOB has accepted it."))]
    fields: Annotated[
        list[FieldName],
        field(t("What IPOB may see of an officer"), widget="choices", choices=FIELDS),
    ] = []
    retention_days: (
        Annotated[
            int,
            field(
                t("Kept after the last use, in days"),
                widget="number",
                least=1,
                most=7300,
                help=t("One number for all fields; left empty, each keeps its own."),
            ),
        ]
        | None
    ) = None


class AcceptIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of which agency's contract IPOB accepts (``id`` is the agency's scope)."""

    id: Annotated[str, field(t("Agency"), widget="hidden")]
    number: Annotated[int, field(t("Version"), widget="hidden", least=1)]


class StandingIn(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an agency's state; ``id`` is its scope, the caller's own if none."""

    id: Annotated[str | None, field(t("Agency"), widget="hidden")] = None
    step: Annotated[
        Literal["activate", "pause", "resume", "withdraw", "return"],
        field(t("Change"), choices={one.name: one.title for one in AGENCY.transitions}),
    ]
    since: Annotated[date, field(t("With effect from"), widget="date")]
    reason: Annotated[str, _REASON]


class NameIn(msgspec.Struct, frozen=True, kw_only=True):
    """A new name of an agency, from a day on; older tours keep the old one."""

    id: Annotated[str, field(t("Agency"), widget="hidden")]
    since: Annotated[date, field(t("Called so from"), widget="date")]
    name_en: Annotated[str, field(t("Name in English"), longest=200)]
    name_fr: Annotated[str, field(t("Name in French"), longest=200)]
    code_en: Annotated[str, field(t("Acronym in English"), longest=40)]
    code_fr: Annotated[str, field(t("Acronym in French"), longest=40)]
    slug: (
        Annotated[str, field(t("Word in addresses"), longest=60, help=t("Left empty, addresses stay as they are."))]
        | None
    ) = None
    reason: Annotated[str, _REASON]


class ActOut(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded external act."""

    kind: str
    number: str
    decided_on: date
    document_id: UUID | None = None


class AgreementOut(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with its acts and those that are still wanting."""

    id: UUID
    reference: str
    starts_on: date
    expires_on: date
    demonstration: bool
    acts: list[ActOut] = []
    wanting: list[str] = []
    version: int


class SharedOut(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the contract, its purpose and the days it is kept."""

    field: str
    purpose: str
    retention_days: int


class ContractOut(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the contract. ``state``: in_force, agreed (not begun), proposed or replaced."""

    id: UUID
    number: int
    since: date
    proposed_on: date
    accepted_on: date | None
    state: str
    demonstration: bool
    fields: list[SharedOut]


class PrivacyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A privacy record."""

    id: UUID
    kind: str
    reference: str
    made_on: date
    lapses_on: date | None
    demonstration: bool
    document_id: UUID | None
    version: int


class StandingOut(msgspec.Struct, frozen=True, kw_only=True):
    """A state since a day; ``set_by``: operator or agency."""

    state: str
    since: date
    set_by: str
    reason: str

    @property
    def held_by_operator(self) -> bool:
        """Whether only the operator can end it."""
        return self.state == "on_hold" and self.set_by == "operator"


class GatesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on which it depends whether nominations may leave, and what keeps them back today."""

    regime_en: str
    regime_fr: str
    needs: list[str]
    gaps: list[Gap]
    agreements: list[AgreementOut]
    contracts: list[ContractOut]
    privacy: list[PrivacyOut]
    standings: list[StandingOut]
    confidence: str | None
    """How well it is known that the service takes part: A, or B or C for unverified."""


class AgencyOut(msgspec.Struct, frozen=True, kw_only=True):
    """An agency in a list. What the reader may not see is ``None``."""

    id: UUID
    slug: str
    name_en: str
    name_fr: str
    state: str | None
    since: date | None
    kind: str | None = None
    province: str | None = None
    city: str | None = None
    confidence: str | None = None
    agreement_expires: date | None = None
    shares: list[str] | None = None
    waiting: int | None = None
    """The version of the contract that waits for IPOB."""


class ListAgencies(msgspec.Struct, frozen=True, kw_only=True):
    """Which agencies: by words in their names."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None


class AgencyList(msgspec.Struct, frozen=True):
    """Agencies, by name."""

    agencies: list[AgencyOut]


class NameOut(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency has been called since a day."""

    since: date
    slug: str
    name_en: str
    name_fr: str
    code_en: str
    code_fr: str


class AgencyFileOut(msgspec.Struct, frozen=True, kw_only=True):
    """One agency as IPOB or the operator sees it; ``agreements`` and ``contracts`` are IPOB's alone."""

    agency: AgencyOut
    standings: list[StandingOut]
    names: list[NameOut]
    agreements: list[AgreementOut] = []
    contracts: list[ContractOut] = []
