"""What an agency sets: where to send, how to sign, and what to tell."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from contingent import Rejected, Secret, field, t
from plugins.webhooks.service import key_of

_ADDRESS = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?")
"""Whether http will do, the platform decides: outside its own networks it does not."""

NO_SECRET = "whsec_bm8gc2VjcmV0LCBidXQgYXMgbG9uZyBhcyBvbmUgaXM="  # noqa: S105 - it says so itself
"""Of the form of a signing secret, and nobody's."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is sent before there are an address and a signing secret."""

    address: (
        Annotated[
            str,
            field(
                t("Address to send to"),
                longest=500,
                help=t("It begins with https://. Saving it is your consent to sending there."),
            ),
        ]
        | None
    ) = None
    secret: (
        Annotated[
            Secret,
            field(
                t("Signing secret"),
                help=t("Of the receiver: whsec_ and 24 to 64 random bytes in Base64."),
                stand_in=NO_SECRET,
            ),
        ]
        | None
    ) = None
    next_secret: (
        Annotated[
            Secret,
            field(
                t("Next signing secret"),
                help=t(
                    "To change the secret: enter the new one here, and messages bear both signatures. Once the "
                    "receiver has it, enter it above and remove it here."
                ),
                stand_in=NO_SECRET,
            ),
        ]
        | None
    ) = None
    nominations: Annotated[bool, field(t("Tell of nominations"), widget="checkbox")] = True
    tours: Annotated[bool, field(t("Tell of tours"), widget="checkbox")] = True
    returns: Annotated[bool, field(t("Tell of returns"), widget="checkbox")] = True
    officers: Annotated[bool, field(t("Tell of officers’ records"), widget="checkbox")] = False

    def __post_init__(self) -> None:
        """Refuse an address to which nothing could ever be sent."""
        if self.address is not None and not _ADDRESS.fullmatch(self.address):
            raise ValueError(t("The address to send to begins with https:// and names a machine.").id)
        for one in (self.secret, self.next_secret):
            if one is not None and not _signs(one):
                raise ValueError(t("A signing secret is whsec_ and 24 to 64 bytes in Base64.").id)


def _signs(secret: Secret) -> bool:
    """Say whether messages can be signed with it; in a sandbox nobody can tell, and it was told before."""
    try:
        key_of(secret.reveal())
    except PermissionError:
        return True
    except Rejected:
        return False
    return True
