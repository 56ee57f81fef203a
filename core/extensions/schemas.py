"""What is asked of a scope's plugins and what they show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.errors import Fault
from core.hooks.answers import Cause
from core.hooks.data import Words
from core.hooks.registry import Source
from core.hooks.types import ConnectionStep
from core.text import t
from core.use_cases.fields import field

State = Literal[
    "enabled",
    "disabled",
    "suspended",
    "unset",
    "unconsented",
    "missing",
    "available",
    "removed",
    "stopped",
    "safe",
    "unallowed",
]
"""``unset``: on, with settings that this version does not accept. ``unconsented``: on, and asking for more than was
consented to. ``missing``: known here, not installed any more or broken. ``available``: installed, never switched on
here. ``removed``: erased with a receipt. ``stopped``: on, and stopped by the operator. ``safe``: on, and in safe mode
no plugin runs. ``unallowed``: on, and not allowed here by the operator."""


class ByName(msgspec.Struct, frozen=True):
    """Which plugin."""

    name: str


class Asked(msgspec.Struct, frozen=True):
    """What a plugin asks for: capabilities by key, machines by name, classes of data.

    ``hosts_from``: the settings in which the addresses of machines stand that it reaches.
    """

    capabilities: list[str] = []
    hosts: list[str] = []
    data_classes: list[str] = []
    hosts_from: list[str] = []


class EnablePlugin(msgspec.Struct, frozen=True):
    """Which plugin, and all that it asks for (``asks`` in what is read of it), which is consented to by that."""

    name: str
    consent: Asked | None = None


class ConsentToPlugin(msgspec.Struct, frozen=True):
    """Which plugin, and all that it asks for now, which is consented to by that."""

    name: str
    consent: Asked


class WithReason(msgspec.Struct, frozen=True):
    """Which plugin, and why."""

    name: str
    reason: Annotated[str, field(t("Reason"), longest=500)] | None = None


Why = Annotated[
    str, field(t("Reason"), help=t("Whoever sees that it is stopped reads it."), widget="area", shortest=3, longest=500)
]


class EnterSafeMode(msgspec.Struct, frozen=True):
    """Why no plugin is to run here."""

    reason: Why


ALL = "*"
"""All plugins, or every service."""


class StopPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """Stop one plugin, in one service (its slug). ``*`` says all of them, or every one: nothing else does."""

    plugin: Annotated[str, field(t("Plugin"), widget="choice")]
    service: Annotated[str, field(t("Service"), widget="choice")]
    reason: Why


class LiftStop(msgspec.Struct, frozen=True):
    """Which stop of the operator’s is to end, and why."""

    id: str
    reason: Annotated[str, field(t("Reason"), longest=500)] | None = None


class StopOut(msgspec.Struct, frozen=True, kw_only=True):
    """A stop that holds. ``plugin``: which; none: all of them, safe mode. ``by_operator``: not the service’s own.

    ``everywhere``: it holds for every service.
    """

    id: UUID
    plugin: str | None
    everywhere: bool
    by_operator: bool
    reason: str | None
    """None to whoever is not told what people of the service wrote."""
    began_at: datetime


class NotAllowedOut(msgspec.Struct, frozen=True):
    """That the operator does not allow a plugin here; without reason and instant where it was never decided."""

    reason: str | None
    began_at: datetime | None


class OwnStopOut(msgspec.Struct, frozen=True, kw_only=True):
    """A stop as the operator sees it: with the ``service``, where it is for one alone, and by whom it was made."""

    id: UUID
    plugin: str | None
    service: Words | None
    reason: str
    by_name: str
    by_operator: bool
    began_at: datetime


class ErasePlugin(msgspec.Struct, frozen=True):
    """Which plugin’s data are erased, and the export that holds just these."""

    name: str
    export: Annotated[str, field(t("Export"), widget="hidden")]


class ConfigurePlugin(msgspec.Struct, frozen=True):
    """All settings of a plugin; what is left out takes the plugin's own default.

    A secret is given as text, and stays as it is where it is left out or empty; ``null`` takes it away.
    """

    name: str
    settings: dict[str, Any]


class TrySettings(msgspec.Struct, frozen=True):
    """Settings to be tried and not saved; secrets as in ``ConfigurePlugin``."""

    name: str
    settings: dict[str, Any]


class Tried(msgspec.Struct, frozen=True):
    """How trying the connection went. ``cause``: why the plugin gave no answer, if it gave none."""

    name: str
    reached: bool
    steps: list[ConnectionStep]
    cause: Cause | None


class ReadSettings(msgspec.Struct, frozen=True):
    """A file of settings, as text."""

    name: str
    file: Annotated[
        str, field(t("File of settings"), widget="file", help=t("A file that was exported here or in another service."))
    ]


class SettingsRead(msgspec.Struct, frozen=True):
    """Settings from a file, to be looked through: those it does not hold are the present ones.

    ``left_out``: what in it is no setting of this version, or a secret; ``faults``: what cannot be accepted.
    """

    name: str
    settings: dict[str, Any]
    left_out: list[str]
    faults: list[Fault]


class FailureOut(msgspec.Struct, frozen=True):
    """How often a plugin failed at one hook for one cause; ``detail`` holds kinds and places, never content."""

    hook: str
    cause: str
    detail: str
    count: int
    first_at: datetime
    last_at: datetime


class PluginSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin as the scope has it. ``plugin_version`` is the one installed, or the last one known."""

    name: str
    title: Words
    summary: Words | None
    state: State
    plugin_version: str | None
    since: datetime | None
    cause: str | None
    """What suspended it: ``blocked`` or ``failing``; none where a person did."""
    resting: bool
    """It failed several times and is not called for half a minute."""
    source: Source | None
    """Installed, from the operator's folder, or the service's own; none where it is not there any more."""
    publisher: str | None
    """Who signed it, where it came as a bundle."""
    tier: int | None
    quality: str | None
    asks: Asked
    answered_at: datetime | None
    """The last success."""
    failures: list[FailureOut]
    """The latest first."""

    @property
    def by_cause(self) -> dict[str, int]:
        """How often it failed, by cause."""
        counts: dict[str, int] = {}
        for one in self.failures:
            counts[one.cause] = counts.get(one.cause, 0) + one.count
        return counts


