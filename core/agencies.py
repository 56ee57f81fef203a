"""What core asks about the agency it works for. ``tenants`` answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.text import Text, t

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

CONTRACT_FIELDS = (
    "given_name",
    "family_name",
    "rank",
    "band",
    "gender",
    "language",
    "affiliation",
    "telephone",
    "qualifications",
)
"""The fields of an officer that a sharing contract can let IPOB see, each by name."""

PURPOSES: Mapping[str, Text] = {
    "selection": t("Choosing and preparing officers for a mission"),
    "deployment": t("Placing officers in a mission"),
    "duty_of_care": t("Reaching officers and looking after them"),
    "reporting": t("Figures on Canada’s contribution"),
    "cost": t("Sharing the cost"),
}
"""What IPOB may use a shared field for."""


class Gap(msgspec.Struct, frozen=True):
    """One thing that must be in force before a nomination may leave, and is not.

    ``what`` names it and says whether it is missing or lapsed; ``remedy`` who can supply it.
    """

    key: str
    what: Text
    remedy: Text


class Rank(msgspec.Struct, frozen=True):
    """A rank of the agency's ladder; ``band`` is 1 to 7."""

    code: str
    band: int
    title_en: str
    title_fr_masculine: str
    title_fr_feminine: str

    def title(self, language: str, gender: str | None) -> str:
        """Return the title in ``language``; in French by gender, both forms where it is not stated."""
        if language != "fr":
            return self.title_en
        masculine, feminine = self.title_fr_masculine, self.title_fr_feminine
        if gender == "woman" or masculine == feminine:
            return feminine
        return masculine if gender == "man" else f"{feminine} / {masculine}"


class Contract(msgspec.Struct, frozen=True):
    """The sharing contract in force: its version, and the purpose of each shared field."""

    version: int
    fields: Mapping[str, str]


class Agencies(Protocol):
    """Answers within the scope of the open ``session``."""

    @property
    def home(self) -> str | None:
        """The slug of the agency that the program is part of, by whose provider its people sign in."""
        ...

    async def gaps(self, session: AsyncSession, on: date) -> list[Gap]:
        """Return what keeps a nomination from leaving on ``on``; empty when nothing does."""
        ...

    async def contract(self, session: AsyncSession, on: date) -> Contract:
        """Return the sharing contract in force on ``on``; without one, version 0 and no field."""
        ...

    async def ranks(self, session: AsyncSession) -> dict[str, Rank]:
        """Return the agency's ranks by code, lowest first."""
        ...

    async def opens_on(self, session: AsyncSession, on: date) -> str | None:
        """Return where the session's actor begins instead of on the overview, while the agency is joining."""
        ...
