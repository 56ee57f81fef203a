"""What is brought to a service's own plugins, and what they show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from core.bundles.lifecycle import BundleState
from core.extensions.schemas import Asked
from core.hooks.bundles import LARGEST_BUNDLE
from core.hooks.data import Words
from core.text import t
from core.use_cases.fields import field

LONGEST_BODY = LARGEST_BUNDLE * 4 // 3 + 4096
"""Bytes: a bundle in base64, and what stands around it."""


class AddKey(msgspec.Struct, frozen=True):
    """A developer's public key: whose it is, and the line of the file that ends in ``.pub``."""

    label: Annotated[
        str,
        field(
            t("Whose key it is"),
            help=t("A person or a team, as people here know them. It stands beside every plugin signed with it."),
            longest=100,
        ),
    ]
    line: Annotated[
        str,
        field(
            t("Public key"),
            help=t("The one line of the file that ends in .pub. It begins with ssh-ed25519."),
            widget="area",
            longest=500,
        ),
    ]


class RevokeKey(msgspec.Struct, frozen=True):
    """Which key is trusted no more, and why."""

    id: str
    reason: Annotated[str, field(t("Reason"), longest=500)] | None = None


class UploadBundle(msgspec.Struct, frozen=True):
    """A bundle: on the API its bytes in base64."""

    file: Annotated[
        str,
        field(
            t("Bundle"),
            help=t("The file that “contingent plugin bundle” wrote; it ends in .bundle."),
            widget="file",
            longest=LONGEST_BODY,
        ),
    ]


class KeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A key. ``plugins``: what runs, or would, that was signed with it.

    Names, and what people wrote, are for who sees people (``plugin.people``).
    """

    id: UUID
    label: str | None
    fingerprint: str
    added_by_name: str | None
    added_at: datetime
    revoked_at: datetime | None
    revoked_by_name: str | None
    reason: str | None
    plugins: list[str]


class BundleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a plugin of the service's own. ``trusted``: its key is not revoked.

    Names are for who sees people (``plugin.people``). ``fingerprint``: of the key that signed it.
    """

    id: UUID
    plugin: str
    plugin_version: str
    title: Words
    state: BundleState
    fingerprint: str
    signer: str | None
    trusted: bool
    uploaded_by_name: str | None
    uploaded_at: datetime
    chosen_by_name: str | None
    chosen_at: datetime | None


class BundleFile(msgspec.Struct, frozen=True, kw_only=True):
    """A version with all that it says of itself.

    ``mine``: the reader brought it, in whichever seat, and does not let it run. ``asks_beyond``: what of ``asks`` the
    version that runs does not ask for; ``files``: the SHA-256 of each, by path. ``removable``: it is not the one that
    runs, or would.
    """

    bundle: BundleSummary
    summary: Words | None
    sha256: str
    size: int
    requires: str
    hooks: list[str]
    quality: str | None
    asks: Asked
    asks_beyond: Asked
    files: dict[str, str]
    removable: bool
    mine: bool


class OwnPlugins(msgspec.Struct, frozen=True):
    """The keys that the service trusts, and the versions that were brought, the latest first."""

    keys: list[KeyOut]
    bundles: list[BundleSummary]
