"""What Lakeshore sets; the code of its harbour unit is its own."""

from __future__ import annotations

from typing import Annotated

import msgspec
from contingent import field, t


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are those of the service's order on secondments."""

    harbour_unit: Annotated[
        str, field(t("Code of the harbour unit"), longest=40, help=t("As the worker file has it."))
    ] = "HARBOUR"
    harbour_days: Annotated[int, field(t("Days for the harbour unit"), widget="number", least=1, most=90)] = 7
    course_days: Annotated[
        int,
        field(t("Days until the boat course"), widget="number", least=1, most=365, help=t("From the end of the tour.")),
    ] = 60
