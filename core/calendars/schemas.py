"""What goes in and out of the use cases on calendar addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.context import Language
from core.text import t
from core.use_cases.fields import field

LANGUAGES = {"en": t("English"), "fr": t("French")}

Label = Annotated[
    str,
    field(
        t("What the address is for"),
        shortest=1,
        longest=60,
        help=t("So that you know it again in the list: telephone, wall calendar of the unit."),
    ),
]
In = Annotated[Language, field(t("Language of the entries"), choices=LANGUAGES)]


class OwnAddressIn(msgspec.Struct, frozen=True, kw_only=True):
    """An address for one's own dates."""

    label: Label
    language: In


class MissionAddressIn(msgspec.Struct, frozen=True, kw_only=True):
    """An address for the dates of a mission."""

    mission_id: Annotated[str, field(t("Mission"))]
    label: Label
    language: In


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Revoke somebody's address."""

    id: str
    reason: Annotated[str, field(t("Reason"), widget="area", shortest=1, longest=500)]


class ListAddresses(msgspec.Struct, frozen=True, kw_only=True):
    """Which addresses of the scope; ``after`` is the id of the last one of the page before."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    after: UUID | None = None
    limit: Annotated[int, field(t("Rows"), least=1, most=200)] = 50


class AddressOut(msgspec.Struct, frozen=True, kw_only=True):
    """An address, never its text. ``mission_id`` is ``None`` where it is for the dates of whoever made it."""

    id: UUID
    kind: Literal["own", "mission"]
    owner_name: str
    label: str
    language: str
    mission_id: UUID | None
    mission_en: str | None
    mission_fr: str | None
    made_at: datetime
    last_fetched_at: datetime | None


class MissionChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A mission for which an address can be made."""

    id: UUID
    mission_en: str
    mission_fr: str


class OwnAddresses(msgspec.Struct, frozen=True):
    """The addresses that the reader made, and the missions for which they may make one."""

    addresses: list[AddressOut]
    missions: list[MissionChoice]


class AddressList(msgspec.Struct, frozen=True):
    """The addresses of everybody in the scope, the newest first."""

    addresses: list[AddressOut]
    next: UUID | None = None


class MadeAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A new address: its ``url``, which is shown this once and kept nowhere, and what the list says of it."""

    url: str
    address: AddressOut
