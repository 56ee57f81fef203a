"""What an agency sets: which field stands where in a line."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from contingent import field, t

ENCODINGS = {"windows-1252": t("Windows-1252"), "utf-8": t("UTF-8"), "cp037": t("EBCDIC (037)")}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field: its name, and its first and last character, counted from 1."""

    name: Annotated[str, field(t("Name of the field"), longest=60)]
    first: Annotated[int, field(t("First character"), widget="number", least=1, most=2000, help=t("Counted from 1."))]
    last: Annotated[int, field(t("Last character"), widget="number", least=1, most=2000)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults fit the sample."""

    encoding: Annotated[
        Literal["windows-1252", "utf-8", "cp037"], field(t("Encoding of the extract"), choices=ENCODINGS)
    ] = "windows-1252"
    fields: Annotated[list[Field], field(t("Fields of a line"))] = msgspec.field(
        default_factory=lambda: [
            Field(name="employee_number", first=1, last=8),
            Field(name="family_name", first=9, last=28),
            Field(name="given_name", first=29, last=43),
            Field(name="rank", first=44, last=55),
            Field(name="unit", first=56, last=65),
        ]
    )
