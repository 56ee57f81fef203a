"""What an agency sets: its steps, in order, or that nobody need approve and why."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from contingent import field, t

KINDS = {
    "decide": t("Decides"),
    "inform": t("Is informed and never blocks"),
    "act": t("Is an act on paper, with a number"),
}
HOW_MANY = {"any": t("Any one of them"), "all": t("All of them"), "count": t("A number of them")}
ROLES = {
    "approver": t("Approver"),
    "supervisor": t("Supervisor of the officer"),
    "coordinator": t("Peace operations coordinator"),
    "administrator": t("Administrator"),
    "hr_clerk": t("HR clerk"),
}


class ChainStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: who, how many of them, by when."""

    key: Annotated[str, field(t("Key"), help=t("Short and stable, such as chief."), longest=40)]
    title_en: Annotated[str, field(t("Title in English"), longest=120)]
    title_fr: Annotated[str, field(t("Title in French"), longest=120)]
    kind: Annotated[Literal["decide", "inform", "act"], field(t("What the step does"), choices=KINDS)] = "decide"
    role: Annotated[
        Literal["approver", "supervisor", "coordinator", "administrator", "hr_clerk"], field(t("Role"), choices=ROLES)
    ] = "approver"
    unit: Annotated[str, field(t("Only in this unit"), longest=120)] | None = None
    how_many: Annotated[Literal["any", "all", "count"], field(t("How many decide"), choices=HOW_MANY)] = "any"
    count: Annotated[int, field(t("If a number: how many"), widget="number", least=1, most=20)] = 1
    deadline_days: (
        Annotated[
            int,
            field(t("Deadline, in days"), widget="number", least=1, most=365, help=t("From the step’s opening.")),
        ]
        | None
    ) = None
    on_paper: Annotated[
        bool, field(t("May be decided on paper"), widget="checkbox", help=t("A second person confirms it."))
    ] = True

    def __post_init__(self) -> None:
        """Refuse what nobody could be shown, or tell from others."""
        if not self.key.strip():
            raise ValueError(t("A key is needed.").id)
        if not (self.title_en.strip() and self.title_fr.strip()):
            raise ValueError(t("A title is needed in both languages.").id)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The chain. Without steps and without a declared reason the plugin gives no answer, and nothing is approved."""

    steps: Annotated[list[ChainStep], field(t("Steps, in order"))] = []
    nobody: Annotated[
        bool,
        field(
            t("Nobody need approve"),
            widget="checkbox",
            help=t("Counts only without steps, with a reason, and where your Chains of approval allow it."),
        ),
    ] = False
    reason_en: Annotated[str, field(t("Why nobody need approve, in English"), longest=500)] | None = None
    reason_fr: Annotated[str, field(t("Why nobody need approve, in French"), longest=500)] | None = None
