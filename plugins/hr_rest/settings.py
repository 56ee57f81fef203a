"""What an agency sets: where its HR system takes records, by which token, and what it keeps."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from contingent import Secret, field, t

_ADDRESS = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?")
"""Whether http will do, the platform decides: outside its own networks it does not."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is recorded before there are an address and a token."""

    address: (
        Annotated[
            str,
            field(
                t("Address that takes the records"),
                longest=500,
                help=t("It begins with https://. Saving it is your consent to sending records there."),
            ),
        ]
        | None
    ) = None
    token: (
        Annotated[
            Secret, field(t("Token"), help=t("Of the HR system, for this purpose alone. It is sent as “Bearer”."))
        ]
        | None
    ) = None
    reference: Annotated[
        str,
        field(
            t("Field of the answer that holds the record’s number"),
            shortest=1,
            longest=100,
            help=t("With dots for a field within another: record.number."),
        ),
    ] = "id"
    leave: Annotated[bool, field(t("Leave of absence for a tour"), widget="checkbox")] = True
    training: Annotated[bool, field(t("Training completed for a mission"), widget="checkbox")] = True
    experience: Annotated[bool, field(t("Experience earned on a tour"), widget="checkbox")] = True
    duty: Annotated[bool, field(t("Return to active duty"), widget="checkbox")] = True

    def __post_init__(self) -> None:
        """Refuse an address to which nothing could ever be sent."""
        if self.address is not None and not _ADDRESS.fullmatch(self.address):
            raise ValueError(t("The address that takes the records begins with https:// and names a machine.").id)