class PluginList(msgspec.Struct, frozen=True):
    """The plugins that are installed or that the scope knows, by name."""

    plugins: list[PluginSummary]
    safe_mode: list[StopOut]
    """The stops by which no plugin runs; empty: plugins run."""


class ChangeOut(msgspec.Struct, frozen=True):
    """Who changed what. ``difference``: by setting, the value before and after.

    ``actor_name`` and ``reason``: none to whoever is not told of people.

    Of a secret, by its path: ``{"secret": [whether it was set, whether it is]}``. Of a consent, what was consented
    to before and after. ``profile``: what the operator's profile is called by which it came.
    """

    at: datetime
    action: str
    actor_name: str | None
    plugin_version: str
    reason: str | None
    profile: Words | None
    difference: dict[str, Any]


class SecretOut(msgspec.Struct, frozen=True):
    """That a secret of the settings is set, when and by whom, where that is told. Nothing shows the secret itself."""

    field: str
    at: datetime
    by: str | None


class ConsentOut(msgspec.Struct, frozen=True):
    """What was consented to for this service, for which version of the plugin, when, and by whom where that is told."""

    asked: Asked
    plugin_version: str
    by: str | None
    at: datetime


class KeptOut(msgspec.Struct, frozen=True):
    """How much a plugin keeps here."""

    settings: int
    secrets: int
    documents: int


class RemovalOut(msgspec.Struct, frozen=True, kw_only=True):
    """An export of what a plugin kept, and the receipt once that was erased.

    ``document_id`` is the file, while it is kept; ``secrets``, ``fields`` (index rows) and ``failures``
    were erased and not exported.
    """

    id: UUID
    document_id: UUID | None
    plugin_version: str
    settings: int
    documents: int
    sha256: str
    exported_at: datetime
    exported_by_name: str | None
    kept_until: datetime
    erased_at: datetime | None
    erased_by_name: str | None
    secrets: int | None
    fields: int | None
    failures: int | None


class PluginFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one plugin in this scope. ``version`` is that of its settings here."""

    plugin: PluginSummary
    hooks: list[str]
    warned: list[str]
    """Where it uses what goes of the contract, and what its maker does there."""
    capabilities: list[str]
    hosts: list[str]
    data_classes: list[str]
    asks: Asked
    """What an administrator consents to before it runs here."""
    asks_beyond: Asked
    """What of it was not consented to."""
    consent: ConsentOut | None
    reason: str | None
    stops: list[StopOut]
    """What keeps it from running here, whatever the service decided."""
    not_allowed: NotAllowedOut | None
    """Where the operator does not allow it here: it keeps its data and cannot be switched on."""
    settings: dict[str, Any] | None
    """Without secrets."""
    secrets: list[SecretOut]
    kept: KeptOut | None
    """What it keeps, where it is switched off and could be removed."""
    removals: list[RemovalOut]
    """Exports and receipts, the latest first."""
    history: list[ChangeOut]
    version: int | None
