"""What an agency sets: how its files are written."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from contingent import field, t

ENCODINGS = {"auto": t("Found out from the file"), "utf-8": t("UTF-8"), "windows-1252": t("Windows-1252")}
SEPARATORS = {
    "auto": t("Found out from the heading"),
    "comma": t("Comma"),
    "semicolon": t("Semicolon"),
    "tab": t("Tab"),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How the agency's files are written; the defaults fit most."""

    encoding: Annotated[
        Literal["auto", "utf-8", "windows-1252"], field(t("Encoding of CSV files"), choices=ENCODINGS)
    ] = "auto"
    separator: Annotated[
        Literal["auto", "comma", "semicolon", "tab"], field(t("Separator of CSV files"), choices=SEPARATORS)
    ] = "auto"
    sheet: (
        Annotated[str, field(t("Sheet of XLSX files"), longest=100, help=t("Its name; the first sheet where empty."))]
        | None
    ) = None
