"""What an agency's file, a ladder, a chain and a regime look like: one struct a table.

The files are TOML. An agency's file is its opening state: it is imported once, and from
then on the database is the truth. Ladders, chains and regimes are shared by name.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

State = Literal["onboarding", "active", "on_hold", "withdrawn"]


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A table of a file: unknown keys are faults, and what is left out has its default."""


class Both(Table, frozen=True, kw_only=True):
    """A name or sentence in both languages."""

    en: str
    fr: str


class Participation(Table, frozen=True, kw_only=True):
    """How well it is known that the service takes part: A documented, B indirect, C an example."""

    confidence: Literal["A", "B", "C"]
    note: Both | None = None


class Standing(Table, frozen=True, kw_only=True):
    """The state of the agency from a day on; ``by`` the operator, or the agency where it paused itself."""

    state: State
    since: date
    reason: str
    by: Literal["operator", "agency"] = "operator"


class Governance(Table, frozen=True, kw_only=True):
    """By name: the rank ladder, the chain of approval and the privacy regime."""

    ladder: str
    chain: str
    regime: str
    sponsor: str | None = None
    """The slug of the agency through which a small service deploys."""


class Provider(Table, frozen=True, kw_only=True):
    """The identity provider, by name; a shared one is told apart by a claim and its value."""

    issuer: str
    claim: str | None = None
    value: str | None = None


class Plugin(Table, frozen=True, kw_only=True):
    """A plugin the agency runs, with what it sets. What it leaves out is the plugin's default."""

    name: str
    enabled: bool = True
    settings: dict[str, Any] = {}


class Act(Table, frozen=True, kw_only=True):
    """A decision taken elsewhere that an agreement rests on: ``kind`` is a key of ``words.ACTS``."""

    kind: str
    number: str
    on: date


class Agreement(Table, frozen=True, kw_only=True):
    """An agreement with the RCMP, in force from ``starts`` to ``expires``, both included."""

    reference: str
    starts: date
    expires: date
    demonstration: bool = False
    """Invented, acts included, so that there is something to try."""
    acts: list[Act] = []


class SharedField(Table, frozen=True, kw_only=True):
    """One field that IPOB may see, for one purpose, kept for so many days after its last use."""

    field: str
    purpose: str
    retention_days: int


class Sharing(Table, frozen=True, kw_only=True):
    """The first version of the sharing contract. In force once both sides agreed and ``since`` has come."""

    since: date
    proposed: date
    accepted: date | None = None
    demonstration: bool = False
    fields: list[SharedField]


class Privacy(Table, frozen=True, kw_only=True):
    """A privacy assessment or a written agreement; it lapses after the day ``lapses``, if any."""

    kind: str
    reference: str
    made: date
    lapses: date | None = None
    demonstration: bool = False


class RankEntry(Table, frozen=True, kw_only=True):
    """A rank: ``band`` from 1 (constable) to 7 (chief) serves comparison between services only."""

    code: str
    band: int
    en: str
    masculine: str
    feminine: str


class AgencyFile(Table, frozen=True, kw_only=True):
    """An agency's opening state."""

    slug: str
    code: Both
    name: Both
    kind: Literal["federal", "provincial", "regional", "municipal"]
    province: str
    city: str
    zone: str
    languages: list[Literal["en", "fr"]]
    """The working language first."""
    colour: str
    """The stripe by which its people know where they are: one of ``core.web.shell.STRIPES``."""
    marking: Both
    """What stands at the foot of the agency's pages and papers."""
    participation: Participation
    governance: Governance
    provider: Provider
    states: list[Standing]
    ranks: list[RankEntry] = []
    """The agency's own ranks, where they are not those of its ladder."""
    plugins: list[Plugin] = []
    agreements: list[Agreement] = []
    sharing: Sharing | None = None
    privacy: list[Privacy] = []


class LadderFile(Table, frozen=True, kw_only=True):
    """A rank ladder, the lowest rank first."""

    slug: str
    title: Both
    ranks: list[RankEntry]


class StepEntry(Table, frozen=True, kw_only=True):
    """One step of a chain. ``act`` names the external act; ``gate``: no nomination leaves without it."""

    key: str
    title: Both
    kind: Literal["decide", "inform", "act"] = "decide"
    role: str = "approver"
    how_many: Literal["any", "all"] | int = "any"
    deadline_days: int | None = None
    on_paper: bool = True
    act: str | None = None
    gate: bool = False


class ChainFile(Table, frozen=True, kw_only=True):
    """Who approves by a way of governing: the agreement (once) and each officer's release."""

    slug: str
    title: Both
    agreement: list[StepEntry] = []
    release: list[StepEntry]


class NeedEntry(Table, frozen=True, kw_only=True):
    """One thing a regime needs, from a day on, and which role of the agency can supply it."""

    what: str
    supplied_by: str
    since: date | None = None


class RegimeFile(Table, frozen=True, kw_only=True):
    """A privacy regime: what must be in force before a nomination may leave."""

    slug: str
    title: Both
    statute: str
    needs: list[NeedEntry]


class ScopeEntry(Table, frozen=True, kw_only=True):
    """A scope that is no agency."""

    slug: str
    kind: Literal["program", "department", "platform"]
    code: Both
    name: Both
    zone: str
    provider: Provider


class ScopesFile(Table, frozen=True, kw_only=True):
    """The scopes beside the agencies."""

    scopes: list[ScopeEntry]
