"""A service's own plugins and the keys it trusts, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.bundles.lifecycle import BundleState
from core.bundles.schemas import BundleSummary, KeyOut
from core.context import Language
from core.extensions.words import BUNDLE_STATES
from core.text import t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table

TONES: Mapping[BundleState, Tone] = {"waiting": "warn", "chosen": "ok", "former": "idle"}
REVOKED = t("Key revoked: it does not run")


def badges(one: BundleSummary) -> list[Badge]:
    """Return the state of a version, and that nobody trusts it where its key is revoked."""
    return [Badge(BUNDLE_STATES[one.state], TONES[one.state]), *([] if one.trusted else [Badge(REVOKED, "bad")])]


def bundles_table(bundles: Sequence[BundleSummary], language: Language) -> Table:
    """Return every version of the service's own plugins; whom somebody is not to see by name, by the key alone."""
    named = any(one.signer for one in bundles)
    table = Table(
        name="own-plugins",
        caption=t("Your own plugins"),
        columns=[
            Column("plugin", t("Plugin"), "link"),
            Column("version", t("Version")),
            Column("state", t("State"), "badge"),
            Column("signer", t("Signed with the key of") if named else t("Signed with the key")),
            Column("by", t("Brought by")),
            Column("at", t("When"), "instant"),
        ],
        rows=[
            {
                "id": str(one.id),
                "plugin": Link(one.title[language], f"/own-plugins/{one.id}"),
                "version": one.plugin_version,
                "state": badges(one),
                "signer": one.signer or one.fingerprint,
                "by": one.uploaded_by_name,
                "at": one.uploaded_at,
            }
            for one in bundles
        ],
        empty=t("Nobody has brought a plugin of your own yet."),
    )
    return table if named else table.without("by")


def keys_table(keys: Sequence[KeyOut]) -> Table:
    """Return the keys that the service trusts, or did; to whom somebody is not named, by their fingerprints alone."""
    table = Table(
        name="plugin-keys",
        caption=t("Keys of your developers"),
        columns=[
            Column("label", t("Whose key it is"), heads=True),
            Column("fingerprint", t("Fingerprint")),
            Column("state", t("State"), "badge"),
            Column("plugins", t("Signed with it")),
            Column("by", t("Added by")),
            Column("at", t("When"), "instant"),
        ],
        rows=[
            {
                "id": str(one.id),
                "label": one.label,
                "fingerprint": one.fingerprint,
                "state": [Badge(t("Revoked"), "bad")] if one.revoked_at else [Badge(t("Trusted"), "ok")],
                "plugins": ", ".join(one.plugins) or t("Nothing that runs"),
                "by": one.added_by_name,
                "at": one.added_at,
            }
            for one in keys
        ],
        empty=t("No key is trusted yet: without one, no plugin of your own can be brought."),
    )
    return table if any(one.label for one in keys) else table.without("label", "by")
