"""What goes in and out of the use cases on approval cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.approvals.subjects import Check
from core.hooks.data import Words
from core.text import Text, t
from core.use_cases.fields import field

Reason = Annotated[
    str | None, field(t("Comment"), widget="area", longest=4000, help=t("Required to return or refuse."), depends=True)
]

ORDERS = {"due": t("Due date, soonest first"), "waiting": t("Waiting longest"), "name": t("Name")}


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases: waiting for me, for others, or decided; the soonest due, the longest waiting, or by name."""

    show: Annotated[Literal["mine", "others", "decided"], field(t("Cases"))] = "mine"
    order: Annotated[Literal["due", "waiting", "name"], field(t("Sort by"), choices=ORDERS)] = "due"


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list; ``step`` of ``steps`` is open.

    ``mine``: the caller may decide it on screen. ``blocking`` checks forbid approving;
    ``to_confirm`` speak against it. Both are counted while the case is open.
    """

    id: UUID
    number: str
    kind: str
    title: str
    about: Text
    state: str
    due_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    waiting_since: datetime | None
    step_en: str | None
    step_fr: str | None
    step: int
    steps: int
    mine: bool
    blocking: int
    to_confirm: int
    version: int


class CaseList(msgspec.Struct, frozen=True, kw_only=True):
    """Cases by due date, and how many there are under each heading."""

    cases: list[CaseSummary]
    mine: int
    others: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What ``seat`` decided, entered from paper or confirmed since an instant."""

    seat: str
    since: Annotated[datetime, field(t("Since"), widget="hidden")]


class HoldIn(Made, frozen=True, kw_only=True):
    """To be put on hold."""

    reason: Annotated[
        str,
        field(t("Reason"), help=t("Whoever can open a case reads it there."), widget="area", shortest=3, longest=1000),
    ]


class ReleaseIn(msgspec.Struct, frozen=True, kw_only=True):
    """What counts again: one decision of ``seat``, or all of theirs that are on hold."""

    seat: str
    decision: Annotated[str | None, field(t("Decision"), widget="hidden")] = None
    reason: Annotated[
        str, field(t("Reason"), help=t("It is kept with the change."), widget="area", shortest=3, longest=1000)
    ]


