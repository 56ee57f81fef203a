"""What an agency sets: its units with their minimum strength, and what falling short means."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from contingent import field, t

LOWEST, HIGHEST = 1, 7
"""The rank bands."""
VERDICTS = {"warn": t("A warning"), "block": t("A block")}


class UnitMinimum(msgspec.Struct, frozen=True, kw_only=True):
    """One unit, and how many officers it needs at the least."""

    unit: Annotated[str, field(t("Unit"), longest=120, help=t("As it is written in the officers’ files."))]
    minimum: Annotated[int, field(t("Officers at the least"), widget="number", least=1, most=10_000)]
    verdict: Annotated[
        Literal["warn", "block"],
        field(
            t("Falling short is"),
            choices=VERDICTS,
            help=t("A block keeps the nomination from being approved and from being sent."),
        ),
    ] = "warn"
    lowest_band: Annotated[
        int,
        field(
            t("Lowest rank band that counts"),
            widget="number",
            least=LOWEST,
            most=HIGHEST,
            help=t("Bands run from 1 (constable) to 7 (chief)."),
        ),
    ] = LOWEST
    highest_band: Annotated[
        int, field(t("Highest rank band that counts"), widget="number", least=LOWEST, most=HIGHEST)
    ] = HIGHEST
    undecided: Annotated[
        bool,
        field(
            t("Count nominations that are not decided yet"),
            widget="checkbox",
            help=t("As if every officer who is put forward would leave."),
        ),
    ] = True

    def __post_init__(self) -> None:
        """Refuse bands of which none counts."""
        if self.lowest_band > self.highest_band:
            raise ValueError(t("The lowest rank band that counts is above the highest.").id)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The units. Without any, the plugin finds nothing."""

    units: Annotated[list[UnitMinimum], field(t("Units"))] = []