class MadeOut(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of an account. ``part``: decided, entered or confirmed.

    ``needs_look``: it is on hold, and what followed from it stands: a nomination that was sent, refused or
    returned is not undone.
    """

    id: UUID
    case_id: UUID
    number: str
    title: str
    link: str
    part: Literal["decided", "entered", "confirmed"]
    verdict: str
    at: datetime
    case_state: str
    recalled_at: datetime | None
    held_at: datetime | None
    held_reason: str | None
    needs_look: bool


class MadeList(msgspec.Struct, frozen=True):
    """What an account decided, the latest first; ``changed``: how many of them this call held or released."""

    decisions: list[MadeOut]
    changed: int = 0


class DecisionOut(msgspec.Struct, frozen=True, kw_only=True):
    """One decision; on paper with number, date and signatory."""

    id: UUID
    name: str
    verdict: str
    comment: str | None
    decided_at: datetime
    recalled_at: datetime | None
    held_at: datetime | None
    held_reason: str | None
    for_name: str | None
    paper_number: str | None
    paper_date: date | None
    signatory: str | None
    document_id: UUID | None
    confirmed_at: datetime | None
    can_recall: bool
    can_confirm: bool


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    """One step with its decisions; ``people`` are those who may still decide."""

    id: UUID
    title_en: str
    title_fr: str
    kind: str
    role: str
    needed: int
    on_paper: bool
    state: str
    due_on: date | None
    closed_at: datetime | None
    people: list[str]
    decisions: list[DecisionOut]
    with_earlier: bool


class CaseOut(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a decider sees it.

    ``mine``: the caller may decide the open step. ``blocked``: a check forbids approving.
    ``plugin`` gave the chain; ``outside`` decides when nobody else is left.
    """

    id: UUID
    number: str
    kind: str
    title: str
    about: Text
    link: str
    state: str
    due_on: date | None
    waiting_for: Text | None
    opened_at: datetime
    facts: list[tuple[Text, Text | str]]
    written: list[tuple[Text, str]]
    checks: list[Check]
    steps: list[StepOut]
    mine: bool
    on_paper: bool
    blocked: bool
    plugin: str | None
    plugin_version: str | None
    outside: str | None
    version: int


class DecideIn(msgspec.Struct, frozen=True, kw_only=True):
    """A decision on the open step of a case."""

    id: Annotated[str, field(t("Case"), widget="hidden")]
    verdict: Annotated[
        Literal["approve", "return", "refuse"],
        field(
            t("Decision"), choices={"approve": t("Approve"), "return": t("Return for changes"), "refuse": t("Refuse")}
        ),
    ]
    comment: Reason = None


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the caller saw it."""

    id: Annotated[str, field(t("Case"), widget="hidden")]
    version: Annotated[int, field(t("Version"), widget="hidden")]


class ApproveIn(msgspec.Struct, frozen=True, kw_only=True):
    """Cases to approve together, with one comment for all."""

    cases: Annotated[list[Picked], field(t("Cases"))]
    comment: Annotated[str | None, field(t("Comment"), widget="area", longest=4000)] = None


class Approved(msgspec.Struct, frozen=True, kw_only=False):
    """How many cases were approved."""

    cases: int


class PaperIn(msgspec.Struct, frozen=True, kw_only=True):
    """A decision taken on paper: a resolution, an order in council, a signed letter."""

    id: Annotated[str, field(t("Case"), widget="hidden")]
    verdict: Annotated[
        Literal["approve", "refuse"], field(t("Decision"), choices={"approve": t("Approve"), "refuse": t("Refuse")})
    ] = "approve"
    paper_number: Annotated[str, field(t("Number of the document"), longest=80, help=t("Such as CM24-0312."))]
    paper_date: Annotated[date, field(t("Date of the document"), widget="date")]
    signatory: Annotated[str, field(t("Signed by"), longest=120)]
    document_id: Annotated[
        str, field(t("Scan"), widget="file", help=t("Of the signed document. A second person compares the two."))
    ]
    comment: Reason = None


class OfDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a case: to confirm what was entered from paper, or to take one's own back."""

    id: Annotated[str, field(t("Case"), widget="hidden")]
    decision_id: Annotated[str, field(t("Decision"), widget="hidden")]


class DelegateIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody decides for me between two days, both included."""

    to_seat: Annotated[str, field(t("Who decides for you"))]
    first_day: Annotated[date, field(t("First day"), widget="date")]
    last_day: Annotated[date, field(t("Last day"), widget="date")]
    reason: Annotated[str, field(t("Reason"), longest=500)]


class DelegationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A delegation; ``given`` by the caller, otherwise to the caller."""

    id: UUID
    from_name: str
    to_name: str
    first_day: date
    last_day: date
    reason: str
    given: bool


class DelegationList(msgspec.Struct, frozen=True):
    """Delegations that are running or to come."""

    delegations: list[DelegationOut]


class ListDelegations(msgspec.Struct, frozen=True):
    """The caller's own delegations."""


class OfKind(msgspec.Struct, frozen=True):
    """One kind of case: nomination, release or agreement."""

    kind: str


class ChooseChain(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives the chain for one kind of case, and who decides when nobody else is left."""

    kind: Annotated[str, field(t("Kind of case"), widget="hidden")]
    plugin: Annotated[str, field(t("Plugin that gives the chain"), help=t("Only plugins that are in use here."))]
    outside_seat: Annotated[
        str | None,
        field(
            t("Outside decider"),
            help=t(
                "Decides a step when nobody else is left: those who hold the duty have decided, or it is their file."
            ),
        ),
    ] = None
    nobody_allowed: Annotated[
        bool,
        field(
            t("The plugin may answer that nobody need approve"),
            widget="checkbox",
            help=t("With its reason. A check that blocks still forbids it."),
        ),
    ] = False


class ChainChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen for one kind; ``runs``: the plugin is in use and can be asked."""

    kind: str
    plugin: str | None
    runs: bool
    outside_seat: UUID | None
    outside: str | None
    outside_active: bool
    nobody_allowed: bool
    version: int | None


class ChainList(msgspec.Struct, frozen=True):
    """One choice a kind of case."""

    chains: list[ChainChoice]


class Candidate(msgspec.Struct, frozen=True):
    """A plugin that could give the chain."""

    name: str
    title: Words


class PastChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose, and when."""

    at: datetime
    by: str
    plugin: str
    outside: str | None
    nobody_allowed: bool


class ChainFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen for one kind, what could be (``people`` by seat), and what was, the latest first."""

    choice: ChainChoice
    plugins: list[Candidate]
    people: dict[str, str]
    history: list[PastChoice]
